"""The ledger held against KCC's workbook, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from casework.budget_record import position, summary_of
from casework.desk import Work
from casework.school_lines import agreed_pence, school_lines
from communities.budget import BudgetSummary, SchoolAllocation
from communities.money import pounds

TOLERANCE_PENCE = 100
"""KCC's sheet prints whole pounds: up to £1 is rounding, not a difference."""

LINES = (
    ("Community budget before STLS / chair and clerking", "before_top_slices_pence"),
    ("STLS top-slice", "stls_top_slice_pence"),
    ("Chair and clerking", "chair_and_clerking_pence"),
    ("Estimated protected payments", "protected_payments_pence"),
)

SCHOOL_LINES = (
    ("notional SEN budget", "notional_budget_pence"),
    ("notional SEN top-up", "notional_top_up_pence"),
    ("estimated automatic payments", "automatic_payments_pence"),
    ("estimated protected payments", "protected_payments_pence"),
    ("additional payments agreed", "agreed_payments_pence"),
)
SCHOOL_COUNTS = (
    ("number of automatic payments", "automatic_payments"),
    ("number of protected payments", "protected_payments"),
    ("number of pupils supported", "agreed_pupils"),
)


def differences(work: Work, theirs: BudgetSummary) -> Iterator[str]:
    """A sentence for each line where KCC's workbook and the record differ by more than a pound."""
    community, year = theirs.community, theirs.academic_year
    ours, stands = summary_of(work, community, year), position(work, community, year)
    if ours is None or stands is None:
        yield f"{community} {year}: no budget of that year is in the record; import it first."
        return
    for label, field in LINES:
        yield from _differ(f"{community} {year}, '{label}'", getattr(theirs, field), getattr(ours, field))
    agreed = ours.agreed_payments_pence + agreed_pence(work, community, year)
    yield from _differ(f"{community} {year}, 'Payments agreed by Community'", theirs.agreed_payments_pence, agreed)
    yield from _differ(f"{community} {year}, 'Balance'", theirs.balance_pence, stands.balance_pence)
    listed = {s.school: s for s in theirs.schools}
    kept = {line.allocation.school: line.allocation for line in school_lines(work, community, year)}
    for school in sorted({*listed, *kept}):
        yield from _school_differences(f"{community} {year}, '{school}'", listed.get(school), kept.get(school))


def _school_differences(what: str, theirs: SchoolAllocation | None, ours: SchoolAllocation | None) -> Iterator[str]:
    for label, field in SCHOOL_LINES:
        yield from _differ(f"{what}, {label}", getattr(theirs, field, 0), getattr(ours, field, 0))
    for label, field in SCHOOL_COUNTS:
        counted, known = getattr(theirs, field, 0), getattr(ours, field, 0)
        if counted != known:
            yield f"{what}, {label}: the workbook says {counted}, the record {known}."


def _differ(what: str, theirs: int, ours: int) -> Iterator[str]:
    if abs(theirs - ours) > TOLERANCE_PENCE:
        yield f"{what}: the workbook says {pounds(theirs)}, the record {pounds(ours)}."
