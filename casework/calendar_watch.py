"""What people did to a meeting in Outlook itself: deleted or moved it, or declined. The clerk is told, once of each.

The record stays as it is: deadlines, agenda and emails follow it until the meeting is moved or cancelled in CoS Desk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from html import escape
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect, not_asked_for
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import Letter, bullets, letter, spoken_moment
from casework.ports import EventSeen, MailDraft, Ports
from casework.schedule import OVER, meeting_row
from communities.calendars import at_london
from communities.directory import Role

LOOK_AT = time(6, 30)
"""A choice: once a working day, before the clerk's day begins."""

AHEAD = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about a meeting that the calendar has otherwise; `told_as` is the same while it lasts."""

    meeting_id: str
    told_as: str
    said: str


def looks_due(work: Work) -> list[str]:
    """The sweep's question: whether the calendar is to be looked at this morning."""
    if not work.desk.days.is_one(work.today) or at_london(work.today, LOOK_AT) > work.now:
        return []
    return not_asked_for(work, "calendar.look", [work.today.isoformat()]) if _coming(work) else []


def ask_look(work: Work, subject: str) -> None:
    """Have it looked at."""
    work.effect("calendar.look", subject)


@effect("calendar.look")
async def look(desk: Desk, ports: Ports, _day: str) -> None:
    """Compare the meetings to come with the calendar, and ask for an email about each that differs."""
    now, organiser = desk.clock.now(), desk.mailboxes.desk
    rows = await desk.run(SYSTEM, _coming)
    if not rows:
        return
    seen = {e.id: e for e in await ports.calendar.coming(organiser, now, now + AHEAD)}
    unseen = [r.event_id for r in rows if r.event_id not in seen]
    gone = {event_id for event_id in unseen if not await ports.calendar.is_there(organiser, event_id)}
    await desk.run(SYSTEM, _tell, [r for r in rows if r.event_id in seen or r.event_id in gone], seen)


def _coming(work: Work) -> Sequence[Any]:
    meetings = tables.meetings
    asked = select(meetings).where(
        meetings.c.starts_at > work.now, meetings.c.event_id.is_not(None), meetings.c.state.not_in(OVER)
    )
    return work.conn.execute(asked.order_by(meetings.c.starts_at)).all()


def _tell(work: Work, rows: Sequence[Any], seen: Mapping[str, EventSeen]) -> None:
    for row in rows:
        chairs = [p.mail for p in directory_of(work).people_with(Role.CHAIR, row.community)]
        for found in differences(row, seen.get(row.event_id), chairs):
            if not_asked_for(work, "mail.calendar", [found.told_as]):
                work.journal("calendar differs", found.told_as, meeting=row.id, said=found.said)
                work.effect("mail.calendar", found.told_as)


def differences(meeting: Any, event: EventSeen | None, chairs: Sequence[str]) -> Iterator[Finding]:
    """What the calendar has otherwise than the record, as sentences."""
    when = spoken_moment(meeting.starts_at)
    if event is None:
        yield _finding(meeting, "gone", f"The meeting on {when} was deleted or cancelled in Outlook.")
        return
    if event.starts_at != meeting.starts_at:
        there = spoken_moment(event.starts_at)
        yield _finding(meeting, there, f"Outlook has the meeting on {there}; CoS Desk has it on {when}.")
    for mail in event.declined:
        if mail.casefold() == meeting.room.casefold():
            yield _finding(meeting, f"room {mail}", f"The room {mail} declined the meeting on {when}.")
        elif mail.casefold() in {c.casefold() for c in chairs}:
            yield _finding(meeting, f"chair {mail}", f"The chair ({mail}) declined the meeting on {when}.")


def _finding(meeting: Any, what: str, said: str) -> Finding:
    mark = hashlib.sha256(f"{meeting.event_id} {meeting.starts_at.isoformat()} {what}".encode()).hexdigest()[:16]
    return Finding(meeting_id=meeting.id, told_as=f"{meeting.id}#{mark}", said=said)


@effect("mail.calendar")
async def mail_calendar(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk what differs, and the ways out."""
    await ports.mail.send(await desk.run(SYSTEM, _draft, subject))


def _draft(work: Work, subject: str) -> MailDraft:
    journal, meeting = tables.journal, meeting_row(work, subject.rpartition("#")[0])
    details = work.conn.execute(
        select(journal.c.details)
        .where(journal.c.subject == subject, journal.c.command == "calendar differs")
        .order_by(journal.c.number.desc())
        .limit(1)
    ).scalar_one()
    said = calendar_letter(meeting.community, str(details["said"]))
    return from_desk(work, f"calendar:{subject}", [clerk_mail(work, meeting.community)], said)


def calendar_letter(community: str, said: str) -> Letter:
    """What differs, and what the clerk can do."""
    return letter(
        f"Please check the calendar: {community}",
        f"<b>{escape(community)}</b>: {escape(said)}",
        "Deadlines, the agenda and emails follow the date in CoS Desk. Please do one of these:",
        bullets([
            "If the meeting should be at another time, move it in CoS Desk: Outlook and everybody invited will follow.",
            "If the date in CoS Desk is right, move it there to that same date: the invitation is sent again.",
            "If there is no meeting, cancel it in CoS Desk: its requests go to the next one.",
            "If only the room or the chair is missing, find another one. Nothing else changes.",
        ]),
    )  # fmt: skip
