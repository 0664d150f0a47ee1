"""A part of the sample county: some of its communities with their schools, people and responses, for a shorter run."""

from __future__ import annotations

import io
from collections import Counter
from datetime import datetime
from functools import cached_property

from openpyxl import load_workbook

from communities.directory import Directory
from papers.directory_workbook import read_directory
from papers.people_workbook import read_people
from sample_world.texts import requests
from service.sample import BUDGETS, DIRECTORY, PEOPLE, sample
from service.sample_tenant import SampleForm

ALL = 53
"""How many communities the county has."""

WITH_SCHOOL_LINES = "ABC"
"""The community of the slides' own budget, with a line a school: it is in every part."""

BELONGS = 3
"""The column of the people's workbook that names a school, a community or an area; from 0."""


class SamplePart:
    """So many communities: the slides' own, then those that between them make every mistake of the sample, then those
    whose schools ask most often.
    """

    def __init__(self, count: int = ALL) -> None:
        self._count = count

    @cached_property
    def directory(self) -> Directory:
        """The communities with their schools and people."""
        found, _ = read_directory(self.workbook(DIRECTORY), DIRECTORY)
        people, _ = read_people(self.workbook(PEOPLE), PEOPLE, found)
        return Directory(communities=found.communities, schools=found.schools, people=people)

    def workbook(self, name: str) -> bytes:
        """The directory's or the people's workbook, with this part's rows alone."""
        if not self._left_out:
            return sample(name)
        book = load_workbook(io.BytesIO(sample(name)))
        sheet, column = book.worksheets[0], 0 if name == DIRECTORY else BELONGS
        kept = [row for row in sheet.iter_rows(values_only=True) if row[column] not in self._left_out]
        sheet.delete_rows(1, sheet.max_row)
        for row in kept:
            sheet.append(row)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def workbooks(self) -> tuple[tuple[str, str, bytes], ...]:
        """What is imported, in order: (kind, file name, content). Budgets of other communities are refused by row."""
        named = (("directory", DIRECTORY), ("people", PEOPLE))
        return (
            *((kind, name, self.workbook(name)) for kind, name in named),
            *(("budget", name, sample(name)) for name in BUDGETS),
        )

    def form(self, until: datetime | None = None) -> SampleForm:
        """The form, which the schools of other communities do not fill in."""
        return SampleForm(until, without={r.id for r in requests() if r.community in self._left_out})

    @cached_property
    def _left_out(self) -> frozenset[str]:
        """The names of other communities and of their schools."""
        if self._count >= ALL:
            return frozenset()
        county, _ = read_directory(sample(DIRECTORY), DIRECTORY)
        left_out = set(_telling([str(c.name) for c in county.communities])[self._count :])
        return frozenset(left_out | {str(s.name) for s in county.schools if s.community in left_out})


def _telling(names: list[str]) -> list[str]:
    """Communities in the order in which they are taken into a part."""
    mistakes: dict[str, set[str]] = {name: set() for name in names}
    asked = Counter[str]()
    for request in requests():
        if request.community in mistakes:
            has_formula = (request.contact or "").startswith("=")
            mistakes[request.community] |= {request.kind} | ({"formula"} if has_formula else set())
            asked[request.community] += 1
    order, met = [WITH_SCHOOL_LINES], set(mistakes[WITH_SCHOOL_LINES])
    left = [name for name in names if name != WITH_SCHOOL_LINES]
    while left:
        chosen = max(left, key=lambda name: (len(mistakes[name] - met), asked[name]))
        left.remove(chosen)
        order.append(chosen)
        met |= mistakes[chosen]
    return order
