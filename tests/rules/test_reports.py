"""Which period a report covers, when it is drafted, and what it is called."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.calendars import WEEKDAYS
from communities.reports import DRAFT_WORKING_DAYS, HEADINGS, Period, ReportKind, period_of, title_of, to_draft
from tests.rules.kent import KENT

KIT, BOARD = ReportKind.KIT, ReportKind.BOARD


@pytest.mark.parametrize(
    ("kind", "day", "first", "due"),
    [
        (KIT, date(2026, 11, 30), date(2026, 7, 16), date(2026, 11, 30)),
        (KIT, date(2026, 12, 1), date(2026, 12, 1), date(2027, 2, 26)),
        (KIT, date(2027, 2, 26), date(2026, 12, 1), date(2027, 2, 26)),
        (KIT, date(2027, 2, 27), date(2027, 2, 27), date(2027, 4, 30)),
        (KIT, date(2027, 7, 15), date(2027, 5, 1), date(2027, 7, 15)),
        (KIT, date(2026, 7, 16), date(2026, 7, 16), date(2026, 11, 30)),
        (KIT, date(2026, 8, 31), date(2026, 7, 16), date(2026, 11, 30)),
        (KIT, date(2026, 9, 1), date(2026, 7, 16), date(2026, 11, 30)),
        (BOARD, date(2026, 9, 30), date(2026, 7, 1), date(2026, 9, 30)),
        (BOARD, date(2026, 10, 1), date(2026, 10, 1), date(2026, 12, 18)),
        (BOARD, date(2027, 3, 31), date(2027, 3, 26), date(2027, 6, 30)),
        (BOARD, date(2027, 6, 30), date(2027, 3, 26), date(2027, 6, 30)),
        (BOARD, date(2027, 7, 31), date(2027, 7, 1), date(2027, 9, 30)),
        (BOARD, date(2028, 2, 29), date(2028, 1, 1), date(2028, 3, 31)),
    ],
)
def test_a_report_covers_the_days_since_the_last_was_due(kind: ReportKind, day: date, first: date, due: date) -> None:
    assert period_of(kind, day, KENT) == Period(first_day=first, due_on=due)


@given(st.sampled_from(ReportKind), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_every_day_lies_in_exactly_the_period_found_for_it(kind: ReportKind, day: date) -> None:
    found = period_of(kind, day, KENT)
    assert found.first_day <= day <= found.due_on
    assert period_of(kind, found.first_day, KENT) == found


def test_a_period_has_its_moments_and_reads_as_two_days() -> None:
    period = Period(first_day=date(2026, 7, 16), due_on=date(2026, 11, 30))
    assert period.moments == (datetime(2026, 7, 15, 23, 0, tzinfo=UTC), datetime(2026, 12, 1, 0, 0, tzinfo=UTC))
    assert str(period) == "16 July 2026 to 30 November 2026"


def test_a_report_is_drafted_two_working_weeks_before_it_is_due() -> None:
    assert DRAFT_WORKING_DAYS == 10  # a choice
    assert list(to_draft(date(2026, 11, 13), WEEKDAYS, KENT)) == []
    kit = Period(first_day=date(2026, 7, 16), due_on=date(2026, 11, 30))
    assert list(to_draft(date(2026, 11, 16), WEEKDAYS, KENT)) == [(KIT, kit)]
    assert list(to_draft(date(2026, 11, 30), WEEKDAYS, KENT)) == [(KIT, kit)]
    board = Period(first_day=date(2026, 10, 1), due_on=date(2026, 12, 18))
    assert list(to_draft(date(2026, 12, 3), WEEKDAYS, KENT)) == []
    assert list(to_draft(date(2026, 12, 4), WEEKDAYS, KENT)) == [(BOARD, board)]


def test_reports_have_headings_and_titles() -> None:
    assert {kind: (kind.value, HEADINGS[kind]) for kind in ReportKind} == {
        KIT: ("KiT report", "Report to the Keeping in Touch (KiT) meeting"),
        BOARD: ("Area Board report", "Report to the Area Board"),
    }
    assert title_of(KIT, date(2026, 11, 30)) == "KiT report November 2026"
    assert title_of(BOARD, date(2027, 3, 25)) == "Area Board report March 2027"
