"""Lists and people that are asked for: the right ones, or a sentence that there are none; and every sentence of the
start page gets the answer it is there for.
"""

from __future__ import annotations

import pytest

from casework.asking_kcc import ask
from casework.decide import decide
from casework.moderate import moderate
from casework.request_moves import defer_request, pay_request
from communities.directory import Directory, Role
from communities.questions import Part
from sample_world.texts import texts
from tests.conftest import Bench, begun
from tests.test_chat import asked, senco
from tests.test_moves import KCC, R1, clerk
from tests.test_record import MEETING, approve, arrive, chair, home, on_agenda, one_decided, set_up

decided = begun(one_decided)


STARTS = {
    "what is waiting for my decision": "waits for your decision",
    "what is due from me": "Your tasks this week",
    "how is my request doing": R1,
    "when is our next meeting": "meets on",
    "my surgeries": "surger",
    "which communities do I serve": "What the directory says you do",
    "questions to KCC": "1 question waits for KCC's answer",
    "what may I do here": "I run the paperwork",
    "what reports are due": "by the end of",
    "what is stuck": "needs your attention",
}
"""Each sentence of the start page, and what its answer says."""


def test_every_sentence_of_the_start_page_is_in_the_table() -> None:
    assert {t.about["try"] for t in texts("cast", "persona")} == set(STARTS)


@begun
def waiting(bench: Bench, directory: Directory) -> None:
    """A request waits for its decision today, and a question for KCC."""
    set_up(bench, directory)
    on_agenda(bench, directory)
    with bench.desk.work() as work:
        ask(work, Part.STRUCTURE, "Who pays for the clerk of a community?", clerk(directory))


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("persona", texts("cast", "persona"), ids=lambda t: t.about["role"])
def test_a_sentence_of_the_start_page_gets_its_answer(waiting: Bench, directory: Directory, persona: object) -> None:
    about = persona.about  # type: ignore[attr-defined]  # texts are parametrised as they come
    role, sentence = Role(about["role"]), about["try"]
    people = {
        Role.CHAIR: chair(directory),
        Role.CLERK: clerk(directory),
        Role.SENCO: senco(directory),
        Role.MODERATOR: KCC,
    }
    of = "" if role in (Role.ADMINISTRATOR,) else about.get("of", "")
    if role in (Role.HNFO, Role.AREA_BOARD, Role.KIT):
        mail: str = directory.people_with(role, of)[0].mail
    else:
        mail = people.get(role) or next(p.mail for p in directory.people if p.role is role)
    assert STARTS[sentence] in asked(waiting, sentence, mail).as_text()


@begun
def deferred(bench: Bench, directory: Directory) -> None:
    """One request was deferred, another approved and not paid."""
    set_up(bench, directory)
    arrive(bench, id=2, outcomes="Calm", solution="A garden")
    on_agenda(bench, directory)
    with bench.desk.work() as work:
        defer_request(work, R1, "The school could not come", chair(directory))
        decide(work, "R-2026-0002", approve(1_000), chair(directory))


@pytest.mark.parametrize("who", ["chair", "clerk", "senco", "kcc"])
def test_the_list_is_the_one_that_was_asked_for(deferred: Bench, directory: Directory, who: str) -> None:
    mail = {"chair": chair(directory), "clerk": clerk(directory), "senco": senco(directory), "kcc": KCC}[who]
    said = asked(deferred, "which requests were deferred", mail)
    assert [fact[0][:11] for fact in said.facts] == [R1]
    said = asked(deferred, "which approved requests are not paid yet", mail)
    assert [(fact[0][:11], fact[1][:6]) for fact in said.facts] == [("R-2026-0002", "£1,000")]


def test_where_there_are_none_of_a_kind_that_is_said(decided: Bench, directory: Directory) -> None:
    with decided.desk.work() as work:
        moderate(work, R1, 180_000, "Morgan Vale", MEETING, KCC)
        pay_request(work, R1, 180_000, MEETING, KCC)
    for sentence in ("which requests were deferred", "which approved requests are not paid yet"):
        assert "no requests" in asked(decided, sentence, chair(directory)).title


def test_last_year_is_last_year(deferred: Bench, directory: Directory) -> None:
    said = asked(deferred, "what did we agree last year", chair(directory)).as_text()
    assert "decided nothing in the school year 2025-26" in said
    assert "this school year (2026-27)" in asked(deferred, "what did we decide this year", chair(directory)).title


@pytest.mark.parametrize(
    ("sentence", "role"),
    [
        ("whos our chair", "chair"), ("who is our chair", "chair"), ("who is our clerk", "clerk"),
        ("who is the clerk of ABC", "clerk"), ("how do i contact our clerk", "clerk"),
    ],
)  # fmt: skip
def test_the_chair_and_the_clerk_are_told_of(waiting: Bench, directory: Directory, sentence: str, role: str) -> None:
    person = directory.chair_of(home(directory)) if role == "chair" else directory.clerk_of(home(directory))
    assert person is not None
    assert asked(waiting, sentence, senco(directory)).title == f"The {role} of ABC is {person.name}"


def test_all_deadlines_are_those_of_all_ones_communities(waiting: Bench, directory: Directory) -> None:
    served = [p.of for p in directory.people if p.mail == clerk(directory) and p.role is Role.CLERK]
    said = asked(waiting, "all deadlines of my communities", clerk(directory))
    assert {name for name, _ in said.facts} == set(served)


def test_when_the_money_comes_is_no_question_about_a_meeting(waiting: Bench, directory: Directory) -> None:
    assert asked(waiting, "when do we get the 8000", senco(directory)).title.startswith(R1)


def test_case_studies_of_a_community_are_its_own(waiting: Bench, directory: Directory) -> None:
    assert asked(waiting, "case studies of ABC", senco(directory)).title == "No case study of ABC was shared yet"
