"""When a community's reports are due, and which of its meetings has the KiT report on the agenda.

Source: slides 'Evaluation' and 'Agenda template'. The period a report covers is `reports`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from communities.calendars import WEEKDAYS, SchoolYear, WorkingDays

REPORTING_MONTHS = (11, 2, 4, 7)
"""Slide 'Evaluation': four reporting points: November, February, April, July."""

QUARTER_MONTHS = (9, 12, 3, 6)
"""The last month of each quarter (a choice; slide 'Agenda template': the Area Board report is once per quarter)."""

BEFORE_SCHOOL_ENDS = 5
"""A choice: working days between July's KiT report and the last day of the school year, so that the KiT meeting is held
in term (slide 'Communities of Schools': on 17 July 2025).
"""


def reporting_points(academic: str, school_years: Sequence[SchoolYear]) -> tuple[date, ...]:
    """The due days of the four KiT reports of an academic year (`2026-27`): the last school day of each month, and a
    week earlier in the month in which the school year ends (a choice).

    Months of a year whose term dates are not known count by their working days.
    """
    last_days = {year.terms[-1].last_day for year in school_years}
    return tuple(
        WEEKDAYS.before(day, BEFORE_SCHOOL_ENDS) if day in last_days else day
        for day in _last_school_days(academic, REPORTING_MONTHS, school_years)
    )


def board_quarters(academic: str, school_years: Sequence[SchoolYear]) -> tuple[date, ...]:
    """The due days of the four Area Board reports of an academic year: the last school day of each quarter."""
    return tuple(_last_school_days(academic, QUARTER_MONTHS, school_years))


def _last_school_days(academic: str, months: Iterable[int], school_years: Sequence[SchoolYear]) -> Iterable[date]:
    days, first = WorkingDays(school_years=tuple(school_years)), int(academic[:4])
    for month in months:
        year = first if month >= 9 else first + 1
        yield days.before(date(year + month // 12, month % 12 + 1, 1), 1)


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of its month: where term dates change, a report's due day moves within the month, and
    it is still the same report.
    """
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day.replace(day=1), following - timedelta(days=1)


def meetings_with_report(points: Sequence[date], meeting_days: Iterable[date]) -> set[date]:
    """The meetings of one school year whose agenda has 'Report to and from KiT meetings', four times a year.

    Each report stands on the last agenda before it is due that has no later one, so that the meeting comes before the
    report is sent and no two reports share an agenda.
    """
    left, found = sorted(set(meeting_days)), set[date]()
    for point in sorted(points, reverse=True):
        left = [day for day in left if day <= point]
        if left:
            found.add(left.pop())
    return found
