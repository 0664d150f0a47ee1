"""A response sent again is held by one rule, whether a workbook is read by `cos ingest` or the service takes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.entering import Arrival
from casework.receive import receive
from communities.directory import Directory
from communities.intake import Outcome, Reading
from forms_ingest.request_for_support import FORM, hold_duplicates, read_response
from tests.conftest import START, Bench, submitted

TEXT = "A quiet corner at lunch"


def readings(directory: Directory, days: list[int]) -> Iterator[Reading]:
    """The same person, school and text, sent on these days."""
    for number, day in enumerate(days, 1):
        answers = submitted(directory, number, solution=TEXT, completed=START + timedelta(days=day))
        reading = read_response(answers, directory, arrived_at=START)
        assert reading is not None
        yield reading


def by_file(directory: Directory, days: list[int]) -> list[Outcome]:
    return [r.outcome for r in hold_duplicates(readings(directory, days))]


def by_service(bench: Bench, days: list[int], *, at_once: bool) -> list[Any]:
    with bench.desk.work() as work:
        forget(work)
        arrivals = [Arrival(form=FORM, route="list", reading=r) for r in readings(directory_of(work), days)]
        portions = [arrivals] if at_once else [[a] for a in arrivals]
        return [outcome for portion in portions for outcome in receive(work, portion)]


def forget(work: Work) -> None:
    for table in (tables.pupils, tables.response_routes, tables.responses, tables.requests):
        work.conn.execute(delete(table))


@pytest.mark.parametrize(
    ("days", "held"),
    [
        ([0], [False]),
        ([0, 28], [False, True]),
        ([0, 29], [False, False]),
        ([0, 29, 30], [False, False, True]),  # a day after the second, though a month after the first
        ([0, 20, 40], [False, True, True]),  # one that is on hold counts as sent
        ([0, 29, 58, 59], [False, False, False, True]),
        ([30, 0, 29], [False, False, True]),  # a workbook's rows may come in any order
    ],
)
def test_a_response_sent_again_is_held_alike_at_every_door(
    bench: Bench, directory: Directory, days: list[int], held: list[bool]
) -> None:
    wanted = [Outcome.HELD if h else Outcome.ACCEPTED for h in held]
    assert by_file(directory, days) == wanted
    assert by_service(bench, days, at_once=True) == wanted
    assert by_service(bench, days, at_once=False) == wanted


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.integers(0, 120), min_size=1, max_size=6))
def test_whatever_the_days_both_doors_hold_the_same(bench: Bench, directory: Directory, days: list[int]) -> None:
    """Reckoned here once more: within 28 days of any response before it."""
    wanted = [
        Outcome.HELD if any(abs(day - other) <= 28 for other in days[:place]) else Outcome.ACCEPTED
        for place, day in enumerate(days)
    ]
    assert by_file(directory, days) == by_service(bench, days, at_once=True) == wanted


def test_the_clerk_reads_which_response_it_repeats_and_how_far_apart(directory: Directory) -> None:
    *_, last = hold_duplicates(readings(directory, [0, 29, 30]))
    assert "response 2, 1 day apart" in last.reasons[0]
