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
from casework.mail_rate import Taken, come, first_free, shared


@dataclass(frozen=True, kw_only=True)
class Turn:
    """When something may be sent, and from which mailbox."""

    mailbox: str
    at: datetime


def take_turn(work: Work, key: str, mailboxes: Sequence[str], recipients: int, *, can_wait: bool) -> Turn:
    """The turn of the message of that key: the same when it is asked for again, or an earlier one where there is room
    by now, as there is when the clock was set back. Of several mailboxes the one that is free first, the first of the
    list where they are equal.

    A turn that has come is counted again when it is asked for: whoever asks late, as after an outage, did not use it,
    and what counts is what is sent now. Turns to come stand in nobody's way then, or two that are late would wait for
    each other.
    """
    turns = tables.mail_turns
    for mailbox in sorted(mailboxes):  # in one order, so that no two workers wait for each other
        _lock(work, mailbox)
    row = work.conn.execute(select(turns).where(turns.c.key == key)).one_or_none()
    now = _minute(work.now)
    oldest = work.now - timedelta(days=1)
    work.conn.execute(delete(turns).where(turns.c.mailbox.in_(mailboxes), turns.c.at < oldest))
    limits = shared(work.desk.mail_limits, can_wait=can_wait)
    taken = {mailbox: _taken(work, mailbox, key) for mailbox in mailboxes}
    free = {mailbox: first_free(taken[mailbox], now, recipients, limits) for mailbox in mailboxes}
    mailbox = min(free, key=lambda m: free[m])
    turn = Turn(mailbox=mailbox, at=_start_of(free[mailbox]))
    if row is not None and row.at > work.now and turn.at >= row.at:
        return Turn(mailbox=row.mailbox, at=row.at)
    if row is not None and row.at <= work.now and row.mailbox in taken:
        until_now = [t for t in taken[row.mailbox] if t.minute <= now]
        if first_free(until_now, now, recipients, come(limits, now - _minute(row.at))) == now:
            turn = Turn(mailbox=row.mailbox, at=_start_of(now))
    kept = {"key": key, "mailbox": turn.mailbox, "at": turn.at, "recipients": recipients}
    work.conn.execute(insert_or_replace(work.conn, turns, kept, ("key",)))
    return turn


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


def _start_of(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


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
