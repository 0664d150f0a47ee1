"""The meetings of a community's year: recorded once, then put into the calendar with a Teams link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update

from casework import tables
from casework.desk import Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect
from casework.letters import meeting_invitation
from casework.ports import EventDraft, Ports
from communities.calendars import academic_year, london
from communities.clocks import papers_due_on, submissions_close_at
from communities.meetings import MeetingSlot


class MeetingState(StrEnum):
    """Where a meeting stands on its way to being held."""

    SCHEDULED = "Scheduled"
    CLOSED = "Submissions closed"
    CIRCULATED = "Papers circulated"


def schedule_meetings(work: Work, slots: Sequence[MeetingSlot]) -> int:
    """Record the meetings that are new and ask for their calendar events. Returns how many are new.

    A community meets once a term: the same slot again, or another time for it, changes nothing here.
    A meeting whose submissions have closed already is not booked: no request could count for it.
    """
    known = {(m.community, m.academic_year, m.term) for m in work.conn.execute(select(tables.meetings))}
    made = 0
    for slot in slots:
        day = london(slot.starts_at).date()
        year = academic_year(day)
        if (slot.community, year, slot.term) in known or submissions_close_at(day) <= work.now:
            continue
        meeting_id = f"{slot.community} {year} T{slot.term}"
        work.conn.execute(
            insert(tables.meetings).values(
                id=meeting_id,
                community=slot.community,
                academic_year=year,
                term=slot.term,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                submissions_close_at=submissions_close_at(day),
                papers_due_on=papers_due_on(day),
                state=MeetingState.SCHEDULED.value,
            )
        )
        work.journal("schedule meeting", meeting_id, starts_at=slot.starts_at.isoformat())
        work.effect("meeting.book", meeting_id)
        made += 1
    return made


def meeting_for(work: Work, community: str, submitted_at: datetime) -> tuple[Row[Any] | None, bool]:
    """The meeting a request submitted then goes to, and whether it came too late for an earlier one.

    A meeting whose papers are out takes no more requests, even one that was in time and arrived late.
    """
    meetings = tables.meetings
    coming = work.conn.execute(
        select(meetings)
        .where(meetings.c.community == community, meetings.c.starts_at > submitted_at)
        .order_by(meetings.c.starts_at)
    ).all()
    for index, meeting in enumerate(coming):
        if meeting.submissions_close_at > submitted_at and meeting.state != MeetingState.CIRCULATED:
            return meeting, index > 0
    return None, bool(coming)


@effect("meeting.book")
async def book_meeting(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Create the calendar event; `transactionId` makes a second try harmless."""
    meeting, draft = await desk.run("CoS Desk", _event_draft, meeting_id)
    if meeting.event_id is None:
        made = await ports.calendar.create(draft)
        await desk.run("CoS Desk", _booked, meeting_id, made.id, made.join_url)


def _event_draft(work: Work, meeting_id: str) -> tuple[Row[Any], EventDraft]:
    meeting = meeting_row(work, meeting_id)
    attendees = directory_of(work).attendees_of(meeting.community)
    return meeting, EventDraft(
        key=f"meeting:{meeting_id}",
        organiser=work.desk.mailboxes.desk,
        subject=f"Communities of Schools meeting: {meeting.community}",
        body_html=meeting_invitation(meeting.community, meeting.submissions_close_at, meeting.papers_due_on),
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        attendees=[p.mail for p in attendees],
    )


def meeting_row(work: Work, meeting_id: str) -> Row[Any]:
    """The meeting's row; it must be there."""
    return work.conn.execute(select(tables.meetings).where(tables.meetings.c.id == meeting_id)).one()


def _booked(work: Work, meeting_id: str, event_id: str, join_url: str) -> None:
    meetings = tables.meetings
    work.conn.execute(update(meetings).where(meetings.c.id == meeting_id).values(event_id=event_id, join_url=join_url))
    work.journal("book meeting", meeting_id)
