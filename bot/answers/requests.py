"""A school's requests and how one of them stands. Only who has to do with a request hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from bot.asking import (
    Answer,
    Answering,
    AskBack,
    Asker,
    Question,
    nothing_about,
    request_row_of,
    school_of,
)
from casework import tables
from casework.agenda_paper import spoken_decision
from casework.decide import decision_row
from casework.desk import Work
from casework.errors import InputRefused
from casework.letters import spoken_day
from casework.meeting_record import day_of
from casework.meeting_words import late_sentence
from casework.reading import Thing, may_read_request, unreadable
from casework.request_money import after_decision, money_of
from casework.request_record import is_current
from casework.schedule import meeting_row
from communities.calendars import london
from communities.lifecycle import DECIDED, OPEN, State
from communities.money import pounds

MOST = 10

NEXT: Mapping[State, str] = {
    State.SUBMITTED: "The clerk looks at it.",
    State.RETURNED: "The school mends it and sends it again.",
    State.RECEIVED: "It waits for its meeting.",
    State.ON_AGENDA: "The community hears it at the meeting.",
    State.DEFERRED: "It comes onto the next agenda by itself.",
    State.DECIDED: "It goes to the Area HNFO within three working days.",
    State.FORWARDED: "KCC processes it within 30 days and pays with the next schools' advance.",
    State.MODERATED: "KCC pays it with a schools' advance.",
    State.PAID: "The review date is the next thing.",
    State.CLOSED: "Nothing more is to be done.",
    State.WITHDRAWN: "Nothing more is to be done.",
}
"""What happens next from each state."""


def status(work: Work, asker: Asker, question: Question) -> Answer:
    """One request: where it stands and what comes next. Without a number, the school's latest open one or a choice."""
    wanted = question.entities.get("request")
    row = request_row_of(work, asker, wanted) if wanted else _latest(work, asker, question)
    if row is None or not _may_be_told_here(question, row):
        return nothing_about(wanted or "that request")
    facts = [("School", row.school), ("Community", row.community), ("Stands", row.state)]
    if row.meeting_id:
        facts.append(("Meeting", spoken_day(day_of(meeting_row(work, row.meeting_id)))))
    if row.state in DECIDED:
        facts.append(("Decision", spoken_decision(decision_row(work, row.id))))
        facts += after_decision(money_of(work, [row.id])[row.id])
    elif row.requested_pence:
        facts.append(("Asked for", pounds(row.requested_pence)))
    return Answer(title=f"{row.id}: {row.state}", sentences=(_next(work, row),), facts=facts)


def _next(work: Work, row: Any) -> str:
    if row.state == State.DECIDED and not decision_row(work, row.id).amount_pence:
        return "It was decided without money, so nothing goes to the Area HNFO."
    if row.state == State.ON_AGENDA and row.meeting_id and meeting_row(work, row.meeting_id).starts_at <= work.now:
        return "The meeting has begun or is over; no decision is recorded yet."
    late = late_sentence(work, row) if row.state == State.RECEIVED and row.round == 1 else ""
    return f"{late} {NEXT.get(State(row.state), '')}".strip()


def mine(work: Work, asker: Asker, question: Question) -> Answer:
    """The school's requests of this school year, open ones first."""
    school = school_of(work, asker, question)
    rows = [r for r in _of_school(work, school) if may_read_request(work, Thing.STATUS, r, asker.mail)]
    rows = [r for r in rows if is_current(r, work.today)]
    if not rows:
        return Answer(title=f"No requests of {school} this school year that you may see")
    facts = [(r.id, f"{r.state}, sent {london(r.submitted_at):%-d %b %Y}") for r in rows[:MOST]]
    choices = tuple((f"How is {r.id}?", f"status of {r.id}") for r in rows[:3])
    count = f"{len(rows)} request" + ("" if len(rows) == 1 else "s")
    listed = [f"status of {r.id}" for r in rows[:MOST]]
    return Answer(title=f"{school}: {count}", facts=facts, choices=choices, listed=listed)


def request_meant(work: Work, asker: Asker, question: Question) -> Any:
    """The request that was named, or the asker's school's only open one. Raises `AskBack`,
    `NotReadable` or `InputRefused`.
    """
    wanted = question.entities.get("request")
    row = request_row_of(work, asker, wanted) if wanted else _latest(work, asker, question)
    if row is None:
        raise unreadable(str(wanted)) if wanted else InputRefused("Your school has no open request.")
    return row


def _of_school(work: Work, school: str) -> list[Any]:
    requests = tables.requests
    rows = work.conn.execute(select(requests).where(requests.c.school == school).order_by(requests.c.id.desc())).all()
    return sorted(rows, key=lambda r: r.state not in OPEN)


def _latest(work: Work, asker: Asker, question: Question) -> Any:
    """The only open request of the school, or its latest; several open ones are asked about."""
    rows = [
        r
        for r in _of_school(work, school_of(work, asker, question))
        if may_read_request(work, Thing.REQUEST, r, asker.mail)
    ]
    open_ones = [r for r in rows if r.state in OPEN]
    if len(open_ones) > 1:
        choices = tuple((f"{r.id}, {london(r.submitted_at):%-d %b}", str(r.id)) for r in open_ones[:6])
        raise AskBack(Answer(title="Which request do you mean?", choices=choices, is_of_now=False))
    return rows[0] if rows else None


def _may_be_told_here(question: Question, row: Any) -> bool:
    """In a channel or meeting, of its own community's alone; in a group chat of none: who reads along is not known."""
    return question.is_personal or row.community == question.home


ANSWERS: Mapping[str, Answering] = {"request_status": status, "my_requests": mine}
