"""Exchange's limits for a mailbox, kept by all workers together: each email and invitation has its turn, a minute.

What can wait (newsletters, digests, invitations to a new year's meetings) is spread, and leaves room for what cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select

from casework import tables
from casework.desk import Work, insert_once, insert_or_replace
from casework.mail_rate import Taken, first_free, shared


@dataclass(frozen=True, kw_only=True)
class Turn:
    """When something may be sent, and from which mailbox."""

    mailbox: str
    at: datetime


def take_turn(work: Work, key: str, mailboxes: Sequence[str], recipients: int, *, can_wait: bool) -> Turn:
    """The turn of the message of that key: the same when it is asked for again, or an earlier one where there is room
    by now, as there is when the clock was set back. Of several mailboxes the one that is free first, the first of the
    list where they are equal.
    """
    turns = tables.mail_turns
    for mailbox in sorted(mailboxes):  # in one order, so that no two workers wait for each other
        _lock(work, mailbox)
    row = work.conn.execute(select(turns).where(turns.c.key == key)).one_or_none()
    if row is not None and row.at <= work.now:
        return Turn(mailbox=row.mailbox, at=row.at)
    oldest = work.now - timedelta(days=1)
    work.conn.execute(delete(turns).where(turns.c.mailbox.in_(mailboxes), turns.c.at < oldest))
    limits, now = shared(work.desk.mail_limits, can_wait=can_wait), _minute(work.now)
    free = {mailbox: first_free(_taken(work, mailbox, key), now, recipients, limits) for mailbox in mailboxes}
    mailbox = min(free, key=lambda m: free[m])
    at = max(datetime.fromtimestamp(free[mailbox] * 60, UTC), work.now.replace(second=0, microsecond=0))
    if row is not None and at >= row.at:
        return Turn(mailbox=row.mailbox, at=row.at)
    kept = {"key": key, "mailbox": mailbox, "at": at, "recipients": recipients}
    work.conn.execute(insert_or_replace(work.conn, turns, kept, ("key",)))
    return Turn(mailbox=mailbox, at=at)


def _lock(work: Work, mailbox: str) -> None:
    """Two workers do not take the same place: the mailbox's budget is the lock."""
    budgets, name = tables.graph_budgets, f"sending:{mailbox}"
    new = {"resource": name, "minute": 0, "spent": 0, "not_before": 0.0}
    work.conn.execute(insert_once(work.conn, budgets).values(new))
    work.conn.execute(select(budgets).where(budgets.c.resource == name).with_for_update())


def _taken(work: Work, mailbox: str, but: str) -> list[Taken]:
    """What has its turn, but the message of that key."""
    turns = tables.mail_turns
    asked = (
        select(turns.c.at, func.count().label("messages"), func.sum(turns.c.recipients).label("recipients"))
        .where(turns.c.mailbox == mailbox, turns.c.key != but)
        .group_by(turns.c.at)
        .order_by(turns.c.at)
    )
    return [Taken(_minute(r.at), r.messages, r.recipients) for r in work.conn.execute(asked)]


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def sent_lately(work: Work) -> dict[str, int]:
    """Recipients of the last 24 hours by mailbox, those whose turn is still to come left out."""
    turns = tables.mail_turns
    asked = (
        select(turns.c.mailbox, func.sum(turns.c.recipients))
        .where(turns.c.at > work.now - timedelta(days=1), turns.c.at <= work.now)
        .group_by(turns.c.mailbox)
    )
    return {mailbox: int(recipients) for mailbox, recipients in work.conn.execute(asked)}


def waiting_turns(work: Work) -> int:
    """Emails and invitations whose turn is still to come."""
    turns = tables.mail_turns
    return int(work.conn.execute(select(func.count()).where(turns.c.at > work.now)).scalar_one())
