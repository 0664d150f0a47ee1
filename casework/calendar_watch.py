"""What people did to a meeting in Outlook itself: deleted it, gave it other times, made it repeat, or declined. The
clerk is told, once of each.

The record stays as it is: deadlines, agenda and emails follow it until the meeting is moved or cancelled in CoS Desk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from html import escape
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.each import each
from casework.effects import effect, not_asked_for
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import Letter, bullets, letter, spoken_moment
from casework.ports import EventSeen, MailDraft, Ports
from casework.schedule import OVER, meeting_row
from communities.calendars import at_london, london
from communities.directory import Role

LOOK_AT = time(6, 30)
"""A choice: once a working day, before the clerk's day begins."""

AHEAD = timedelta(days=366)


class Change(StrEnum):
    """What was done to a meeting in Outlook, by what the clerk can do about it."""

    GONE = "gone"
    TIME = "time"
    LENGTH = "length"
    SERIES = "series"
    DECLINED = "declined"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about a meeting that the calendar has otherwise; `told_as` is the same while it lasts."""

    change: Change
    told_as: str
    said: str


MOVE = "If the meeting should be at another time, move it in CoS Desk: Outlook and everybody invited will follow."
AGAIN = "If the date in CoS Desk is right, move it there to that same date: the invitation is sent again."
SAME = "move it there to that same date and time: Outlook and everybody invited will follow."
CANCEL = "If there is no meeting, cancel it in CoS Desk: its requests go to the next one."
WAYS = {
    Change.GONE: (MOVE, AGAIN, CANCEL),
    Change.TIME: (MOVE, f"If the date and time in CoS Desk are right, {SAME}", CANCEL),
    Change.LENGTH: (
        f"If the times in CoS Desk are right, {SAME}",
        "If the meeting should end at another time, leave it as it is in Outlook: CoS Desk cannot change how long a "
        "meeting lasts. Its agenda and register go by the end in CoS Desk.",
    ),
    Change.SERIES: (
        "First ask whoever opens CoS Desk's mailbox in Outlook to open the series and remove the recurrence.",
        "Then move the meeting in CoS Desk to the right date and time, the same or another: the invitation is sent "
        "again.",
        "CoS Desk has one meeting a term: the other dates of a series have no deadlines, no agenda and no register.",
    ),
    Change.DECLINED: ("Find another room, or somebody else to chair the meeting. Nothing else changes.", MOVE, CANCEL),
}
"""What the clerk can do about each."""


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
    seen: dict[str, EventSeen | None] = {e.id: e for e in await ports.calendar.coming(organiser, now, now + AHEAD)}
    # deleted, on a day that the view does not reach, or shown by its occurrences
    unseen = [row.event_id for row in rows if row.event_id not in seen]
    read = await each(unseen, lambda event_id: ports.calendar.read(organiser, event_id))
    await desk.run(SYSTEM, _tell, [row for row in rows if row.event_id not in read.failed], seen | read.brought)
    read.complain()


def _coming(work: Work) -> Sequence[Any]:
    meetings = tables.meetings
    asked = select(meetings).where(
        meetings.c.starts_at > work.now, meetings.c.event_id.is_not(None), meetings.c.state.not_in(OVER)
    )
    return work.conn.execute(asked.order_by(meetings.c.starts_at)).all()


def _tell(work: Work, rows: Sequence[Any], seen: Mapping[str, EventSeen | None]) -> None:
    for row in rows:
        chairs = [p.mail for p in directory_of(work).people_with(Role.CHAIR, row.community)]
        for found in differences(row, seen[row.event_id], chairs, work.now):
            if not_asked_for(work, "mail.calendar", [found.told_as]):
                details = {"meeting": row.id, "said": found.said, "change": found.change.value}
                work.journal("calendar differs", found.told_as, **details)
                work.effect("mail.calendar", found.told_as)


def differences(meeting: Any, event: EventSeen | None, chairs: Sequence[str], now: datetime) -> Iterator[Finding]:
    """What the calendar has otherwise than the record, as sentences."""
    when = spoken_moment(meeting.starts_at)
    if event is None:
        yield _finding(meeting, Change.GONE, "gone", f"The meeting on {when} was deleted or cancelled in Outlook.")
        return
    if event.is_series:
        yield _finding(meeting, Change.SERIES, f"series {event.starts_at}", _series_said(meeting, event))
    elif event.starts_at != meeting.starts_at:
        there = spoken_moment(event.starts_at)
        mark = there if _is_as_long(meeting, event) else f"{there} until {event.ends_at}"
        yield _finding(meeting, Change.TIME, mark, _moved_said(meeting, event, now))
    elif event.ends_at != meeting.ends_at:
        said = f"Outlook has the meeting on {when} until {_end(event)}; CoS Desk has it until {_end(meeting)}."
        yield _finding(meeting, Change.LENGTH, f"until {event.ends_at}", said)
    for mail in event.declined:
        if mail.casefold() == meeting.room.casefold():
            said = f"The room {mail} declined the meeting on {when}."
            yield _finding(meeting, Change.DECLINED, f"room {mail}", said)
        elif mail.casefold() in {c.casefold() for c in chairs}:
            said = f"The chair ({mail}) declined the meeting on {when}."
            yield _finding(meeting, Change.DECLINED, f"chair {mail}", said)


def _series_said(meeting: Any, event: EventSeen) -> str:
    """That it repeats, and when it first takes place."""
    first = "" if event.starts_at == meeting.starts_at else f", for the first time on {spoken_moment(event.starts_at)}"
    when = spoken_moment(meeting.starts_at)
    return f"The meeting was made to repeat in Outlook{first}; CoS Desk has one meeting, on {when}."


def _moved_said(meeting: Any, event: EventSeen, now: datetime) -> str:
    """Both times; of a time that has passed, that CoS Desk moves nothing there."""
    there, here = spoken_moment(event.starts_at), spoken_moment(meeting.starts_at)
    if not _is_as_long(meeting, event):
        there, here = f"{there} until {_end(event)}", f"{here} until {_end(meeting)}"
    said = f"Outlook has the meeting on {there}; CoS Desk has it on {here}."
    if event.starts_at > now:
        return said
    return f"{said} The time in Outlook has passed: CoS Desk keeps its own, and moves a meeting only to a time to come."


def _is_as_long(meeting: Any, event: EventSeen) -> bool:
    return bool(event.ends_at - event.starts_at == meeting.ends_at - meeting.starts_at)


def _end(span: Any) -> str:
    """When it ends: the hour, with its day where that is another than the one it begins on."""
    first, last = london(span.starts_at), london(span.ends_at)
    return f"{last:%H:%M}" if first.date() == last.date() else spoken_moment(span.ends_at)


def _finding(meeting: Any, change: Change, what: str, said: str) -> Finding:
    mark = hashlib.sha256(f"{meeting.event_id} {meeting.starts_at.isoformat()} {what}".encode()).hexdigest()[:16]
    return Finding(change=change, told_as=f"{meeting.id}#{mark}", said=said)


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
    change = Change(details.get("change", Change.TIME))
    said = calendar_letter(meeting.community, str(details["said"]), change)
    return from_desk(work, f"calendar:{subject}", [clerk_mail(work, meeting.community)], said)


def calendar_letter(community: str, said: str, change: Change) -> Letter:
    """What differs, and what the clerk can do."""
    return letter(
        f"Please check the calendar: {community}",
        f"<b>{escape(community)}</b>: {escape(said)}",
        "Deadlines, the agenda and emails follow the date in CoS Desk. What you can do:",
        bullets(WAYS[change]),
    )
