"""Moments for a meeting, by when people are free. Who decides is a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from communities.calendars import at_london, is_working_day

STARTS = (time(9, 0), time(10, 30), time(13, 30), time(15, 30))
"""A choice: after the morning's gate, mid-morning, after lunch, after school."""

Busy = Mapping[str, Sequence[tuple[datetime, datetime]]]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A moment, and the mails of those who are busy then."""

    starts_at: datetime
    busy: tuple[str, ...]


def propose_moments(
    days: Iterable[date], length: timedelta, busy: Busy, needed: Sequence[str], most: int = 5
) -> list[Proposal]:
    """The best moments on working days: those whom the meeting needs first, then the fewest busy, then the earliest."""
    must = {m.casefold() for m in needed}
    found = []
    for day in days:
        for at in STARTS if is_working_day(day) else ():
            begins = at_london(day, at)
            clash = tuple(
                sorted(m for m, taken in busy.items() if any(a < begins + length and begins < b for a, b in taken))
            )
            found.append(Proposal(starts_at=begins, busy=clash))
    found.sort(key=lambda p: (sum(m.casefold() in must for m in p.busy), len(p.busy), p.starts_at))
    return found[:most]
