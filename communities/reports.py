"""Which period a report covers: the KiT report at the four reporting points, the Area Board's once a quarter.

Source: slides 'Evaluation' and 'Agenda template'. The figures are casework's, the document is papers'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from communities.calendars import SchoolYear, WorkingDays, academic_year, at_london
from communities.clocks import BOARD_REPORT, KIT_REPORT, report_name
from communities.reporting_points import board_quarters, reporting_points


class ReportKind(StrEnum):
    """What a report is; a community writes both."""

    KIT = KIT_REPORT
    BOARD = BOARD_REPORT


HEADINGS = {
    ReportKind.KIT: "Report to the Keeping in Touch (KiT) meeting",
    ReportKind.BOARD: "Report to the Area Board",
}

DRAFT_WORKING_DAYS = 10
"""A choice: clerk and chair have two weeks to complete a report, which is drafted that long before it is due."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """From the day after the last report was due to the day this one is; both days belong to it."""

    first_day: date
    due_on: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """When it begins, and when it is over, as UTC; by London's clock."""
        return at_london(self.first_day, time(0)), at_london(self.due_on + timedelta(days=1), time(0))

    def __str__(self) -> str:
        return f"{self.first_day:%-d %B %Y} to {self.due_on:%-d %B %Y}"


_DUE: dict[ReportKind, Callable[[str, Sequence[SchoolYear]], tuple[date, ...]]] = {
    ReportKind.KIT: reporting_points,
    ReportKind.BOARD: board_quarters,
}


def period_of(kind: ReportKind, day: date, school_years: Sequence[SchoolYear]) -> Period:
    """The period a report is drafted for on `day`: the one that is running, its due day included."""
    years = (academic_year(date(day.year + offset, day.month, min(day.day, 28))) for offset in (-1, 0, 1))
    due_days = sorted(due for year in years for due in _DUE[kind](year, school_years))
    before, due = next((b, d) for b, d in pairwise(due_days) if b < day <= d)
    return Period(first_day=before + timedelta(days=1), due_on=due)


def to_draft(today: date, days: WorkingDays, school_years: Sequence[SchoolYear]) -> Iterator[tuple[ReportKind, Period]]:
    """The reports that are to be drafted by today: due today or later, and at most two working weeks away."""
    for kind in ReportKind:
        period = period_of(kind, today, school_years)
        if today >= days.before(period.due_on, DRAFT_WORKING_DAYS):
            yield kind, period


def title_of(kind: ReportKind, due_on: date) -> str:
    """`KiT report November 2026`."""
    return f"{report_name(kind.value, due_on)} {due_on.year}"
