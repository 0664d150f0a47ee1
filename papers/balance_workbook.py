"""A community's balance sheet as an Excel workbook: the slide's lines with live formulas, and the ledger under them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from communities.budget import FIRST_YEAR_MONTHS, TOTAL_FUNDING, BudgetSummary, LineKind, SchoolLine
from communities.calendars import financial_years, london
from communities.financial_years import second_year_begins
from papers.text_cells import put_text

MONEY = '"£"#,##0.00;[Red]-"£"#,##0.00'
HEAD = PatternFill("solid", fgColor="DDE3F3")


SCHOOL_COLUMNS: tuple[tuple[str, Callable[[SchoolLine], int | str | None]], ...] = (
    ("DfE", lambda s: s.allocation.dfe),
    ("School", lambda s: s.allocation.school),
    ("Phase", lambda s: s.allocation.phase),
    ("Notional SEN budget (£)", lambda s: s.allocation.notional_budget_pence),
    ("Notional SEN top-up (£)", lambda s: s.allocation.notional_top_up_pence),
    ("Estimated automatic payments (£)", lambda s: s.allocation.automatic_payments_pence),
    ("Automatic payments (number)", lambda s: s.allocation.automatic_payments),
    ("Estimated protected payments (£)", lambda s: s.allocation.protected_payments_pence),
    ("Protected payments (number)", lambda s: s.allocation.protected_payments),
    ("Agreed by the community (£)", lambda s: s.allocation.agreed_payments_pence),
    ("Pupils supported by these (number)", lambda s: s.allocation.agreed_pupils),
    ("Paid of these (£)", lambda s: s.paid_pence),
    ("Waiting for a decision (£)", lambda s: s.waiting_pence),
)
"""Slide '2025-26 Academic Year Budget', a school a row, and how it stands since."""


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """A movement as the sheet lists it; spending is negative."""

    at: datetime
    kind: str
    request: str
    school: str
    amount_pence: int
    counts_on: date
    """The day its money falls on, and so the financial year it lies in."""


MOVEMENTS: tuple[tuple[str, tuple[LineKind, ...]], ...] = (
    ("Payments agreed by the community", (LineKind.COMMITMENT,)),
    ("Difference after KCC moderation", (LineKind.MODERATION,)),
    ("Difference between payments and final amounts", (LineKind.SETTLED, LineKind.PAYMENT)),
    ("Returned by schools or released", (LineKind.RETURN,)),
    ("Transfers", (LineKind.TRANSFER,)),
    ("Corrections", (LineKind.CORRECTION,)),
)
"""A line of the balance sheet to what it sums of the ledger."""

SHARE = f"=ROUND(B{{row}}*{FIRST_YEAR_MONTHS}/12,2)"
"""KCC's budget in its first financial year."""


def write_balance(summary: BudgetSummary, rows: Sequence[LedgerRow], schools: Sequence[SchoolLine]) -> bytes:
    """The .xlsx. `rows` are the movements after the opening lines; what people typed stays text."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Balance sheet"
    ledger = book.create_sheet("Ledger")
    _ledger(ledger, rows)
    per_school = book.create_sheet("Schools")
    _schools(per_school, schools)
    year = summary.academic_year
    first, second = financial_years(year)
    _text(sheet, 1, 1, f"Community Budget Summary: {summary.community}", bold=True)
    head = (f"{summary.academic_year} academic year budget", "Whole year", first, second)
    for column, title in enumerate(head, 1):
        _text(sheet, 3, column, title, bold=True).fill = HEAD
    lines: list[tuple[str, int | str, str]] = [
        ("Community budget before STLS / chair and clerking", summary.before_top_slices_pence, ""),
        ("STLS top-slice", summary.stls_top_slice_pence, ""),
        ("Chair and clerking", summary.chair_and_clerking_pence, ""),
        ("Community budget after STLS and chair and clerking", "=SUM(B4:B6)", SHARE),
        ("Estimated protected payments", -summary.protected_payments_pence, SHARE),
        ("Payments agreed before the ledger began", -summary.agreed_payments_pence, SHARE),
        ("Community budget after protected payments", "=SUM(B7:B9)", SHARE),
        *((label, _total(kinds), _total(kinds, year)) for label, kinds in MOVEMENTS),
        ("Balance", "=SUM(B10:B16)", "=SUM(C10:C16)"),
        (TOTAL_FUNDING, f"=Schools!E{len(schools) + 2}+Schools!F{len(schools) + 2}+B7", ""),
    ]
    for number, (label, value, in_first) in enumerate(lines, 4):
        _text(sheet, number, 1, label, bold=str(value).startswith("=SUM("))
        sheet.cell(number, 2, value if isinstance(value, str) else value / 100).number_format = MONEY
        if in_first:
            sheet.cell(number, 3, in_first.format(row=number)).number_format = MONEY
            sheet.cell(number, 4, f"=B{number}-C{number}").number_format = MONEY
    for letter, width in (("A", 68), ("B", 18), ("C", 18), ("D", 18)):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A4"
    for page in (sheet, ledger, per_school):
        page.page_setup.orientation = "landscape"
        page.page_setup.fitToHeight = 0
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _ledger(sheet: Worksheet, rows: Sequence[LedgerRow]) -> None:
    for column, title in enumerate(("Date", "Kind", "Request", "School", "Amount", "Counts on"), 1):
        _text(sheet, 1, column, title, bold=True).fill = HEAD
    for number, row in enumerate(rows, 2):
        sheet.cell(number, 1, london(row.at).date()).number_format = "dd/mm/yyyy"
        _text(sheet, number, 2, row.kind)
        _text(sheet, number, 3, row.request)
        _text(sheet, number, 4, row.school)
        sheet.cell(number, 5, row.amount_pence / 100).number_format = MONEY
        sheet.cell(number, 6, row.counts_on).number_format = "dd/mm/yyyy"
    for letter, width in (("A", 12), ("B", 24), ("C", 14), ("D", 44), ("E", 14), ("F", 12)):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"


def _total(kinds: Sequence[LineKind], academic_year: str = "") -> str:
    """The formula that sums the ledger's lines of these kinds: all, or those of a year's first financial year."""
    in_first = f',Ledger!F:F,"<"&DATE({second_year_begins(academic_year):%Y,%-m,%-d})' if academic_year else ""
    return "=" + "+".join(f'SUMIFS(Ledger!E:E,Ledger!B:B,"{kind}"{in_first})' for kind in kinds)


def _schools(sheet: Worksheet, schools: Sequence[SchoolLine]) -> None:
    for column, (title, _) in enumerate(SCHOOL_COLUMNS, 1):
        cell = _text(sheet, 1, column, title, bold=True)
        cell.fill, cell.alignment = HEAD, Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[cell.column_letter].width = 38 if column == 2 else 13
    for number, line in enumerate(schools, 2):
        for column, (title, value) in enumerate(SCHOOL_COLUMNS, 1):
            found = value(line)
            if isinstance(found, str):
                _text(sheet, number, column, found)
            elif found is not None:
                cell = sheet.cell(number, column, found / 100 if "£" in title else found)
                cell.number_format = MONEY if "£" in title else "0"
    last = len(schools) + 1
    _text(sheet, last + 1, 2, "Total", bold=True)
    for column, (title, _) in enumerate(SCHOOL_COLUMNS[3:], 4):
        letter = get_column_letter(column)
        cell = sheet.cell(last + 1, column, f"=SUM({letter}2:{letter}{last})" if schools else 0)
        cell.number_format = MONEY if "£" in title else "0"
        cell.font = Font(name="Calibri", size=11, bold=True)
    sheet.freeze_panes = "C2"


def _text(sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False) -> Cell:
    """Text in the sheet's own font."""
    cell = put_text(sheet, row, column, text)
    cell.font = Font(name="Calibri", size=11, bold=bold)
    return cell
