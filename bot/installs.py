"""Where the bot can post: conversation references, kept from installs and from whoever writes to it."""

from __future__ import annotations

from sqlalchemy import select

from bot.turns import Reference, Turn
from casework import tables
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of, mail_of
from communities.matching import find_community


async def remember(desk: Desk, turn: Turn) -> None:
    """Keep a team's channel under its community's name, or a person's own chat under their mail."""
    if turn.reference and (turn.team or turn.is_personal):
        await desk.run(SYSTEM, _remember, turn)


def _remember(work: Work, turn: Turn) -> None:
    if turn.team:
        community = find_community(turn.team, directory_of(work))
        key = f"team:{community.name}" if community else f"unmatched:{turn.team}"
    else:
        mail = mail_of(work, turn.object_id)
        if mail is None:
            return
        key = f"person:{mail}"
    if find_reference(work, key) != turn.reference:
        row = {"key": key, "reference": turn.reference}
        work.conn.execute(insert_or_replace(work.conn, tables.conversations, row, ("key",)))


def find_reference(work: Work, key: str) -> Reference | None:
    """A kept reference."""
    conversations = tables.conversations
    found: Reference | None = work.conn.execute(
        select(conversations.c.reference).where(conversations.c.key == key)
    ).scalar_one_or_none()
    return found


def any_team_reference(work: Work) -> Reference | None:
    """Some team's reference: it knows the service URL and the tenant for a new chat."""
    conversations = tables.conversations
    found: Reference | None = work.conn.execute(
        select(conversations.c.reference).where(conversations.c.key.like("team:%")).order_by(conversations.c.key)
    ).scalar()
    return found
