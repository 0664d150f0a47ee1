"""What people do with a request beside deciding it: return, withdraw, defer, let in, reopen, pay, close."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from casework import tables
from casework.budget_record import add_request_lines, balance_year, hold_budget, position, request_lines
from casework.decide import decision_row, ledger_year
from casework.desk import SYSTEM, Work
from casework.errors import AlreadyDone, InputRefused
from casework.moderate import check_done, moderation_row
from casework.overrides import check_balance, check_paid
from casework.permissions import check_may
from casework.request_record import perform, request_for, request_row
from casework.schedule import MeetingState, next_meeting
from communities.budget import LineKind
from communities.lifecycle import BY_MOVE, Move, State
from communities.money import pounds
from communities.overrides import Override


def return_request(work: Work, request_id: str, reason: str, by: str) -> None:
    """Send it back to the school, which mends its answers in the form and submits again."""
    perform(work, request_id, Move.RETURN, by, reason=reason)


def withdraw_request(work: Work, request_id: str, reason: str, by: str) -> None:
    """The school asks no more; it stays in the record."""
    perform(work, request_id, Move.WITHDRAW, by, reason=reason)


def defer_request(work: Work, request_id: str, reason: str, by: str) -> None:
    """Put it off to the meeting after; it comes onto that agenda by itself."""
    row = request_for(work, request_id, by)
    perform(work, request_id, Move.DEFER, by, reason=reason)
    _place(work, request_id, next_meeting(work, row.community, row.meeting_id))


def let_in_late(work: Work, request_id: str, reason: str, by: str) -> None:
    """The chair lets a late request onto the coming meeting, on the record."""
    row = request_for(work, request_id, by)
    check_may(work, row, BY_MOVE[Move.LET_IN], by)
    meeting = next_meeting(work, row.community, None)
    if meeting is None or meeting.state == MeetingState.SCHEDULED or meeting.id == row.meeting_id:
        raise InputRefused(f"{request_id} is not too late for the coming meeting of {row.community}.")
    perform(work, request_id, Move.LET_IN, by, reason=reason, meeting=meeting.id)
    _place(work, request_id, meeting)


def reopen_request(work: Work, request_id: str, reason: str, by: str) -> None:
    """Take the decision back before it is paid: its money returns, and it is heard once more in a new round."""
    row = request_for(work, request_id, by)
    perform(work, request_id, Move.REOPEN, by, reason=reason)
    if spent := -sum(line.amount_pence for line in request_lines(work, request_id, row.round)):
        year = ledger_year(work, request_id, row.round)
        entry = work.acting(by).journal("release commitment", request_id, amount_pence=spent)
        add_request_lines(work, row.community, year, (request_id, row.round), entry, (LineKind.RETURN, spent))
    requests = tables.requests
    work.conn.execute(update(requests).where(requests.c.id == request_id).values(round=row.round + 1))
    _place(work, request_id, next_meeting(work, row.community, row.meeting_id))


def pay_request(
    work: Work, request_id: str, paid_pence: int, paid_on: date, by: str, override: Override | None = None
) -> None:
    """KCC paid it: the commitment is settled, and what was paid stands beside it, with any difference.

    More than the final amount is paid only where somebody at KCC allows it. It comes out of the balance: of the year
    the money was committed in, or once that is closed of the one that runs.
    """
    row, final = request_for(work, request_id, by), moderation_row(work, request_id)
    if paid_pence < 0:
        raise InputRefused(f"The amount paid is {pounds(paid_pence)}; it cannot be below £0.")
    check_may(work, row, BY_MOVE[Move.PAY], by)
    year = ledger_year(work, request_id, row.round)
    hold_budget(work, row.community, year)
    details: dict[str, Any] = {"amount_pence": paid_pence}
    if final:
        check_done(work, request_id, "The payment", paid_on)
        details |= _check_paid(work, row.community, year, final.final_pence, paid_pence, override)
    moved = perform(work, request_id, Move.PAY, by, **details)
    work.conn.execute(
        insert(tables.payments).values(request_id=request_id, round=row.round, paid_pence=paid_pence, paid_on=paid_on)
    )
    settled, payment = (LineKind.SETTLED, final.final_pence), (LineKind.PAYMENT, -paid_pence)
    add_request_lines(work, row.community, year, (request_id, row.round), moved.entry, settled, payment)


def _check_paid(
    work: Work, community: str, year: str, final_pence: int, paid_pence: int, override: Override | None
) -> dict[str, str]:
    allowed = check_paid(work, [community], paid_pence, final_pence, override)
    if paid_pence == final_pence:
        return {}
    takes = balance_year(work, community, year)
    hold_budget(work, community, takes)
    stands = position(work, community, takes)
    balance = stands.balance_pence if stands else 0
    remedy = f"Record at most {pounds(final_pence + max(balance, 0))} as paid"
    return allowed | check_balance(work, [community], paid_pence - final_pence, balance, override, remedy=remedy)


def close_request(work: Work, request_id: str, by: str) -> None:
    """Nothing more is to be done: it was paid, or no money was approved or left of it."""
    row = request_for(work, request_id, by)
    check_may(work, row, BY_MOVE[Move.CLOSE], by)
    if row.state == State.DECIDED and decision_row(work, request_id).amount_pence:
        raise AlreadyDone(f"{request_id} waits to be forwarded and paid; it can be closed after that.")
    if row.state == State.MODERATED and moderation_row(work, request_id).final_pence:
        raise AlreadyDone(f"{request_id} waits to be paid; it can be closed after that.")
    perform(work, request_id, Move.CLOSE, by)


def payment_row(work: Work, request_id: str) -> Any:
    """What was paid in the request's present round, or None."""
    payments, requests = tables.payments, tables.requests
    return work.conn.execute(
        select(payments)
        .join(requests, (requests.c.id == payments.c.request_id) & (requests.c.round == payments.c.round))
        .where(payments.c.request_id == request_id)
    ).one_or_none()


def place_on_next(work: Work, request_id: str) -> None:
    """Have a request that waits be heard at the meeting after its own, which does not take place."""
    row = request_row(work, request_id)
    _place(work, request_id, next_meeting(work, row.community, row.meeting_id))


def _place(work: Work, request_id: str, meeting: Any | None) -> None:
    requests = tables.requests
    meeting_id = meeting.id if meeting is not None else None
    work.conn.execute(update(requests).where(requests.c.id == request_id).values(meeting_id=meeting_id))
    waits = request_row(work, request_id).state in (State.RECEIVED, State.DEFERRED)
    if meeting is not None and meeting.state == MeetingState.CLOSED and waits:
        perform(work, request_id, Move.PUT_ON_AGENDA, SYSTEM)
