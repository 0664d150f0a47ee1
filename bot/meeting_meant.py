"""Which meeting a sentence means: the one of the day, the span of days or the term it names, or the one after that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.asking import Question
from casework.desk import Work
from casework.letters import spoken_day
from casework.meeting_record import day_of
from casework.schedule import MeetingState, meetings_of
from communities.calendars import academic_year

_DAYS_NOT_READ = re.compile(
    r"\b(?:half[- ]?term|(?:spring|autumn|summer|winter|school) (?:term|holidays?|break)|the holidays"
    r"|next (?:term|year|month|school year)|last (?:term|year|month|school year))\b",
    re.IGNORECASE,
)
"""Days that are named and whose dates are not known here."""


@dataclass(frozen=True, kw_only=True)
class MeetingMeant:
    """The meeting to answer about, or None; `note` says where the sentence named another day than any meeting's."""

    row: Any
    note: tuple[str, ...] = ()


def meeting_meant(work: Work, community: str, question: Question, usual: Any) -> MeetingMeant:
    """The meeting a sentence names; the `usual` one where it names none. Where none fits what it names, the `usual` one
    with a note that says so: no meeting is ever put silently in the place of another.
    """
    about = f" This is about {spoken_day(day_of(usual))}." if usual is not None else ""
    named = _named(work, community, question)
    if named is None and (unread := _DAYS_NOT_READ.search(question.text)):
        return MeetingMeant(row=usual, note=(f"I cannot tell which days “{unread[0]}” is.{about}",))
    if named == []:
        return MeetingMeant(row=usual, note=(f"{community} has no meeting {spoken_span(question)}.{about}",))
    first = named[0] if named else usual
    steps = int(question.entities.get("after", 0))
    if not steps or first is None:
        return MeetingMeant(row=first)
    later = [m for m in _standing(work, community) if m.starts_at > first.starts_at]
    if len(later) >= steps:
        return MeetingMeant(row=later[steps - 1])
    last = later[-1] if later else first
    note = f"No meeting of {community} is booked after {spoken_day(day_of(last))}.{about}"
    return MeetingMeant(row=usual, note=(note,))


def days_of(question: Question) -> tuple[date, date] | None:
    """The first and the last day a sentence names, or None."""
    entities = question.entities
    if day := entities.get("date"):
        return date.fromisoformat(day), date.fromisoformat(day)
    if first := entities.get("from"):
        return date.fromisoformat(first), date.fromisoformat(entities["to"])
    return None


def _standing(work: Work, community: str) -> Sequence[Any]:
    return [m for m in meetings_of(work, community) if m.state != MeetingState.CANCELLED]


def _named(work: Work, community: str, question: Question) -> list[Any] | None:
    days, term = days_of(question), question.entities.get("term")
    if days is None and term is None:
        return None
    meetings = _standing(work, community)
    if days is not None:
        return [m for m in meetings if days[0] <= day_of(m) <= days[1]]
    return [m for m in meetings if m.term == term and m.academic_year == academic_year(work.today)]


def spoken_span(question: Question) -> str:
    """The days or the term a sentence names, with its preposition: 'in January 2027', 'on Monday 4 January 2027'."""
    days = days_of(question)
    if days is None:
        return f"in term {question.entities['term']}"
    first, last = days
    if first == last:
        return f"on {spoken_day(first)}"
    if first.day == 1 and first.month == last.month and (last + timedelta(days=1)).day == 1:
        return f"in {first:%B %Y}"
    return f"from {spoken_day(first)} to {spoken_day(last)}"
