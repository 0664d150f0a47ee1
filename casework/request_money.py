"""The four amounts of a request: asked for, approved, KCC's final one, paid. Each can differ from the one before.

The movements they made stand in the ledger; this is what people are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import FromClause, and_, select

from casework import tables
from casework.desk import Work
from casework.letters import spoken_day
from communities.money import pounds


@dataclass(frozen=True, kw_only=True)
class RequestMoney:
    """In pence; None where that was not said yet, or (`asked_pence`) where no money is asked for."""

    asked_pence: int | None
    approved_pence: int | None
    final_pence: int | None
    paid_pence: int | None
    pays_on: date | None = None
    """The day of the schools' advance that KCC pays the final amount with."""
    paid_on: date | None = None


def after_decision(money: RequestMoney) -> list[tuple[str, str]]:
    """What KCC made of a decision, each with its label: the final amount, and the day it is or was paid; nothing before
    KCC has processed it.
    """
    if money.final_pence is None:
        return []
    facts = [("KCC's final amount", pounds(money.final_pence))]
    if money.paid_pence is not None and money.paid_on is not None:
        facts.append(("Paid", f"{pounds(money.paid_pence)} on {spoken_day(money.paid_on)}"))
    elif money.final_pence and money.pays_on is not None:
        facts.append(("To be paid", f"with the schools' advance of {spoken_day(money.pays_on)}"))
    return facts


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
            moderations.c.pays_on,
            payments.c.paid_pence,
            payments.c.paid_on,
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
            pays_on=r.pays_on,
            paid_on=r.paid_on,
        )
        for r in rows
    }
