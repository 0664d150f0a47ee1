"""Text in a cell stays text, whatever it begins with: the one way into sheets and comma-separated files."""

from __future__ import annotations

import unicodedata

from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet.worksheet import Worksheet

LEADS = "=+-@"
"""What a formula begins with, also in full width, as keyboards of Chinese and Japanese type it."""

BREAKS = ("\t", "\r", "\n")
UNSEEN = "Cc", "Cf", "Zs", "Zl", "Zp"
"""Unicode's categories of what spreadsheets pass over before a formula: controls, format characters, spaces."""


def begins_like_a_formula(text: str) -> bool:
    """Whether a spreadsheet that opens the file could take it as one."""
    first = next((c for c in text if unicodedata.category(c) not in UNSEEN), "")
    return text.startswith(BREAKS) or (first != "" and unicodedata.normalize("NFKC", first) in LEADS)


def put_text(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """Write text into a sheet's cell; what no workbook may hold is left out."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    cell.quotePrefix = begins_like_a_formula(text)
    return cell


def separated(value: str | float | None) -> str | float:
    """A value as it stands in a comma-separated file."""
    if isinstance(value, str) and begins_like_a_formula(value):
        return f"'{value}"
    return "" if value is None else value
