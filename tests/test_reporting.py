"""The reporting points, the Area Board's quarters, and working days without school holidays."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from casework import tables
from casework.agenda_paper import agenda_paper
from casework.clock_record import clocks_of_reports
from casework.reporting import draft_report, reports_due
from casework.schedule import schedule_meetings
from communities.calendars import WorkingDays, london
from communities.clocks import Standing, report_clocks
from communities.directory import Directory
from communities.meetings import KIT_ITEM, propose_slots
from communities.reporting_points import board_quarters, meetings_with_report, reporting_points
from communities.reports import ReportKind, period_of
from papers.term_dates import load_school_years
from tests.conftest import SCHOOL_YEARS, Bench

SCHOOL_DAYS = WorkingDays(school_years=SCHOOL_YEARS)


@pytest.mark.parametrize(
    ("year", "kit", "board"),
    [
        ("2025-26", ("2025-11-28", "2026-02-27", "2026-04-30", "2026-07-15"),
         ("2025-09-30", "2025-12-19", "2026-03-31", "2026-06-30")),
        ("2026-27", ("2026-11-30", "2027-02-26", "2027-04-30", "2027-07-15"),
         ("2026-09-30", "2026-12-18", "2027-03-25", "2027-06-30")),
    ],
)  # fmt: skip
def test_reports_are_due_on_school_days_and_julys_a_week_before_school_ends(
    year: str, kit: tuple[str, ...], board: tuple[str, ...]
) -> None:
    """School ends on 22 July in both years, on 19 and 18 December, and on 25 March 2027 before Easter."""
    assert tuple(d.isoformat() for d in reporting_points(year, SCHOOL_YEARS)) == kit
    assert tuple(d.isoformat() for d in board_quarters(year, SCHOOL_YEARS)) == board
    terms = load_school_years()[year].terms
    for day in (*reporting_points(year, SCHOOL_YEARS), *board_quarters(year, SCHOOL_YEARS)):
        assert any(term.first_day <= day <= term.last_day for term in terms), day


def test_a_year_without_term_dates_has_its_reports_due_on_the_months_last_working_days() -> None:
    assert [d.isoformat() for d in reporting_points("2035-36", SCHOOL_YEARS)] == [
        "2035-11-30", "2036-02-29", "2036-04-30", "2036-07-31",
    ]  # fmt: skip


def test_a_years_reports_are_clocks_like_any_other() -> None:
    clocks = list(report_clocks("2026-27", SCHOOL_YEARS))
    assert [c.name for c in clocks][:2] == ["KiT report November", "KiT report February"]
    assert (len(clocks), clocks[0].standing(date(2026, 12, 1))) == (8, Standing.MISSED)


POINTS = [date(2026, 11, 30), date(2027, 2, 26), date(2027, 4, 30), date(2027, 7, 15)]


@pytest.mark.parametrize(
    ("meetings", "with_report"),
    [
        # a usual year: T2, T3, T5, T6; February's report goes out before T4 meets
        (["2026-09-15", "2026-11-05", "2027-01-12", "2027-03-04", "2027-04-20", "2027-06-10"],
         ["2026-11-05", "2027-01-12", "2027-04-20", "2027-06-10"]),
        # T4 meets before the end of February, T5 after the end of April
        (["2026-09-15", "2026-11-05", "2027-01-12", "2027-02-24", "2027-05-05", "2027-06-10"],
         ["2026-11-05", "2027-01-12", "2027-02-24", "2027-06-10"]),
        # on the very day; T2 too late for November
        (["2026-10-06", "2026-12-03", "2027-02-26", "2027-04-30", "2027-07-15"],
         ["2026-10-06", "2027-02-26", "2027-04-30", "2027-07-15"]),
        # a community that began in summer has two reports to discuss, no more
        (["2027-04-20", "2027-06-10"], ["2027-04-20", "2027-06-10"]),
        (["2027-07-20"], []),
        ([], []),
    ],
)  # fmt: skip
def test_the_report_stands_on_the_last_agenda_before_it_is_due(meetings: list[str], with_report: list[str]) -> None:
    found = meetings_with_report(POINTS, [date.fromisoformat(d) for d in meetings])
    assert sorted(d.isoformat() for d in found) == with_report


@pytest.mark.parametrize("year", ["2025-26", "2026-27"])
def test_each_community_discusses_four_reports_a_year_before_they_are_sent(directory: Directory, year: str) -> None:
    slots = list(propose_slots([c.name for c in directory.communities], load_school_years()[year]))
    points = reporting_points(year, SCHOOL_YEARS)
    for community in directory.communities:
        days = [london(s.starts_at).date() for s in slots if s.community == community.name]
        with_report = sorted(meetings_with_report(points, days))
        assert (len(days), len(with_report)) == (6, 4)
        assert all(day <= point for day, point in zip(with_report, points, strict=True))


def test_four_agendas_of_a_year_say_so_and_no_other(bench: Bench, directory: Directory) -> None:
    """Ashford Downs 1 met on 5 November; in June its agenda said 'not due', and July's report came up in September."""
    year = load_school_years()["2026-27"]
    slots = propose_slots([c.name for c in directory.communities], year)
    with bench.desk.work() as work:
        schedule_meetings(work, [s for s in slots if s.community == "Ashford Downs 1" and s.term > 1])
        meetings = work.conn.execute(select(tables.meetings).order_by(tables.meetings.c.starts_at)).all()
        said = [agenda_paper(work, m.id).items[KIT_ITEM - 1].title for m in meetings]
    assert [london(m.starts_at).date().isoformat() for m in meetings] == [
        "2026-11-05", "2027-01-07", "2027-02-25", "2027-04-15", "2027-06-10",
    ]  # fmt: skip
    assert [title.endswith("not due at this meeting") for title in said] == [False, True, False, False, False]


def test_a_report_whose_due_day_moved_with_the_term_dates_is_not_drafted_twice(
    bench: Bench, directory: Directory
) -> None:
    bench.at(date(2027, 7, 1))
    with bench.desk.work() as work:
        wanted = reports_due(work)
        draft_report(work, wanted[0])
        work.conn.execute(update(tables.reports).values(due_on=date(2027, 7, 30)))
        assert reports_due(work) == wanted[1:]
        (clock,) = [c for c in clocks_of_reports(work, wanted[0].partition(" 2027-07-15 ")[2]) if "July" in c.name]
    assert (wanted[0].partition(" 2027-07-15 ")[0], clock.done_on) == ("KiT report", None)


@pytest.mark.parametrize(
    ("kind", "day", "first", "due"),
    [
        (ReportKind.KIT, date(2026, 11, 30), date(2026, 7, 16), date(2026, 11, 30)),
        (ReportKind.KIT, date(2026, 12, 1), date(2026, 12, 1), date(2027, 2, 26)),
        (ReportKind.KIT, date(2027, 7, 15), date(2027, 5, 1), date(2027, 7, 15)),
        (ReportKind.KIT, date(2027, 8, 31), date(2027, 7, 16), date(2027, 11, 30)),
        (ReportKind.BOARD, date(2026, 9, 30), date(2026, 7, 1), date(2026, 9, 30)),
        (ReportKind.BOARD, date(2026, 10, 1), date(2026, 10, 1), date(2026, 12, 18)),
    ],
)
def test_a_report_covers_the_days_since_the_one_before(kind: ReportKind, day: date, first: date, due: date) -> None:
    period = period_of(kind, day, SCHOOL_YEARS)
    assert (period.first_day, period.due_on) == (first, due)
