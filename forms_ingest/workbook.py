"""The workbook Microsoft Forms writes to: found, checked and opened, row by row.

What the answers mean is `request_for_support`; this module knows files and sheets only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from python_calamine import CalamineSheet, CalamineWorkbook

from forms_ingest.columns import Answers, Cell, ColumnsMissing, FormMapping, pick
from papers.sheets import WorkbookUnreadable, open_workbook, read_bytes, rows_of, sheets_of

HEADER_ROWS = 10
"""The header is looked for in the first rows only."""


@dataclass(frozen=True, kw_only=True)
class FormSheet:
    """The sheet of answers, found."""

    rows: Iterator[tuple[int, Answers]]
    """Every row with an answer in it, as (sheet row, answers)."""
    unknown: tuple[str, ...]
    """Questions that no field has: their answers are not read."""


def read_answers(content: bytes, name: str, mapping: FormMapping) -> Iterator[tuple[int, Answers]]:
    """The rows of `open_sheet`."""
    return open_sheet(content, name, mapping).rows


def open_sheet(content: bytes, name: str, mapping: FormMapping) -> FormSheet:
    """The sheet that holds the form's answers. Raises `WorkbookUnreadable`."""
    sheet, header_row = _find_sheet(open_workbook(content, name), name, mapping)
    rows = enumerate(rows_of(sheet), 1)
    header = next(cells for number, cells in rows if number == header_row)
    try:
        columns = mapping.locate(header)
    except ColumnsMissing as error:
        quoted = ", ".join(f"'{t}'" for t in error.titles)
        raise WorkbookUnreadable(
            f"{name}: the sheet '{sheet.name}' has no column {quoted}. Add it, or add its new title to manifests/forms."
        ) from error
    return FormSheet(rows=_rows_with_answers(rows, columns), unknown=tuple(mapping.unknown(header)))


def _rows_with_answers(
    rows: Iterator[tuple[int, Sequence[Cell]]], columns: Mapping[str, tuple[int, ...]]
) -> Iterator[tuple[int, Answers]]:
    for number, cells in rows:
        answers = pick(cells, columns)
        if any(value is not None for value in answers.values()):
            yield number, answers


def read_file(path: Path, mapping: FormMapping) -> Iterator[tuple[int, Answers]]:
    """`read_answers` of a file on disk."""
    return read_answers(read_bytes(path), path.name, mapping)


def _find_sheet(workbook: CalamineWorkbook, name: str, mapping: FormMapping) -> tuple[CalamineSheet, int]:
    best: tuple[int, CalamineSheet, int] | None = None
    for sheet in sheets_of(workbook):
        for number, cells in enumerate(islice(rows_of(sheet), HEADER_ROWS), 1):
            likeness = mapping.likeness(cells)
            if best is None or likeness > best[0]:
                best = (likeness, sheet, number)
    if best is None or best[0] < len(mapping.required) // 3:
        raise WorkbookUnreadable(
            f"{name}: no header row was found in the first {HEADER_ROWS} rows of any sheet. "
            f"The first row must hold the form's questions, from '{mapping.titles['id'][0]}' on."
        )
    return best[1], best[2]
