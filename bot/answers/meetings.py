"""When we meet, until when to submit, and the papers, minutes, actions and decisions of meetings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from bot.asking import Answer, Answering, Asker, Question, community_of
from casework import tables
from casework.agenda_paper import spoken_decision, venue_of
from casework.desk import Work
from casework.documents import kept_paper
from casework.letters import spoken_day, spoken_moment
from casework.meeting_record import actions_of, day_of, meeting_before
from casework.schedule import MeetingState, meetings_of, next_meeting
from communities.calendars import london

MOST = 10
"""Lines of a list on one card."""


def next_one(work: Work, asker: Asker, question: Question) -> Answer:
    """The coming meeting: when, where, how to join, and whether it was called off."""
    community = community_of(work, asker, question)
    meeting = next_meeting(work, community, None)
    if meeting is None:
        return Answer(title=f"{community} has no meeting booked", sentences=("The clerk books the next ones.",))
    facts = (
        ("When", spoken_moment(meeting.starts_at)),
        ("Where", venue_of(meeting.room)),
        ("Submissions close", str(meeting.submissions_close_at)),
        ("Papers go out", spoken_day(meeting.papers_due_on)),
    )
    links = (("Join in Teams", meeting.join_url),) if meeting.join_url and question.is_personal else ()
    return Answer(title=f"{community} meets on {spoken_day(day_of(meeting))}", facts=facts, links=links)


def deadline(work: Work, asker: Asker, question: Question) -> Answer:
    """Until when requests count for which meeting: the first that is still open."""
    community = community_of(work, asker, question)
    coming = [m for m in meetings_of(work, community) if m.starts_at > work.now and m.state != MeetingState.CANCELLED]
    open_ones = [m for m in coming if not m.submissions_close_at.is_over(work.now)]
    if not open_ones:
        return Answer(
            title=f"No meeting of {community} takes requests yet", sentences=("None is booked that is open.",)
        )
    first, said = open_ones[0], []
    if coming[0].id != first.id:
        said.append(
            f"Submissions for the meeting on {spoken_day(day_of(coming[0]))} have closed. The chair may let a late "
            "request in."
        )
    said.append(
        f"Requests sent until {first.submissions_close_at} are heard on {spoken_day(day_of(first))}. "
        "Later ones go to the meeting after."
    )
    return Answer(title=f"{community}: send it by {spoken_day(first.submissions_close_at.last_day)}", sentences=said)


def papers(work: Work, asker: Asker, question: Question) -> Answer:
    """The agenda of the day that was named, or of the coming meeting."""
    community = community_of(work, asker, question)
    meeting = _meant(work, community, question) or next_meeting(work, community, None)
    if meeting is None:
        return Answer(title=f"{community} has no meeting booked")
    when, kept = spoken_day(day_of(meeting)), kept_paper(work, meeting.id, "agenda")
    if kept is None or not kept.web_url:
        return Answer(
            title=f"The agenda for {when} is not out yet",
            sentences=(f"It goes out by {spoken_day(meeting.papers_due_on)}, with the papers.",),
        )
    return Answer(title=f"Agenda of {community}, {when}", links=(("Open the agenda", kept.web_url),))


def minutes(work: Work, asker: Asker, question: Question) -> Answer:
    """The minutes of the day that was named, or of the last meeting."""
    community = community_of(work, asker, question)
    meeting = _meant(work, community, question) or meeting_before(work, community, work.now)
    if meeting is None:
        return Answer(title=f"{community} has not met yet")
    when, kept = spoken_day(day_of(meeting)), kept_paper(work, meeting.id, "minutes")
    if kept is None or not kept.web_url:
        return Answer(title=f"The minutes of {when} are not filed yet", sentences=("The clerk writes them up.",))
    return Answer(title=f"Minutes of {community}, {when}", links=(("Open the minutes", kept.web_url),))


def actions(work: Work, asker: Asker, question: Question) -> Answer:
    """The community's open actions."""
    community = community_of(work, asker, question)
    open_ones = actions_of(work, community)
    if not open_ones:
        return Answer(title=f"{community} has no open actions")
    facts = [
        (
            f"{a.id}, {'overdue since' if a.is_overdue(work.today) else 'due'} {a.due_on:%-d %b %Y}",
            f"{a.what} ({a.owner})",
        )
        for a in open_ones[:MOST]
    ]
    return Answer(title=f"{community}: {_count(len(open_ones), 'open action')}", facts=facts)


def decisions(work: Work, asker: Asker, question: Question) -> Answer:
    """What was decided on the day or in the days that were named, or at the last meeting."""
    community = community_of(work, asker, question)
    days = _days(question)
    if days is None:
        meeting = meeting_before(work, community, work.now)
        if meeting is None:
            return Answer(title=f"{community} has not met yet")
        days = (day_of(meeting), work.today)
    found = _decided(work, community, *days)
    span = spoken_day(days[0]) if days[0] == days[1] else f"{days[0]:%-d %b %Y} to {days[1]:%-d %b %Y}"
    if not found:
        return Answer(title=f"{community} decided nothing, {span}")
    facts = [(f"{r.id}, {r.school}", spoken_decision(r)) for r in found[:MOST]]
    return Answer(title=f"{community}: {_count(len(found), 'decision')}, {span}", facts=facts)


def _decided(work: Work, community: str, first: date, last: date) -> list[Any]:
    decided, requests = tables.decisions, tables.requests
    rows = work.conn.execute(
        select(requests.c.id, requests.c.school, decided)
        .join(decided, (decided.c.request_id == requests.c.id) & (decided.c.round == requests.c.round))
        .where(requests.c.community == community)
        .order_by(requests.c.id)
    )
    return [r for r in rows if first <= london(r.decided_at).date() <= last]


def _days(question: Question) -> tuple[date, date] | None:
    entities = question.entities
    if day := entities.get("date"):
        return date.fromisoformat(day), date.fromisoformat(day)
    if first := entities.get("from"):
        return date.fromisoformat(first), date.fromisoformat(entities["to"])
    return None


def _meant(work: Work, community: str, question: Question) -> Any:
    days = _days(question)
    if days is None:
        return None
    return next((m for m in meetings_of(work, community) if days[0] <= day_of(m) <= days[1]), None)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


ANSWERS: Mapping[str, Answering] = {
    "next_meeting": next_one,
    "deadline": deadline,
    "papers": papers,
    "minutes": minutes,
    "actions": actions,
    "decisions": decisions,
}
