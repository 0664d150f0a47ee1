"""The clocks of the slides: each number written out, and the days they give."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from communities import clocks
from communities.calendars import Closing, WorkingDays
from communities.clocks import (
    Clock,
    Standing,
    decision_clocks,
    expected_advance_on,
    forward_due_on,
    meeting_clocks,
    minutes_due_on,
    next_advance_on,
    papers_due_on,
    processing_due_on,
    register_due_on,
    report_clocks,
    submissions_close,
    submissions_close_on,
)
from tests.rules.kent import KENT

IN_SCHOOL = WorkingDays(school_years=KENT)
SCHOOLS_OWN = WorkingDays(schools_own=KENT)
MEETING = date(2026, 11, 5)


def test_the_numbers_are_the_slides() -> None:
    assert clocks.SUBMISSION_WORKING_DAYS == 10  # 'Request for Support Form'
    assert clocks.PAPERS_WORKING_DAYS == 5  # 'Request for Resource'
    assert clocks.FORWARD_WORKING_DAYS == 3  # 'Request for Resource'
    assert clocks.PROCESSING_DAYS == 30  # 'Request for Support Form (cont.)'
    chosen = clocks.LOOKED_THROUGH_WORKING_DAYS, clocks.REGISTER_WORKING_DAYS, clocks.MINUTES_WORKING_DAYS
    assert chosen == (2, 1, 10)


@pytest.mark.parametrize(
    ("meeting", "closes"),
    [
        (date(2026, 11, 5), date(2026, 10, 22)),
        (date(2027, 1, 12), date(2026, 12, 24)),  # Christmas, the substitute day and New Year
        (date(2027, 4, 6), date(2027, 3, 19)),  # Easter
        (date(2022, 1, 10), date(2021, 12, 22)),  # 3 January was the substitute day
    ],
)
def test_submissions_close_ten_working_days_before(meeting: date, closes: date) -> None:
    assert submissions_close_on(meeting) == closes
    assert submissions_close(meeting) == Closing(last_day=closes)


def test_submissions_close_at_the_end_of_the_day_in_london_on_both_sides_of_the_clock_change() -> None:
    assert submissions_close(date(2026, 11, 5)).at == datetime(2026, 10, 22, 23, 0, tzinfo=UTC)
    assert submissions_close(date(2026, 11, 20)).at == datetime(2026, 11, 7, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "meeting", "due"),
    [
        (WorkingDays(), date(2026, 11, 5), date(2026, 10, 29)),
        (WorkingDays(), date(2027, 1, 12), date(2027, 1, 5)),
        (IN_SCHOOL, date(2026, 11, 5), date(2026, 10, 15)),
        (SCHOOLS_OWN, date(2026, 11, 19), date(2026, 11, 12)),
        (SCHOOLS_OWN, date(2026, 11, 5), date(2026, 10, 26)),  # the clerk's day after submissions closed on 22 October
        (SCHOOLS_OWN, date(2027, 1, 12), date(2027, 1, 5)),
        (SCHOOLS_OWN, date(2027, 1, 6), date(2026, 12, 22)),
    ],
)
def test_papers_go_out_five_working_days_before_and_after_the_clerk_looked_them_through(
    days: WorkingDays, meeting: date, due: date
) -> None:
    assert papers_due_on(meeting, days) == due


def test_register_and_minutes_have_their_days() -> None:
    assert register_due_on(date(2026, 11, 6)) == date(2026, 11, 9)
    assert minutes_due_on(MEETING) == date(2026, 11, 19)
    assert register_due_on(date(2026, 10, 16), IN_SCHOOL) == date(2026, 11, 2)
    assert minutes_due_on(date(2026, 10, 16), IN_SCHOOL) == date(2026, 11, 13)


def test_an_approved_amount_is_forwarded_within_three_working_days_and_processed_in_thirty_days() -> None:
    assert forward_due_on(date(2026, 12, 23)) == date(2026, 12, 30)
    assert forward_due_on(date(2026, 11, 5)) == date(2026, 11, 10)
    assert forward_due_on(date(2026, 10, 16), IN_SCHOOL) == date(2026, 11, 4)
    assert processing_due_on(date(2026, 11, 10)) == date(2026, 12, 10)


@pytest.mark.parametrize(
    ("day", "advance"),
    [(date(2026, 12, 10), date(2027, 1, 4)), (date(2026, 11, 30), date(2026, 12, 1)),
     (date(2026, 10, 31), date(2026, 11, 2)), (date(2026, 11, 1), date(2026, 12, 1)),
     (date(2027, 1, 31), date(2027, 2, 1)), (date(2026, 12, 31), date(2027, 1, 4)),
     (date(2027, 4, 1), date(2027, 5, 4)),
     (date(2027, 12, 10), date(2028, 1, 4))],
)  # fmt: skip
def test_the_advance_is_the_first_working_day_of_the_next_month(day: date, advance: date) -> None:
    assert next_advance_on(day) == advance


def test_an_approved_amount_is_expected_with_the_advance_after_it_is_forwarded_and_never_a_past_one() -> None:
    assert expected_advance_on(date(2026, 11, 5), date(2026, 11, 5)) == date(2026, 12, 1)
    assert expected_advance_on(date(2026, 11, 26), date(2026, 11, 26)) == date(2027, 1, 4)  # forwarded by 1 December
    assert expected_advance_on(date(2026, 11, 5), date(2027, 2, 10)) == date(2027, 3, 1)
    assert expected_advance_on(date(2026, 10, 16), date(2026, 10, 16), IN_SCHOOL) == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("done", "today", "standing"),
    [
        (None, date(2026, 11, 4), Standing.RUNNING),
        (None, date(2026, 11, 5), Standing.RUNNING),
        (None, date(2026, 11, 6), Standing.MISSED),
        (date(2026, 11, 4), date(2026, 12, 1), Standing.MET),
        (date(2026, 11, 5), date(2026, 12, 1), Standing.MET),
        (date(2026, 11, 6), date(2026, 12, 1), Standing.LATE),
    ],
)
def test_done_on_the_due_day_is_met(done: date | None, today: date, standing: Standing) -> None:
    clock = Clock(name="papers", rule="", due_on=date(2026, 11, 5), done_on=done)
    assert clock.standing(today) is standing


def test_a_meeting_has_two_clocks() -> None:
    closing = Closing(last_day=date(2026, 10, 22))
    bare = {"closing": closing, "papers_on": date(2026, 10, 29)}
    rules = (
        "Requests are submitted at least 10 working days before the meeting.",
        "The agenda and requests are circulated at least 5 working days before the meeting.",
    )
    assert list(meeting_clocks(**bare)) == [  # type: ignore[arg-type]
        Clock(name="submission", rule=rules[0], due_on=date(2026, 10, 22)),
        Clock(name="papers", rule=rules[1], due_on=date(2026, 10, 29)),
    ]
    done = meeting_clocks(**bare, closed_on=date(2026, 10, 22), circulated_on=date(2026, 10, 30))  # type: ignore[arg-type]
    assert [(c.name, c.done_on) for c in done] == [
        ("submission", date(2026, 10, 22)), ("papers", date(2026, 10, 30)),
    ]  # fmt: skip


def test_an_approved_amount_has_a_clock_for_each_step_it_came_to() -> None:
    forward = Clock(
        name="forward", rule="An approved amount goes to the Area HNFO within 3 working days of approval.",
        due_on=date(2026, 11, 10),
    )  # fmt: skip
    assert list(decision_clocks(date(2026, 11, 5))) == [forward]
    two = list(decision_clocks(date(2026, 11, 5), forwarded_on=date(2026, 11, 9)))
    assert two[0].done_on == date(2026, 11, 9)
    assert two[1:] == [
        Clock(
            name="processing", rule="KCC processes within 30 calendar days of receipt.", due_on=date(2026, 12, 9)
        )
    ]  # fmt: skip
    three = list(
        decision_clocks(
            date(2026, 11, 5), forwarded_on=date(2026, 11, 9), processed_on=date(2026, 12, 2),
            paid_on=date(2027, 1, 4),
        )
    )  # fmt: skip
    assert three[1].done_on == date(2026, 12, 2)
    assert three[2:] == [
        Clock(
            name="payment", rule="The amount is paid with the next monthly schools' advance.",
            due_on=date(2027, 1, 4), done_on=date(2027, 1, 4),
        )
    ]  # fmt: skip
    in_school = next(decision_clocks(date(2026, 10, 16), days=IN_SCHOOL))
    assert in_school.due_on == date(2026, 11, 4)


def test_a_years_reports_have_a_clock_each() -> None:
    found = list(report_clocks("2026-27", KENT, {"KiT report November": date(2026, 11, 20)}))
    kit = "Communities report to and from the KiT meetings in November, February, April and July."
    board = "Clerk and chair prepare the report for the Area Board once a quarter."
    assert [(c.name, c.due_on, c.done_on, c.rule) for c in found] == [
        ("KiT report November", date(2026, 11, 30), date(2026, 11, 20), kit),
        ("KiT report February", date(2027, 2, 26), None, kit),
        ("KiT report April", date(2027, 4, 30), None, kit),
        ("KiT report July", date(2027, 7, 15), None, kit),
        ("Area Board report September", date(2026, 9, 30), None, board),
        ("Area Board report December", date(2026, 12, 18), None, board),
        ("Area Board report March", date(2027, 3, 25), None, board),
        ("Area Board report June", date(2027, 6, 30), None, board),
    ]
    assert {c.done_on for c in report_clocks("2026-27", KENT)} == {None}
