"""A new year is opened: its meetings booked, and what each community still lacks named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from casework import tables
from casework.budget_record import position
from casework.desk import Work
from casework.directory_record import whole_directory
from casework.schedule import MeetingState, schedule_meetings
from casework.year_record import is_closed
from communities.calendars import SchoolYear
from communities.directory import CommunityName, Role
from communities.meetings import Template, propose_slots

MEETINGS = 6
"""Slide 'Communities of Schools': one a term."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How a community's new year stands before it begins."""

    community: str
    meetings: int
    has_first: bool
    """Whether its first meeting of all is among them, with an agenda of its own."""
    has_budget: bool
    missing_roles: tuple[str, ...]
    is_last_closed: bool

    def lacks(self, last_year: str) -> list[str]:
        """What is still to be done, each in a few words."""
        unbooked = MEETINGS - self.meetings
        found = [f"{unbooked} of {MEETINGS} meetings are not booked"] if unbooked > 0 else []
        found += [] if self.has_budget else ["no budget imported"]
        found += [f"no {role} in the directory" for role in self.missing_roles]
        return found + ([] if self.is_last_closed else [f"{last_year} is not closed"])


def open_year(work: Work, year: SchoolYear, communities: Sequence[CommunityName]) -> tuple[int, list[Opening]]:
    """Book the year's meetings that are not booked yet; returns how many, and how each community's year stands.

    Dates come from the county's term dates, templates from whether a community has met before, roles from the directory
    as it will stand on the first day of term. Run again, it books nothing twice.
    """
    booked = schedule_meetings(work, list(propose_slots(communities, year)))
    if booked:
        work.journal("open year", year.academic_year, meetings=booked)
    return booked, [opening_of(work, str(name), year) for name in communities]


def opening_of(work: Work, community: str, year: SchoolYear) -> Opening:
    """How a community's new year stands."""
    meetings, first_day = tables.meetings, year.terms[0].first_day
    rows = work.conn.execute(
        select(meetings.c.template, func.count().label("meetings"))
        .where(meetings.c.community == community, meetings.c.academic_year == year.academic_year)
        .where(meetings.c.state != MeetingState.CANCELLED)
        .group_by(meetings.c.template)
    )
    counts = {str(r.template): int(r.meetings) for r in rows}
    directory = whole_directory(work).on(first_day)
    roles = (Role.CHAIR, Role.CLERK, Role.SEN_IA)
    return Opening(
        community=community,
        meetings=sum(counts.values()),
        has_first=Template.FIRST.value in counts,
        has_budget=position(work, community, year.academic_year) is not None,
        missing_roles=tuple(r.value for r in roles if not directory.people_with(r, community)),
        is_last_closed=_is_settled(work, community, year_before(year.academic_year)),
    )


def year_before(year: str) -> str:
    """`2025-26` for `2026-27`."""
    first = int(year[:4])
    return f"{first - 1}-{first % 100:02d}"


def _is_settled(work: Work, community: str, year: str) -> bool:
    """A year without a budget had nothing to close."""
    return is_closed(work, community, year) or position(work, community, year) is None
