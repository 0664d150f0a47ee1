"""KCC's section: the final amount, its difference to what was approved, and the month it is paid in."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, select

from casework import tables
from casework.budget_record import add_request_lines
from casework.decide import decision_of, decision_post, decision_row, ledger_year
from casework.desk import SYSTEM, Desk, Work
from casework.effects import effect
from casework.errors import InputRefused
from casework.financial_years import budget_line
from casework.permissions import check_may
from casework.ports import ModerationPost, Ports
from casework.posting import say_in_channel
from casework.request_record import perform, request_for, request_of, request_row
from communities.budget import LineKind
from communities.calendars import london
from communities.clocks import next_advance_on
from communities.given_days import done_problems
from communities.lifecycle import BY_MOVE, Move
from communities.money import pounds


def moderate(work: Work, request_id: str, final_pence: int, approved_by: str, processed_on: date, by: str) -> None:
    """Record KCC's final amount; the difference to the approved one is a ledger line of its own.

    Raises `InputRefused` for an amount above the approved one, and for a day before the decision or after today.
    """
    row = request_for(work, request_id, by)
    check_may(work, row, BY_MOVE[Move.MODERATE], by)
    known = decision_row(work, request_id)
    if not known.amount_pence:
        raise InputRefused(f"No money was approved for {request_id}: there is nothing to moderate.")
    if not 0 <= final_pence <= known.amount_pence:
        raise InputRefused(
            f"The final amount {pounds(final_pence)} must lie between £0 and the {pounds(known.amount_pence)} approved."
        )
    check_done(work, request_id, "The processing", processed_on)
    moved = perform(work, request_id, Move.MODERATE, by, final_pence=final_pence)
    work.conn.execute(
        insert(tables.moderations).values(
            request_id=request_id,
            round=row.round,
            final_pence=final_pence,
            approved_by=approved_by,
            processed_on=processed_on,
            pays_on=next_advance_on(processed_on),
        )
    )
    if difference := final_pence - known.amount_pence:
        year = ledger_year(work, request_id, row.round)
        of = (request_id, row.round)
        add_request_lines(work, row.community, year, of, moved.entry, (LineKind.MODERATION, -difference))


def check_done(work: Work, request_id: str, what: str, day: date) -> None:
    """Raises `InputRefused` where KCC can't have done it on that day: before the decision, or after today."""
    decided_on = london(decision_row(work, request_id).decided_at).date()
    if problems := list(done_problems(what, day, decided_on=decided_on, today=work.today)):
        raise InputRefused(*problems)


def moderation_row(work: Work, request_id: str) -> Any:
    """KCC's section as recorded in the request's present round, or None."""
    moderations, requests = tables.moderations, tables.requests
    return work.conn.execute(
        select(moderations)
        .join(requests, (requests.c.id == moderations.c.request_id) & (requests.c.round == moderations.c.round))
        .where(moderations.c.request_id == request_id)
    ).one_or_none()


@effect("post.moderation")
async def post_moderation(desk: Desk, ports: Ports, subject: str) -> None:
    """Bring the decision's post in the channel up to date: the final amount and the payment month."""
    request_id = request_of(subject)
    post = await desk.run(SYSTEM, _moderation_post, request_id)
    row = await desk.run(SYSTEM, request_row, request_id)
    about = decision_of(request_id, row.round)
    await say_in_channel(desk, ports, f"post.moderation:{subject}", about, row.community, post)


def _moderation_post(work: Work, request_id: str) -> ModerationPost:
    final, row = moderation_row(work, request_id), request_row(work, request_id)
    return ModerationPost(
        decision=decision_post(work, request_id),
        final_pence=final.final_pence,
        pays_on=final.pays_on,
        now=budget_line(work, row.community, ledger_year(work, request_id, row.round)),
    )
