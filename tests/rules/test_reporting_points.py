"""When reports are due, and which meetings have the KiT report on their agenda."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.reporting_points import board_quarters, meetings_with_report, month_of, reporting_points
from tests.rules.kent import KENT


@pytest.mark.parametrize(
    ("academic", "known", "due"),
    [
        # slide 'Evaluation': November, February, April, July; July's five working days before school ends
        ("2026-27", True, (date(2026, 11, 30), date(2027, 2, 26), date(2027, 4, 30), date(2027, 7, 15))),
        ("2025-26", True, (date(2025, 11, 28), date(2026, 2, 27), date(2026, 4, 30), date(2026, 7, 15))),
        ("2026-27", False, (date(2026, 11, 30), date(2027, 2, 26), date(2027, 4, 30), date(2027, 7, 30))),
        ("2099-00", False, (date(2099, 11, 30), date(2100, 2, 26), date(2100, 4, 30), date(2100, 7, 30))),
    ],
)
def test_kit_reports_are_due_at_four_points(academic: str, known: bool, due: tuple[date, ...]) -> None:
    assert reporting_points(academic, KENT if known else ()) == due


@pytest.mark.parametrize(
    ("academic", "known", "due"),
    [
        # once a quarter; its last month is a choice
        ("2026-27", True, (date(2026, 9, 30), date(2026, 12, 18), date(2027, 3, 25), date(2027, 6, 30))),
        ("2025-26", True, (date(2025, 9, 30), date(2025, 12, 19), date(2026, 3, 31), date(2026, 6, 30))),
        ("2026-27", False, (date(2026, 9, 30), date(2026, 12, 31), date(2027, 3, 31), date(2027, 6, 30))),
    ],
)
def test_area_board_reports_are_due_once_a_quarter(academic: str, known: bool, due: tuple[date, ...]) -> None:
    assert board_quarters(academic, KENT if known else ()) == due


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2027, 12, 5), date(2027, 12, 1), date(2027, 12, 31)),
        (date(2027, 2, 14), date(2027, 2, 1), date(2027, 2, 28)),
        (date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 11, 30), date(2026, 11, 1), date(2026, 11, 30)),
        (date(2027, 1, 1), date(2027, 1, 1), date(2027, 1, 31)),
    ],
)
def test_a_month_has_its_first_and_last_day(day: date, first: date, last: date) -> None:
    assert month_of(day) == (first, last)


POINTS = (date(2026, 11, 30), date(2027, 2, 26), date(2027, 4, 30), date(2027, 7, 15))


@pytest.mark.parametrize(
    ("meetings", "found"),
    [
        (
            (date(2026, 9, 24), date(2026, 11, 12), date(2027, 1, 14), date(2027, 3, 4), date(2027, 4, 22),
             date(2027, 6, 17)),
            {date(2026, 11, 12), date(2027, 1, 14), date(2027, 4, 22), date(2027, 6, 17)},
        ),
        ((date(2026, 11, 30), date(2026, 12, 1)), {date(2026, 11, 30), date(2026, 12, 1)}),
        ((date(2026, 9, 24), date(2026, 9, 24)), {date(2026, 9, 24)}),
        ((date(2027, 7, 16),), set()),
        ((date(2027, 7, 15),), {date(2027, 7, 15)}),
        ((), set()),
    ],
)  # fmt: skip
def test_each_report_stands_on_the_last_agenda_before_it_is_due(meetings: tuple[date, ...], found: set[date]) -> None:
    assert meetings_with_report(POINTS, meetings) == found
    assert meetings_with_report(tuple(reversed(POINTS)), reversed(meetings)) == found


@given(st.sets(st.dates(date(2026, 9, 1), date(2027, 7, 15)), min_size=6, max_size=8))
def test_there_are_at_most_four_agendas_with_a_report_and_the_last_meeting_in_time_is_one(days: set[date]) -> None:
    found = meetings_with_report(POINTS, days)
    assert len(found) <= 4
    assert max(days) in found
