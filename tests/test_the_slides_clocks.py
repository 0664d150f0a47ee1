"""The clocks of the slides, one test a line: when each runs out, and what the desk does by itself until then."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import update

from casework import tables
from casework.booking import Wish, book
from casework.circulate import papers_out
from casework.clock_record import clocks_of_meeting, clocks_of_reports, clocks_of_request
from casework.decide import decide
from casework.moderate import moderate
from casework.reporting import report_filed, report_id, sign_report
from casework.request_moves import pay_request
from casework.request_record import request_row
from casework.schedule import meeting_row, schedule_meetings
from casework.surgery_feedback import give_feedback, sum_up
from casework.surgery_record import close_surgery, publish
from casework.sweep import sweep
from communities.calendars import at_london, london
from communities.clocks import Clock, Standing
from communities.continuum import OTHER
from communities.directory import Directory, Role
from communities.meetings import ITEMS, Template, propose_slots, template_of
from communities.reporting_points import board_quarters, reporting_points
from communities.reports import ReportKind
from communities.surgeries import Surgery
from papers.term_dates import load_school_years
from tests.conftest import Bench
from tests.test_moves import KCC, R1, clerk
from tests.test_record import MEETING, NEXT, approve, arrive, chair, home, on_agenda, set_up


def named(clocks: list[Clock], name: str) -> Clock:
    return next(c for c in clocks if c.name == name)


def test_clock_submission_ten_working_days_before_the_meeting_and_later_ones_go_to_the_next(
    bench: Bench, directory: Directory
) -> None:
    community = set_up(bench, directory)
    last = datetime(2026, 10, 22, 22, 59, tzinfo=UTC)  # 23:59 in London
    arrive(bench, id=1, completed=last)
    arrive(bench, id=2, completed=last + timedelta(minutes=2), solution="Another one")
    with bench.desk.work() as work:
        assert [request_row(work, f"R-2026-000{n}").meeting_id for n in (1, 2)] == [
            f"{community} 2026-27 T2", f"{community} 2026-27 T3",
        ]  # fmt: skip
        clock = named(clocks_of_meeting(work, meeting_row(work, f"{community} 2026-27 T2")), "submission")
    assert clock.due_on == date(2026, 10, 22)
    assert "at least 10 working days before" in clock.rule


def test_clock_papers_go_out_five_working_days_before_the_meeting(bench: Bench, directory: Directory) -> None:
    community = set_up(bench, directory)
    for day in (date(2026, 10, 23), date(2026, 10, 28)):
        bench.at(day)
        sweep(bench.desk)
    assert not bench.effects("agenda.upload")
    bench.at(date(2026, 10, 29))
    sweep(bench.desk)
    assert bench.effects("agenda.upload") == [f"{community} 2026-27 T2"]
    met = []
    for happens in (lambda *_: None, papers_out):
        with bench.desk.work() as work:
            happens(work, f"{community} 2026-27 T2")
            clock = named(clocks_of_meeting(work, meeting_row(work, f"{community} 2026-27 T2")), "papers")
            met.append((clock.due_on, clock.standing(MEETING)))
    assert met == [(date(2026, 10, 29), Standing.MISSED), (date(2026, 10, 29), Standing.MET)]


def approved(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    on_agenda(bench, directory)
    with bench.desk.work() as work:
        decide(work, R1, approve(2_000), chair(directory))


def test_clock_forward_an_approved_amount_goes_to_the_hnfo_within_three_working_days(
    bench: Bench, directory: Directory
) -> None:
    approved(bench, directory)
    assert bench.effects("mail.forward") == [R1]
    with bench.desk.work() as work:
        clock = named(clocks_of_request(work, R1), "forward")
    assert (clock.due_on, clock.standing(date(2026, 11, 11))) == (date(2026, 11, 10), Standing.MISSED)


def test_clock_processing_thirty_calendar_days_and_payment_with_the_next_monthly_advance(
    bench: Bench, directory: Directory
) -> None:
    approved(bench, directory)
    with bench.desk.work() as work:
        work.journal("forward to HNFO", R1)
        assert named(clocks_of_request(work, R1), "processing").due_on == MEETING + timedelta(days=30)
        moderate(work, R1, 190_000, "Morgan Vale", MEETING, KCC)
        assert named(clocks_of_request(work, R1), "payment").due_on == date(2026, 12, 1)
    bench.at(date(2026, 12, 1))
    with bench.desk.work() as work:
        pay_request(work, R1, 190_000, date(2026, 12, 1), KCC)
        assert named(clocks_of_request(work, R1), "payment").standing(work.today) is Standing.MET


@pytest.mark.parametrize(
    ("kind", "day", "due"),
    [
        (ReportKind.KIT, date(2026, 11, 16), date(2026, 11, 30)),
        (ReportKind.BOARD, date(2026, 12, 4), date(2026, 12, 18)),
    ],
)  # fmt: skip
def test_clock_reporting_points_and_area_board_report_are_drafted_in_time_and_done_when_sent(
    bench: Bench, directory: Directory, kind: ReportKind, day: date, due: date
) -> None:
    assert [p.month for p in reporting_points("2026-27", bench.desk.school_years)] == [11, 2, 4, 7]
    assert len(board_quarters("2026-27", bench.desk.school_years)) == 4
    bench.at(day)
    sweep(bench.desk)
    report = report_id(kind, due, home(directory))
    assert report in bench.effects("report.file")
    with bench.desk.work() as work:
        (clock,) = [c for c in clocks_of_reports(work, home(directory)) if c.due_on == due]
        assert clock.standing(due) is Standing.RUNNING
        report_filed(work, report, "https://x.example/report")
        sign_report(work, report, clerk(directory))
        sign_report(work, report, chair(directory))
        work.conn.execute(update(tables.reports).where(tables.reports.c.id == report).values(sent_at=work.now))
        (clock,) = [c for c in clocks_of_reports(work, home(directory)) if c.due_on == due]
    assert (clock.done_on, clock.standing(due)) == (day, Standing.MET)


def test_clock_meetings_six_terms_a_year_and_the_first_ones_have_their_own_agenda(
    bench: Bench, directory: Directory
) -> None:
    bench.at(date(2026, 10, 5))
    names = [c.name for c in directory.communities][:1]
    slots = list(propose_slots(names, load_school_years()["2026-27"]))
    assert [s.term for s in slots] == [1, 2, 3, 4, 5, 6]
    with bench.desk.work() as work:
        schedule_meetings(work, [slots[5]])
        row = work.conn.execute(tables.meetings.select()).one()
    assert (london(row.starts_at).month, row.template) == (6, Template.FIRST)
    assert ITEMS[Template.FIRST][0][0] == "Terms of reference"
    assert template_of(NEXT, has_met=False) is Template.STANDARD


def test_clock_sen_ia_surgeries_a_monthly_and_a_weekly_email_a_summary_and_feedback(
    bench: Bench, directory: Directory
) -> None:
    community = home(directory)
    adviser = next(p.mail for p in directory.people_with(Role.SEN_IA, community))
    school = directory.schools_of(community)[0]
    mail = directory.people_with(Role.SENCO, str(school.name))[0].mail
    at = at_london(date(2026, 11, 12), time(14, 0))
    with bench.desk.work() as work:
        surgery = publish(work, adviser, Surgery(starts_at=at, slots=2, slot_minutes=20), adviser)
        booking = book(work, Wish(surgery_id=surgery, slot=1, school=str(school.name), theme=OTHER, note=""), mail)
    bench.at(date(2026, 11, 2))
    sweep(bench.desk)
    assert f"2026-11/{community}" in bench.effects("mail.surgeries-month")
    bench.at(date(2026, 11, 9))
    sweep(bench.desk)
    assert f"2026-11-09/{community}" in bench.effects("mail.surgeries-week")
    bench.at(date(2026, 11, 12), 17)
    with bench.desk.work() as work:
        close_surgery(work, surgery)
        sum_up(work, surgery, "We spoke about calm starts.", (), adviser)
        give_feedback(work, booking, "5", "Useful.", mail)
    assert bench.effects("mail.surgery-summary") == [surgery]
