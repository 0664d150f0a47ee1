"""Which moment people can meet at, by London's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest

from communities.calendars import at_london
from communities.meeting_times import EARLIEST, HOURS, LATEST, hours_problems, overlaps, start_problems
from tests.rules.kent import KENT

NOW, DAY = at_london(date(2026, 11, 2), time(9)), date(2026, 11, 12)
TWO_HOURS = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Then:
    """Two hours, from then on."""

    starts_at: datetime

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + TWO_HOURS


def test_the_working_hours_are_the_ones_chosen() -> None:
    assert (time(8), time(18), "between 8am and 6pm") == (EARLIEST, LATEST, HOURS)


OUTSIDE = "The meeting would run from {} to {}. Keep it between 8am and 6pm."


@pytest.mark.parametrize(
    ("day", "begins", "said"),
    [
        (DAY, time(8), []),
        (DAY, time(7, 59), [OUTSIDE.format("7.59am", "9.59am")]),
        (DAY, time(16), []),
        (DAY, time(16, 1), [OUTSIDE.format("4.01pm", "6.01pm")]),
        (DAY, time(3), [OUTSIDE.format("3am", "5am")]),
        (DAY, time(0), [OUTSIDE.format("12am", "2am")]),
        (DAY, time(23), [OUTSIDE.format("11pm", "1am")]),
        (date(2027, 7, 1), time(8), []),  # by London's clock in summer too
        (date(2027, 7, 1), time(16, 1), [OUTSIDE.format("4.01pm", "6.01pm")]),
        (date(2026, 11, 7), time(9), ["Saturday 7 November 2026 is at a weekend. Choose a working day, for example "
                                      "Monday 9 November 2026."]),
    ],
)  # fmt: skip
def test_people_meet_in_working_hours_on_working_days(day: date, begins: time, said: list[str]) -> None:
    starts = at_london(day, begins)
    assert list(hours_problems("The meeting", starts, starts + TWO_HOURS)) == said
    assert list(start_problems("The meeting", starts, starts + TWO_HOURS, NOW, KENT)) == said


PASSED = "Monday 2 November 2026 at 9am has passed. Choose a time in the future."
UNKNOWN = (
    "Friday 6 November 2099 is in the school year 2099-00, whose term dates are not known (known: 2025-26, 2026-27). "
    "Choose another day, or ask an administrator to add the term dates."
)


@pytest.mark.parametrize(
    ("starts", "now", "said"),
    [
        (NOW, NOW, [PASSED]),
        (NOW + timedelta(minutes=1), NOW, []),
        (at_london(date(2099, 11, 6), time(13)), NOW, [UNKNOWN]),
        (at_london(date(2027, 8, 27), time(13)), NOW, []),
        (at_london(date(2027, 9, 20), time(13)), at_london(date(2027, 9, 1), time(9)), []),  # none of today's are known
    ],
)
def test_a_moment_lies_ahead_and_in_a_school_year_that_is_known(
    starts: datetime, now: datetime, said: list[str]
) -> None:
    assert list(start_problems("The meeting", starts, starts + TWO_HOURS, now, KENT)) == said


def test_no_year_is_asked_about_where_no_term_dates_are_known() -> None:
    starts = at_london(date(2099, 11, 6), time(13))
    assert list(start_problems("The meeting", starts, starts + TWO_HOURS, NOW)) == []


@pytest.mark.parametrize(
    ("minutes", "does"), [(-120, False), (-119, True), (0, True), (119, True), (120, False), (121, False)]
)
def test_two_meetings_overlap_where_both_run(minutes: int, does: bool) -> None:
    other = Then(starts_at=NOW + timedelta(minutes=minutes))
    assert overlaps(Then(starts_at=NOW), other) is does
    assert overlaps(other, Then(starts_at=NOW)) is does
