"""Moments for a meeting: those it needs first, then the fewest busy, then the earliest."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from communities.calendars import at_london
from communities.proposals import STARTS, Proposal, propose_moments

DAY, WEEKEND = date(2026, 11, 5), date(2026, 11, 7)
HOUR = timedelta(hours=1)
TIMES = (time(9, 0), time(10, 30), time(13, 30), time(15, 30))


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """A moment of the day."""
    return at_london(day, time(hour, minute))


def test_four_moments_of_a_working_day_are_tried() -> None:
    assert STARTS == TIMES  # a choice
    found = propose_moments([DAY, WEEKEND], HOUR, {}, [])
    assert found == [Proposal(starts_at=at_london(DAY, t), busy=()) for t in TIMES]


def test_at_most_five_the_earliest_first() -> None:
    days = [date(2026, 11, 6), DAY]
    assert [p.starts_at for p in propose_moments(days, HOUR, {}, [])] == [
        *(at_london(DAY, t) for t in TIMES), at(9, day=days[0]),
    ]  # fmt: skip
    assert len(propose_moments(days, HOUR, {}, [], most=2)) == 2


@pytest.mark.parametrize(
    ("begins", "ends", "busy"),
    [(at(8), at(9), False), (at(8), at(9, 1), True), (at(9, 59), at(11), True), (at(10), at(10, 20), False),
     (at(9, 10), at(9, 20), True), (at(8), at(17), True)],
)  # fmt: skip
def test_somebody_is_busy_whose_time_overlaps(begins: datetime, ends: datetime, busy: bool) -> None:
    found = propose_moments([DAY], HOUR, {"ann": [(at(6), at(7)), (begins, ends)]}, [])
    assert next(p for p in found if p.starts_at == at(9)).busy == (("ann",) if busy else ())


def test_those_the_meeting_needs_come_first_then_the_fewest_busy() -> None:
    busy = {
        "CHAIR": [(at(9), at(10))], "b": [(at(10, 30), at(11)), (at(13, 30), at(14))],
        "a": [(at(10, 30), at(11))], "c": [(at(10, 30), at(11))],
    }  # fmt: skip
    found = propose_moments([DAY], HOUR, busy, ["chair"])
    assert [(p.starts_at, p.busy) for p in found] == [
        (at(15, 30), ()), (at(13, 30), ("b",)), (at(10, 30), ("a", "b", "c")), (at(9), ("CHAIR",)),
    ]  # fmt: skip
