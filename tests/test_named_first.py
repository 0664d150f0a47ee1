"""What a sentence says itself comes before what was spoken of: for every kind of thing and every intent."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from bot.answers.smalltalk import EXAMPLES
from bot.asking import Answer
from bot.behaviours import ANSWERS
from bot.chat import Place, Said, talk
from casework.schedule import schedule_meetings
from communities.directory import Directory, Role
from forms_ingest.request_for_support import read_response
from tests.conftest import Bench, begun
from tests.test_moves import R1, clerk
from tests.test_record import MEETING, arrive, home, set_up, slot

CHAT = Place(conversation="chat")
NOT_ABOUT_A_PLACE = {"help", "thanks", "guidance", "question", "case_study", "evaluation", "due", "reports",
                     "surgery_list", "surgery_book", "surgery_cancel", "surgery_feedback", "submit_request",
                     "pending_decisions", "school_budget", "link_practitioner", "my_requests"}  # fmt: skip
"""Their answer names no community, so there is none to be wrong about; what was understood is tried all the same."""


@begun
def desk(bench: Bench, directory: Directory) -> None:
    """A request of the first community, whose clerk has others too; each has its meetings."""
    set_up(bench, directory)
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(other(directory), date(2026, 11, 9), 2)])
    arrive(bench)


def other(directory: Directory) -> str:
    """Another community of the same clerk's."""
    return next(str(p.of) for p in directory.roles_of(clerk(directory))
                if p.role is Role.CLERK and p.of != home(directory))  # fmt: skip


def say(bench: Bench, mail: str, *sentences: str) -> Said:
    for sentence in sentences:
        with bench.desk.work() as work:
            said = talk(work, sentence, mail, CHAT, read_response)
    return said


def text_of(answer: Answer) -> str:
    return answer.as_text() + json.dumps(answer.cards) + json.dumps([*answer.choices])


def names_of(directory: Directory) -> dict[str, tuple[str, dict[str, Any]]]:
    school = str(directory.schools_of(home(directory))[0].name)
    return {
        "request": (f"about {R1}", {"request": R1}),
        "community": (f"for {home(directory)}", {"community": home(directory)}),
        "school": (f"for {school}", {"school": school}),
        "day": ("for 5 November", {"date": "2026-11-05"}),
        "term": ("for term 2", {"term": 2}),
    }


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("kind", ["request", "community", "school"])
@pytest.mark.parametrize("intent", sorted(EXAMPLES))
def test_what_is_named_beats_the_community_spoken_of(desk: Bench, directory: Directory, intent: str, kind: str) -> None:
    words, entities = names_of(directory)[kind]
    before = f"when does {other(directory)} meet next"
    said = say(desk, clerk(directory), before, f"{EXAMPLES[intent][1]} {words}")
    assert {k: v for k, v in said.question.entities.items() if k not in ("from", "to")} == entities
    said_of = text_of(said.answer)
    if said.question.intent in set(ANSWERS) - NOT_ABOUT_A_PLACE:
        assert other(directory) not in said_of, said.question.intent


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("kind", ["day", "term"])
@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("when is the meeting", "Thursday 5 November 2026"),
        ("what is the deadline for the meeting", "22 October 2026"),
        ("send me the agenda", "Thursday 5 November 2026"),
        ("take the register", "5 November 2026"),
        ("what was decided", "5 November 2026"),
        ("show me the minutes", "5 November 2026"),
    ],
)
def test_a_day_or_a_term_that_is_named_beats_the_usual_meeting(
    desk: Bench, directory: Directory, sentence: str, wanted: str, kind: str
) -> None:
    desk.at(date(2026, 12, 11))  # after both meetings of the home community
    words, entities = names_of(directory)[kind]
    said = say(desk, clerk(directory), f"{sentence} {words} of {home(directory)}")
    assert entities.items() <= dict(said.question.entities).items()
    assert wanted in text_of(said.answer)


def test_a_day_without_a_meeting_is_said_and_the_usual_one_told(desk: Bench, directory: Directory) -> None:
    said = say(desk, clerk(directory), f"send me the agenda of {home(directory)} for 3 November").answer
    assert f"{home(directory)} has no meeting on Tuesday 3 November 2026." in said.sentences[0]
    assert f"This is about Thursday {MEETING:%-d %B %Y}." in said.sentences[0]


def test_a_request_by_its_number_alone_is_not_the_last_question_again(desk: Bench, directory: Directory) -> None:
    mail = clerk(directory)
    said = say(desk, mail, f"when does {other(directory)} meet next", R1)
    assert (said.question.intent, said.answer.title) == ("request_status", f"{R1}: Received")
    assert say(desk, mail, "withdraw our request", R1).answer.title == f"Withdraw {R1}?"


def test_a_conversation_about_a_request_is_about_its_community(desk: Bench, directory: Directory) -> None:
    assert home(directory) in say(desk, clerk(directory), f"status of {R1}", "when is the next meeting").answer.title


def test_a_school_or_community_that_is_named_is_not_the_request_spoken_of(desk: Bench, directory: Directory) -> None:
    said = say(desk, clerk(directory), f"status of {R1}", f"is that on the agenda of {other(directory)}")
    assert dict(said.question.entities) == {"community": other(directory)}


def test_a_request_that_is_nobodys_business_moves_no_answer(desk: Bench, directory: Directory) -> None:
    said = say(desk, clerk(directory), f"when does {home(directory)} meet next", "what is the deadline for R-2026-0999")
    assert said.answer.title.startswith("You can't read R-2026-0999: it is not one of")
