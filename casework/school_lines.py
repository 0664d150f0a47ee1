"""The per-school lines of a community's budget: KCC's figures, kept up by what the ledger says since."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from sqlalchemy import func, select

from casework import tables
from casework.budget_record import summary_of, waiting_by_school
from casework.desk import Work
from communities.budget import LineKind, SchoolAllocation, SchoolLine

AGREED = (LineKind.COMMITMENT.value, LineKind.MODERATION.value)
MODERATED = (LineKind.MODERATION.value,)
PAID = (LineKind.PAYMENT.value, LineKind.RETURN.value)


def school_lines(work: Work, community: str, year: str) -> list[SchoolLine]:
    """KCC's schools in its order, then those that only the ledger or a waiting request names."""
    summary = summary_of(work, community, year)
    known = {s.school: s for s in summary.schools} if summary else {}
    agreed, moderated, paid = (_by_school(work, community, year, kinds) for kinds in (AGREED, MODERATED, PAID))
    waiting, pupils = waiting_by_school(work, community), _pupils(work, community, year)
    others = sorted({*agreed, *paid, *waiting} - set(known))
    lines = []
    for school in (*known, *others):
        listed = known.get(school) or _unlisted(school)
        lines.append(
            SchoolLine(
                allocation=replace(
                    listed,
                    agreed_payments_pence=listed.agreed_payments_pence + agreed[school],
                    agreed_pupils=listed.agreed_pupils + pupils[school],
                ),
                moderated_pence=moderated[school],
                paid_pence=paid[school],
                waiting_pence=waiting.get(school, 0),
            )
        )
    return lines


def _unlisted(school: str) -> SchoolAllocation:
    return SchoolAllocation(
        dfe=None, school=school, phase="", notional_budget_pence=0, notional_top_up_pence=0,
        automatic_payments_pence=0, automatic_payments=0, protected_payments_pence=0, protected_payments=0,
        agreed_payments_pence=0, agreed_pupils=0,
    )  # fmt: skip


def _by_school(work: Work, community: str, year: str, kinds: tuple[str, ...]) -> Counter[str]:
    """What the ledger took for each school by lines of these kinds, positive where it was spent.

    Only the round that stands: a decision that was reopened agreed nothing.
    """
    ledger, requests = tables.ledger, tables.requests
    rows = work.conn.execute(
        select(requests.c.school, func.sum(ledger.c.amount_pence))
        .join(requests, (requests.c.id == ledger.c.request_id) & (requests.c.round == ledger.c.round))
        .where(ledger.c.community == community, ledger.c.academic_year == year, ledger.c.kind.in_(kinds))
        .group_by(requests.c.school)
    )
    return Counter({school: -int(total) for school, total in rows})


def _pupils(work: Work, community: str, year: str) -> Counter[str]:
    """Pupils supported by money that was approved and stands: those on SEN Support and with an EHCP (a choice)."""
    ledger, requests = tables.ledger, tables.requests
    rows = work.conn.execute(
        select(requests.c.school, requests.c.submission)
        .join(ledger, (ledger.c.request_id == requests.c.id) & (ledger.c.round == requests.c.round))
        .where(
            ledger.c.community == community,
            ledger.c.academic_year == year,
            ledger.c.kind == LineKind.COMMITMENT.value,
        )
    )
    found = Counter[str]()
    for school, submission in rows:
        found[school] += submission["sen_support"] + submission["ehcp"]
    return found
