"""Community meetings: when they are held and what their agenda says.

Source: slides 'Agenda template' and '1st Community Meetings'. Writing the Word file is papers'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from communities.calendars import SchoolYear, at_london, is_working_day, london
from communities.directory import CommunityName

MEETING_MINUTES = 120
"""A choice: the slides leave the length to the chair."""

SETTLING_WEEKS = 2
"""A choice: no community meeting in the first two weeks of the school year."""

SPREAD_WEEKS = 4
"""A choice: the meetings of a county are spread over four weeks of a term."""

STARTS = (time(13, 30), time(15, 45))
"""A choice: after lessons have begun to thin out; two a day, so that one clerk can serve both."""

AGENDA_ITEMS: tuple[tuple[str, int], ...] = (
    ("Welcome, introductions and register of attendance", 10),
    ("Minutes and review of decisions and actions from previous meeting", 15),
    ("Outcomes data (access to dashboard)", 10),
    ("Report to and from KiT meetings (evaluation)", 10),
    ("Group solution discussions / case studies", 60),
    ("Finance updates, with review of the balance sheet", 15),
)
"""Slide 'Agenda template': six items; the minutes are defaults, the chair decides how long each takes."""

POST_MEETING_ACTIONS = (
    "Clerk to forward approved Request for Support forms to the Area HNFO",
    "Clerk and chair to prepare the report for the Area Board (once per quarter)",
)


@dataclass(frozen=True, kw_only=True)
class MeetingSlot:
    """When a community meets in a term; moments are UTC."""

    community: CommunityName
    term: int
    starts_at: datetime
    ends_at: datetime


def propose_slots(communities: Sequence[CommunityName], year: SchoolYear) -> Iterator[MeetingSlot]:
    """One meeting a community and term, spread over weeks and weekdays so that neighbours in the list never clash.

    A proposal for the clerk, not a rule: the slides ask for six meetings and leave the days open.
    """
    for index, community in enumerate(communities):
        for term in year.terms:
            mondays = list(year.school_weeks(term))
            first = SETTLING_WEEKS if term.number == 1 else 0
            week = min(first + index // 5 % SPREAD_WEEKS, len(mondays) - 1)
            wanted = mondays[week] + timedelta(days=index % 5)
            day = _first_school_day(wanted, term.first_day, term.last_day)
            moved = day != wanted  # beside the one that meets that day anyway
            starts_at = at_london(day, STARTS[(index // 20 + moved) % len(STARTS)])
            yield MeetingSlot(
                community=community,
                term=term.number,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=MEETING_MINUTES),
            )


def _first_school_day(day: date, first: date, last: date) -> date:
    day = max(day, first)
    while day <= last and not is_working_day(day):
        day += timedelta(days=1)
    while day > last or not is_working_day(day):
        day -= timedelta(days=1)
    return day


@dataclass(frozen=True, kw_only=True)
class AgendaItem:
    """A line of the agenda table: `time` is London's clock, `HH:MM`."""

    number: int
    title: str
    time: str


def agenda_items(starts_at: datetime) -> tuple[AgendaItem, ...]:
    """The standard agenda with the time at which each item begins."""
    items, at = [], starts_at
    for number, (title, minutes) in enumerate(AGENDA_ITEMS, 1):
        items.append(AgendaItem(number=number, title=title, time=f"{london(at):%H:%M}"))
        at += timedelta(minutes=minutes)
    return tuple(items)
