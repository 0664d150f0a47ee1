"""KCC's Community Budget Summary workbook: one sheet a community, in the layout of the slide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from communities.budget import BudgetSummary, SchoolAllocation, split_by_financial_year
from communities.calendars import financial_years, year_of_sheet
from communities.directory import Directory, read_dfe
from communities.matching import find_community
from communities.money import pounds
from communities.names import plain
from papers.money_cells import check_notes, check_pounds, pence_of
from papers.refusals import RefusedRow
from papers.sheets import Cell, WorkbookUnreadable, column_name, open_workbook, plain_title, rows_of, sheets_of, text_of

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

SLICES = ("stls_top_slice_pence", "chair_and_clerking_pence")
"""Negative, whichever way they are printed."""

DERIVED = ("after_top_slices_pence", "after_protected_pence", "balance_pence")
"""The lines that follow from the others."""

TOTAL_FIELD = "total_funding_pence"
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


class Part(StrEnum):
    """Which of a line's figures."""

    YEAR = "the academic year"
    FIRST = "the first financial year"
    SECOND = "the second financial year"
    SCHOOLS = "the row 'Totals'"


Figure = tuple[str, Part]
"""A field of `BudgetSummary` or `SchoolAllocation`, and which of its figures."""


@dataclass(frozen=True, kw_only=True)
class BudgetSheet:
    """A sheet as printed: what the budget is made of, and the figures that follow from that, in pence or numbers."""

    summary: BudgetSummary
    derived: Mapping[Figure, int]


def read_budgets(content: bytes, name: str, directory: Directory) -> tuple[list[BudgetSummary], list[RefusedRow]]:
    """Every sheet's summary, and every school row or sheet refused, with its reason: one whose printed figures do not
    follow from its lines is refused.

    Raises `WorkbookUnreadable` where no sheet holds one.
    """
    sheets, refused = read_sheets(content, name, directory)
    summaries = []
    for sheet in sheets:
        if problems := list(_contradictions(sheet)):
            reason = f"the budget of {sheet.summary.community}: {'; '.join(problems)}; the sheet is not taken"
            refused.append(RefusedRow(row=1, reason=reason))
        else:
            summaries.append(sheet.summary)
    return summaries, refused


def read_sheets(content: bytes, name: str, directory: Directory) -> tuple[list[BudgetSheet], list[RefusedRow]]:
    """Every sheet that holds a summary with all its figures, whether they agree or not, and what cannot be read.

    Raises `WorkbookUnreadable` where no sheet holds one.
    """
    found: dict[tuple[str, str], list[tuple[str, BudgetSheet]]] = {}
    refused: list[RefusedRow] = []
    sheets = 0
    for sheet in sheets_of(open_workbook(content, name)):
        rows = list(rows_of(sheet))
        if not any(_line_of(row) == "before_top_slices_pence" for row in rows):
            continue
        sheets += 1
        try:
            read = _read_sheet(rows, sheet.name, directory, refused)
        except ValueError as error:
            reason = f"sheet '{sheet.name}': {str(error).removesuffix('.')}; the sheet is not taken"
            refused.append(RefusedRow(row=1, reason=reason))
            continue
        key = (read.summary.community, read.summary.academic_year)
        found.setdefault(key, []).append((sheet.name, read))
    if not sheets:
        raise WorkbookUnreadable(
            f"{name}: no sheet holds a Community Budget Summary "
            "(a row that begins 'Community Budget before STLS/Chair and Clerking')."
        )
    for (community, year), read_ones in found.items():
        if len(read_ones) > 1:
            names = " and ".join(f"'{sheet}'" for sheet, _ in read_ones)
            reason = f"the sheets {names} are all the budget of {community} for {year}. Keep one; none was accepted"
            refused.append(RefusedRow(row=1, reason=reason))
    return [ones[0][1] for ones in found.values() if len(ones) == 1], refused


def _read_sheet(rows: list[list[Cell]], sheet: str, directory: Directory, refused: list[RefusedRow]) -> BudgetSheet:
    written = next((text_of(r[1]) for r in rows if len(r) > 1 and plain_title(r[0]).rstrip(":") == "community"), sheet)
    community = find_community(written, directory)
    if community is None:
        raise ValueError(f"the community '{written}' is not in the directory")
    year = year_of_sheet(text_of(c) for r in rows for c in r[:1])
    _check_units(rows)
    lines = _lines(rows)
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
    derived = {(field, Part.YEAR): lines[field] for field in DERIVED if field in lines}
    if (total := _printed_total(rows)) is not None:
        derived[TOTAL_FIELD, Part.YEAR] = total
    return BudgetSheet(summary=summary, derived=derived | _split(rows, year) | _school_totals(rows))


def _check_units(rows: list[list[Cell]]) -> None:
    """Raises `ValueError` where a line or column says that its figures are in something else than pounds."""
    begins = next(n for n, row in enumerate(rows) if _line_of(row) == "before_top_slices_pence")
    check_notes(cell for row in rows[:begins] for cell in row)
    check_pounds(cell for row in rows if _line_of(row) for cell in row)
    header_at, columns = _school_columns(rows)
    check_pounds(rows[header_at][at] for at in columns.values())
    check_notes(row[0] for row in rows if row)


def _lines(rows: list[list[Cell]]) -> dict[str, int]:
    """The year's figure of every line. Raises `ValueError` where a line is there twice and says two things."""
    lines: dict[str, int] = {}
    for row in rows:
        field = _line_of(row)
        if field is None or len(row) < 2:
            continue
        pence = pence_of(row[1], LINES[field])
        if lines.setdefault(field, pence) != pence:
            both = f"{pounds(lines[field])} and {pounds(pence)}"
            raise ValueError(f"the line '{LINES[field]}' is there twice, with {both}")
    return lines


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


def _split(rows: list[list[Cell]], year: str) -> dict[Figure, int]:
    """What the lines print under the two financial years; the balance's row has the schools' total there instead."""
    begins = next(i for i, row in enumerate(rows) if _line_of(row) == "before_top_slices_pence")
    columns: dict[Part, int] = {}
    for part, names in zip(
        (Part.FIRST, Part.SECOND), zip(financial_years(year), ("7/12", "5/12"), strict=True), strict=True
    ):
        heads = ((i, plain_title(c)) for row in rows[:begins] for i, c in enumerate(row) if i > 1)
        at = next((i for i, title in heads if title.startswith(names)), None)
        columns |= {} if at is None else {part: at}
    found: dict[Figure, int] = {}
    for row in rows[begins:]:
        field = _line_of(row)
        if field is None or any(plain_title(c).startswith(TOTAL) for c in row):
            continue
        for part, at in columns.items():
            if at < len(row) and row[at] is not None:
                pence = pence_of(row[at], LINES[field])
                found[field, part] = -abs(pence) if field in SLICES else pence
    return found


def _school_totals(rows: list[list[Cell]]) -> dict[Figure, int]:
    """The row of totals above or below the schools."""
    header_at, columns = _school_columns(rows)
    totals = next((r for r in rows[header_at + 1 :] if r and plain_title(r[0]).startswith("total")), None)
    if header_at < 0 or totals is None:
        return {}
    return {
        (field, Part.SCHOOLS): _figure(field, totals[at])
        for field, at in columns.items()
        if at < len(totals) and totals[at] is not None
    }


def _figure(field: str, cell: Cell) -> int:
    """Pence of a sum, or a number."""
    pence = pence_of(cell, COLUMNS[field])
    return pence if field.endswith("_pence") else pence // 100


def schools_tolerance(schools: int) -> int:
    """By how many pence a total may differ from the sum of that many lines, each rounded to the pound."""
    return max(100, 50 * schools)


def _contradictions(sheet: BudgetSheet) -> Iterator[str]:
    """What is printed and does not follow from the sheet's own lines. In which financial year payments lie that are
    agreed no line says.
    """
    summary = sheet.summary
    for (field, part), printed in sheet.derived.items():
        if part in (Part.FIRST, Part.SECOND) and field in ("agreed_payments_pence", "balance_pence"):
            continue
        what = LINES.get(field) or COLUMNS.get(field, TOTAL)
        tolerance = TOLERANCE_PENCE
        if part is Part.SCHOOLS:
            computed = sum(getattr(s, field) for s in summary.schools)
            tolerance = schools_tolerance(len(summary.schools)) if field.endswith("_pence") else 0
        elif part is Part.YEAR:
            computed = getattr(summary, field)
        else:
            split = split_by_financial_year(getattr(summary, field))
            computed = split.first_pence if part is Part.FIRST else split.second_pence
        if abs(computed - printed) > tolerance:
            shown = (pounds(printed), pounds(computed)) if field.endswith("_pence") else (str(printed), str(computed))
            place = "" if part is Part.YEAR else f" in {part}"
            yield f"'{what}'{place} says {shown[0]}, but its lines come to {shown[1]}"


def _school_columns(rows: list[list[Cell]]) -> tuple[int, dict[str, int]]:
    """Where the schools' head is (-1: there is none), and each field's column."""
    header_at = next((i for i, r in enumerate(rows) if r and plain_title(r[0]) == "dfe"), -1)
    header = [plain_title(c) for c in rows[header_at]] if header_at >= 0 else []
    found = {f: [i for i, title in enumerate(header) if part in title] for f, part in COLUMNS.items()}
    if twice := next((f for f, at in found.items() if len(at) > 1), None):
        first, second = (column_name(at) for at in found[twice][:2])
        raise ValueError(f"the columns {first} and {second} both hold '{COLUMNS[twice]}'")
    return header_at, {f: at[0] for f, at in found.items() if at}


def _school_rows(rows: list[list[Cell]], sheet: str, refused: list[RefusedRow]) -> Iterator[SchoolAllocation]:
    header_at, columns = _school_columns(rows)
    if header_at < 0:
        return
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[header_at + 1 :], header_at + 2):
        school = text_of(row[1]) if len(row) > 1 else ""
        if not school:
            continue  # the totals row and blank lines
        if (first := seen.setdefault(plain(school), number)) != number:
            raise ValueError(f"'{school}' is in row {first} and in row {number}")
        try:
            yield _allocation(row, school, columns)
        except ValueError as error:
            refused.append(RefusedRow(row=number, reason=f"sheet '{sheet}', '{school}': {error}"))


def _allocation(row: list[Cell], school: str, columns: Mapping[str, int]) -> SchoolAllocation:
    def money(field: str) -> int:
        return pence_of(row[columns[field]] if field in columns else None, COLUMNS[field])

    def number(field: str) -> int:
        return money(field) // 100

    return SchoolAllocation(
        dfe=read_dfe(text_of(row[0])),
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
