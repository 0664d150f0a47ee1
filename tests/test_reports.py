"""Reports of a community: drafted in time, completed in Word, signed by clerk and chair, sent, their clocks done."""

from __future__ import annotations

import io
from datetime import date, time, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from docx import Document
from openpyxl import Workbook

from bot.cards.evaluation import VERB as EVALUATE
from bot.cards.report import VERB as SIGN
from casework import tables
from casework.agenda_paper import agenda_paper
from casework.clock_record import clocks_of_reports, running_clocks
from casework.directory_record import directory_of, import_people
from casework.due import due_of
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.evaluating import evaluate, evaluations_of
from casework.improving import improvements_for, report_improvement
from casework.report_filing import path_of
from casework.report_paper import by_length, community_report
from casework.reporting import (
    Signature,
    drafted_on,
    keep_seal,
    open_reports,
    report_filed,
    report_id,
    report_row,
    sign_report,
)
from casework.sweep import sweep
from communities.calendars import WEEKDAYS, at_london
from communities.clocks import Standing
from communities.directory import Directory, Mail, Person, Role
from communities.dues import Task
from communities.evaluations import MEETINGS, SERVICES, Evaluation, evaluated_in
from communities.intake import Outcome
from communities.reports import ReportKind, to_draft
from service.sample_tenant import FLOW, FORMS_LIBRARY
from tests.conftest import SCHOOL_YEARS, Bench, World, begins
from tests.test_case_studies import school
from tests.test_chat import asked, senco
from tests.test_clerks_desk import meeting_of
from tests.test_filed_papers import mails
from tests.test_moves import KCC, clerk
from tests.test_record import chair, home, set_up
from tests.test_submitting import press, shown
from tests.test_sync import COMMUNITY
from tests.word_check import text_of

DRAFTED, DUE = date(2026, 11, 16), date(2026, 11, 30)
KIT = report_id(ReportKind.KIT, DUE, COMMUNITY)


def test_a_report_is_drafted_two_weeks_before_it_is_due_and_once(bench: Bench, directory: Directory) -> None:
    bench.at(date(2026, 11, 13))
    sweep(bench.desk)
    assert not bench.effects("report.file")
    bench.at(DRAFTED)
    for _ in range(2):
        sweep(bench.desk)
    drafted = bench.effects("report.file")
    assert len(drafted) == len(directory.communities)
    assert drafted[0] == report_id(ReportKind.KIT, DUE, directory.communities[0].name)


def test_the_days_between_drafting_and_the_due_day_are_in_the_next_report(bench: Bench, directory: Directory) -> None:
    covered = []
    for day, due in ((DRAFTED, DUE), (date(2027, 2, 12), date(2027, 2, 26))):
        bench.at(day)
        sweep(bench.desk)
        with bench.desk.work() as work:
            row = report_row(work, report_id(ReportKind.KIT, due, home(directory)))
        covered.append((row.first_day, drafted_on(row)))
    assert covered == [(date(2026, 7, 2), DRAFTED), (date(2026, 11, 17), date(2027, 2, 12))]


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2026, 9, 16), [ReportKind.BOARD]), (date(2026, 10, 1), []), (date(2026, 11, 30), [ReportKind.KIT]),
        (date(2026, 12, 4), [ReportKind.BOARD]), (date(2026, 12, 19), []), (date(2027, 3, 11), [ReportKind.BOARD]),
        (date(2027, 7, 1), [ReportKind.KIT]), (date(2027, 7, 16), []),
    ],
)  # fmt: skip
def test_which_reports_are_to_be_drafted_on_a_day(day: date, kinds: list[ReportKind]) -> None:
    assert [kind for kind, _ in to_draft(day, WEEKDAYS, SCHOOL_YEARS)] == kinds


async def drafted(world: World) -> None:
    await world.set_clock(at_london(DRAFTED, time(9)))
    sweep(world.desk)
    await world.carry_out()
    await a_minute_later(world)


def people(world: World) -> tuple[str, str]:
    with world.desk.work() as work:
        known = directory_of(work)
        return known.people_with(Role.CLERK, COMMUNITY)[0].mail, known.people_with(Role.CHAIR, COMMUNITY)[0].mail


async def a_minute_later(world: World) -> None:
    """Nobody signs in the second in which the file was saved."""
    await world.set_clock(world.clock.now() + timedelta(minutes=1))


async def complete(world: World, by: str, text: str) -> None:
    """Somebody writes under the key themes in Word."""
    with world.desk.work() as work:
        row = report_row(work, KIT)
    path = path_of(row)
    document = Document(io.BytesIO(await world.office.ports.files.read(COMMUNITY, path) or b""))
    next(p for p in document.paragraphs if "What schools ask for" in p.text).text = text
    out = io.BytesIO()
    document.save(out)
    await world.hand.save_file(COMMUNITY, path, out.getvalue(), by)
    await a_minute_later(world)


@begins(drafted)
async def test_a_report_completed_in_word_is_sent_when_clerk_and_chair_have_signed(world: World) -> None:
    clerk_of, chair_of = people(world)
    (asked_for,) = await mails(world, f"To complete and sign: KiT report November 2026 of {COMMUNITY}")
    assert {r["emailAddress"]["address"] for r in asked_for["toRecipients"]} == {clerk_of, chair_of}  # type: ignore[attr-defined]
    await complete(world, clerk_of, "Schools ask for help with transition.")
    with world.desk.work() as work:
        assert sign_report(work, KIT, clerk_of) == [Role.CHAIR]
    await world.carry_out()
    assert not await mails(world, "KiT report November 2026")
    with world.desk.work() as work:
        assert not sign_report(work, KIT, chair_of)
    await world.carry_out()
    (sent,) = await mails(world, f"KiT report November 2026 of {COMMUNITY}")
    assert "kit." in str(sent["toRecipients"])
    assert "(clerk) and" in str(sent["body"])
    with world.desk.work() as work:
        row = report_row(work, KIT)
        assert "Schools ask for help with transition." in text_of(row.content)
        assert not open_reports(work, [COMMUNITY])
        (clock,) = [c for c in clocks_of_reports(work, COMMUNITY) if c.name == "KiT report November"]
        assert clock.standing(work.today) is Standing.MET


@begins(drafted)
async def test_a_report_changed_after_a_signature_is_signed_again(world: World) -> None:
    clerk_of, chair_of = people(world)
    with world.desk.work() as work:
        sign_report(work, KIT, clerk_of)
    await world.carry_out()
    await complete(world, chair_of, "One more theme.")
    with world.desk.work() as work:
        sign_report(work, KIT, chair_of)
    await world.carry_out()
    (again,) = await mails(world, "Please sign again: KiT report November 2026")
    assert clerk_of in str(again["toRecipients"])
    assert not await mails(world, f"KiT report November 2026 of {COMMUNITY}")
    with world.desk.work() as work:
        assert not sign_report(work, KIT, clerk_of)
    await world.carry_out()
    assert len(await mails(world, f"KiT report November 2026 of {COMMUNITY}")) == 1
    with world.desk.work() as work:
        assert "One more theme." in text_of(report_row(work, KIT).content)


@begins(drafted)
async def test_a_report_goes_to_whom_the_directory_names_for_it(world: World) -> None:
    with world.desk.work() as work:
        known = directory_of(work)
        area = known.community(COMMUNITY).community_area  # type: ignore[union-attr]
        board = Person(name="KiT", mail=Mail("kit@kent.example"), role=Role.KIT, of=area)
        import_people(work, (*known.people, board))
    for mail in people(world):
        with world.desk.work() as work:
            sign_report(work, KIT, mail)
        await world.carry_out()
    (sent,) = await mails(world, f"KiT report November 2026 of {COMMUNITY}")
    assert "kit@kent.example" in str(sent["toRecipients"])
    assert "hnfo." not in str(sent["toRecipients"])


def in_the_library(bench: Bench, directory: Directory) -> str:
    """A report drafted and, as far as the record knows, filed."""
    bench.at(DRAFTED)
    sweep(bench.desk)
    report = report_id(ReportKind.KIT, DUE, home(directory))
    with bench.desk.work() as work:
        with pytest.raises(InputRefused, match="is being made"):
            sign_report(work, report, clerk(directory))
        report_filed(work, report, "https://x.example/report")
    return report


def test_nobody_signs_twice_or_for_somebody_else(bench: Bench, directory: Directory) -> None:
    report = in_the_library(bench, directory)
    with bench.desk.work() as work:
        with pytest.raises(NotAllowed, match="Only a community's chair and clerk can read its reports"):
            sign_report(work, report, senco(directory))
        sign_report(work, report, clerk(directory))
        with pytest.raises(AlreadyDone, match="You have signed"):
            sign_report(work, report, clerk(directory))
        both = Person(name="Both", mail=Mail(clerk(directory)), role=Role.CHAIR, of=home(directory))
        import_people(work, (*directory.people, both))
        with pytest.raises(AlreadyDone, match="You have signed"):
            sign_report(work, report, clerk(directory))
        with pytest.raises(NotAllowed, match="Only a community's chair and clerk can read its reports"):
            sign_report(work, "KiT report 1999", clerk(directory))


def test_a_report_that_is_not_sent_stays_on_the_desk_and_its_clock_is_missed(
    bench: Bench, directory: Directory
) -> None:
    report = in_the_library(bench, directory)
    with bench.desk.work() as work:
        sign_report(work, report, clerk(directory))
        (line,) = [d for d in due_of(work, [home(directory)], DUE) if d.task is Task.SIGN]
        assert (line.what, line.due_on) == ("KiT report November: to be signed by chair", DUE)
    bench.at(date(2026, 12, 1))
    with bench.desk.work() as work:
        (line,) = [d for d in due_of(work, [home(directory)], work.today) if d.task is Task.SIGN]
        (clock,) = [c for _, c in running_clocks(work, home(directory)) if c.name == "KiT report November"]
        assert clock.standing(work.today) is Standing.MISSED


def test_two_signatures_noted_at_once_send_it_once(bench: Bench, directory: Directory) -> None:
    """Whichever is noted second sees the other: it is sent, and by one of them alone."""
    report = in_the_library(bench, directory)
    with bench.desk.work() as work:
        for by in (clerk(directory), chair(directory)):
            sign_report(work, report, by)
    for _ in range(20):
        with bench.desk.work() as work:
            reports = tables.reports
            work.conn.execute(reports.update().where(reports.c.id == report).values(clerk_seal=None, chair_seal=None))
        together, sends = Barrier(2), []

        def note(name: str, together: Barrier = together, sends: list[bool] = sends) -> None:
            together.wait(10)
            with bench.desk.work() as work:
                at = getattr(report_row(work, report), f"{name}_at")
                signature = Signature(name=name, at=at, seal="the same file")
                sends.append(keep_seal(work, report, signature, "the same file", b"the file"))

        noting = [Thread(target=note, args=(name,)) for name in ("clerk", "chair")]
        for thread in noting:
            thread.start()
        for thread in noting:
            thread.join(30)
        assert sorted(sends) == [False, True]


def test_in_chat_the_chair_sees_the_report_and_signs_it(bench: Bench, directory: Directory) -> None:
    report = in_the_library(bench, directory)
    answer = asked(bench, "sign the report", chair(directory))
    assert "Clerk: has not signed" in shown(bench, answer)
    said = press(bench, chair(directory), SIGN, report_id=report)
    assert said.title == f"You signed the KiT report November 2026 of {home(directory)}"
    assert said.sentences == ("It waits for the clerk.",)
    assert asked(bench, "sign the kit report", senco(directory)).title == "No report waits for you"
    opened = press(bench, clerk(directory), "desk", task=Task.SIGN.name, subject=report)
    assert "Chair: signed on 16 November" in shown(bench, opened)


SAID = Evaluation(service="Health Navigator", effective="4", worked="Quick answers", improve="More visits")


def test_a_school_evaluates_a_service_for_itself_and_names_no_child(bench: Bench, directory: Directory) -> None:
    own = school(directory)
    with bench.desk.work() as work:
        assert evaluate(work, SAID, own, senco(directory)) == "E-2026-0001"
        with pytest.raises(NotAllowed, match="by its SENCO or a leader"):
            evaluate(work, SAID, own, clerk(directory))
        with pytest.raises(InputRefused) as refused:
            evaluate(work, Evaluation(service="Football", effective="9"), own, senco(directory))
        assert len(refused.value.sentences) == 2
        with pytest.raises(InputRefused, match="seems to name a child"):
            evaluate(work, Evaluation(service=MEETINGS, effective="1", worked="Zoe Marsh"), own, senco(directory))


def test_the_report_counts_the_latest_evaluation_of_each_school(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    own = school(directory)
    for rating in ("2", "4"):
        with bench.desk.work() as work:
            evaluate(work, Evaluation(service=MEETINGS, effective=rating, improve="Start on time"), own,
                     senco(directory))  # fmt: skip
    with bench.desk.work() as work:
        paper = community_report(work, ReportKind.KIT, home(directory), DUE)
        assert len(evaluations_of(work, home(directory), *period_moments())) == 1
    (chart,) = [c for c in paper.charts if c.title == "How effective schools find services"]
    assert chart.draw() == "Mean of the ratings, 1 to 5: Community meetings 4."  # type: ignore[union-attr]
    assert paper.suggestions == ("Community meetings: Start on time",)


def period_moments() -> tuple[Any, Any]:
    return at_london(date(2026, 9, 1), time(0)), at_london(date(2026, 12, 1), time(0))


def test_schools_are_asked_once_before_each_reporting_point(bench: Bench, directory: Directory) -> None:
    bench.at(date(2026, 10, 30))
    sweep(bench.desk)
    assert not bench.effects("mail.evaluate")
    bench.at(date(2026, 11, 2))
    for _ in range(2):
        sweep(bench.desk)
    assert len(bench.effects("mail.evaluate")) == len(directory.communities)


@pytest.mark.parametrize(
    ("sentence", "service"),
    [("evaluate the stls", "Specialist Teacher"), ("rate early help", "Early Help / Integrated Children's Service"),
     ("evaluate a service", None), ("evaluate our community meetings", MEETINGS)],
)  # fmt: skip
def test_a_sentence_names_the_service_it_evaluates(sentence: str, service: str | None) -> None:
    assert evaluated_in(sentence) == service
    assert service is None or service in SERVICES


def test_in_chat_a_service_is_evaluated_on_a_card(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    mail = senco(directory)
    assert "How effective is a service?" in shown(bench, asked(bench, "evaluate a service", mail))
    wrong = press(bench, mail, EVALUATE, school=school(directory), service=MEETINGS, effective="7")
    assert "'7' is no rating" in shown(bench, wrong)
    said = press(bench, mail, EVALUATE, school=school(directory), service=MEETINGS, effective="5", worked="Friendly")
    assert said.title == "Thank you: Community meetings is evaluated"


async def test_the_evaluation_form_is_pulled_like_the_others(world: World, directory: Directory) -> None:
    book, sender = Workbook(), "head@school.example"
    sheet: Any = book.active
    sheet.append(["Id", "Email", "Name of School", "Which service?", "How effective is it? (1 to 5)",
                  "What works well?", "What should be improved?"])  # fmt: skip
    for n, (rating, improve) in enumerate(((4, "More visits"), (9, ""), (3, "Zoe Marsh")), 1):
        sheet.append([n, sender, school(directory), "Health Navigator", rating, "Quick", improve])
    out = io.BytesIO()
    book.save(out)
    await world.hand.save_file(FORMS_LIBRARY, "Evaluation of Services.xlsx", out.getvalue(), FLOW)
    assert await world.office.pull() == {Outcome.ACCEPTED: 1, Outcome.REFUSED: 2}
    assert not await world.office.pull()
    await world.carry_out()
    told = [m for m in await world.hand.call("GET", "mails") if "evaluation" in m["subject"]]
    assert len(told) == 2
    assert "Zoe" not in str(told)


def test_improvements_are_reported_back_on_the_next_agenda_of_whom_they_concern(
    bench: Bench, directory: Directory
) -> None:
    set_up(bench, directory)
    community, area = home(directory), directory.communities[0].community_area
    with bench.desk.work() as work:
        for by in (senco(directory), clerk(directory)):
            with pytest.raises(NotAllowed, match="reported by KCC"):
                report_improvement(work, "More visits", by)
        report_improvement(work, "More visits of the STLS.", KCC, area=area)
        report_improvement(work, "A second nurse.", KCC, community=community)
        other = next(c.name for c in directory.communities if c.community_area != area)
        report_improvement(work, "Only there.", KCC, community=other)
        with pytest.raises(InputRefused, match="no area 'Centre'"):
            report_improvement(work, "Nothing", KCC, area="Centre")
    meeting = meeting_of(bench, directory)
    with bench.desk.work() as work:
        matters = agenda_paper(work, meeting).matters
        later = improvements_for(work, community, at_london(date(2026, 12, 1), time(0)))
    assert matters == ("Reported back by KCC: More visits of the STLS.", "Reported back by KCC: A second nurse.")
    assert not later


def test_times_to_payment_are_counted_by_length() -> None:
    assert by_length([12, 30, 31, 95]) == {"up to 30 days": 2, "31 to 60 days": 1, "over 90 days": 1}
