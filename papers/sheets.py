"""Opening an .xlsx that somebody sent: checked before it is unpacked, read by calamine, errors in plain words.

What stands in the cells is the business of whoever called.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import cast

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, WorksheetNotFound

from communities.headings import Questions
from communities.headings import plain_title as plain_title  # for whoever compares cells, not headings
from papers.zips import NoZip, ZipRefused, check_zip

Cell = str | int | float | bool | datetime | None

WORKBOOK_BYTES = 50_000_000
"""As it is filed: what a county's answers of many years take is a tenth of it."""
UNPACKED_BYTES = 150_000_000
"""The largest worksheet read, unpacked: keeps memory below 400 MB with what calamine needs on top."""

HEADER_ROWS = 10
"""A header is looked for in the first rows only."""


class WorkbookUnreadable(ValueError):
    """The file cannot be read as the workbook it should be. The sentence names the file and what to do."""


def open_workbook(content: bytes, name: str) -> CalamineWorkbook:
    """Open a workbook from bytes. Raises `WorkbookUnreadable`: no workbook, encrypted, too large, damaged."""
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise WorkbookUnreadable(f"{name}: is encrypted or an old .xls. Remove its password and save it as .xlsx.")
    try:
        members = check_zip(content, UNPACKED_BYTES)
    except NoZip as error:
        raise WorkbookUnreadable(f"{name}: is not an Excel workbook (.xlsx).") from error
    except ZipRefused as error:
        raise WorkbookUnreadable(f"{name}: {error}. Save it again from Excel; split it if it is large.") from error
    if "xl/workbook.xml" not in members:
        raise WorkbookUnreadable(f"{name}: is not an Excel workbook (.xlsx).")
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except (CalamineError, zipfile.BadZipFile) as error:
        raise WorkbookUnreadable(f"{name}: is an Excel workbook that cannot be opened ({error}).") from error


def read_bytes(path: Path) -> bytes:
    """A file's bytes, or `WorkbookUnreadable` in plain words."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise WorkbookUnreadable(f"{path}: cannot be read ({error.strerror}).") from error


def sheets_of(workbook: CalamineWorkbook) -> Iterator[CalamineSheet]:
    """The worksheets, without charts and macros."""
    for name in workbook.sheet_names:
        try:
            yield workbook.get_sheet_by_name(name)
        except (CalamineError, WorksheetNotFound):
            continue


def rows_of(sheet: CalamineSheet) -> Iterator[list[Cell]]:
    """The rows from the sheet's first on, blank ones included; dates become datetimes, empty cells None."""
    start = sheet.start or (0, 0)
    for _ in range(start[0]):
        yield []
    left: list[Cell] = [None] * start[1]
    for row in sheet.iter_rows():
        yield left + [value if value.__class__ is str and value else _cell(value) for value in row]


def _cell(value: int | float | str | bool | time | date | datetime | timedelta) -> Cell:
    if value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  Excel's dates carry no zone
    if isinstance(value, time | timedelta):
        return str(value)
    return cast(Cell, value)


@dataclass(frozen=True, kw_only=True)
class Header:
    """The row of a sheet that is most like the headings looked for."""

    sheet: CalamineSheet
    row: int
    hits: int
    """How many of its cells are such headings."""
    cells: Sequence[Cell]

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """The rows below, as (sheet row, cells)."""
        return islice(enumerate(rows_of(self.sheet), 1), self.row, None)


def headers_of(workbook: CalamineWorkbook, count: Callable[[Sequence[Cell]], int]) -> list[Header]:
    """The header of each sheet that has one, the best first and equals as they lie in the workbook. `count` says how
    many cells of a row are headings.
    """
    found = []
    for sheet in sheets_of(workbook):
        rows = enumerate(islice(rows_of(sheet), HEADER_ROWS), 1)
        headers = (Header(sheet=sheet, row=row, hits=count(cells), cells=cells) for row, cells in rows)
        if (best := max(headers, key=lambda header: header.hits, default=None)) is not None and best.hits:
            found.append(best)
    return sorted(found, key=lambda header: -header.hits)


def find_table(
    content: bytes, name: str, titles: Mapping[str, str], required: Sequence[str]
) -> Iterator[tuple[int, dict[str, Cell]]]:
    """The rows under a header with the given titles (field -> title), as (sheet row, field -> cell).

    Titles are compared as `Questions` does; none is taken by likeness, as whoever imports can correct it at once.
    Raises `WorkbookUnreadable` naming what is missing, and which heading may be it.
    """
    wanted = Questions({field: (title,) for field, title in titles.items()}, required)
    found = headers_of(open_workbook(content, name), wanted.known)
    whole = [h.sheet.name for h in found if set(required) <= {wanted.field_of(cell) for cell in h.cells}]
    if len(whole) > 1:
        quoted = " and ".join(f"'{sheet}'" for sheet in whole)
        raise WorkbookUnreadable(f"{name}: the sheets {quoted} all hold such a table. Put all rows into one of them.")
    if not found or found[0].hits < 2:
        quoted = ", ".join(f"'{titles[f]}'" for f in required)
        raise WorkbookUnreadable(f"{name}: no header row was found. It must hold the columns {quoted}.")
    header, sheet = found[0].cells, found[0].sheet
    columns: dict[str, int] = {}
    for i, cell in enumerate(header):
        if (field := wanted.field_of(cell)) and columns.setdefault(field, i) != i:
            twice = f"'{titles[field]}' twice, in {column_name(columns[field])} and {column_name(i)}"
            raise WorkbookUnreadable(f"{name}: the sheet '{sheet.name}' has the column {twice}. Delete one of them.")
    if absent := [field for field in required if field not in columns]:
        quoted = ", ".join(f"'{titles[field]}'" for field in absent)
        near = {g.field: g.heading for g in wanted.locate(header).guesses}
        hints = "".join(f" If '{near[f]}' is '{titles[f]}', rename it." for f in absent if f in near)
        raise WorkbookUnreadable(f"{name}: the sheet '{sheet.name}' has no column {quoted}.{hints}")
    return (
        (number, {f: cells[i] if i < len(cells) else None for f, i in columns.items()})
        for number, cells in found[0].rows()
        if any(c is not None for c in cells)
    )


def column_name(number: int) -> str:
    """A column, numbered from 0, as Excel names it: `C`, `AA`."""
    name = ""
    while number >= 0:
        number, letter = divmod(number, 26)
        name, number = chr(ord("A") + letter) + name, number - 1
    return name


def text_of(cell: Cell) -> str:
    """A cell as one line of text; `2027.0` is `2027`."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).replace("\u00a0", " ").split())
