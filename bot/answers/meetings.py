"""When we meet, until when to submit, and the papers, minutes, actions and decisions of meetings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from bot.answers.request_lists import listed
from bot.asking import Answer, Answering, Asker, Question, check_told, community_of
from bot.meeting_meant import days_of, meeting_meant, spoken_span
from bot.minuting import minutes_answer
from casework import tables
from casework.agenda_paper import spoken_decision, venue_of
from casework.desk import Work
from casework.documents import kept_paper
from casework.letters import spoken_day, spoken_moment
from casework.meeting_record import actions_of, day_of, meeting_before
from casework.meeting_words import WERE_DUE, closing_fact, papers_fact
from casework.not_done import administrators, not_out
from casework.reading import Thing, may_read, may_read_request
from casework.schedule import MeetingState, meetings_of, next_meeting, runs_meetings
from communities.calendars import academic_year, london
from communities.clocks import minutes_due_on
from communities.lifecycle import State

MOST = 10
"""Lines of a list on one card."""


def next_one(work: Work, asker: Asker, question: Question) -> Answer:
    """The coming meeting: when, where, how to join, and whether it was called off."""
    community = community_of(work, asker, question)
    meant = meeting_meant(work, community, question, next_meeting(work, community, None))
    meeting = meant.row
    if meeting is None:
        said = (*meant.note, "The clerk books the next ones.")
        return Answer(title=f"{community} has no meeting booked", sentences=said)
    facts = (
        ("When", spoken_moment(meeting.starts_at)),
        ("Where", venue_of(meeting.room)),
        closing_fact(meeting, work.now),
        papers_fact(meeting, work.now),
    )
    may_join = meeting.join_url and question.is_personal and may_read(work, Thing.JOIN_LINK, asker.mail, community)
    links = (("Join in Teams", meeting.join_url),) if may_join else ()
    meets = "met" if meeting.ends_at <= work.now else "meets"
    title = f"{community} {meets} on {spoken_day(day_of(meeting))}"
    return Answer(title=title, sentences=meant.note, facts=facts, links=links)


_EVERY_DEADLINE = re.compile(
    r"\b(?:deadlines|closing dates)\b.*\bcommunities\b|\ball (?:the |my |our )?(?:deadlines|closing dates)\b",
    re.IGNORECASE,
)


def _all_deadlines(work: Work, communities: Sequence[str]) -> Answer:
    """Until when requests count for the next meeting of each community that still takes them."""
    facts = []
    for community in communities:
        coming = [m for m in meetings_of(work, community) if m.starts_at > work.now]
        still = (
            m for m in coming if m.state != MeetingState.CANCELLED and not m.submissions_close_at.is_over(work.now)
        )
        if (first := next(still, None)) is not None:
            said = f"send it by {spoken_day(first.submissions_close_at.last_day)}, heard on {spoken_day(day_of(first))}"
            facts.append((community, said))
        else:
            facts.append((community, "no meeting takes requests yet"))
    return Answer(title="Deadlines for requests to your communities", facts=facts)


def deadline(work: Work, asker: Asker, question: Question) -> Answer:
    """Until when requests count for which meeting: the first still open; of all communities where asked."""
    if _EVERY_DEADLINE.search(question.text) and "community" not in question.entities and asker.communities:
        return _all_deadlines(work, asker.communities)
    community = community_of(work, asker, question)
    coming = [m for m in meetings_of(work, community) if m.starts_at > work.now and m.state != MeetingState.CANCELLED]
    open_ones = [m for m in coming if not m.submissions_close_at.is_over(work.now)]
    meant = meeting_meant(work, community, question, open_ones[0] if open_ones else None)
    first, said = meant.row, [*meant.note]
    if first is None:
        said.append("None is booked that is open.")
        return Answer(title=f"No meeting of {community} takes requests yet", sentences=said)
    if first.submissions_close_at.is_over(work.now):
        return _closed(community, first, open_ones[0] if open_ones else None)
    if coming[0].id != first.id and coming[0] not in open_ones:
        said.append(
            f"Submissions for the meeting on {spoken_day(day_of(coming[0]))} have closed. The chair may let a late "
            "request in."
        )
    said.append(
        f"Requests sent until {first.submissions_close_at} are heard on {spoken_day(day_of(first))}. "
        "Later ones go to the meeting after."
    )
    return Answer(title=f"{community}: send it by {spoken_day(first.submissions_close_at.last_day)}", sentences=said)


def _closed(community: str, meeting: Any, next_open: Any) -> Answer:
    """Of a meeting that takes no more requests: since when, and which one still does."""
    when = spoken_day(day_of(meeting))
    said = [f"They closed at {meeting.submissions_close_at}."]
    if next_open is not None:
        said.append(
            f"Requests sent until {next_open.submissions_close_at} are heard on {spoken_day(day_of(next_open))}."
        )
    return Answer(title=f"{community}: submissions for {when} have closed", sentences=said)


def papers(work: Work, asker: Asker, question: Question) -> Answer:
    """The agenda of the day that was named, or of the coming meeting."""
    community = community_of(work, asker, question)
    check_told(work, asker, question, Thing.PAPERS, community)
    meant = meeting_meant(work, community, question, next_meeting(work, community, None))
    meeting = meant.row
    if meeting is None:
        return Answer(title=f"{community} has no meeting booked", sentences=meant.note)
    when, kept = spoken_day(day_of(meeting)), kept_paper(work, meeting.id, "agenda")
    if kept is None or not kept.web_url:
        said = _not_out(work, asker, meeting)
        return Answer(title=f"The agenda for {when} is not out yet", sentences=(*meant.note, *said))
    link = ("Open the agenda", kept.web_url)
    return Answer(title=f"Agenda of {community}, {when}", sentences=meant.note, links=(link,))


def _not_out(work: Work, asker: Asker, meeting: Any) -> tuple[str, ...]:
    """When it goes out, or why it could not; the reason is for those who run the community."""
    label, day = papers_fact(meeting, work.now)
    if (problem := not_out(work, meeting.id)) is not None:
        said = f"It is made, but it could not be sent; it is due by {day}."
        whom = f"The administrators can fix this: {administrators(work)}."
        return (said, problem, whom) if runs_meetings(work, meeting.community, asker.mail) else (said,)
    if meeting.state == MeetingState.SENDING:
        return (f"It is being sent; it is due by {day}.",)
    return (f"It was due by {day}." if label == WERE_DUE else f"It goes out by {day}, with the papers.",)


def minutes(work: Work, asker: Asker, question: Question) -> Answer:
    """The minutes of the day that was named, or of the last meeting."""
    community = community_of(work, asker, question)
    check_told(work, asker, question, Thing.PAPERS, community)
    meant = meeting_meant(work, community, question, meeting_before(work, community, work.now))
    meeting = meant.row
    if meeting is None:
        return Answer(title=f"{community} has not met yet", sentences=meant.note)
    when, kept = spoken_day(day_of(meeting)), kept_paper(work, meeting.id, "minutes")
    if kept is not None and kept.web_url:
        link = ("Open the minutes", kept.web_url)
        return Answer(title=f"Minutes of {community}, {when}", sentences=meant.note, links=(link,))
    if meeting.starts_at > work.now:
        said = (*meant.note, "Minutes are written after the meeting.")
        return Answer(title=f"{community} has not met on {when} yet", sentences=said)
    if question.is_personal and meeting.state == MeetingState.HELD and runs_meetings(work, community, asker.mail):
        return minutes_answer(work, meeting, meant.note)
    due = spoken_day(minutes_due_on(day_of(meeting), work.desk.days))
    said = (*meant.note, f"The clerk writes them by {due}.")
    return Answer(title=f"The minutes of {when} are not filed yet", sentences=said)


def actions(work: Work, asker: Asker, question: Question) -> Answer:
    """The community's open actions."""
    community = community_of(work, asker, question)
    check_told(work, asker, question, Thing.ACTIONS, community)
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
    """What was decided on the day or in the days that were named, or at the last meeting; for days to come, which of
    the requests that the asker may read are to be heard then.
    """
    if of_a_kind := listed(work, asker, question):
        return of_a_kind
    community = community_of(work, asker, question)
    check_told(work, asker, question, Thing.DECISIONS, community)
    days, year = days_of(question), _YEAR.search(question.text)
    if days is None and year is not None:
        days, span = _school_year(work.today, year["which"])
        note: tuple[str, ...] = ()
    elif days is None:
        meant = meeting_meant(work, community, question, meeting_before(work, community, work.now))
        if meant.row is None:
            return Answer(title=f"{community} has not met yet", sentences=meant.note)
        days = (day_of(meant.row), day_of(meant.row) if "term" in question.entities else work.today)
        span, note = _span(*days), meant.note
    else:
        span, note = spoken_span(question), ()
    to_come = _to_come(work, asker, community, days) if days_of(question) and days[1] >= work.today else []
    if days[0] > work.today:
        return _heard_then(work, community, span, to_come)
    found = _decided(work, community, *days)
    facts = [(f"{r.id}, {r.school}", spoken_decision(r)) for r in found[:MOST]] + to_come[:MOST]
    title = f"{community}: {_count(len(found), 'decision')} {span}" if found else f"{community} decided nothing {span}"
    return Answer(title=title, sentences=note, facts=facts)


_YEAR = re.compile(r"\b(?P<which>this|last|previous) (?:school |academic )?year\b", re.IGNORECASE)


def _school_year(today: date, which: str) -> tuple[tuple[date, date], str]:
    """The days of this school year so far or of the last one, and how they are spoken of."""
    begins = int(academic_year(today)[:4])
    if which.casefold() == "this":
        return (date(begins, 9, 1), today), f"this school year ({academic_year(today)})"
    days = date(begins - 1, 9, 1), date(begins, 8, 31)
    return days, f"in the school year {academic_year(days[0])}"


def _span(first: date, last: date) -> str:
    return f"on {spoken_day(first)}" if first == last else f"from {spoken_day(first)} to {spoken_day(last)}"


def _heard_then(work: Work, community: str, span: str, to_come: Sequence[tuple[str, str]]) -> Answer:
    """Of days to come: nothing is decided yet; what is to be heard, or which meeting is next."""
    if to_come:
        count = _count(len(to_come), "request")
        return Answer(title=f"{community} hears {count} {span}", facts=to_come[:MOST])
    coming = next_meeting(work, community, None)
    said = (f"The next meeting is on {spoken_day(day_of(coming))}.",) if coming is not None else ()
    return Answer(title=f"{community} has no requests to hear {span} yet", sentences=said)


def _to_come(work: Work, asker: Asker, community: str, days: tuple[date, date]) -> list[tuple[str, str]]:
    """The requests to be heard at the meetings of those days that are still to come, as far as the asker may read."""
    meetings = {m.id: day_of(m) for m in meetings_of(work, community) if days[0] <= day_of(m) <= days[1]}
    requests = tables.requests
    rows = work.conn.execute(
        select(requests)
        .where(requests.c.meeting_id.in_(meetings), requests.c.state.in_((State.RECEIVED, State.ON_AGENDA)))
        .order_by(requests.c.id)
    )
    return [
        (f"{r.id}, {r.school}", f"to be heard on {spoken_day(meetings[r.meeting_id])}")
        for r in rows
        if may_read_request(work, Thing.REQUEST, r, asker.mail) and meetings[r.meeting_id] >= work.today
    ]


def _decided(work: Work, community: str, first: date, last: date) -> list[Any]:
    decided, requests = tables.decisions, tables.requests
    rows = work.conn.execute(
        select(requests.c.id, requests.c.school, decided)
        .join(decided, (decided.c.request_id == requests.c.id) & (decided.c.round == requests.c.round))
        .where(requests.c.community == community)
        .order_by(requests.c.id)
    )
    return [r for r in rows if first <= london(r.decided_at).date() <= last]


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
