"""School holidays: which deadlines they move, by default and as the county chooses."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from communities.calendars import WEEKDAYS, WorkingDays, is_working_day
from communities.clocks import forward_due_on, papers_due_on, submissions_close_on
from papers.term_dates import load_school_years
from service.record import working_days
from service.settings import Settings
from tests.conftest import SCHOOL_YEARS

SCHOOL_DAYS = WorkingDays(school_years=SCHOOL_YEARS)
BY_DEFAULT = WorkingDays(schools_own=SCHOOL_YEARS)


@pytest.mark.parametrize(
    ("meeting", "by_the_week", "by_the_terms"),
    [
        (date(2026, 11, 5), date(2026, 10, 22), date(2026, 10, 8)),  # over October's half term
        (date(2027, 1, 12), date(2026, 12, 24), date(2026, 12, 15)),  # over Christmas
        (date(2026, 10, 15), date(2026, 10, 1), date(2026, 10, 1)),  # within a term
    ],
)
def test_school_holidays_stop_the_clocks_where_the_county_says_so(
    meeting: date, by_the_week: date, by_the_terms: date
) -> None:
    assert submissions_close_on(meeting, WEEKDAYS) == by_the_week
    assert submissions_close_on(meeting, SCHOOL_DAYS) == by_the_terms


def test_a_year_without_term_dates_counts_by_the_week() -> None:
    assert forward_due_on(date(2035, 8, 1), SCHOOL_DAYS) == forward_due_on(date(2035, 8, 1), WEEKDAYS)


@pytest.mark.parametrize(
    ("meeting", "closes", "papers"),
    [
        (date(2026, 11, 2), date(2026, 10, 19), date(2026, 10, 21)),  # the first day after two weeks of half term
        (date(2026, 11, 5), date(2026, 10, 22), date(2026, 10, 26)),
        (date(2027, 1, 4), date(2026, 12, 16), date(2026, 12, 18)),  # with the last day of term
        (date(2027, 1, 6), date(2026, 12, 18), date(2026, 12, 22)),  # not on 29 December
        (date(2027, 2, 24), date(2027, 2, 10), date(2027, 2, 12)),  # before a week of half term
        (date(2027, 4, 12), date(2027, 3, 25), date(2027, 3, 31)),  # 26 and 29 March are bank holidays
        (date(2027, 6, 7), date(2027, 5, 21), date(2027, 5, 25)),
        (date(2027, 1, 20), date(2027, 1, 6), date(2027, 1, 13)),  # within a term: five working days
        (date(2027, 3, 4), date(2027, 2, 18), date(2027, 2, 25)),
    ],
)
def test_papers_reach_schools_before_a_holiday_and_submissions_close_by_the_slide(
    meeting: date, closes: date, papers: date
) -> None:
    assert submissions_close_on(meeting, BY_DEFAULT) == closes
    assert papers_due_on(meeting, BY_DEFAULT) == papers


TERM_DAYS = [
    day
    for year in load_school_years().values()
    for term in year.terms
    for day in (term.first_day + timedelta(days=n) for n in range((term.last_day - term.first_day).days + 1))
    if is_working_day(day)
]


@pytest.mark.parametrize("days", [WEEKDAYS, BY_DEFAULT, SCHOOL_DAYS], ids=["none", "papers", "all"])
def test_papers_for_every_possible_meeting_leave_schools_five_working_days_and_the_clerk_one(days: WorkingDays) -> None:
    for meeting in TERM_DAYS:
        closes, papers = submissions_close_on(meeting, days), papers_due_on(meeting, days)
        assert closes <= WEEKDAYS.before(meeting, 10)
        assert papers <= WEEKDAYS.before(meeting, 5)
        assert is_working_day(papers)
        assert sum(is_working_day(closes + timedelta(days=n)) for n in range(1, (papers - closes).days)) >= 1
        if days is not WEEKDAYS and closes <= date(closes.year, 12, 22):
            assert not date(papers.year, 12, 25) <= papers <= date(papers.year, 12, 31), meeting
        if all(SCHOOL_DAYS.is_one(WEEKDAYS.before(meeting, n)) for n in range(1, 6)):
            assert papers == WEEKDAYS.before(meeting, 5)


@pytest.mark.parametrize(("chosen", "days"), [("", BY_DEFAULT), ("true", SCHOOL_DAYS), ("false", WEEKDAYS)])
def test_the_setting_chooses_how_the_clocks_count(
    chosen: str, days: WorkingDays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if chosen:
        monkeypatch.setenv("COS_SKIP_SCHOOL_HOLIDAYS", chosen)
    assert working_days(Settings(data_dir=tmp_path)) == days
