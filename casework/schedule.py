"""The meetings of a community's year: recorded once, then put into the calendar with a Teams link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update

from casework import tables
from casework.desk import CONSOLE, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect
from casework.errors import AlreadyDone, InputRefused, NotAllowed, TryLater
from casework.letters import meeting_invitation, spoken_day, spoken_moment
from casework.ports import EventDraft, Ports
from communities.calendars import academic_year, london
from communities.clocks import papers_due_on, submissions_close
from communities.directory import COMMUNITY_ROLES
from communities.meeting_times import Span, hours_problems, overlaps, start_problems
from communities.meetings import MeetingSlot, Template, chat_in_link, template_of, times_problems


class MeetingState(StrEnum):
    """Where a meeting stands on its way to being held."""

    SCHEDULED = "Scheduled"
    CLOSED = "Submissions closed"
    SENDING = "Papers being sent"
    """Agenda and papers are asked for; the meeting takes no more requests."""
    CIRCULATED = "Papers circulated"
    HELD = "Held"
    CANCELLED = "Cancelled"


TAKES_REQUESTS = (MeetingState.SCHEDULED, MeetingState.CLOSED)
"""Until its papers are made, a meeting takes requests that were in time."""

PAPERS_MADE = (MeetingState.SENDING, MeetingState.CIRCULATED)
"""Its agenda stands, whether or not it has arrived."""

CAN_WAIT = timedelta(days=14)
"""A choice: invitations to a meeting further away than this may go out hours later, where many go out at once."""

OVER = (MeetingState.HELD, MeetingState.CANCELLED)
"""Nothing more is arranged for it."""


def schedule_meetings(work: Work, slots: Sequence[MeetingSlot]) -> int:
    """Record the meetings that are new and ask for their calendar events. Returns how many are new.

    A community meets once a term: the same slot again, or another time for it, changes nothing here.
    A meeting whose submissions have closed already is not booked: no request could count for it. Raises `InputRefused`
    for a moment nobody meets at, or at which the community meets already.
    """
    if problems := [p for s in slots for p in hours_problems("The meeting", s.starts_at, s.ends_at)]:
        raise InputRefused(*problems)
    known = {(m.community, m.academic_year, m.term) for m in work.conn.execute(select(tables.meetings))}
    made = 0
    for slot in slots:
        day = london(slot.starts_at).date()
        year = academic_year(day)
        if (slot.community, year, slot.term) in known or submissions_close(day, work.desk.days).is_over(work.now):
            continue
        if problems := list(_clashes(work, slot.community, slot)):
            raise InputRefused(*problems)
        meeting_id = f"{slot.community} {year} T{slot.term}"
        work.conn.execute(
            insert(tables.meetings).values(
                id=meeting_id,
                community=slot.community,
                academic_year=year,
                term=slot.term,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                submissions_close_at=submissions_close(day, work.desk.days),
                papers_due_on=papers_due_on(day, work.desk.days),
                state=MeetingState.SCHEDULED.value,
                template=template_of(day, has_met=_has_met(work, slot.community, slot.starts_at)).value,
            )
        )
        work.journal("schedule meeting", meeting_id, starts_at=slot.starts_at.isoformat())
        work.effect("meeting.book", meeting_id)
        made += 1
    return made


def _clashes(work: Work, community: str, span: Span, but: str = "") -> Iterator[str]:
    """The community's other meetings that run then, in sentences; none of them moves before the command is done."""
    meetings = tables.meetings
    others = select(meetings).where(
        meetings.c.community == community, meetings.c.id != but, meetings.c.state.not_in(OVER)
    )
    for other in work.conn.execute(others.order_by(meetings.c.starts_at).with_for_update()):
        if overlaps(span, other):
            yield (
                f"{community} already meets on {spoken_moment(other.starts_at)} ({other.id}). Choose another time, or "
                "move that meeting first."
            )


def _has_met(work: Work, community: str, before: datetime) -> bool:
    meetings = tables.meetings
    earlier = select(meetings.c.id).where(
        meetings.c.community == community, meetings.c.starts_at < before, meetings.c.state != MeetingState.CANCELLED
    )
    return work.conn.execute(earlier.limit(1)).first() is not None


def move_meeting(work: Work, meeting_id: str, starts_at: datetime, by: str, *, anyway: str = "") -> None:
    """Move a meeting that was not held yet; its clocks move with it, and its event in the calendar.

    Requests that are on it stay on it: they were in time when they were sent. Where submissions have closed they
    stay closed, and a clock that the move makes run out is answered at once by the next sweep. Raises `InputRefused`
    for a moment nobody meets at, or at which the community meets already, and for a doubtful day (`_doubts`) unless
    `anyway` says why it is taken.
    """
    meeting = meeting_row(work, meeting_id)
    check_runs(work, meeting.community, by)
    if meeting.state in OVER:
        raise AlreadyDone(
            f"The meeting of {meeting.community} was {meeting.state.lower()} already; it cannot be moved."
        )
    day, meetings = london(starts_at).date(), tables.meetings
    to = MeetingSlot(
        community=meeting.community,
        term=meeting.term,
        starts_at=starts_at,
        ends_at=starts_at + (meeting.ends_at - meeting.starts_at),
    )
    problems = list(start_problems("The meeting", to.starts_at, to.ends_at, work.now, work.desk.school_years))
    if problems := problems or list(_clashes(work, meeting.community, to, but=meeting_id)):
        raise InputRefused(*problems)
    doubts = list(_doubts(work, meeting.state, day))
    if doubts and not anyway.strip():
        raise InputRefused(*doubts, "Choose another day, or say why this one is taken anyway (--anyway).")
    work.conn.execute(
        update(meetings)
        .where(meetings.c.id == meeting_id)
        .values(
            starts_at=to.starts_at,
            ends_at=to.ends_at,
            submissions_close_at=submissions_close(day, work.desk.days),
            papers_due_on=papers_due_on(day, work.desk.days),
        )
    )
    work.acting(by).journal(
        "move meeting", meeting_id, was=spoken_moment(meeting.starts_at), now=spoken_moment(starts_at),
        **({"anyway": anyway.strip()} if doubts else {}),
    )  # fmt: skip
    work.effect("meeting.move", f"{meeting_id}#{work.change(meeting_id)}")


def _doubts(work: Work, state: str, day: date) -> Iterator[str]:
    """What speaks against a day without ruling it out, in sentences."""
    closing = submissions_close(day, work.desk.days)
    if state == MeetingState.SCHEDULED and closing.is_over(work.now):
        yield f"Submissions for a meeting on {spoken_day(day)} closed at {closing}: schools can send no more for it."
    if not work.desk.days.is_one(day):
        yield f"{spoken_day(day)} lies outside term."


def set_agenda_times(work: Work, meeting_id: str, minutes: Sequence[int], by: str) -> None:
    """The chair decides how long each item takes; the agenda is printed with these times."""
    meeting = meeting_row(work, meeting_id)
    check_runs(work, meeting.community, by)
    if meeting.state in (*PAPERS_MADE, *OVER):
        raise AlreadyDone(f"The agenda of {meeting.community} is made already; its times stand.")
    length = meeting.ends_at - meeting.starts_at
    if problems := list(times_problems(minutes, Template(meeting.template), length)):
        raise InputRefused(*problems)
    meetings = tables.meetings
    work.conn.execute(update(meetings).where(meetings.c.id == meeting_id).values(item_minutes=list(minutes)))
    work.acting(by).journal("set agenda times", meeting_id, minutes=list(minutes))


def set_room(work: Work, meeting_id: str, room: str, by: str) -> None:
    """Invite a room as the meeting's location beside Teams; an empty one takes it back."""
    meeting = meeting_row(work, meeting_id)
    check_runs(work, meeting.community, by)
    if meeting.state in OVER:
        raise AlreadyDone(f"The meeting of {meeting.community} was {meeting.state.lower()} already.")
    if room and "@" not in room[1:-1]:
        raise InputRefused(f"'{room[:80]}' is no room's mail address, for example hall@school.example.")
    meetings = tables.meetings
    work.conn.execute(update(meetings).where(meetings.c.id == meeting_id).values(room=room))
    work.acting(by).journal("set room", meeting_id, room=room or "none")
    work.effect("meeting.move", f"{meeting_id}#{work.change(meeting_id)}")


def check_runs(work: Work, community: str, by: str) -> None:
    """Raises `NotAllowed` for anybody but the community's chair and clerk."""
    if not runs_meetings(work, community, by):
        raise NotAllowed(f"Only the chair of {community} or its clerk can do this.")


def runs_meetings(work: Work, community: str, by: str) -> bool:
    """Whether the person chairs or clerks the community; the console may as well."""
    directory = directory_of(work)
    return by == CONSOLE or any(directory.holds(by, role, community) for role in COMMUNITY_ROLES)


def meetings_of(work: Work, community: str) -> Sequence[Row[Any]]:
    """The meetings of a community, in order of time."""
    meetings = tables.meetings
    return work.conn.execute(
        select(meetings).where(meetings.c.community == community).order_by(meetings.c.starts_at)
    ).all()


def first_that_takes(meetings: Sequence[Row[Any]], submitted_at: datetime) -> tuple[Row[Any] | None, bool]:
    """The meeting a request submitted then goes to, and whether it came too late for an earlier one.

    A meeting whose papers are made takes no more requests, even one that was in time and arrived late.
    """
    is_late = False
    for meeting in meetings:
        if not meeting.submissions_close_at.is_over(submitted_at) and meeting.state in TAKES_REQUESTS:
            return meeting, is_late
        is_late = is_late or (meeting.starts_at > submitted_at and meeting.state != MeetingState.CANCELLED)
    return None, is_late


def missed_meeting(
    meetings: Sequence[Row[Any]], submitted_at: datetime, goes_to: str | None, now: datetime
) -> Row[Any] | None:
    """The coming meeting a request was too late for, before the one it goes to; None where it was in time, or once that
    meeting has begun.
    """
    for meeting in meetings:
        if meeting.id == goes_to:
            return None
        if meeting.starts_at > max(submitted_at, now) and meeting.state != MeetingState.CANCELLED:
            return meeting
    return None


def next_meeting(work: Work, community: str, after_id: str | None) -> Row[Any] | None:
    """The first meeting to come that follows the given one and still takes requests; without one, the coming one."""
    meetings = tables.meetings
    rows = select(meetings).where(
        meetings.c.community == community,
        meetings.c.starts_at > work.now,
        meetings.c.state != MeetingState.CANCELLED,
    )
    if after_id is not None:
        given = select(meetings.c.starts_at).where(meetings.c.id == after_id).scalar_subquery()
        rows = rows.where(meetings.c.starts_at > given, meetings.c.state.in_(TAKES_REQUESTS))
    return work.conn.execute(rows.order_by(meetings.c.starts_at).limit(1)).one_or_none()


@effect("meeting.book")
async def book_meeting(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Create the calendar event; `transactionId` makes a second try harmless."""
    meeting, draft = await desk.run("CoS Desk", _event_draft, meeting_id)
    if meeting.event_id is None and meeting.state != MeetingState.CANCELLED:
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
        room=meeting.room,
        can_wait=meeting.starts_at > work.now + CAN_WAIT,
    )


@effect("meeting.move")
async def move_event(desk: Desk, ports: Ports, subject: str) -> None:
    """Move the event in the calendar to where the record has it; attendees are told by Outlook.

    One that a person deleted there is made again.
    """
    meeting_id, _, entry = subject.partition("#")
    meeting, draft = await desk.run("CoS Desk", _event_draft, meeting_id)
    if meeting.state == MeetingState.CANCELLED:
        return
    if meeting.event_id is None:
        raise TryLater("The meeting is not in the calendar yet.", 5.0)
    if not await ports.calendar.move(meeting.event_id, draft):
        made = await ports.calendar.create(replace(draft, key=f"{draft.key}#{entry}"))
        await desk.run("CoS Desk", _booked, meeting_id, made.id, made.join_url)


def meeting_row(work: Work, meeting_id: str) -> Row[Any]:
    """The meeting's row; `InputRefused` where there is none of that id."""
    row = work.conn.execute(select(tables.meetings).where(tables.meetings.c.id == meeting_id)).one_or_none()
    if row is None:
        raise InputRefused(f"There is no meeting '{meeting_id[:80]}'.")
    return row


def _booked(work: Work, meeting_id: str, event_id: str, join_url: str) -> None:
    meetings = tables.meetings
    chat_id = chat_in_link(join_url)
    booked = {"event_id": event_id, "join_url": join_url, "chat_id": chat_id}
    work.conn.execute(update(meetings).where(meetings.c.id == meeting_id).values(booked))
    work.journal("book meeting", meeting_id)
    if not chat_id:
        ask_chat(work, meeting_id)


def ask_chat(work: Work, meeting_id: str) -> None:
    """Have the meeting's chat in Teams looked for."""
    work.effect("meeting.chat", f"{meeting_id}#{work.change(meeting_id)}")
