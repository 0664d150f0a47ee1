"""SEN IA surgeries: what an adviser may publish, slots, and when the emails go out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from communities import surgeries
from communities.calendars import WorkingDays, at_london
from communities.surgeries import (
    BookingState,
    Surgery,
    month_ahead,
    monthly_mail_at,
    moves_up,
    reminder_at,
    spoken_months,
    spoken_session,
    spoken_week,
    surgery_problems,
    week_of,
    weekly_mail_at,
)
from tests.rules.kent import KENT

NOW = at_london(date(2026, 11, 2), time(9, 0))
DAY = date(2026, 11, 12)
IN_SCHOOL = WorkingDays(school_years=KENT)


def surgery(day: date = DAY, begins: time = time(14, 0), slots: int = 3, minutes: int = 20) -> Surgery:
    """A session on a Thursday afternoon, with some of it changed."""
    return Surgery(starts_at=at_london(day, begins), slots=slots, slot_minutes=minutes)


def test_the_limits_are_the_ones_chosen() -> None:
    assert (surgeries.SLOT_MINUTES, surgeries.LEAST_MINUTES, surgeries.MOST_MINUTES) == (20, 10, 120)
    assert surgeries.MOST_SLOTS == 16
    characters = surgeries.NOTE_CHARACTERS, surgeries.SUMMARY_CHARACTERS, surgeries.COMMENT_CHARACTERS
    assert characters == (500, 4_000, 1_000)
    assert surgeries.RATINGS == ("1", "2", "3", "4", "5")
    assert Surgery(starts_at=NOW, slots=1).slot_minutes == 20


def test_slots_follow_each_other_from_the_first() -> None:
    session = surgery()
    assert [session.slot_at(n) for n in (1, 2, 3)] == [
        datetime(2026, 11, 12, 14, minute, tzinfo=UTC) for minute in (0, 20, 40)
    ]
    assert session.ends_at == datetime(2026, 11, 12, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("taken", "hour", "minute", "free"),
    [((), 9, 0, (1, 2, 3)), ((2,), 9, 0, (1, 3)), ((1, 2, 3), 9, 0, ()), ((), 13, 59, (1, 2, 3)), ((), 14, 0, (2, 3)),
     ((), 14, 19, (2, 3)), ((3,), 14, 20, ()), ((), 15, 0, ())],
)  # fmt: skip
def test_a_slot_is_free_while_nobody_has_it_and_it_has_not_begun(
    taken: tuple[int, ...], hour: int, minute: int, free: tuple[int, ...]
) -> None:
    assert surgery().free(taken, at_london(DAY, time(hour, minute))) == free


SLOTS = "{} slots were asked for. Choose 1 to 16."
MINUTES = "A slot of {} minutes cannot be. Choose 10 to 120 minutes."
HOURS = "The session would run from {} to {}. Keep it between 8am and 6pm."


@pytest.mark.parametrize(
    ("offered", "said"),
    [
        (surgery(), []),
        (surgery(slots=1), []),
        (surgery(begins=time(9, 0), slots=16), []),
        (surgery(slots=0), [SLOTS.format(0)]),
        (surgery(slots=-1), [SLOTS.format(-1)]),
        (surgery(slots=17), [SLOTS.format(17)]),
        (surgery(minutes=10), []),
        (surgery(minutes=9), [MINUTES.format(9)]),
        (surgery(minutes=120, slots=1), []),
        (surgery(minutes=121, slots=1), [MINUTES.format(121)]),
        (surgery(begins=time(8)), []),
        (surgery(begins=time(7, 59)), [HOURS.format("7.59am", "8.59am")]),
        (surgery(begins=time(17, 0)), []),
        (surgery(begins=time(17, 1)), [HOURS.format("5.01pm", "6.01pm")]),
        (surgery(begins=time(16, 0), slots=16, minutes=60), [HOURS.format("4pm", "8am")]),
        (surgery(begins=time(8, 0), slots=16, minutes=120), [HOURS.format("8am", "4pm")]),
        (surgery(day=date(2026, 11, 2), begins=time(9, 1)), []),
        (surgery(day=date(2026, 11, 2), begins=time(9, 0)),
         ["Monday 2 November 2026 at 9am has passed. Choose a time in the future."]),
        (surgery(day=date(2026, 10, 30)), ["Friday 30 October 2026 at 2pm has passed. Choose a time in the future."]),
        (surgery(day=date(2026, 11, 7)), ["Saturday 7 November 2026 is at a weekend. Choose a working day, for example "
                                          "Monday 9 November 2026."]),
    ],
)  # fmt: skip
def test_what_stands_against_a_session(offered: Surgery, said: list[str]) -> None:
    assert list(surgery_problems(offered, NOW)) == said


OVERLAP = "It overlaps your session on 12 November at {}. Move one of them."


@pytest.mark.parametrize(
    ("begins", "said"),
    [(time(13, 0), []), (time(13, 1), [OVERLAP.format("13:01")]), (time(14, 0), [OVERLAP.format("14:00")]),
     (time(14, 59), [OVERLAP.format("14:59")]), (time(15, 0), []), (time(16, 0), []), (time(9, 0), [])],
)  # fmt: skip
def test_an_advisers_sessions_do_not_overlap(begins: time, said: list[str]) -> None:
    assert list(surgery_problems(surgery(), NOW, [surgery(begins=begins)])) == said


@pytest.mark.parametrize(
    ("day", "days", "at"),
    [
        (date(2026, 11, 20), WorkingDays(), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
        (date(2026, 7, 31), WorkingDays(), datetime(2026, 7, 1, 7, 0, tzinfo=UTC)),
        (date(2026, 10, 1), WorkingDays(), datetime(2026, 10, 1, 7, 0, tzinfo=UTC)),
        (date(2027, 1, 31), IN_SCHOOL, datetime(2027, 1, 4, 8, 0, tzinfo=UTC)),
    ],
)
def test_the_months_email_goes_out_on_the_morning_of_its_first_working_day(
    day: date, days: WorkingDays, at: datetime
) -> None:
    assert monthly_mail_at(day, days) == at


@pytest.mark.parametrize(
    ("day", "days", "at"),
    [
        (date(2026, 11, 5), WorkingDays(), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
        (date(2026, 11, 2), WorkingDays(), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
        (date(2026, 11, 8), WorkingDays(), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
        (date(2027, 5, 6), WorkingDays(), datetime(2027, 5, 4, 7, 0, tzinfo=UTC)),
        (date(2026, 10, 28), IN_SCHOOL, datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
    ],
)
def test_the_weeks_email_goes_out_on_the_morning_of_its_first_working_day(
    day: date, days: WorkingDays, at: datetime
) -> None:
    assert weekly_mail_at(day, days) == at


@pytest.mark.parametrize(
    ("day", "last"),
    [(date(2026, 11, 2), date(2026, 12, 31)), (date(2026, 12, 31), date(2027, 1, 31)),
     (date(2027, 1, 4), date(2027, 2, 28)), (date(2027, 7, 1), date(2027, 8, 31)),
     (date(2026, 2, 1), date(2026, 3, 31)), (date(2026, 6, 1), date(2026, 7, 31)),
     (date(2026, 1, 15), date(2026, 2, 28))],
)  # fmt: skip
def test_the_months_email_tells_of_this_month_and_the_next(day: date, last: date) -> None:
    assert month_ahead(day) == (day, last)


@pytest.mark.parametrize("day", [date(2026, 11, 9), date(2026, 11, 12), date(2026, 11, 15)])
def test_a_week_is_monday_to_sunday(day: date) -> None:
    assert week_of(day) == (date(2026, 11, 9), date(2026, 11, 15))


def test_weeks_months_and_sessions_are_said_as_people_say_them() -> None:
    assert spoken_week(date(2026, 11, 9), date(2026, 11, 15)) == "9 to 15 November"
    assert spoken_week(date(2026, 11, 30), date(2026, 12, 6)) == "30 November to 6 December"
    assert spoken_week(date(2026, 12, 28), date(2027, 1, 3)) == "28 December to 3 January"
    assert spoken_months(date(2026, 11, 1), date(2026, 12, 1)) == "November and December 2026"
    assert spoken_months(date(2026, 12, 1), date(2027, 1, 1)) == "December 2026 and January 2027"
    assert spoken_session(surgery()) == "Thursday 12 November, 2pm to 3pm"
    assert spoken_session(surgery(day=date(2026, 7, 1), begins=time(11, 0))) == "Wednesday 1 July, 11am to midday"


@pytest.mark.parametrize(
    ("day", "days", "at"),
    [
        (DAY, WorkingDays(), datetime(2026, 11, 11, 9, 0, tzinfo=UTC)),
        (date(2026, 11, 9), WorkingDays(), datetime(2026, 11, 6, 9, 0, tzinfo=UTC)),
        (date(2026, 7, 2), WorkingDays(), datetime(2026, 7, 1, 8, 0, tzinfo=UTC)),
        (date(2026, 11, 2), IN_SCHOOL, datetime(2026, 10, 16, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_slot_is_reminded_of_on_the_morning_of_the_working_day_before(
    day: date, days: WorkingDays, at: datetime
) -> None:
    assert reminder_at(at_london(day, time(14, 0)), days) == at


@pytest.mark.parametrize(
    ("ahead", "goes"),
    [(timedelta(hours=2), True), (timedelta(hours=2, seconds=1), True), (timedelta(hours=1, minutes=59), False),
     (timedelta(days=3), True), (timedelta(0), False), (timedelta(hours=-3), False)],
)  # fmt: skip
def test_a_freed_slot_goes_to_the_waiting_list_up_to_two_hours_before(ahead: timedelta, goes: bool) -> None:
    assert moves_up(NOW + ahead, NOW) is goes


def test_bookings_are_grouped_as_their_names_say() -> None:
    assert surgeries.OPEN_BOOKINGS == (BookingState.BOOKED, BookingState.WAITING)
    assert surgeries.HAD_A_SLOT == (BookingState.BOOKED, BookingState.CAME, BookingState.MISSED)
