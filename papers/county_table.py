"""The county's figures as `.xlsx` with totals that are formulas, or as `.csv`."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from papers.text_cells import put_text, separated

TITLES = (
    "Community", "Area", "Requests received", "Withdrawn", "Decided", "Approved (£)", "Balance (£)",
    "Days to decision (median)", "Days to payment (median)", "Meetings with a register", "Schools present (%)",
    "Open actions", "Overdue actions",
)  # fmt: skip
SUMMED = ("Requests received", "Withdrawn", "Decided", "Approved (£)", "Balance (£)", "Meetings with a register",
          "Open actions", "Overdue actions")  # fmt: skip
MONEY = ("Approved (£)", "Balance (£)")


@dataclass(frozen=True, kw_only=True)
class CountyLine:
    """A community's year so far; money in pence, None where there is nothing to say."""

    community: str
    area: str
    requests: int
    withdrawn: int
    decided: int
    approved_pence: int
    balance_pence: int | None
    days_to_decision: float | None
    days_to_payment: float | None
    meetings: int
    attendance_percent: int | None
    open_actions: int
    overdue_actions: int


def _cells(line: CountyLine) -> list[str | float | None]:
    """The line's values in the order of the titles; money in pounds."""
    values = [(f.name, getattr(line, f.name)) for f in fields(line)]
    return [v / 100 if name.endswith("_pence") and v is not None else v for name, v in values]


def county_workbook(lines: Sequence[CountyLine], academic_year: str) -> bytes:
    """One sheet: a header row that stays in sight, a line a community, totals as formulas."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = f"County {academic_year}"
    sheet.append(TITLES)
    for number, line in enumerate(lines, 2):
        for column, value in enumerate(_cells(line), 1):
            if isinstance(value, str):
                put_text(sheet, number, column, value)
            else:
                sheet.cell(number, column).value = value
    last = len(lines) + 1
    totals = ["Total" if t == TITLES[0] else None for t in TITLES]
    sheet.append(totals)
    for number, title in enumerate(TITLES, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 34 if number == 1 else 14
        head = sheet.cell(row=1, column=number)
        head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        if title in SUMMED:
            sheet.cell(row=last + 1, column=number).value = f"=SUM({letter}2:{letter}{last})"
        sheet.cell(row=last + 1, column=number).font = Font(bold=True)
        if title in MONEY:
            for row in range(2, last + 2):
                sheet.cell(row=row, column=number).number_format = "£#,##0.00"
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def county_csv(lines: Sequence[CountyLine]) -> str:
    """Comma-separated, with a header row; what begins like a formula is text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(TITLES)
    for line in lines:
        writer.writerow([separated(value) for value in _cells(line)])
    return out.getvalue()
