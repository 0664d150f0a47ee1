"""Case studies in the slides' format: shared, checked for names, on item 5 of the agenda, found by area of focus."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from bot.cards.case_study import VERB
from casework.agenda_paper import agenda_paper
from casework.errors import InputRefused, NotAllowed
from casework.sharing import offered_at, receive_study, search_studies, share, study_row
from casework.sweep import sweep
from communities.case_studies import CaseStudy, focus_in
from communities.continuum import Focus
from communities.directory import Directory
from communities.intake import Outcome
from service.sample_tenant import FLOW, FORMS_LIBRARY
from tests.conftest import Bench, World
from tests.test_chat import asked, senco
from tests.test_clerks_desk import meeting_of
from tests.test_record import home, set_up
from tests.test_submitting import press, shown

STUDY = CaseStudy(
    focus=Focus.TRANSITION, description="Pupils found the move to Year 7 hard.",
    overview="Visits in small groups, a passport each.", impact="Attendance in September rose by four points.",
)  # fmt: skip


def school(directory: Directory) -> str:
    return str(directory.schools_of(home(directory))[0].name)


def test_what_is_missing_or_too_long_is_said_and_nothing_is_shared(bench: Bench, directory: Directory) -> None:
    long = CaseStudy(focus=Focus.PASTORAL, description="word " * 262, overview="", impact="Calmer.")
    with bench.desk.work() as work:
        with pytest.raises(InputRefused) as refused:
            share(work, long, school(directory), senco(directory))
        assert refused.value.sentences == (
            "'Brief description' has 262 words; the limit is 250. Shorten it by 12 words.",
            "'Overview of key strategies and actions' is missing. Write a few sentences.",
        )
        assert search_studies(work, None) == []


def test_a_case_study_that_names_a_child_is_refused(bench: Bench, directory: Directory) -> None:
    named = CaseStudy(focus=Focus.PASTORAL, description="A boy called Amir.", overview="A plan.", impact="Calmer.")
    with bench.desk.work() as work, pytest.raises(InputRefused, match="'Brief description' seems to name a child"):
        share(work, named, school(directory), senco(directory))


def test_a_school_shares_its_own_alone(bench: Bench, directory: Directory) -> None:
    other = str(directory.schools_of(home(directory))[1].name)
    with bench.desk.work() as work, pytest.raises(NotAllowed, match="by its SENCO or a leader"):
        share(work, STUDY, other, senco(directory))


def test_it_is_offered_for_item_5_of_the_next_agenda_that_is_not_out(bench: Bench, directory: Directory) -> None:
    with bench.desk.work() as work:
        early = share(work, STUDY, school(directory), senco(directory))
        assert study_row(work, early).meeting_id is None
    set_up(bench, directory)
    sweep(bench.desk)
    meeting = meeting_of(bench, directory)
    with bench.desk.work() as work:
        assert [s.id for s in offered_at(work, meeting)] == [early]
        titles = [i.title for i in agenda_paper(work, meeting).items]
    assert titles[4] == f"Group solution discussions / case studies: Transition and transfer ({school(directory)})"
    bench.at(date(2026, 10, 23))
    sweep(bench.desk)
    bench.at(date(2026, 10, 29))
    sweep(bench.desk)
    with bench.desk.work() as work:
        later = share(work, STUDY, school(directory), senco(directory))
        assert study_row(work, later).meeting_id != meeting


@pytest.mark.parametrize(
    ("sentence", "focus"),
    [("any case studies on attendance", Focus.PASTORAL), ("case studies about Assessment", Focus.ASSESSMENT),
     ("moving up to secondary, transition", Focus.TRANSITION), ("working with parents", Focus.FAMILIES),
     ("case studies please", None)],
)  # fmt: skip
def test_a_sentence_names_its_area_of_focus(sentence: str, focus: Focus | None) -> None:
    assert focus_in(sentence) is focus


def test_in_chat_one_is_shared_with_the_card_and_found_again(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    mail = senco(directory)
    assert "Share a case study" in shown(bench, asked(bench, "I have a case study to share", mail))
    again = press(bench, mail, VERB, school=school(directory), focus=Focus.TRANSITION.value, description="Maisie Brown",
                  overview="x", impact="y")  # fmt: skip
    assert "seems to name a child" in shown(bench, again)
    assert "Maisie Brown" in shown(bench, again)
    said = press(bench, mail, VERB, school=school(directory), focus=STUDY.focus.value, description=STUDY.description,
                 overview=STUDY.overview, impact=STUDY.impact)  # fmt: skip
    assert said.title == "C-2026-0001 is shared"
    assert "stands with item 5" in said.as_text()
    with bench.desk.work() as work:
        share(work, CaseStudy(focus=Focus.PASTORAL, description="Lunch club", overview="b", impact="c"),
              school(directory), mail)  # fmt: skip
    assert "C-2026-0001: Transition" in asked(bench, "show me case studies on transition", mail).title
    both = asked(bench, "show me case studies", mail)
    assert both.title == "2 case studies"
    assert "C-2026-0001" in asked(bench, "the second one", mail).title
    assert "No case study about Assessment" in asked(bench, "any case studies on assessment", mail).title


def test_a_response_of_the_form_is_taken_once_or_goes_back_without_the_name(bench: Bench, directory: Directory) -> None:
    said = {"school": school(directory), "focus": "pastoral", "description": "Lunch club", "overview": "b",
            "impact": "c", "sender": "a@x.example"}  # fmt: skip
    with bench.desk.work() as work:
        assert receive_study(work, said, "case-study/1") is Outcome.ACCEPTED
        assert receive_study(work, said, "case-study/1") is None
        for key, change in (("2", {"focus": "Football"}), ("3", {"school": "Nowhere"}), ("4", {"impact": "Zoe Marsh"})):
            assert receive_study(work, {**said, **change}, f"case-study/{key}") is Outcome.REFUSED
    assert bench.effects("mail.form-back") == ["case-study/2", "case-study/3", "case-study/4"]


async def test_the_form_is_pulled_like_the_others(world: World, directory: Directory) -> None:
    book, sender = Workbook(), "head@school.example"
    rows = [[n, sender, school(directory), "Pastoral", text, "b", "c"] for n, text in enumerate(("A", "Zoe Marsh"), 1)]
    sheet: Any = book.active
    sheet.append(["Id", "Email", "Name of School", "Area of focus", "Brief description",
                  "Overview of key strategies and actions", "Impact"])  # fmt: skip
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    await world.hand.save_file(FORMS_LIBRARY, "Case Studies.xlsx", out.getvalue(), FLOW)
    assert await world.office.pull() == {Outcome.ACCEPTED: 1, Outcome.REFUSED: 1}
    assert not await world.office.pull()
    await world.carry_out()
    (mail,) = [m for m in await world.hand.call("GET", "mails") if "case study" in m["subject"]]
    assert "seems to name a child" in mail["body"]["content"]
    assert "Zoe" not in str(mail)
