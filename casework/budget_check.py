"""The ledger held against KCC's workbook: every figure it prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from casework import tables
from casework.budget_record import summary_of
from casework.desk import Work
from casework.financial_years import movements, positions
from casework.school_lines import school_lines
from communities.budget import (
    TOTAL_FUNDING,
    BudgetSummary,
    FinancialYearSplit,
    SchoolAllocation,
    split_by_financial_year,
)
from communities.calendars import financial_years
from communities.financial_years import PositionByYear, positions_of
from communities.money import pounds
from papers.budget_workbook import BudgetSheet, Part, schools_tolerance

TOLERANCE_PENCE = 100
"""KCC's sheet prints whole pounds: up to £1 is rounding, not a difference."""

LINES: Mapping[str, str] = {
    "before_top_slices_pence": "Community budget before STLS / chair and clerking",
    "stls_top_slice_pence": "STLS top-slice",
    "chair_and_clerking_pence": "Chair and clerking",
    "after_top_slices_pence": "Community budget after STLS and chair and clerking",
    "protected_payments_pence": "Estimated protected payments",
    "after_protected_pence": "Community budget after protected payments",
    "agreed_payments_pence": "Payments agreed by Community",
    "balance_pence": "Balance",
    "total_funding_pence": TOTAL_FUNDING,
}

IF_PRINTED = ("after_top_slices_pence", "after_protected_pence", "total_funding_pence")
"""Lines a sheet may leave out: they follow from the others."""

SCHOOL_FIGURES: Mapping[str, str] = {
    "dfe": "DfE number",
    "notional_budget_pence": "notional SEN budget",
    "notional_top_up_pence": "notional SEN top-up",
    "automatic_payments_pence": "estimated automatic payments",
    "automatic_payments": "number of automatic payments",
    "protected_payments_pence": "estimated protected payments",
    "protected_payments": "number of protected payments",
    "agreed_payments_pence": "additional payments agreed",
    "agreed_pupils": "number of pupils supported",
}


def differences(work: Work, sheet: BudgetSheet) -> Iterator[str]:
    """A sentence for each figure of KCC's sheet that differs from the record: amounts by over £1, numbers at all."""
    theirs = sheet.summary
    community, year = theirs.community, theirs.academic_year
    ours, stands = summary_of(work, community, year), positions(work, community, year)
    if ours is None or stands is None:
        yield f"{community} {year}: no budget of that year is in the record; import it first."
        return
    listed = {s.school: s for s in theirs.schools}
    kept = {line.allocation.school: line.allocation for line in school_lines(work, community, year)}
    here = f"{community} {year}"
    yield from _line_differences(here, sheet, _lines(ours, stands, _agreed(work, community, year)))
    for school in sorted({*listed, *kept}):
        yield from _school_differences(f"{here}, '{school}'", listed.get(school), kept.get(school))
    yield from _total_differences(f"{here}, {Part.SCHOOLS}", sheet, list(kept.values()))


def _agreed(work: Work, community: str, year: str) -> FinancialYearSplit:
    """The payments the community agreed since KCC's summary, moderation included; none that was taken back."""
    stand = movements(work, community, year, tables.requests.c.round == tables.ledger.c.round)
    return positions_of([m.line for m in stand], year).split(lambda p: p.committed_pence + p.moderated_pence)


def _lines(ours: BudgetSummary, stands: PositionByYear, agreed: FinancialYearSplit) -> dict[str, FinancialYearSplit]:
    """What the record has for each line, in both financial years."""
    found = {field: split_by_financial_year(getattr(ours, field)) for field in LINES}
    return {
        **found,
        "agreed_payments_pence": found["agreed_payments_pence"] + agreed,
        "balance_pence": stands.balance,
    }


def _line_differences(here: str, sheet: BudgetSheet, recorded: Mapping[str, FinancialYearSplit]) -> Iterator[str]:
    names = financial_years(sheet.summary.academic_year)
    for field, label in LINES.items():
        ours = recorded[field]
        printed = None if field in IF_PRINTED else getattr(sheet.summary, field)
        for part, name, known in (
            (Part.YEAR, "", ours.pence),
            (Part.FIRST, f" in {names[0]}", ours.first_pence),
            (Part.SECOND, f" in {names[1]}", ours.second_pence),
        ):
            theirs = sheet.derived.get((field, part), printed if part is Part.YEAR else None)
            if theirs is not None:
                yield from _differ(f"{here}, '{label}'{name}", field, theirs, known)


def _school_differences(what: str, theirs: SchoolAllocation | None, ours: SchoolAllocation | None) -> Iterator[str]:
    for field, label in SCHOOL_FIGURES.items():
        yield from _differ(f"{what}, {label}", field, getattr(theirs, field, 0), getattr(ours, field, 0))


def _total_differences(what: str, sheet: BudgetSheet, kept: Sequence[SchoolAllocation]) -> Iterator[str]:
    for (field, part), printed in sheet.derived.items():
        if part is Part.SCHOOLS:
            ours = sum(getattr(s, field) for s in kept)
            tolerance = schools_tolerance(len(kept))
            yield from _differ(f"{what}, {SCHOOL_FIGURES[field]}", field, printed, ours, tolerance)


def _differ(
    what: str, field: str, theirs: int | None, ours: int | None, tolerance: int = TOLERANCE_PENCE
) -> Iterator[str]:
    if not field.endswith("_pence"):
        if theirs != ours:
            shown = ("nothing" if number is None else number for number in (theirs, ours))
            yield "{}: the workbook says {}, the record {}.".format(what, *shown)
    elif abs((theirs or 0) - (ours or 0)) > tolerance:
        yield f"{what}: the workbook says {pounds(theirs or 0)}, the record {pounds(ours or 0)}."
