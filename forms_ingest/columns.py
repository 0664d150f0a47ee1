"""A form's questions by field, from its mapping file, and a row's cells by field.

Which heading is which question is `communities.headings`; reading the cells' values is `request_for_support`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from communities.headings import Headings, Questions

Cell = str | int | float | bool | datetime | None
Answers = Mapping[str, Cell]
"""Field name to what stood in it."""

OWN = frozenset({"id", "started", "completed", "sender", "sender_name"})
"""What Microsoft Forms writes into every workbook by itself: never taken by likeness, nor with a number behind it."""

_ADDED = re.compile(r"(lastmodifiedtime|language|totalpoints|quizfeedback|gradepostedtime)$|points|feedback")
"""What Forms adds to a workbook for edited answers, languages and quizzes: no question."""


@dataclass(frozen=True, kw_only=True)
class FormMapping:
    """A form's name, its questions by field, and which of them must be there."""

    form: str
    title: str
    questions: Questions
    required: frozenset[str]

    def is_half_written(self, answers: Answers) -> bool:
        """A row Forms has begun to write: without the time it was completed, or with most of its answers to come."""
        if "completed" in answers and answers["completed"] is None:
            return True
        blank = sum(answers.get(field) is None for field in self.required)
        return blank * 2 > len(self.required)


@cache
def load_mapping(form: str) -> FormMapping:
    """The mapping of `manifests/forms/FORM.json`."""
    raw = json.loads((files("manifests") / "forms" / f"{form}.json").read_text("utf-8"))
    needed = [field for field, c in raw["columns"].items() if c["required"]]
    titles = {field: tuple(c["titles"]) for field, c in raw["columns"].items()}
    return FormMapping(
        form=raw["form"],
        title=raw["title"],
        questions=Questions(titles, needed, exact=OWN, ignored=_ADDED),
        required=frozenset(needed),
    )


def read_row(cells: Sequence[Cell], found: Headings, needed: Set[str]) -> dict[str, Cell] | None:
    """The row by field; None where nothing is in it, or where a needed question is blank and answered under a heading
    like it: such a row waits for a person's word.
    """
    answers = pick(cells, found.columns)
    if all(cell is None for cell in answers.values()):
        return None
    if rivals := {r.field: r.columns for r in found.rivals if r.field in needed}:
        elsewhere = pick(cells, rivals)
        if any(elsewhere[field] is not None and answers[field] is None for field in rivals):
            return None
    return answers


def pick(row: Sequence[Cell], columns: Mapping[str, tuple[int, ...]]) -> dict[str, Cell]:
    """The row as field -> cell; of several columns of one question the last with an answer counts."""
    width = len(row)
    picked: dict[str, Cell] = dict.fromkeys(columns)
    for field, numbers in columns.items():
        for number in reversed(numbers):
            if number < width and not _is_blank(cell := row[number]):
                picked[field] = cell
                break
    return picked


def _is_blank(cell: Cell) -> bool:
    return cell is None or (cell.__class__ is str and (not cell or cell.isspace()))
