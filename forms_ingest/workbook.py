"""The workbooks with a form's answers: checked, opened and read together, row by row, each response once.

What the answers mean is `request_for_support`; this module knows files, sheets and the numbers of responses only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from python_calamine import CalamineWorkbook

from communities.headings import Headings
from forms_ingest.columns import Answers, FormMapping, read_row
from forms_ingest.values import read_moment, read_text
from papers.sheets import HEADER_ROWS, Header, WorkbookUnreadable, headers_of, open_workbook

NOTHING_SAID: Mapping[str, str] = MappingProxyType({})
"""No heading was confirmed by anybody."""


@dataclass(frozen=True, kw_only=True)
class FormSheet:
    """A sheet of answers, found."""

    where: str
    """The file it is in, as people are told."""
    name: str
    headings: Headings
    required: Set[str]
    header: Header

    @property
    def rows(self) -> Iterator[tuple[int, Answers]]:
        """Every row to read, as (sheet row, answers); none while the headings are not settled."""
        for number, cells in self.header.rows() if self.headings.is_settled else ():
            if (answers := read_row(cells, self.headings, self.required)) is not None:
                yield number, answers


def open_settled(
    content: bytes, name: str, mapping: FormMapping, confirmed: Mapping[str, str] = NOTHING_SAID
) -> Gathered:
    """The answers of all the sheets that hold them, each response once.

    Raises `WorkbookUnreadable` also where it is not clear which column answers which question.
    """
    sheets = open_sheets(content, name, mapping, confirmed)
    for sheet in sheets:
        if not sheet.headings.is_settled:
            said = " ".join(mapping.questions.said_of(sheet.headings))
            raise WorkbookUnreadable(f"{name}: the headings of the sheet '{sheet.name}' are not clear. {said}")
    return gather(sheets)


def read_answers(content: bytes, name: str, mapping: FormMapping) -> Iterator[tuple[int, Answers]]:
    """The rows of `open_settled`."""
    return open_settled(content, name, mapping).rows


def open_sheets(
    content: bytes, name: str, mapping: FormMapping, confirmed: Mapping[str, str] = NOTHING_SAID, where: str = ""
) -> list[FormSheet]:
    """The sheets that hold the form's answers, the one with the most headings first: the others have every heading that
    is needed as well. `confirmed` is as for `Questions.locate`.

    Raises `WorkbookUnreadable` where no sheet holds them.
    """
    first, *others = (
        FormSheet(
            where=where or f"'{name}'", name=header.sheet.name, required=mapping.required, header=header,
            headings=mapping.questions.locate(header.cells, confirmed),
        )
        for header in _headers(open_workbook(content, name), name, mapping)
    )  # fmt: skip
    return [first, *(sheet for sheet in others if sheet.headings.is_settled)]


def _headers(workbook: CalamineWorkbook, name: str, mapping: FormMapping) -> list[Header]:
    """By likeness where no sheet has enough of the form's headings as the form prints them."""
    for count in (mapping.questions.known, mapping.questions.alike):
        found = headers_of(workbook, count)
        if found and found[0].hits >= max(len(mapping.required) // 3, 2):
            return found
    raise WorkbookUnreadable(
        f"{name}: no header row was found in the first {HEADER_ROWS} rows of any sheet. "
        f"The first row must hold the form's questions, from '{mapping.questions.titles['id'][0]}' on."
    )


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Sheets of answers of one form, read together."""

    sheets: Sequence[FormSheet]
    """Those that are read. Where two have one response, the earlier one's answers count."""
    apart: Sequence[FormSheet] = ()
    """Those with other responses under the same numbers, as another year's form has: they are not read."""

    @property
    def rows(self) -> Iterator[tuple[int, Answers]]:
        """Every row, each response once, as (sheet row, answers)."""
        taken: set[str] = set()
        for sheet in self.sheets:
            here: set[str] = set()
            for number, answers in sheet.rows:
                if (key := _number(answers)) not in taken:
                    here.add(key)
                    yield number, answers
            taken |= here


def gather(sheets: Sequence[FormSheet]) -> Gathered:
    """Put first whichever has the newest response, as Microsoft Forms writes there.

    Of equals it is the first of `sheets`, and none that Excel or a person named as a copy.
    """
    if len(sheets) < 2:
        return Gathered(sheets=sheets)
    begun = {id(sheet): _Begun.of(sheet) for sheet in sheets}
    first, *others = sorted(sheets, key=lambda s: (begun[id(s)].newest, _COPY.search(s.name) is None), reverse=True)
    apart = [s for s in others if begun[id(s)].is_of_another_form(begun[id(first)])]
    return Gathered(sheets=[first, *(s for s in others if s not in apart)], apart=apart)


_COPY = re.compile(r"\(\d+\)$|\bcopy\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Begun:
    """When each response of a sheet was begun, by its number, and the newest of them."""

    at: Mapping[str, datetime | None]
    newest: tuple[datetime, int]

    @classmethod
    def of(cls, sheet: FormSheet) -> _Begun:
        """Read all of it."""
        at, newest = {}, (datetime.min.replace(tzinfo=UTC), 0)
        for _, answers in sheet.rows:
            if (number := _number(answers)).isdecimal():
                at[number] = read_moment(answers.get("started"))
                newest = max(newest, (read_moment(answers.get("completed")) or newest[0], int(number)))
        return cls(at=at, newest=newest)

    def is_of_another_form(self, other: _Begun) -> bool:
        """Most responses of one number were begun at another moment; one that was edited is still the same."""
        pairs = [(at, other.at.get(number)) for number, at in self.at.items()]
        same = [at == then for at, then in pairs if at is not None and then is not None]
        return same.count(False) > same.count(True)


def _number(answers: Answers) -> str:
    return read_text(answers.get("id"))
