"""A budget in both of its financial years, from the record: each movement with the day its money falls on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, select

from casework import tables
from casework.desk import Work
from casework.ports import BudgetLine
from communities.budget import NOTHING, FinancialYearSplit, LedgerLine, LineKind
from communities.calendars import financial_years, london
from communities.clocks import expected_advance_on
from communities.financial_years import PositionByYear, counts_on, positions_of, split_on
from communities.lifecycle import BEFORE_DECISION


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A ledger line with what it is of; request and school are empty where it is of none."""

    line: LedgerLine
    at: datetime
    request: str
    school: str


def movements(work: Work, community: str, year: str, *those: ColumnElement[bool]) -> list[Movement]:
    """A budget's movements in their order, each with the day its money falls on; all of them, or those."""
    ledger, journal, requests = tables.ledger, tables.journal, tables.requests
    decisions, moderations, payments = tables.decisions, tables.moderations, tables.payments
    rows = work.conn.execute(
        select(
            ledger.c.kind,
            ledger.c.amount_pence,
            ledger.c.request_id,
            requests.c.school,
            journal.c.at,
            decisions.c.decided_at,
            moderations.c.pays_on,
            payments.c.paid_on,
        )
        .join(journal, journal.c.number == ledger.c.entry)
        .outerjoin(requests, requests.c.id == ledger.c.request_id)
        .outerjoin(decisions, _same_round(decisions))
        .outerjoin(moderations, _same_round(moderations))
        .outerjoin(payments, _same_round(payments))
        .where(ledger.c.community == community, ledger.c.academic_year == year, *those)
        .order_by(ledger.c.id)
    )
    return [
        Movement(
            line=LedgerLine(kind=LineKind(r.kind), amount_pence=r.amount_pence, counts_on=_counts_on(work, r)),
            at=r.at,
            request=r.request_id or "",
            school=r.school or "",
        )
        for r in rows
    ]


def _same_round(table: Table) -> ColumnElement[bool]:
    ledger = tables.ledger
    return (table.c.request_id == ledger.c.request_id) & (table.c.round == ledger.c.round)


def _counts_on(work: Work, row: Any) -> date | None:
    pays_on = row.pays_on
    if pays_on is None and row.decided_at is not None:
        pays_on = expected_advance_on(london(row.decided_at).date(), work.today, work.desk.days)
    entered_on = london(row.at).date()
    return counts_on(LineKind(row.kind), entered_on=entered_on, pays_on=pays_on, paid_on=row.paid_on)


def positions(work: Work, community: str, year: str, *those: ColumnElement[bool]) -> PositionByYear | None:
    """Where the budget stands, in the year and in both financial years; None where no budget was imported."""
    lines = [m.line for m in movements(work, community, year, *those)]
    return positions_of(lines, year) if any(line.kind is LineKind.OPENING for line in lines) else None


def budget_line(work: Work, community: str, year: str, *those: ColumnElement[bool]) -> BudgetLine | None:
    """The balance as cards and papers show it: of all movements, or of those."""
    stands = positions(work, community, year, *those)
    if stands is None:
        return None
    return BudgetLine(
        academic_year=year,
        financial_years=financial_years(year),
        balance_pence=stands.year.balance_pence,
        split=stands.balance,
    )


def line_after(work: Work, line: BudgetLine, pence: int) -> BudgetLine:
    """The balance once that much more is approved today."""
    day = expected_advance_on(work.today, work.today, work.desk.days)
    split = line.split + split_on(-pence, day, line.academic_year)
    return replace(line, balance_pence=split.pence, split=split)


def waiting_split(work: Work, community: str, year: str) -> FinancialYearSplit:
    """What the requests that wait ask for, by the advance each is to be paid with if its meeting approves it."""
    requests, meetings = tables.requests, tables.meetings
    rows = work.conn.execute(
        select(requests.c.requested_pence, meetings.c.starts_at)
        .outerjoin(meetings, meetings.c.id == requests.c.meeting_id)
        .where(requests.c.community == community, requests.c.state.in_(BEFORE_DECISION))
    )
    asked = (split_on(r.requested_pence or 0, _if_approved(work, r.starts_at), year) for r in rows)
    return sum(asked, NOTHING)


def _if_approved(work: Work, meets_at: datetime | None) -> date:
    approved_on = max(london(meets_at).date(), work.today) if meets_at else work.today
    return expected_advance_on(approved_on, work.today, work.desk.days)
