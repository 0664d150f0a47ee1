"""What people do on a day of England: whose turn it is, as the record has it, and what they say. `england` asks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from datetime import time as wall
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from communities.calendars import at_london, london, next_working_day
from communities.decisions import DecidedBy, Decision, Response
from communities.lifecycle import State


def decision_on(requested_pence: int | None, day: date) -> Decision:
    """What the chair records: what was asked for, up to a thousand pounds."""
    amount = min(requested_pence or 0, 100_000)
    return Decision(
        responses=(Response.FINANCIAL if amount else Response.ADVICE,), details="Agreed as discussed.",
        amount_pence=amount, review_on=next_working_day(day + timedelta(days=90)), made_by=DecidedBy.CONSENSUS,
    )  # fmt: skip


def moderated(approved_pence: int, now: datetime) -> dict[str, Any]:
    """KCC's edit of an item."""
    return {
        "FinalAmount": approved_pence / 100, "KccModerated": True, "ModeratedBy": "Morgan Vale",
        "DateProcessed": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip


def held_on(work: Work, day: date) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The day's meetings with everybody who is invited: all of them come."""
    meetings, directory = tables.meetings, directory_of(work)
    start = at_london(day, wall(0))
    rows = select(meetings).where(meetings.c.starts_at >= start, meetings.c.starts_at < start + timedelta(days=1))
    return [
        (m, [{"mail": p.mail, "seconds": 6_900} for p in directory.attendees_of(m.community)])
        for m in work.conn.execute(rows)
        if m.event_id
    ]


def undecided_on(work: Work, day: date) -> list[tuple[str, str, int | None]]:
    """Requests on today's meetings: number, chair, what is asked for."""
    requests, meetings, directory = tables.requests, tables.meetings, directory_of(work)
    rows = work.conn.execute(
        select(requests.c.id, requests.c.community, requests.c.requested_pence, meetings.c.starts_at)
        .join(meetings, meetings.c.id == requests.c.meeting_id)
        .where(requests.c.state == State.ON_AGENDA, meetings.c.starts_at <= work.now)
        .order_by(requests.c.id)
    )
    return [
        (r.id, str(chair.mail), r.requested_pence)
        for r in rows
        if london(r.starts_at).date() == day and (chair := directory.chair_of(r.community))
    ]


def unmoderated(work: Work) -> list[tuple[str, int]]:
    """Forwarded requests: the list's item and what was approved."""
    requests, items, decisions = tables.requests, tables.list_items, tables.decisions
    rows = work.conn.execute(
        select(items.c.item_id, decisions.c.amount_pence)
        .join(requests, requests.c.id == items.c.request_id)
        .join(decisions, (decisions.c.request_id == requests.c.id) & (decisions.c.round == requests.c.round))
        .where(requests.c.state == State.FORWARDED)
    )
    return [(r.item_id, r.amount_pence) for r in rows]
