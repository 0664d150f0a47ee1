"""The ledger held against KCC's workbook, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from casework import tables
from casework.budget_record import position, summary_of
from casework.desk import Work
from communities.budget import BudgetSummary, LineKind
from communities.money import pounds

TOLERANCE_PENCE = 100
"""KCC's sheet prints whole pounds: up to £1 is rounding, not a difference."""

LINES = (
    ("Community budget before STLS / chair and clerking", "before_top_slices_pence"),
    ("STLS top-slice", "stls_top_slice_pence"),
    ("Chair and clerking", "chair_and_clerking_pence"),
    ("Estimated protected payments", "protected_payments_pence"),
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
    agreed = ours.agreed_payments_pence + stands.committed_pence + stands.moderated_pence
    yield from _differ(f"{community} {year}, 'Payments agreed by Community'", theirs.agreed_payments_pence, agreed)
    yield from _differ(f"{community} {year}, 'Balance'", theirs.balance_pence, stands.balance_pence)
    listed = {s.school: s.agreed_payments_pence for s in theirs.schools}
    begun = {s.school: s.agreed_payments_pence for s in ours.schools}
    paid = _by_school(work, community, year)
    for school in sorted({*listed, *paid}):
        own = begun.get(school, 0) + paid.get(school, 0)
        yield from _differ(f"{community} {year}, '{school}', additional payments agreed", listed.get(school, 0), own)


def _differ(what: str, theirs: int, ours: int) -> Iterator[str]:
    if abs(theirs - ours) > TOLERANCE_PENCE:
        yield f"{what}: the workbook says {pounds(theirs)}, the record {pounds(ours)}."


def _by_school(work: Work, community: str, year: str) -> dict[str, int]:
    ledger, requests = tables.ledger, tables.requests
    rows = work.conn.execute(
        select(requests.c.school, func.sum(ledger.c.amount_pence))
        .join(requests, requests.c.id == ledger.c.request_id)
        .where(ledger.c.community == community, ledger.c.academic_year == year, ledger.c.kind != LineKind.OPENING.value)
        .group_by(requests.c.school)
    )
    return {school: -int(total) for school, total in rows}
