"""What `cos doctor` tries with the last meeting: to find it by its link and read its report, as the product does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.errors import NeedsAttention, TryLater
from casework.letters import spoken_day
from casework.meeting_record import day_of
from casework.schedule import MeetingState
from graph_sync.attendance import AttendanceRefused, TeamsMeetings
from graph_sync.doctor import Finding, Kind, Patient
from graph_sync.graph import Graph

ABOUT = "a report of attendance"
FIRST_MEET = "Run `cos doctor` again once the first meeting with a Teams link was held."
SWITCH_ON = (
    "Wait a day; if there is still no report, an administrator of Teams switches attendance reports on "
    "(Set-CsTeamsMeetingPolicy -AllowEngagementReport Enabled)."
)
FIND = "Open the meeting in the desk's calendar and check that it was made from that mailbox and has that link."
LATER = "Try again in a few minutes."


async def examine_attendance(desk: Desk, graph: Graph, patient: Patient) -> AsyncIterator[Finding]:
    """One finding: of the last meeting that was held."""
    meeting = await desk.run(SYSTEM, _last_held)
    if meeting is None:
        said = "No meeting with a Teams link was held yet, so there is no report of attendance to read."
        yield Finding(about=ABOUT, kind=Kind.UNKNOWN, said=said, remedy=FIRST_MEET)
        return
    yield await _examined(graph, patient.mailbox, meeting)


async def _examined(graph: Graph, mailbox: str, meeting: Any) -> Finding:
    name = f"the meeting of {meeting.community} on {spoken_day(day_of(meeting))}"
    try:
        people = await TeamsMeetings(graph).people_in_last_report(mailbox, meeting.join_url)
    except AttendanceRefused as error:
        return Finding(about=ABOUT, kind=Kind.MISSING, said=str(error), remedy=error.remedy)
    except NeedsAttention as error:
        return Finding(about=ABOUT, kind=Kind.MISSING, said=f"{name[0].upper()}{name[1:]}: {error}", remedy=FIND)
    except TryLater as error:
        return Finding(about=ABOUT, kind=Kind.UNKNOWN, said=str(error), remedy=LATER)
    if people is None:
        said = f"Teams has no report of attendance of {name}."
        return Finding(about=ABOUT, kind=Kind.UNKNOWN, said=said, remedy=SWITCH_ON)
    return Finding(about=ABOUT, kind=Kind.WELL, said=f"The report of {name} was read; it names {people}.")


def _last_held(work: Work) -> Any:
    meetings = tables.meetings
    held = (
        select(meetings)
        .where(meetings.c.state == MeetingState.HELD, meetings.c.join_url.is_not(None))
        .order_by(meetings.c.ends_at.desc())
        .limit(1)
    )
    return work.conn.execute(held).one_or_none()
