"""The four amounts of a request: asked for, approved, KCC's final one, paid. Each can differ from the one before.

The movements they made stand in the ledger; this is what people are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import FromClause, and_, select

from casework import tables
from casework.desk import Work


@dataclass(frozen=True, kw_only=True)
class RequestMoney:
    """In pence; None where that was not said yet, or (`asked_pence`) where no money is asked for."""

    asked_pence: int | None
    approved_pence: int | None
    final_pence: int | None
    paid_pence: int | None


def money_of(work: Work, request_ids: Collection[str]) -> Mapping[str, RequestMoney]:
    """The amounts of each request in its present round: what was approved before it was reopened counts no more."""
    requests, decisions = tables.requests, tables.decisions
    moderations, payments = tables.moderations, tables.payments
    whole: FromClause = requests
    for table in (decisions, moderations, payments):
        whole = whole.outerjoin(
            table, and_(table.c.request_id == requests.c.id, table.c.round == requests.c.round)
        )  # fmt: skip
    rows = work.conn.execute(
        select(
            requests.c.id,
            requests.c.requested_pence,
            decisions.c.amount_pence,
            moderations.c.final_pence,
            payments.c.paid_pence,
        )
        .select_from(whole)
        .where(requests.c.id.in_(request_ids))
    )
    return {
        r.id: RequestMoney(
            asked_pence=r.requested_pence or None,
            approved_pence=r.amount_pence,
            final_pence=r.final_pence,
            paid_pence=r.paid_pence,
        )
        for r in rows
    }
