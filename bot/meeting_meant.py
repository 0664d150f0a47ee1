"""Which meeting a sentence means: the one of the day, the span of days or the term it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.asking import Question
from casework.desk import Work
from casework.letters import spoken_day
from casework.meeting_record import day_of
from casework.schedule import MeetingState, meetings_of
from communities.calendars import academic_year


@dataclass(frozen=True, kw_only=True)
class MeetingMeant:
    """The meeting to answer about, or None; `note` says where the sentence named another day than any meeting's."""

    row: Any
    note: tuple[str, ...] = ()


def meeting_meant(work: Work, community: str, question: Question, usual: Any) -> MeetingMeant:
    """The meeting a sentence names; the `usual` one where it names none, or names days without a meeting."""
    named = _named(work, community, question)
    if named is None:
        return MeetingMeant(row=usual)
    if named:
        return MeetingMeant(row=named[0])
    span = _spoken(question)
    about = f" This is about {spoken_day(day_of(usual))}." if usual is not None else ""
    return MeetingMeant(row=usual, note=(f"{community} has no meeting {span}.{about}",))


def days_of(question: Question) -> tuple[date, date] | None:
    """The first and the last day a sentence names, or None."""
    entities = question.entities
    if day := entities.get("date"):
        return date.fromisoformat(day), date.fromisoformat(day)
    if first := entities.get("from"):
        return date.fromisoformat(first), date.fromisoformat(entities["to"])
    return None


def _named(work: Work, community: str, question: Question) -> list[Any] | None:
    days, term = days_of(question), question.entities.get("term")
    if days is None and term is None:
        return None
    meetings = [m for m in meetings_of(work, community) if m.state != MeetingState.CANCELLED]
    if days is not None:
        return [m for m in meetings if days[0] <= day_of(m) <= days[1]]
    return [m for m in meetings if m.term == term and m.academic_year == academic_year(work.today)]


def _spoken(question: Question) -> str:
    days = days_of(question)
    if days is None:
        return f"in term {question.entities['term']}"
    if days[0] == days[1]:
        return f"on {spoken_day(days[0])}"
    return f"from {spoken_day(days[0])} to {spoken_day(days[1])}"
