"""Working days, London's clock, closings, academic and financial years, terms."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.calendars import (
    WEEKDAYS,
    Closing,
    SchoolYear,
    Term,
    WorkingDays,
    academic_year,
    at_london,
    day_off_problems,
    financial_years,
    is_working_day,
    london,
    next_working_day,
    spoken_time,
)
from tests.rules.kent import KENT, KENT_2025, KENT_2026

BANK_HOLIDAYS = {
    2025: ((1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26)),
    2026: ((1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)),
    2027: ((1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)),
    2028: ((1, 3), (4, 14), (4, 17), (5, 1), (5, 29), (8, 28), (12, 25), (12, 26)),
}
"""gov.uk/bank-holidays, England and Wales: those that fall on Monday to Friday."""


@pytest.mark.parametrize("year", BANK_HOLIDAYS)
def test_working_days_are_monday_to_friday_without_englands_bank_holidays(year: int) -> None:
    off = {date(year, month, day) for month, day in BANK_HOLIDAYS[year]}
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [d for d in days if is_working_day(d)] == [
        d for d in days if f"{d:%a}" not in ("Sat", "Sun") and d not in off
    ]


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 5), date(2026, 11, 5)),
        (date(2026, 11, 7), date(2026, 11, 9)),
        (date(2026, 11, 8), date(2026, 11, 9)),
        (date(2027, 3, 26), date(2027, 3, 30)),  # Good Friday to the Tuesday after Easter
        (date(2026, 12, 25), date(2026, 12, 29)),
    ],
)
def test_the_next_working_day_is_the_day_itself_where_it_is_one(day: date, working: date) -> None:
    assert next_working_day(day) == working


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 6), []),
        (date(2026, 11, 7), ["Saturday 7 November 2026 is at a weekend. Choose a working day, for example Monday 9 "
                             "November 2026."]),
        (date(2026, 11, 8), ["Sunday 8 November 2026 is at a weekend. Choose a working day, for example Monday 9 "
                             "November 2026."]),
        (date(2027, 3, 26), ["Friday 26 March 2027 is a bank holiday. Choose a working day, for example Tuesday 30 "
                             "March 2027."]),
        (date(2026, 12, 25), ["Friday 25 December 2026 is a bank holiday. Choose a working day, for example Tuesday 29 "
                              "December 2026."]),
    ],
)  # fmt: skip
def test_a_day_off_says_why_and_which_would_do(day: date, said: list[str]) -> None:
    assert list(day_off_problems(day)) == said


def test_london_is_an_hour_ahead_in_summer_and_needs_a_zone() -> None:
    assert london(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)).hour == 13
    assert london(datetime(2026, 12, 1, 12, 0, tzinfo=UTC)).hour == 12
    assert london(datetime(2026, 12, 1, 12, 0, tzinfo=timezone(timedelta(hours=5)))).hour == 7
    with pytest.raises(ValueError, match="2026-12-01 12:00:00 has no time zone"):
        london(datetime(2026, 12, 1, 12, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(14, 0, "2pm"), (9, 30, "9.30am"), (12, 0, "midday"), (12, 1, "12.01pm"), (11, 0, "11am"), (13, 0, "1pm"),
     (11, 59, "11.59am"), (12, 30, "12.30pm"), (0, 0, "12am"), (0, 5, "12.05am"), (12, 59, "12.59pm"), (8, 1, "8.01am"),
     (23, 45, "11.45pm")],
)  # fmt: skip
def test_times_are_said_as_people_say_them(hour: int, minute: int, said: str) -> None:
    assert spoken_time(at_london(date(2026, 11, 5), time(hour, minute))) == said
    assert spoken_time(at_london(date(2026, 7, 1), time(hour, minute))) == said


def test_a_moment_in_london_is_kept_in_utc() -> None:
    assert at_london(date(2026, 7, 1), time(8, 0)) == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    assert at_london(date(2026, 12, 1), time(8, 0)).tzinfo is UTC


def test_a_closing_is_its_last_day_to_the_end() -> None:
    closing = Closing(last_day=date(2026, 10, 22))
    assert str(closing) == "the end of Thursday 22 October 2026"
    assert closing.at == datetime(2026, 10, 22, 23, 0, tzinfo=UTC)  # summer time
    assert not closing.is_over(datetime(2026, 10, 22, 22, 59, 59, tzinfo=UTC))
    assert closing.is_over(datetime(2026, 10, 22, 23, 0, tzinfo=UTC))
    assert closing.is_over(datetime(2026, 10, 22, 23, 1, tzinfo=UTC))
    assert closing < Closing(last_day=date(2026, 10, 23))
    assert max(closing, Closing(last_day=date(2026, 3, 1))) == closing


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_a_closing_is_found_again_from_the_midnight_after(day: date) -> None:
    assert Closing.ending(Closing(last_day=day).at) == Closing(last_day=day)


@pytest.mark.parametrize("at", [time(0, 1), time(12, 0), time(23, 59), time(0, 0, 1)])
def test_a_moment_that_is_no_midnight_ends_no_day(at: time) -> None:
    with pytest.raises(ValueError, match="is not the end of a day"):
        Closing.ending(at_london(date(2026, 10, 22), at))


@pytest.mark.parametrize(
    ("day", "academic"),
    [(date(2026, 8, 31), "2025-26"), (date(2026, 9, 1), "2026-27"), (date(2026, 12, 31), "2026-27"),
     (date(2027, 1, 1), "2026-27"), (date(2008, 10, 1), "2008-09"), (date(2099, 9, 1), "2099-00"),
     (date(2100, 1, 1), "2099-00"), (date(2100, 9, 1), "2100-01")],
)  # fmt: skip
def test_the_academic_year_turns_in_september(day: date, academic: str) -> None:
    assert academic_year(day) == academic


@pytest.mark.parametrize(
    ("academic", "years"),
    [("2025-26", ("2025-26", "2026-27")), ("2007-08", ("2007-08", "2008-09")), ("2098-99", ("2098-99", "2099-00")),
     ("2099-00", ("2099-00", "2100-01"))],
)  # fmt: skip
def test_an_academic_year_lies_in_two_financial_years(academic: str, years: tuple[str, str]) -> None:
    assert financial_years(academic) == years


@pytest.mark.parametrize(
    ("term", "first", "last", "weeks"),
    [(0, date(2026, 8, 31), date(2026, 10, 12), 7), (1, date(2026, 11, 2), date(2026, 12, 14), 7),
     (3, date(2027, 2, 22), date(2027, 3, 22), 5), (5, date(2027, 6, 7), date(2027, 7, 19), 7)],
)  # fmt: skip
def test_school_weeks_are_the_mondays_of_weeks_that_hold_a_school_day(
    term: int, first: date, last: date, weeks: int
) -> None:
    mondays = list(KENT_2026.school_weeks(KENT_2026.terms[term]))
    assert (mondays[0], mondays[-1], len(mondays)) == (first, last, weeks)
    assert {f"{m:%a}" for m in mondays} == {"Mon"}


def test_a_week_with_its_monday_alone_counts() -> None:
    term = Term(number=1, first_day=date(2026, 11, 6), last_day=date(2026, 11, 16))
    year = SchoolYear(academic_year="2026-27", terms=(term,))
    assert list(year.school_weeks(term)) == [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]


def test_school_holidays_count_by_default_and_do_not_where_the_years_say_so() -> None:
    half_term = date(2026, 10, 28)
    assert WEEKDAYS.is_one(half_term)
    in_school = WorkingDays(school_years=KENT)
    assert not in_school.is_one(half_term)
    for term in KENT_2026.terms:
        assert in_school.is_one(term.first_day)
        assert in_school.is_one(term.last_day)
    for day in (date(2026, 10, 17), date(2026, 10, 19), date(2026, 10, 30), date(2027, 1, 1), date(2027, 3, 26),
                date(2027, 5, 3)):  # fmt: skip
        assert not in_school.is_one(day)
    assert in_school.is_one(date(2029, 10, 31))  # a year whose terms are not known counts by the week
    assert not in_school.is_one(date(2029, 12, 25))
    assert not WorkingDays(school_years=(KENT_2025,)).is_one(date(2025, 10, 22))
    assert WorkingDays(school_years=(KENT_2025,)).is_one(half_term)
    assert WorkingDays(school_years=(KENT_2026,)).is_one(date(2025, 10, 22))


def test_what_people_at_schools_must_do_skips_their_own_holidays() -> None:
    half_term = date(2026, 10, 28)
    days = WorkingDays(schools_own=(KENT_2026,))
    assert days.is_one(half_term)
    assert not days.at_schools.is_one(half_term)
    both = WorkingDays(school_years=(KENT_2026,), schools_own=(KENT_2025,))
    assert both.at_schools == WorkingDays(school_years=(KENT_2026,))
    assert WEEKDAYS.at_schools == WEEKDAYS


@pytest.mark.parametrize(
    ("days", "day", "count", "before", "after"),
    [
        (WEEKDAYS, date(2026, 11, 5), 0, date(2026, 11, 5), date(2026, 11, 5)),
        (WEEKDAYS, date(2026, 11, 5), 1, date(2026, 11, 4), date(2026, 11, 6)),
        (WEEKDAYS, date(2026, 11, 5), 3, date(2026, 11, 2), date(2026, 11, 10)),
        (WEEKDAYS, date(2026, 11, 7), 1, date(2026, 11, 6), date(2026, 11, 9)),
        (WEEKDAYS, date(2026, 12, 24), 2, date(2026, 12, 22), date(2026, 12, 30)),
        (WorkingDays(school_years=KENT), date(2026, 11, 3), 2, date(2026, 10, 16), date(2026, 11, 5)),
        (WorkingDays(school_years=KENT), date(2026, 12, 17), 2, date(2026, 12, 15), date(2027, 1, 4)),
    ],
)
def test_working_days_are_counted_without_the_day_itself(
    days: WorkingDays, day: date, count: int, before: date, after: date
) -> None:
    assert days.before(day, count) == before
    assert days.after(day, count) == after


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(1, 15))
def test_counting_back_lands_on_a_working_day_and_counting_on_comes_back(day: date, count: int) -> None:
    found = WEEKDAYS.before(day, count)
    assert is_working_day(found)
    assert found < day
    assert WEEKDAYS.after(found, count) == next_working_day(day)
