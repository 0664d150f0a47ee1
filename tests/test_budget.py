"""A budget beside its balance: per-school lines, forecast, KCC's workbook, and the reports drafted from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from casework.budget_check import differences
from casework.budget_moves import record_return
from casework.budget_record import import_budget, position, waiting_pence
from casework.decide import decide
from casework.errors import InputRefused
from casework.meeting_record import mark_attendance
from casework.moderate import moderate
from casework.report_paper import area_overview, community_report
from casework.request_moves import pay_request, reopen_request
from casework.school_lines import school_lines
from communities.budget import BudgetSummary, SchoolAllocation
from communities.directory import Directory
from communities.meetings import Attendee, Mark
from communities.reports import ReportKind
from papers.reports import AREA_TEMPLATE, REPORT_TEMPLATE, render_report
from papers.word import template
from tests.conftest import Bench
from tests.test_moves import KCC, R1, clerk
from tests.test_record import MEETING, a_budget, a_sheet, approve, arrive, chair, home, on_agenda, set_up
from tests.word_check import accessibility_problems, text_of


def allocation(school: str, **changed: Any) -> SchoolAllocation:
    values: dict[str, Any] = {
        "dfe": 1, "school": school, "phase": "PRI", "notional_budget_pence": 100_000, "notional_top_up_pence": 0,
        "automatic_payments_pence": 0, "automatic_payments": 0, "protected_payments_pence": 0,
        "protected_payments": 0, "agreed_payments_pence": 0, "agreed_pupils": 0, **changed,
    }  # fmt: skip
    return SchoolAllocation(**values)


def with_schools(bench: Bench, directory: Directory) -> tuple[str, BudgetSummary]:
    """The first community's budget with a line for its first school; returns the school and the summary."""
    community = set_up(bench, directory)
    school = directory.schools_of(community)[0].name
    summary = replace(a_budget(community, 5_000), schools=(allocation(school, agreed_pupils=2),))
    with bench.desk.work() as work:
        import_budget(work, summary)
    return school, summary


def stands(bench: Bench, directory: Directory) -> tuple[int, int, int, int]:
    """Agreed and paid in pounds, pupils, and what waits, of the first school."""
    with bench.desk.work() as work:
        (line,) = school_lines(work, home(directory), "2026-27")
    a = line.allocation
    return a.agreed_payments_pence // 100, line.paid_pence // 100, a.agreed_pupils, line.waiting_pence // 100


def test_a_schools_line_follows_its_request_from_waiting_to_paid(bench: Bench, directory: Directory) -> None:
    with_schools(bench, directory)
    on_agenda(bench, directory)
    assert stands(bench, directory) == (0, 0, 2, 2400)
    with bench.desk.work() as work:
        decide(work, R1, approve(2_000), chair(directory))
    assert stands(bench, directory) == (2_000, 0, 5, 0)  # 2 on SEN Support and 1 with an EHCP more
    with bench.desk.work() as work:
        moderate(work, R1, 180_000, "Morgan Vale", MEETING, KCC)
        pay_request(work, R1, 180_000, MEETING, KCC)
        record_return(work, R1, 30_000, "Less was needed", KCC)
    assert stands(bench, directory) == (1_800, 1_500, 5, 0)


def test_a_reopened_decision_agrees_nothing(bench: Bench, directory: Directory) -> None:
    _, summary = with_schools(bench, directory)
    on_agenda(bench, directory)
    with bench.desk.work() as work:
        decide(work, R1, approve(2_000), chair(directory))
        reopen_request(work, R1, "The school has new evidence", chair(directory))
        assert not list(differences(work, a_sheet(summary)))
    assert stands(bench, directory) == (0, 0, 2, 2400)


def test_the_forecast_takes_what_waits_from_the_balance(bench: Bench, directory: Directory) -> None:
    community = set_up(bench, directory)
    arrive(bench)
    arrive(bench, id=2, requested_pence="£600")
    with bench.desk.work() as work:
        now = position(work, community, "2026-27")
        assert now is not None
        assert now.forecast_pence(waiting_pence(work, community)) == 500_000 - 240_000 - 60_000


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("notional_budget_pence", 250_000, "notional SEN budget: the workbook says £2,500, the record £1,000."),
        ("protected_payments", 3, "number of protected payments: the workbook says 3, the record 0."),
        ("agreed_pupils", 1, "number of pupils supported: the workbook says 1, the record 2."),
    ],
)
def test_each_figure_of_a_schools_line_is_checked(
    bench: Bench, directory: Directory, field: str, value: int, said: str
) -> None:
    school, summary = with_schools(bench, directory)
    theirs = replace(summary, schools=(allocation(school, **{"agreed_pupils": 2, field: value}),))
    with bench.desk.work() as work:
        assert list(differences(work, a_sheet(theirs))) == [f"{home(directory)} 2026-27, '{school}', {said}"]


def heard(bench: Bench, directory: Directory) -> None:
    """A meeting held with a decision, a payment and a register."""
    community = set_up(bench, directory)
    on_agenda(bench, directory)
    schools = directory.schools_of(community)
    register = [Attendee(of=s.name, person="Somebody", mark=Mark.PRESENT) for s in schools[:1]]
    register += [Attendee(of=s.name, person="", mark=Mark.ABSENT) for s in schools[1:]]
    with bench.desk.work() as work:
        decide(work, R1, approve(2_000), chair(directory))
        mark_attendance(work, f"{community} 2026-27 T2", register, clerk(directory))
        moderate(work, R1, 190_000, "Morgan Vale", MEETING, KCC)
    bench.at(date(2026, 12, 2))
    with bench.desk.work() as work:
        pay_request(work, R1, 190_000, date(2026, 12, 1), KCC)


def test_the_kit_report_counts_the_period_up_to_its_reporting_point(bench: Bench, directory: Directory) -> None:
    heard(bench, directory)
    community = home(directory)
    with bench.desk.work() as work:
        report = community_report(work, ReportKind.KIT, community, MEETING)
        later = community_report(work, ReportKind.KIT, community, date(2026, 12, 2))
    figures, schools = dict(report.figures), len(directory.schools_of(community))
    assert report.period == "16 July 2026 to 30 November 2026"
    assert (figures["Requests received"], figures["Requests decided"], figures["Approved"]) == ("1", "1", "£2,000")
    assert figures["From request to decision (median)"] == "31 days"
    assert figures["From request to payment (median)"] == "–"
    assert figures["Attendance"] == f"{100 / schools:.0f}% of schools, over 1 meeting"
    assert [c.title for c in report.charts] == [
        "What schools asked for", "What was decided", "Spending against the budget",
    ]  # fmt: skip
    assert [d.number for d in report.decisions] == [R1]
    assert later.period == "1 December 2026 to 2 December 2026"
    assert dict(later.figures)["From request to payment (median)"] == "57 days"
    assert not later.decisions


def test_a_drafted_report_is_a_document_that_everybody_can_read(bench: Bench, directory: Directory) -> None:
    heard(bench, directory)
    own = directory.communities[0]
    with bench.desk.work() as work:
        papers = {
            REPORT_TEMPLATE: community_report(work, ReportKind.BOARD, own.name, MEETING),
            AREA_TEMPLATE: area_overview(work, own.community_area, MEETING),
        }
    for name, paper in papers.items():
        content = render_report(paper, template(name))
        assert not list(accessibility_problems(content))
        assert own.name in text_of(content)
        assert "Quill" not in text_of(content)


def test_the_areas_overview_has_a_line_for_each_community_of_the_area(bench: Bench, directory: Directory) -> None:
    heard(bench, directory)
    own = directory.communities[0]
    with bench.desk.work() as work:
        report = area_overview(work, own.community_area, MEETING)
        with pytest.raises(InputRefused, match="no area 'Centre'"):
            area_overview(work, "Centre", MEETING)
        with pytest.raises(InputRefused, match="has not begun"):
            area_overview(work, own.community_area, date(2027, 5, 1))
    names = [c.name for c in directory.communities if c.community_area == own.community_area]
    assert [c.name for c in report.communities] == names
    line = report.communities[names.index(own.name)]
    assert (line.requests, line.decided, line.approved, line.balance) == ("1", "1", "£2,000", "£3,100")
