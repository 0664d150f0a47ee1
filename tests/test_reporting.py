"""The reporting points, the Area Board's quarters, and working days without school holidays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from communities.calendars import WEEKDAYS, WorkingDays
from communities.clocks import (
    Standing,
    board_quarters,
    forward_due_on,
    report_clocks,
    reporting_points,
    submissions_close_on,
)
from communities.reports import ReportKind, period_of
from papers.term_dates import load_school_years
from service.record import working_days
from service.settings import Settings

SCHOOL_DAYS = WorkingDays(school_years=tuple(load_school_years().values()))


def test_communities_report_at_four_points_a_year() -> None:
    assert reporting_points("2026-27") == (
        date(2026, 11, 30), date(2027, 2, 26), date(2027, 4, 30), date(2027, 7, 30),
    )  # fmt: skip


def test_the_area_board_has_a_report_once_a_quarter() -> None:
    assert board_quarters("2026-27") == (
        date(2026, 9, 30), date(2026, 12, 31), date(2027, 3, 31), date(2027, 6, 30),
    )  # fmt: skip


def test_a_years_reports_are_clocks_like_any_other() -> None:
    clocks = list(report_clocks("2026-27"))
    assert [c.name for c in clocks][:2] == ["KiT report November", "KiT report February"]
    assert (len(clocks), clocks[0].standing(date(2026, 12, 1))) == (8, Standing.MISSED)


@pytest.mark.parametrize(
    ("kind", "day", "first", "due"),
    [
        (ReportKind.KIT, date(2026, 11, 30), date(2026, 8, 1), date(2026, 11, 30)),
        (ReportKind.KIT, date(2026, 12, 1), date(2026, 12, 1), date(2027, 2, 26)),
        (ReportKind.KIT, date(2027, 8, 31), date(2027, 7, 31), date(2027, 11, 30)),
        (ReportKind.BOARD, date(2026, 9, 30), date(2026, 7, 1), date(2026, 9, 30)),
        (ReportKind.BOARD, date(2026, 10, 1), date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_report_covers_the_days_since_the_one_before(kind: ReportKind, day: date, first: date, due: date) -> None:
    period = period_of(kind, day)
    assert (period.first_day, period.due_on) == (first, due)


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


def test_the_setting_chooses_how_the_clocks_count(tmp_path: Path) -> None:
    assert working_days(Settings(data_dir=tmp_path)) == WEEKDAYS
    assert working_days(Settings(data_dir=tmp_path, skip_school_holidays=True)) == SCHOOL_DAYS
