"""Which period a report covers: the KiT report at the four reporting points, the Area Board's once a quarter.

Source: slides 'Evaluation' and 'Agenda template'. The figures are casework's, the document is papers'.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from communities.calendars import academic_year, at_london
from communities.clocks import board_quarters, reporting_points


class ReportKind(StrEnum):
    """To whom a report goes."""

    KIT = "KiT meeting"
    BOARD = "Area Board"


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


_DUE: dict[ReportKind, Callable[[str], tuple[date, ...]]] = {
    ReportKind.KIT: reporting_points,
    ReportKind.BOARD: board_quarters,
}


def period_of(kind: ReportKind, day: date) -> Period:
    """The period a report is drafted for on `day`: the one that is running, its due day included."""
    years = (academic_year(date(day.year + offset, day.month, min(day.day, 28))) for offset in (-1, 0, 1))
    due_days = sorted(due for year in years for due in _DUE[kind](year))
    before, due = next((b, d) for b, d in pairwise(due_days) if b < day <= d)
    return Period(first_day=before + timedelta(days=1), due_on=due)
