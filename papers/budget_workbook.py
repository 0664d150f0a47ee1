"""KCC's Community Budget Summary workbook: one sheet a community, in the layout of the slide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from communities.budget import BudgetSummary, SchoolAllocation
from communities.directory import Directory
from communities.matching import find_community
from communities.money import pounds
from papers.money_cells import pence_of
from papers.refusals import RefusedRow
from papers.sheets import Cell, WorkbookUnreadable, open_workbook, plain_title, rows_of, sheets_of, text_of

LINES: Mapping[str, str] = {
    "before_top_slices_pence": "community budget before stls/chair and clerking",
    "stls_top_slice_pence": "stls top-slice",
    "chair_and_clerking_pence": "chair and clerking",
    "after_top_slices_pence": "community budget after stls & chair/clerking",
    "protected_payments_pence": "estimated protected payments",
    "after_protected_pence": "community budget after protected payments",
    "agreed_payments_pence": "payments agreed by community",
    "balance_pence": "balance",
}
"""The slide's lines, as the first cell of a row begins. The longest that fits is meant."""

TOTAL = "total estimated mainstream hn funding for schools in community"
TOLERANCE_PENCE = 150
"""The sheet prints whole pounds rounded after summing: its own totals may differ by that."""

COLUMNS: Mapping[str, str] = {
    "notional_budget_pence": "notional sen budget",
    "notional_top_up_pence": "notional sen top up",
    "automatic_payments_pence": "automatic payments to schools (£",
    "automatic_payments": "automatic payments to schools (no",
    "protected_payments_pence": "protected payments (£",
    "protected_payments": "protected payments (no",
    "agreed_payments_pence": "agreed by community (£",
    "agreed_pupils": "agreed by community (no",
}


def read_budgets(content: bytes, name: str, directory: Directory) -> tuple[list[BudgetSummary], list[RefusedRow]]:
    """Every sheet that holds a summary, and every school row or sheet refused, with its reason.

    Raises `WorkbookUnreadable` where no sheet holds one.
    """
    summaries: list[BudgetSummary] = []
    refused: list[RefusedRow] = []
    sheets = 0
    for sheet in sheets_of(open_workbook(content, name)):
        rows = list(rows_of(sheet))
        if not any(_line_of(row) == "before_top_slices_pence" for row in rows):
            continue
        sheets += 1
        try:
            summaries.append(_read_sheet(rows, sheet.name, directory, refused))
        except ValueError as error:
            refused.append(RefusedRow(row=1, reason=f"sheet '{sheet.name}': {error}; the sheet is not taken"))
    if not sheets:
        raise WorkbookUnreadable(
            f"{name}: no sheet holds a Community Budget Summary "
            "(a row that begins 'Community Budget before STLS/Chair and Clerking')."
        )
    return summaries, refused


def _read_sheet(rows: list[list[Cell]], sheet: str, directory: Directory, refused: list[RefusedRow]) -> BudgetSummary:
    written = next((text_of(r[1]) for r in rows if len(r) > 1 and plain_title(r[0]).rstrip(":") == "community"), sheet)
    community = find_community(written, directory)
    if community is None:
        raise ValueError(f"the community '{written}' is not in the directory")
    year = next((m[0] for r in rows for c in r[:1] if (m := re.search(r"\d{4}-\d{2}", text_of(c)))), None)
    if year is None:
        raise ValueError("no academic year is named (a row like '2025-26 Academic Year Budget')")
    lines = {field: pence_of(row[1], LINES[field]) for row in rows if (field := _line_of(row)) and len(row) > 1}
    needed = [f for f in LINES if f not in lines and f not in ("after_top_slices_pence", "after_protected_pence")]
    if needed:
        raise ValueError(f"the line '{LINES[needed[0]]}' is missing")
    summary = BudgetSummary(
        community=community.name,
        academic_year=year,
        before_top_slices_pence=lines["before_top_slices_pence"],
        stls_top_slice_pence=-abs(lines["stls_top_slice_pence"]),
        chair_and_clerking_pence=-abs(lines["chair_and_clerking_pence"]),
        protected_payments_pence=lines["protected_payments_pence"],
        agreed_payments_pence=lines["agreed_payments_pence"],
        schools=tuple(_school_rows(rows, sheet, refused)),
    )
    _check_totals(summary, lines, _printed_total(rows))
    return summary


def _line_of(row: list[Cell]) -> str | None:
    start = plain_title(row[0]) if row else ""
    fitting = [field for field, title in LINES.items() if start.startswith(title)]
    return max(fitting, key=lambda f: len(LINES[f])) if fitting else None


def _printed_total(rows: list[list[Cell]]) -> int | None:
    for row in rows:
        for i, cell in enumerate(row):
            if plain_title(cell).startswith(TOTAL):
                return next((pence_of(c, TOTAL) for c in row[i + 1 :] if c is not None), None)
    return None


def _check_totals(summary: BudgetSummary, lines: Mapping[str, int], total: int | None) -> None:
    printed = {
        **{f: lines[f] for f in ("after_top_slices_pence", "after_protected_pence", "balance_pence") if f in lines}
    }
    if total is not None:
        printed["total_funding_pence"] = total
    for field, shown in printed.items():
        computed: int = getattr(summary, field)
        if abs(computed - shown) > TOLERANCE_PENCE:
            what = LINES.get(field, TOTAL)
            raise ValueError(f"'{what}' says {pounds(shown)}, but its lines come to {pounds(computed)}")


def _school_rows(rows: list[list[Cell]], sheet: str, refused: list[RefusedRow]) -> Iterator[SchoolAllocation]:
    header_at = next((i for i, r in enumerate(rows) if r and plain_title(r[0]) == "dfe"), None)
    if header_at is None:
        return
    header = [plain_title(c) for c in rows[header_at]]
    columns = {f: i for f, part in COLUMNS.items() for i, title in enumerate(header) if part in title}
    for number, row in enumerate(rows[header_at + 1 :], header_at + 2):
        school = text_of(row[1]) if len(row) > 1 else ""
        if not school:
            continue  # the totals row and blank lines
        try:
            yield _allocation(row, school, columns)
        except ValueError as error:
            refused.append(RefusedRow(row=number, reason=f"sheet '{sheet}', '{school}': {error}"))


def _allocation(row: list[Cell], school: str, columns: Mapping[str, int]) -> SchoolAllocation:
    def money(field: str) -> int:
        return pence_of(row[columns[field]] if field in columns else None, COLUMNS[field])

    def number(field: str) -> int:
        return money(field) // 100

    dfe = text_of(row[0])
    return SchoolAllocation(
        dfe=int(dfe) if dfe.isdecimal() else None,
        school=school,
        phase=text_of(row[2]),
        notional_budget_pence=money("notional_budget_pence"),
        notional_top_up_pence=money("notional_top_up_pence"),
        automatic_payments_pence=money("automatic_payments_pence"),
        automatic_payments=number("automatic_payments"),
        protected_payments_pence=money("protected_payments_pence"),
        protected_payments=number("protected_payments"),
        agreed_payments_pence=money("agreed_payments_pence"),
        agreed_pupils=number("agreed_pupils"),
    )
