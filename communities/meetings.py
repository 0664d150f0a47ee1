"""Community meetings: when they are held and what their agenda says.

Source: slides 'Agenda template' and '1st Community Meetings'. Writing the Word file is papers'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import unquote

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

FIRST_AGENDA_ITEMS: tuple[tuple[str, int], ...] = (
    ("Terms of reference", 10),
    ("Operating guidance", 10),
    ("Reminder of the agreed principles of April 2023", 10),
    ("Inclusion dashboard: what is it telling you, and what updates are needed?", 15),
    ("Planning for the future: what do we have and how do we make best use of it? Whole school provision review, "
     "link practitioners", 25),
    ("Preparation to use a solution-focused approach to requests", 15),
    ("SEN notional budgets: is the guidance understood?", 15),
    ("Community budget information", 20),
)  # fmt: skip
"""Slide '1st Community Meetings – June and July'."""

FIRST_MEETING_MONTHS = (6, 7)

KIT_ITEM = 4
"""The item 'Report to and from KiT meetings', which is due four times a year."""


class Template(StrEnum):
    """Which agenda a meeting has."""

    STANDARD = "standard"
    FIRST = "first"


class ProposalOutcome(StrEnum):
    """What became of a change to the minutes that somebody else wrote."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLACED = "replaced"
    """The file says something else there by now."""


ITEMS: Mapping[Template, tuple[tuple[str, int], ...]] = MappingProxyType(
    {Template.STANDARD: AGENDA_ITEMS, Template.FIRST: FIRST_AGENDA_ITEMS}
)


def template_of(meeting_day: date, *, has_met: bool) -> Template:
    """A community's first meeting, in June or July, has an agenda of its own."""
    is_first = not has_met and meeting_day.month in FIRST_MEETING_MONTHS
    return Template.FIRST if is_first else Template.STANDARD


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


def agenda_items(
    starts_at: datetime,
    template: Template = Template.STANDARD,
    minutes: Sequence[int] | None = None,
    *,
    reports_to_kit: bool = True,
) -> tuple[AgendaItem, ...]:
    """The agenda with the time at which each item begins; `minutes` are the chair's, one an item.

    Where the report to KiT is not due, its item says so and takes no time of its own unless the chair gives it some.
    """
    items, at = [], starts_at
    for number, (title, usual) in enumerate(ITEMS[template], 1):
        skipped = template is Template.STANDARD and number == KIT_ITEM and not reports_to_kit
        shown = f"{title}: not due at this meeting" if skipped else title
        items.append(AgendaItem(number=number, title=shown, time=f"{london(at):%H:%M}"))
        at += timedelta(minutes=minutes[number - 1] if minutes else 0 if skipped else usual)
    return tuple(items)


DASHBOARD_ITEM = 3


def with_dashboard(items: Sequence[AgendaItem], address: str) -> tuple[AgendaItem, ...]:
    """Item 3 of the standard agenda, outcomes data, names the community's page of the Inclusion Dashboard."""
    if not address:
        return tuple(items)
    return tuple(replace(i, title=f"{i.title}: {address}") if i.number == DASHBOARD_ITEM else i for i in items)


STUDIES_ITEM = 5
"""Slide 'Agenda template': item 5 is group solution discussions / case studies."""


def with_case_studies(items: Sequence[AgendaItem], studies: Sequence[str]) -> tuple[AgendaItem, ...]:
    """Case studies that were shared stand with item 5 of the standard agenda."""
    if not studies:
        return tuple(items)
    said = "; ".join(studies)
    return tuple(replace(i, title=f"{i.title}: {said}") if i.number == STUDIES_ITEM else i for i in items)


def times_problems(minutes: Sequence[int], template: Template, length: timedelta) -> Iterator[str]:
    """What stands against the times a chair sets: one an item, none negative, all within the meeting."""
    wanted = len(ITEMS[template])
    if len(minutes) != wanted:
        yield f"The agenda has {wanted} items and {len(minutes)} times were given. Give one number of minutes an item."
    if negative := [m for m in minutes if m < 0]:
        yield f"{negative[0]} minutes is less than none."
    total, most = sum(minutes), int(length.total_seconds() // 60)
    if total > most:
        yield f"The items take {total} minutes and the meeting {most}. Take {total - most} minutes off."


class Mark(StrEnum):
    """The register of attendance."""

    PRESENT = "Present"
    APOLOGIES = "Apologies"
    ABSENT = "Absent"


@dataclass(frozen=True, kw_only=True)
class Attendee:
    """A line of the register: one representative a school; `of` is the school, or a role for chair, clerk, adviser."""

    of: str
    person: str
    mark: Mark


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something agreed: who does it by when. It returns on each agenda until it is closed."""

    id: str
    what: str
    owner: str
    due_on: date
    closed_on: date | None = None
    outcome: str = ""

    def is_overdue(self, today: date) -> bool:
        """Open past its day."""
        return self.closed_on is None and today > self.due_on


def chat_in_link(join_url: str) -> str:
    """The thread of a Teams meeting's chat where its link names it: the long form does, the short one,
    `teams.microsoft.com/meet/...`, does not (microsoft-graph-comms-samples issue 847).
    """
    thread = unquote(join_url).partition("/meetup-join/")[2].partition("/")[0]
    return thread if thread.startswith("19:") else ""
