"""The workbook Microsoft Forms writes to: found, checked and opened, row by row.

What the answers mean is `request_for_support`; this module knows files and sheets only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from python_calamine import CalamineSheet, CalamineWorkbook

from communities.headings import Headings
from forms_ingest.columns import Answers, Cell, FormMapping, read_row
from papers.sheets import HEADER_ROWS, WorkbookUnreadable, open_workbook, rows_of, sheets_of

NOTHING_SAID: Mapping[str, str] = MappingProxyType({})
"""No heading was confirmed by anybody."""


@dataclass(frozen=True, kw_only=True)
class FormSheet:
    """The sheet of answers, found."""

    name: str
    headings: Headings
    rows: Iterator[tuple[int, Answers]]
    """Every row to read, as (sheet row, answers); none while the headings are not settled."""


def open_settled(
    content: bytes, name: str, mapping: FormMapping, confirmed: Mapping[str, str] = NOTHING_SAID
) -> FormSheet:
    """As `open_sheet`; raises `WorkbookUnreadable` too where it is not clear which column answers which question."""
    sheet = open_sheet(content, name, mapping, confirmed)
    if not sheet.headings.is_settled:
        said = " ".join(mapping.questions.said_of(sheet.headings))
        raise WorkbookUnreadable(f"{name}: the headings of the sheet '{sheet.name}' are not clear. {said}")
    return sheet


def read_answers(content: bytes, name: str, mapping: FormMapping) -> Iterator[tuple[int, Answers]]:
    """The rows of `open_settled`."""
    return open_settled(content, name, mapping).rows


def open_sheet(
    content: bytes, name: str, mapping: FormMapping, confirmed: Mapping[str, str] = NOTHING_SAID
) -> FormSheet:
    """The sheet that holds the form's answers. `confirmed` is as for `Questions.locate`.

    Raises `WorkbookUnreadable` where no sheet holds them.
    """
    sheet, header_row = _find_sheet(open_workbook(content, name), name, mapping)
    rows = enumerate(rows_of(sheet), 1)
    header = next(cells for number, cells in rows if number == header_row)
    found = mapping.questions.locate(header, confirmed)
    answered = _rows_with_answers(rows, found, mapping.required) if found.is_settled else iter(())
    return FormSheet(name=sheet.name, headings=found, rows=answered)


def _rows_with_answers(
    rows: Iterator[tuple[int, Sequence[Cell]]], found: Headings, needed: Set[str]
) -> Iterator[tuple[int, Answers]]:
    for number, cells in rows:
        if (answers := read_row(cells, found, needed)) is not None:
            yield number, answers


def _find_sheet(workbook: CalamineWorkbook, name: str, mapping: FormMapping) -> tuple[CalamineSheet, int]:
    """The sheet and row with the most of the form's headings; by likeness where too few are as the form prints them."""
    sheets = list(sheets_of(workbook))
    for count in (mapping.questions.known, mapping.questions.alike):
        best: tuple[int, CalamineSheet, int] | None = None
        for sheet in sheets:
            for number, cells in enumerate(islice(rows_of(sheet), HEADER_ROWS), 1):
                headings = count(cells)
                if best is None or headings > best[0]:
                    best = (headings, sheet, number)
        if best is not None and best[0] >= max(len(mapping.required) // 3, 2):
            return best[1], best[2]
    raise WorkbookUnreadable(
        f"{name}: no header row was found in the first {HEADER_ROWS} rows of any sheet. "
        f"The first row must hold the form's questions, from '{mapping.questions.titles['id'][0]}' on."
    )
