"""What is due from the people who run communities: each line with its clock and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select

from casework import tables
from casework.budget_record import position
from casework.clerk_moves import is_forward_stuck
from casework.clock_record import clocks_of_meeting, clocks_of_reports, clocks_of_request
from casework.decide import undecided_of
from casework.desk import Work
from casework.meeting_record import day_of, is_marked, minutes_row
from casework.reporting import missing_signatures, open_reports
from casework.schedule import MeetingState
from casework.year_end import meetings_left
from casework.year_record import is_closed, year_row
from communities.calendars import academic_year, at_london
from communities.clocks import Clock, minutes_due_on, register_due_on, report_clocks, report_name
from communities.dues import Due, Task
from communities.lifecycle import State
from communities.year_end import OPENS_MONTH, close_by

AHEAD = timedelta(days=7)
"""A week: what the desk shows."""

BACK = timedelta(days=60)
"""How far back a meeting's open work is looked for."""


def due_of(work: Work, communities: Iterable[str], until: date) -> list[Due]:
    """Everything of these communities that is not done and due by that day, what is overdue first."""
    return sorted(d for name in communities for d in _due(work, name, until) if d.due_on <= until)


def _due(work: Work, community: str, until: date) -> Iterator[Due]:
    """Meetings whose first clock, the submissions', runs out after that day are not looked at."""
    meetings = tables.meetings
    rows = select(meetings).where(
        meetings.c.community == community,
        meetings.c.state != MeetingState.CANCELLED,
        meetings.c.starts_at > work.now - BACK,
        meetings.c.submissions_close_at <= at_london(until + timedelta(days=1), time(0)),
    )
    for meeting in work.conn.execute(rows.order_by(meetings.c.starts_at)).all():
        yield from _of_meeting(work, meeting)
    yield from _of_requests(work, community)
    yield from _of_reports(work, community, until)
    yield from _of_the_year(work, community)


def _line(clock: Clock, community: str, what: str, task: Task, subject: str) -> Due:
    return Due(due_on=clock.due_on, community=community, what=what, task=task, subject=subject)


def _of_meeting(work: Work, meeting: Any) -> Iterator[Due]:
    on, name = day_of(meeting), meeting.community
    spoken = f"meeting on {on:%-d %b}"
    if meeting.state in (MeetingState.SCHEDULED, MeetingState.CLOSED):
        by_name = {c.name: c for c in clocks_of_meeting(work, meeting)}
        sent, papers = by_name["submission"], by_name["papers"]
        count = _waiting(work, meeting.id)
        if sent.done_on is None:
            yield _line(sent, name, f"Submissions close for the {spoken} ({count} so far)", Task.REMIND, meeting.id)
        closed = meeting.state == MeetingState.CLOSED
        task = Task.CIRCULATE if closed else Task.NONE
        yield _line(papers, name, f"Agenda and papers of the {spoken} ({count} to be heard)", task, meeting.id)
        return
    if meeting.starts_at > work.now:
        return
    days = work.desk.days
    if undecided := len(undecided_of(work, meeting.id)):
        what = f"{undecided} still to be decided, {spoken}"
        yield Due(due_on=on, community=name, what=what, task=Task.DECIDE, subject=meeting.id)
    if not is_marked(work, meeting.id):
        what = f"Register of the {spoken}"
        due = register_due_on(on, days)
        yield Due(due_on=due, community=name, what=what, task=Task.ATTENDANCE, subject=meeting.id)
    if meeting.state == MeetingState.HELD and minutes_row(work, meeting.id) is None:
        due = minutes_due_on(on, days)
        yield Due(due_on=due, community=name, what=f"Minutes of the {spoken}", task=Task.MINUTES, subject=meeting.id)


def _of_reports(work: Work, community: str, until: date) -> Iterator[Due]:
    """Those drafted and not sent: who has still to sign. Those not drafted yet are due too, and drafted in time."""
    drafted = {(r.kind, r.due_on): r for r in open_reports(work, [community])}
    if not drafted and not any(work.today <= due <= until for due in _report_days(academic_year(work.today))):
        return
    for clock in clocks_of_reports(work, community):
        row = next((r for (kind, on), r in drafted.items()
                    if on == clock.due_on and report_name(kind, on) == clock.name), None)  # fmt: skip
        if clock.done_on is not None:
            continue
        if row is None:
            yield _line(clock, community, clock.name, Task.NONE, community)
            continue
        missing = " and ".join(role.lower() for role in missing_signatures(row))
        what = f"{clock.name}: to be signed by {missing}" if missing else f"{clock.name} is on its way"
        yield _line(clock, community, what, Task.SIGN if missing else Task.NONE, row.id)


def _of_the_year(work: Work, community: str) -> Iterator[Due]:
    """From June on, once its last meeting was held, a year with a budget is to be closed."""
    if OPENS_MONTH <= work.today.month <= 12:
        year = academic_year(work.today - timedelta(days=120))
        if position(work, community, year) is None or is_closed(work, community, year):
            return
        if not meetings_left(work, community, year):
            known = year_row(work, community, year)
            what = f"Close the year {year}" + ("" if known else ": its balance is to be agreed with KCC")
            yield Due(due_on=close_by(year), community=community, what=what, task=Task.NONE, subject=community)


@lru_cache(maxsize=4)
def _report_days(year: str) -> tuple[date, ...]:
    """Every day of an academic year on which a report is due."""
    return tuple(c.due_on for c in report_clocks(year))


def _waiting(work: Work, meeting_id: str) -> int:
    requests = tables.requests
    states = (State.ACCEPTED, State.DEFERRED, State.ON_AGENDA)
    counted = select(func.count()).where(requests.c.meeting_id == meeting_id, requests.c.state.in_(states))
    return int(work.conn.execute(counted).scalar_one())


_TASKS = {"forward": Task.FORWARD, "processing": Task.CHASE, "payment": Task.CHASE}
_WHAT = {
    "forward": "{id} of {school} goes to the HNFO",
    "processing": "KCC processes {id} of {school}",
    "payment": "KCC pays {id} of {school}",
}


def _of_requests(work: Work, community: str) -> Iterator[Due]:
    requests = tables.requests
    states = (State.DECIDED, State.FORWARDED, State.MODERATED)
    rows = select(requests.c.id, requests.c.school).where(
        requests.c.community == community, requests.c.state.in_(states)
    )
    for row in work.conn.execute(rows.order_by(requests.c.id)).all():
        for clock in clocks_of_request(work, row.id):
            if clock.name in _TASKS and clock.done_on is None:
                what, task = _WHAT[clock.name].format(id=row.id, school=row.school), _TASKS[clock.name]
                if task is Task.FORWARD and not is_forward_stuck(work, row.id):
                    task = Task.NONE  # it goes by itself
                yield _line(clock, community, what, task, row.id)
