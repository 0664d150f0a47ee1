"""The sweep of the clocks: finds what has fallen due and does it. Run often; a second run does nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.circulate import close_submissions, make_papers
from casework.desk import SYSTEM, Desk, Work
from casework.receive import place_on_meeting
from casework.schedule import MeetingState
from communities.calendars import at_london
from communities.lifecycle import State

PAPERS_AT = time(7, 0)
"""A choice: the agenda goes out at seven in the morning of the day it is due."""

ASK_AT = time(8, 0)
"""A choice: the chair has the decision cards from eight in the morning of the meeting."""


def sweep(desk: Desk) -> int:
    """Everything due now, each in its own transaction. Returns how many things were done."""
    done = 0
    for find, act in ((_unplaced, _place), (_closing, close_submissions), (_papers_due, make_papers), (_to_ask, _ask)):
        with desk.work(SYSTEM) as work:
            due = find(work)
        for subject in due:
            with desk.work(SYSTEM) as work:
                if subject in find(work):
                    act(work, subject)
                    done += 1
    return done


Finder = Callable[[Work], list[str]]


def _unplaced(work: Work) -> list[str]:
    requests, meetings = tables.requests, tables.meetings
    rows = work.conn.execute(
        select(requests.c.id)
        .join(meetings, meetings.c.community == requests.c.community)
        .where(
            requests.c.meeting_id.is_(None),
            requests.c.state == State.ACCEPTED,
            meetings.c.submissions_close_at > requests.c.submitted_at,
            meetings.c.state != MeetingState.CIRCULATED,
        )
        .distinct()
    )
    return list(rows.scalars())


def _place(work: Work, request_id: str) -> None:
    row: Any = work.conn.execute(select(tables.requests).where(tables.requests.c.id == request_id)).one()
    place_on_meeting(work, row)
    work.effect("list.write", f"{request_id}#placed")


def _closing(work: Work) -> list[str]:
    meetings = tables.meetings
    return list(
        work.conn.execute(
            select(meetings.c.id)
            .where(meetings.c.state == MeetingState.SCHEDULED, meetings.c.submissions_close_at <= work.now)
            .order_by(meetings.c.submissions_close_at)
        ).scalars()
    )


def _papers_due(work: Work) -> list[str]:
    meetings = tables.meetings
    rows = work.conn.execute(
        select(meetings.c.id, meetings.c.papers_due_on)
        .where(meetings.c.state == MeetingState.CLOSED, meetings.c.papers_due_on <= work.today)
        .order_by(meetings.c.papers_due_on)
    )
    return [r.id for r in rows if at_london(r.papers_due_on, PAPERS_AT) <= work.now]


def _to_ask(work: Work) -> list[str]:
    requests, meetings, effects = tables.requests, tables.meetings, tables.effects
    asked = select(effects.c.subject).where(effects.c.kind == "card.ask")
    rows = work.conn.execute(
        select(requests.c.id, meetings.c.starts_at)
        .join(meetings, meetings.c.id == requests.c.meeting_id)
        .where(requests.c.state == State.ON_AGENDA, requests.c.id.not_in(asked))
        .order_by(requests.c.id)
    )
    return [r.id for r in rows if at_london(r.starts_at.date(), ASK_AT) <= work.now]


def _ask(work: Work, request_id: str) -> None:
    work.effect("card.ask", request_id)
