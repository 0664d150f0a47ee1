"""KCC's section: the final amount, its difference to what was approved, and the month it is paid in."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, select

from casework import tables
from casework.budget_record import add_line
from casework.decide import balance_after, decision_row
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect, mark_begun
from casework.errors import InputRefused, NotAllowed
from casework.ports import ModerationPost, Ports
from casework.request_record import move, request_row
from communities.budget import LineKind
from communities.clocks import next_advance_on
from communities.directory import Role
from communities.lifecycle import Move
from communities.money import pounds


def moderate(work: Work, request_id: str, final_pence: int, approved_by: str, processed_on: date, by: str) -> None:
    """Record KCC's final amount; the difference to the approved one is a ledger line of its own."""
    if not directory_of(work).holds(by, Role.MODERATOR):
        raise NotAllowed("Only a KCC moderator fills in the KCC section.")
    row, known = request_row(work, request_id), decision_row(work, request_id)
    if not 0 <= final_pence <= known.amount_pence:
        raise InputRefused(
            f"The final amount {pounds(final_pence)} must lie between £0 and the {pounds(known.amount_pence)} approved."
        )
    version = move(work, request_id, Move.MODERATE)
    entry = work.journal("moderate request", request_id, final_pence=final_pence)
    work.conn.execute(
        insert(tables.moderations).values(
            request_id=request_id,
            final_pence=final_pence,
            approved_by=approved_by,
            processed_on=processed_on,
            pays_on=next_advance_on(processed_on),
        )
    )
    if difference := final_pence - known.amount_pence:
        year = _ledger_year(work, request_id)
        add_line(work, row.community, year, LineKind.MODERATION, -difference, entry, request_id)
    work.effect("list.write", f"{request_id}#{version}")
    work.effect("post.moderation", request_id)


def _ledger_year(work: Work, request_id: str) -> str:
    ledger = tables.ledger
    return str(
        work.conn.execute(
            select(ledger.c.academic_year).where(
                ledger.c.request_id == request_id, ledger.c.kind == LineKind.COMMITMENT.value
            )
        ).scalar_one()
    )


def moderation_row(work: Work, request_id: str) -> Any:
    """KCC's section as recorded, or None."""
    moderations = tables.moderations
    return work.conn.execute(select(moderations).where(moderations.c.request_id == request_id)).one_or_none()


@effect("post.moderation")
async def post_moderation(desk: Desk, ports: Ports, request_id: str) -> None:
    """Post the final amount and the payment month in the community's channel."""
    post = await desk.run(SYSTEM, _moderation_post, request_id)
    await desk.run(SYSTEM, mark_begun, f"post.moderation:{request_id}")
    await ports.channels.post(post.community, post)


def _moderation_post(work: Work, request_id: str) -> ModerationPost:
    row, known = request_row(work, request_id), decision_row(work, request_id)
    final = moderation_row(work, request_id)
    return ModerationPost(
        request_id=request_id,
        community=row.community,
        school=row.school,
        approved_pence=known.amount_pence,
        final_pence=final.final_pence,
        pays_on=final.pays_on,
        after=balance_after(work, row.community, _ledger_year(work, request_id), request_id),
    )
