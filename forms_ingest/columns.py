"""Which column of a workbook or list holds which field: titles compared loosely, by a mapping file a form.

Reading the cells' values is `request_for_support`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

Cell = str | int | float | bool | datetime | None
Answers = Mapping[str, Cell]
"""Field name to what stood in it."""


class ColumnsMissing(ValueError):
    """Required columns are not there; `titles` names them as the form prints them."""

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(", ".join(titles))
        self.titles = tuple(titles)


def plain_title(title: object) -> str:
    """A title without case, no-break spaces, curly quotes, a trailing number, colon or asterisk."""
    text = str(title if title is not None else "").replace("\u00a0", " ").replace("’", "'").replace("‘", "'")
    text = " ".join(text.casefold().split())
    return re.sub(r"[\s:*]*\d*[\s:*]*$", "", text)


@dataclass(frozen=True, kw_only=True)
class FormMapping:
    """A form's fields, the titles each has had, and which of them must be there."""

    form: str
    titles: Mapping[str, tuple[str, ...]]
    required: frozenset[str]

    def locate(self, header: Sequence[object]) -> dict[str, tuple[int, ...]]:
        """Field to column numbers (an edited form leaves several). Raises `ColumnsMissing`."""
        wanted = {plain_title(t): field for field, titles in self.titles.items() for t in titles}
        found: dict[str, tuple[int, ...]] = {}
        for number, title in enumerate(header):
            if field := wanted.get(plain_title(title)):
                found[field] = (*found.get(field, ()), number)
        if absent := [self.titles[f][0] for f in self.titles if f in self.required and f not in found]:
            raise ColumnsMissing(absent)
        return found

    def likeness(self, header: Sequence[object]) -> int:
        """How many of the form's titles stand in a row: tells a header row from a row of answers."""
        wanted = {plain_title(t) for titles in self.titles.values() for t in titles}
        return sum(plain_title(title) in wanted for title in header if isinstance(title, str))

    def unknown(self, header: Sequence[object]) -> list[str]:
        """Questions of the form that no field has: a new one, or one that was reworded. Its own columns are known."""
        wanted = {plain_title(t) for titles in self.titles.values() for t in titles}
        shown = [" ".join(str(title).replace("\u00a0", " ").split()) for title in header if title not in (None, "")]
        return [t for t in shown if plain_title(t) not in wanted and not _FORMS_OWN.match(plain_title(t))]

    def is_half_written(self, answers: Answers) -> bool:
        """A row Forms has begun to write: without the time it was completed, or with most of its answers to come."""
        if "completed" in answers and answers["completed"] is None:
            return True
        blank = sum(answers.get(field) is None for field in self.required)
        return blank * 2 > len(self.required)


_FORMS_OWN = re.compile(
    r"(last modified time|language|total points|quiz feedback|grade posted time|points -|feedback -)"
)
"""What Forms adds to a workbook by itself, for edited answers, languages and quizzes."""


def load_mapping(form: str) -> FormMapping:
    """The mapping of `manifests/forms/FORM.json`."""
    raw = json.loads((files("manifests") / "forms" / f"{form}.json").read_text("utf-8"))
    return FormMapping(
        form=raw["form"],
        titles={field: tuple(c["titles"]) for field, c in raw["columns"].items()},
        required=frozenset(field for field, c in raw["columns"].items() if c["required"]),
    )


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
