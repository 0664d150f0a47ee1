"""What is due from the people who run communities: each line with its clock and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select

from casework import tables
from casework.clerk_moves import is_forward_stuck
from casework.clock_record import clocks_of_meeting, clocks_of_request
from casework.desk import Work
from casework.meeting_record import day_of
from casework.not_done import administrators, not_done, not_out
from casework.papers_by_hand import AGENDA, may_be_by_hand
from casework.reporting import drafted_reports, missing_signatures, open_reports
from casework.schedule import MeetingState, meeting_row
from casework.year_end import to_close
from communities.calendars import Closing, SchoolYear, academic_year, at_london, london
from communities.clocks import Clock, minutes_due_on, register_due_on, report_clocks, report_name
from communities.dues import Due, Task
from communities.lifecycle import State
from communities.meetings import Mark
from communities.year_end import close_by

AHEAD = timedelta(days=7)
"""A week: what the desk shows."""

YEAR_BACK = timedelta(days=120)
"""Until the end of December it is the year before that may be to close."""

BACK = timedelta(days=60)
"""How far back a meeting's open work is looked for."""


def due_of(work: Work, communities: Iterable[str], until: date) -> list[Due]:
    """Everything of these communities that is not done and due by that day, what is overdue first."""
    return sorted(d for d in _all_of(work, list(dict.fromkeys(communities)), until) if d.due_on <= until)


def desk_of(work: Work, communities: Iterable[str], until: date) -> list[Due]:
    """What somebody who runs communities has before them: what is due by that day, the meetings until then, and minutes
    that can be written already, whenever they are due.
    """
    names = list(dict.fromkeys(communities))
    open_ones = (d for d in _all_of(work, names, until) if d.due_on <= until or d.task is Task.MINUTES)
    return sorted((*open_ones, *_to_come(work, names, until)))


def _all_of(work: Work, names: Sequence[str], until: date) -> Iterator[Due]:
    yield from _of_meetings(work, names, until)
    yield from _not_done(work, names)
    yield from _held(work, names)
    yield from _proposed(work, names)
    yield from _of_requests(work, names)
    yield from _of_reports(work, names, until)
    yield from _of_the_year(work, names, until)


def _to_come(work: Work, names: Sequence[str], until: date) -> Iterator[Due]:
    """The meetings that begin from now until the end of that day."""
    meetings = tables.meetings
    rows = select(meetings).where(
        meetings.c.community.in_(names),
        meetings.c.state != MeetingState.CANCELLED,
        meetings.c.starts_at > work.now,
        meetings.c.starts_at < at_london(until + timedelta(days=1), time(0)),
    )
    for row in work.conn.execute(rows.order_by(meetings.c.starts_at)):
        what = f"Meeting at {london(row.starts_at):%H:%M}"
        yield Due(due_on=day_of(row), community=row.community, what=what, task=Task.MEET, subject=row.id)


def _of_meetings(work: Work, communities: Sequence[str], until: date) -> Iterator[Due]:
    """Meetings whose first clock, the submissions', runs out after that day are not looked at."""
    meetings = tables.meetings
    rows = select(meetings).where(
        meetings.c.community.in_(communities),
        meetings.c.state != MeetingState.CANCELLED,
        meetings.c.starts_at > work.now - BACK,
        meetings.c.submissions_close_at <= Closing(last_day=until),
    )
    found = work.conn.execute(rows.order_by(meetings.c.starts_at)).all()
    held = _Held.of(work, [m.id for m in found if m.starts_at <= work.now])
    for meeting in found:
        yield from _of_meeting(work, meeting, held)


@dataclass(frozen=True, kw_only=True)
class _Held:
    """What is open of meetings that were held, asked for all of them at once."""

    undecided: Mapping[str, int]
    marked: Set[str]
    minuted: Set[str]

    @classmethod
    def of(cls, work: Work, ids: Sequence[str]) -> _Held:
        requests, attendance, minutes = tables.requests, tables.attendance, tables.minutes
        waiting = select(requests.c.meeting_id, func.count().label("waiting")).where(
            requests.c.meeting_id.in_(ids), requests.c.state == State.ON_AGENDA
        )
        marked = select(attendance.c.meeting_id).where(
            attendance.c.meeting_id.in_(ids), attendance.c.mark == Mark.PRESENT.value
        )
        written = select(minutes.c.meeting_id).where(minutes.c.meeting_id.in_(ids))
        return cls(
            undecided={r.meeting_id: r.waiting for r in work.conn.execute(waiting.group_by(requests.c.meeting_id))},
            marked=set(work.conn.execute(marked.distinct()).scalars()),
            minuted=set(work.conn.execute(written).scalars()),
        )


def _line(clock: Clock, community: str, what: str, task: Task, subject: str) -> Due:
    return Due(due_on=clock.due_on, community=community, what=what, task=task, subject=subject)


def _of_meeting(work: Work, meeting: Any, held: _Held) -> Iterator[Due]:
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
    is_failed = not_out(work, meeting.id) is not None  # that has a line of its own
    is_given_up = not is_failed and may_be_by_hand(work, meeting)
    if is_given_up or (meeting.state == MeetingState.SENDING and not is_failed):
        how, task = ("not sent by CoS Desk", Task.BY_HAND) if is_given_up else ("being sent", Task.NONE)
        what = f"Agenda and papers of the {spoken}: {how}"
        yield Due(due_on=meeting.papers_due_on, community=name, what=what, task=task, subject=meeting.id)
    if meeting.starts_at > work.now:
        return
    days = work.desk.days
    if undecided := held.undecided.get(meeting.id):
        what = f"{undecided} still to be decided, {spoken}"
        yield Due(due_on=on, community=name, what=what, task=Task.DECIDE, subject=meeting.id)
    if meeting.id not in held.marked:
        what = f"Register of the {spoken}"
        due = register_due_on(on, days)
        yield Due(due_on=due, community=name, what=what, task=Task.ATTENDANCE, subject=meeting.id)
    if meeting.state == MeetingState.HELD and meeting.id not in held.minuted:
        due = minutes_due_on(on, days)
        yield Due(due_on=due, community=name, what=f"Minutes of the {spoken}", task=Task.MINUTES, subject=meeting.id)


def _of_reports(work: Work, communities: Sequence[str], until: date) -> Iterator[Due]:
    """Those drafted and not sent: who has still to sign. Those not drafted yet are due too, and drafted in time."""
    for row in open_reports(work, communities):
        missing = " and ".join(role.lower() for role in missing_signatures(row))
        name = report_name(row.kind, row.due_on)
        what = f"{name}: to be signed by {missing}" if missing else f"{name} is on its way"
        task = Task.SIGN if missing else Task.NONE
        yield Due(due_on=row.due_on, community=row.community, what=what, task=task, subject=row.id)
    coming = [
        c for c in _reports_of(academic_year(work.today), work.desk.school_years) if work.today <= c.due_on <= until
    ]
    if coming:
        known = drafted_reports(work, communities, [c.due_on for c in coming])
        for community in communities:
            for clock in coming:
                if (community, clock.name) not in known:
                    yield _line(clock, community, clock.name, Task.NONE, community)


@lru_cache(maxsize=4)
def _reports_of(year: str, school_years: tuple[SchoolYear, ...]) -> tuple[Clock, ...]:
    return tuple(report_clocks(year, school_years))


def _of_the_year(work: Work, communities: Sequence[str], until: date) -> Iterator[Due]:
    """Once its last meeting was held, a year with a budget is to be closed."""
    year = academic_year(work.today - YEAR_BACK)
    due_on = close_by(year)
    for community, is_agreed in to_close(work, communities, year) if due_on <= until else ():
        what = f"Close the year {year}" + ("" if is_agreed else ": its balance is to be agreed with KCC")
        yield Due(due_on=due_on, community=community, what=what, task=Task.NONE, subject=community)


def _waiting(work: Work, meeting_id: str) -> int:
    requests = tables.requests
    states = (State.RECEIVED, State.DEFERRED, State.ON_AGENDA)
    counted = select(func.count()).where(requests.c.meeting_id == meeting_id, requests.c.state.in_(states))
    return int(work.conn.execute(counted).scalar_one())


_TASKS = {"forward": Task.FORWARD, "processing": Task.CHASE, "payment": Task.CHASE}
_WHAT = {
    "forward": "{id} of {school} goes to the HNFO",
    "processing": "KCC processes {id} of {school}",
    "payment": "KCC pays {id} of {school}",
}


def _not_done(work: Work, communities: Sequence[str]) -> Iterator[Due]:
    """What could not be done, since the day it was asked for; a form that did not reach the HNFO has its own line."""
    for one in not_done(work, communities) if communities else ():
        if one.effect.kind != "mail.forward":
            what = f"{one.sentence}: ask the administrators ({administrators(work)})"
            is_agenda = one.effect.kind in AGENDA and may_be_by_hand(work, meeting_row(work, one.effect.subject))
            yield Due(
                due_on=london(one.effect.created_at).date(), community=one.about.community, what=what,
                task=Task.BY_HAND if is_agenda else Task.NONE,
                subject=one.effect.subject if is_agenda else one.effect.id,
            )  # fmt: skip


def _held(work: Work, communities: Sequence[str]) -> Iterator[Due]:
    """Requests that wait for the clerk to say whether they were sent twice: by the next working day (a choice)."""
    requests = tables.requests
    rows = select(requests.c.id, requests.c.school, requests.c.community, requests.c.submitted_at).where(
        requests.c.community.in_(communities), requests.c.state == State.SUBMITTED
    )
    for row in work.conn.execute(rows.order_by(requests.c.id)).all():
        due_on = work.desk.days.after(london(row.submitted_at).date(), 1)
        what = f"{row.id} of {row.school}: sent twice?"
        yield Due(due_on=due_on, community=row.community, what=what, task=Task.HELD, subject=row.id)


def _proposed(work: Work, communities: Sequence[str]) -> Iterator[Due]:
    """Minutes that somebody else changed in Word: to be accepted or rejected by the next working day (a choice)."""
    meetings, proposals = tables.meetings, tables.minutes_proposals
    waiting = (
        select(meetings, func.count().label("waiting"), func.min(proposals.c.proposed_at).label("since"))
        .join(proposals, proposals.c.meeting_id == meetings.c.id)
        .where(meetings.c.community.in_(communities), proposals.c.outcome == "")
        .group_by(meetings.c.id)
    )
    for row in work.conn.execute(waiting.order_by(meetings.c.id)).all():
        due_on = work.desk.days.after(london(row.since).date(), 1)
        count = "1 change" if row.waiting == 1 else f"{row.waiting} changes"
        what = f"{count} to the minutes of the meeting on {day_of(row):%-d %b}: accept or reject"
        yield Due(due_on=due_on, community=row.community, what=what, task=Task.PROPOSED, subject=row.id)


def _of_requests(work: Work, communities: Sequence[str]) -> Iterator[Due]:
    """Those with money on its way: without, nothing is forwarded, processed or paid."""
    requests, decisions = tables.requests, tables.decisions
    states = (State.DECIDED, State.FORWARDED, State.MODERATED)
    rows = (
        select(requests.c.id, requests.c.school, requests.c.community)
        .join(decisions, (decisions.c.request_id == requests.c.id) & (decisions.c.round == requests.c.round))
        .where(requests.c.community.in_(communities), requests.c.state.in_(states), decisions.c.amount_pence > 0)
    )
    for row in work.conn.execute(rows.order_by(requests.c.id)).all():
        for clock in clocks_of_request(work, row.id):
            if clock.name in _TASKS and clock.done_on is None:
                what, task = _WHAT[clock.name].format(id=row.id, school=row.school), _TASKS[clock.name]
                if task is Task.FORWARD and not is_forward_stuck(work, row.id):
                    task = Task.NONE  # it goes by itself
                yield _line(clock, row.community, what, task, row.id)
