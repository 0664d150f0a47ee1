"""The reports of a community: when they are due, and on which agendas the item on KiT meetings stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from tests.oracle import days
from tests.oracle.year import Meeting

KIT, BOARD = "KiT report", "Area Board report"

KIT_MONTHS = ((2026, 11), (2027, 2), (2027, 4), (2027, 7))
"""Slide 'Evaluation': four reporting points: November, February, April, July."""

BOARD_MONTHS = ((2026, 9), (2026, 12), (2027, 3), (2027, 6))
"""Once a quarter (slide 'Agenda template'); its last month (a choice)."""


def due_days(kind: str) -> list[date]:
    """The school year's four: the last school day of the month; in July, in which the school year ends, five working
    days before that end (a choice: decision 0023).
    """
    return [_due(*month) for month in (KIT_MONTHS if kind == KIT else BOARD_MONTHS)]


def _due(year: int, month: int) -> date:
    if (year, month) == (2027, 7):
        return days.before(days.TERMS[-1][1], 5)
    day = days.before(date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1), 1)
    while not days.in_term(day):
        day = days.before(day, 1)
    return day


def reports_open(today: date) -> Iterator[tuple[str, date]]:
    """Those that are drafted by today (two working weeks before they are due) and, as nobody signs any, not sent."""
    for kind in (KIT, BOARD):
        yield from ((kind, due) for due in due_days(kind) if days.before(due, 10) <= today)


def has_kit_item(meeting: Meeting, meetings: Sequence[Meeting]) -> bool:
    """Whether the item 'Report to and from KiT meetings' is due on this agenda: four a school year for each community.

    Each report is heard at the last meeting up to the day it is due that hears no later one (decision 0023).
    """
    free, hearing = list(meetings), []
    for due in reversed(due_days(KIT)):
        in_time = [m for m in free if m.day <= due]
        hearing.append(in_time[-1])
        free = in_time[:-1]
    return meeting in hearing
