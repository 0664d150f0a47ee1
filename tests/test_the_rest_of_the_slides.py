"""The rest of the slides, one test a line of what they ask for beside requests, money and meetings."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

from openpyxl import load_workbook
from sqlalchemy import select

from bot.guidance import published_passages
from bot.tab.views import community_page
from casework import tables
from casework.agenda_paper import agenda_paper
from casework.asking_kcc import answer, ask, question_row
from casework.directory_record import directory_of, import_directory
from casework.improving import report_improvement
from casework.meeting_record import add_action, close_action, mark_attendance, write_minutes
from casework.report_paper import community_report
from casework.schedule import MeetingState
from casework.sharing import search_studies, share
from communities.continuum import Focus
from communities.directory import Directory
from communities.meetings import Attendee, Mark, Template
from communities.principles import PRINCIPLES
from communities.questions import Part
from communities.reports import ReportKind
from papers.agenda import TEMPLATES, render_agenda
from papers.balance_workbook import write_balance
from papers.budget_workbook import read_budgets
from papers.word import template
from service.sample import BUDGETS, sample
from tests.conftest import Bench
from tests.test_case_studies import STUDY, school
from tests.test_chat import asked, senco
from tests.test_clerks_desk import meeting_of
from tests.test_moves import KCC, clerk
from tests.test_record import MEETING, set_up
from tests.word_check import text_of


def test_the_rest_case_study_in_the_slides_format_with_one_of_eight_areas_of_focus(
    bench: Bench, directory: Directory
) -> None:
    assert len(Focus) == 8
    set_up(bench, directory)
    with bench.desk.work() as work:
        number = share(work, STUDY, school(directory), senco(directory))
        assert [s.id for s in search_studies(work, STUDY.focus)] == [number]


def test_the_rest_q_and_a_submission_in_three_parts_becomes_guidance(bench: Bench, directory: Directory) -> None:
    assert len(Part) == 3
    with bench.desk.work() as work:
        number = ask(work, Part.OPERATIONS, "Who pays for a supply teacher?", senco(directory))
        answer(work, number, "The school pays for supply.", KCC, is_published=True)
        assert question_row(work, number).published_at is not None
        assert any("supply" in page.text for page in published_passages(work))


def test_the_rest_information_sharing_from_one_meeting_to_the_next(bench: Bench, directory: Directory) -> None:
    """Register, standard minutes, themes and improvements go on to the next meeting and into the report."""
    community = set_up(bench, directory)
    meeting = meeting_of(bench, directory)
    bench.at(MEETING, 17)
    with bench.desk.work() as work:
        meetings = tables.meetings
        work.conn.execute(
            meetings.update().where(meetings.c.id == meeting).values(
                state=MeetingState.HELD.value, circulated_at=work.now
            )
        )  # fmt: skip
        name = str(directory.schools_of(community)[0].name)
        mark_attendance(work, meeting, [Attendee(of=name, person="Sam", mark=Mark.PRESENT)], clerk(directory))
        write_minutes(work, meeting, {1: "Welcome"}, ["The hall"], clerk(directory))
    bench.at(date(2026, 11, 12))
    with bench.desk.work() as work:
        report_improvement(work, "More visits.", KCC, community=community)
        following = work.conn.execute(
            select(meetings.c.id).where(meetings.c.community == community, meetings.c.state == MeetingState.SCHEDULED)
        ).scalar_one()
        assert agenda_paper(work, following).matters == ("The hall", "Reported back by KCC: More visits.")
        figures = dict(community_report(work, ReportKind.KIT, community, date(2026, 11, 30)).figures)
    assert figures["Attendance"].endswith("over 1 meeting")


def test_the_rest_outcomes_data_links_to_the_communitys_inclusion_dashboard(bench: Bench, directory: Directory) -> None:
    community, address = set_up(bench, directory), "https://dashboard.example/abc"
    own = tuple(replace(c, dashboard=address) if c.name == community else c for c in directory.communities)
    with bench.desk.work() as work:
        import_directory(work, replace(directory, communities=own))
    meeting = meeting_of(bench, directory)
    with bench.desk.work() as work:
        assert directory_of(work).community(community).dashboard == address  # type: ignore[union-attr]
        items = agenda_paper(work, meeting).items
        page = community_page(work, clerk(directory), community)
    assert items[2].title == f"Outcomes data (access to dashboard): {address}"
    assert page.dashboard == address


def test_the_rest_action_plan_of_a_community_beside_the_actions_of_its_meetings(
    bench: Bench, directory: Directory
) -> None:
    community, meeting = set_up(bench, directory), meeting_of(bench, directory)
    by = clerk(directory)
    with bench.desk.work() as work:
        plan = add_action(work, community, "A nurture group", "The head", date(2027, 1, 15), by)
        agreed = add_action(work, community, "Share the list", "Ben", date(2026, 11, 20), by, meeting)
        shown = [(a.number, a.stands) for a in agenda_paper(work, meeting).actions]
        assert shown == [(agreed, "Open"), (plan, "Open")]
        close_action(work, agreed, "Shared", by)
    assert plan in asked(bench, f"what actions are open in {community}", by).as_text()


def test_the_rest_supporting_documents_are_in_the_guidance_and_the_budget_summary_is_exported(
    bench: Bench, directory: Directory
) -> None:
    said = asked(bench, "where are the operational guidance and the terms of reference", senco(directory)).as_text()
    assert "terms of reference" in said
    (summary,), _ = read_budgets(sample(BUDGETS[0]), BUDGETS[0], directory)
    book = load_workbook(io.BytesIO(write_balance(summary, [], [])))
    assert book["Balance sheet"]["A1"].value == "Community Budget Summary: ABC"


def test_the_rest_agreed_principles_stand_in_the_first_agenda_and_in_chat(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    meeting = meeting_of(bench, directory)
    assert len(PRINCIPLES) == 10
    with bench.desk.work() as work:
        paper = agenda_paper(work, meeting)
    text = text_of(render_agenda(paper, template(TEMPLATES[Template.FIRST])))
    assert all(p.split(" (")[0] in text for p in PRINCIPLES)
    said = asked(bench, "what are the agreed principles", senco(directory)).as_text()
    assert "Agreed Principles – April 2023" in said
    assert "commitment to meeting needs" in said
