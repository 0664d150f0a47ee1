"""Answers in chat, out of the record: each to whom it belongs, asked back where a sentence leaves something open."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.asking import Answer
from bot.cards.answer import answer_card
from bot.chat import Place, talk
from bot.tab.views import community_page
from bot.turns import Scope
from casework import tables
from casework.decide import decide
from casework.meeting_record import add_action
from casework.sweep import sweep
from communities.directory import Directory, Role
from forms_ingest.request_for_support import read_response
from local_tenant.card_text import card_as_text
from tests.conftest import Bench, begun
from tests.console import cos
from tests.test_cli import DIRECTORY, SAMPLES
from tests.test_moves import R1, clerk
from tests.test_record import MEETING, approve, arrive, chair, home, one_waiting, set_up

waiting = begun(one_waiting)


HERE, CHANNEL = Place(conversation="chat"), Place(conversation="channel", scope=Scope.CHANNEL)
STRANGER = "nobody@elsewhere.example"


def senco(directory: Directory) -> str:
    school = directory.schools_of(home(directory))[0]
    return directory.people_with(Role.SENCO, school.name)[0].mail


def asked(bench: Bench, sentence: str, mail: str, place: Place = HERE) -> Answer:
    with bench.desk.work() as work:
        return talk(work, sentence, mail, place, read_response).answer


@begun
def desk(bench: Bench, directory: Directory) -> None:
    """A request that waits for its meeting."""
    set_up(bench, directory)
    arrive(bench)


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("when is the next meeting", "Submissions close"),
        ("whats the deadline", "send it by"),
        ("show my school's requests", R1),
        (f"what's happening with {R1}", "Received"),
        ("how is our request doing", "Received"),
        ("how much is left in the community budget", "School year 2026-27"),
        ("who is our link SEN IA", "SEN IA"),
        ("who do approved forms go to", "Mailbox"),
        ("send me the agenda", "is not out yet"),
        ("can I see the minutes of the last meeting", "has not met yet"),
        ("what actions are open", "has no open actions"),
        ("what was decided in October", "decided nothing"),
        ("thanks", "You are welcome"),
        ("what can you do", "I run the paperwork"),
        ("order me a pizza", "did not understand"),
        ("I want to submit a request for support", "Request for Support"),
    ],
)
def test_a_senco_is_answered_out_of_the_record(desk: Bench, directory: Directory, sentence: str, said: str) -> None:
    assert said in asked(desk, sentence, senco(directory)).as_text()


@pytest.mark.parametrize("who", ["stranger", "another school"])
def test_a_request_is_told_of_to_who_has_to_do_with_it_alone(desk: Bench, directory: Directory, who: str) -> None:
    other = directory.schools_of(directory.communities[1].name)[0]
    mail = STRANGER if who == "stranger" else directory.people_with(Role.SENCO, other.name)[0].mail
    for sentence in (f"what's happening with {R1}", "what's happening with R-2026-9999"):
        said = asked(desk, sentence, mail).as_text()
        assert said.startswith("You can't read R-2026-")
        assert "Received" not in said
    school = directory.schools_of(home(directory))[0].name
    assert R1 not in asked(desk, f"show requests of {school}", mail).as_text()


@pytest.mark.parametrize("role", ["clerk", "chair", "senco"])
def test_chair_clerk_and_school_hear_how_it_stands(desk: Bench, directory: Directory, role: str) -> None:
    mail = {"clerk": clerk, "chair": chair, "senco": senco}[role](directory)
    assert "Received" in asked(desk, f"status of {R1}", mail).as_text()


def test_a_community_of_others_keeps_its_balance(desk: Bench, directory: Directory) -> None:
    other = directory.communities[1].name
    said = asked(desk, f"balance sheet for {other}", senco(directory)).title
    assert said == f"Only people of {other} can read its balance. Ask its clerk."


def test_who_serves_several_communities_is_asked_which(desk: Bench, directory: Directory) -> None:
    served = [p.of for p in directory.people if p.mail == clerk(directory) and p.role is Role.CLERK]
    assert len(served) > 1
    back = asked(desk, "when is the next meeting", clerk(directory))
    assert back.title == "Which of your communities?"
    name, sentence = back.choices[0]
    assert name in asked(desk, sentence, clerk(directory)).title


def test_decisions_and_join_links_stay_out_of_channels(desk: Bench, directory: Directory) -> None:
    assert "in private" in asked(desk, "what is waiting for my decision", chair(directory), CHANNEL).title
    assert asked(desk, "when is the next meeting", senco(directory), CHANNEL).links == ()


def test_actions_and_decisions_are_listed(waiting: Bench, directory: Directory) -> None:
    request_id = "R-2026-0001"
    with waiting.desk.work() as work:
        decide(work, request_id, approve(), chair(directory))
        add_action(work, home(directory), "Write to the governors", "Sam", date(2027, 1, 15), clerk(directory))
    assert "Write to the governors" in asked(waiting, "what actions are open", senco(directory)).as_text()
    assert R1 in asked(waiting, "what was decided this week", senco(directory)).as_text()


def test_a_clerk_sees_what_falls_due(desk: Bench, directory: Directory) -> None:
    said = asked(desk, "what do I have to do this week", clerk(directory))
    assert said.title == "You have no tasks this week"
    assert "You have no tasks here" in asked(desk, "what do I have to do this week", senco(directory)).title


def test_what_somebody_typed_is_no_markdown_on_the_card(bench: Bench) -> None:
    card = answer_card(Answer(title="**bold** [x](http://evil.example)"), bench.clock.now())
    assert "\\*\\*bold\\*\\*" in json.dumps(card).replace("\\\\", "\\")
    assert "[x](http" not in card["body"][0]["text"]


def test_the_console_asks_in_a_batch_and_answers_line_by_line(tmp_path: Path, directory: Directory) -> None:
    assert cos("import", "directory", DIRECTORY, folder=tmp_path).returncode == 0
    (tmp_path / "lines.txt").write_text("when is the next meeting\norder me a pizza\n\nthanks\n")
    done = cos("ask", "--batch", "lines.txt", "--as", STRANGER, "--json", folder=tmp_path)
    lines: list[dict[str, Any]] = [json.loads(line) for line in io.StringIO(done.stdout)]
    assert [x["intent"] for x in lines] == ["next_meeting", "unknown", "unknown", "thanks"]
    assert set(lines[0]) == {"intent", "entities", "confidence", "reply", "card", "actions"}
    assert lines[0]["card"]["version"] == "1.5"
    assert cos("import", "people", SAMPLES / "people.xlsx", folder=tmp_path).returncode == 0
    mail = senco(directory)
    begun = cos("ask", "I want to submit a request", "--as", mail, "--json", folder=tmp_path)
    wizard = json.loads(begun.stdout)
    assert "Step 1 of 5" in card_as_text(wizard["card"])
    assert {"title": "Next", "verb": "draft.go"}.items() <= wizard["actions"][0].items()
    assert cos("ask", folder=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("day", "facts"),
    [
        (date(2026, 10, 22), ("Submissions close", "Papers go out")),
        (date(2026, 10, 23), ("Submissions closed", "Papers go out")),
        (date(2026, 10, 30), ("Submissions closed", "Papers were due")),
    ],
)
def test_what_is_past_is_said_to_be_past(desk: Bench, directory: Directory, day: date, facts: tuple[str, str]) -> None:
    """In chat and on the tab's page."""
    desk.at(day)
    said = dict(asked(desk, "when is the next meeting", senco(directory)).facts)
    with desk.desk.work() as work:
        page = community_page(work, senco(directory), home(directory))
    assert page.meeting
    for shown in (said, dict(page.meeting.clocks)):
        assert [label for label in shown if label.startswith(("Submissions", "Papers"))] == list(facts)
        assert shown[facts[0]] == "the end of Thursday 22 October 2026"
    wanted = "It was due by" if facts[1] == "Papers were due" else "It goes out by"
    assert wanted in asked(desk, "send me the agenda", senco(directory)).as_text()


def test_papers_that_are_out_went_out_on_their_day(desk: Bench, directory: Directory) -> None:
    for day in (date(2026, 10, 23), date(2026, 10, 29)):
        desk.at(day)
        sweep(desk.desk)
    with desk.desk.work() as work:
        work.conn.execute(update(tables.meetings).values(circulated_at=work.now))
    desk.at(date(2026, 11, 2))
    said = dict(asked(desk, "when is the next meeting", senco(directory)).facts)
    assert said["Papers went out"] == "Thursday 29 October 2026"


def test_a_request_whose_meeting_is_over_is_not_said_to_be_heard_yet(waiting: Bench, directory: Directory) -> None:
    assert "hears it at the meeting" in asked(waiting, f"status of {R1}", senco(directory)).as_text()
    waiting.at(MEETING, 17)
    assert "no decision is recorded yet" in asked(waiting, f"status of {R1}", senco(directory)).as_text()


@pytest.mark.parametrize("role", ["clerk", "senco"])
def test_who_writes_the_minutes_is_given_the_card_others_the_day(
    waiting: Bench, directory: Directory, role: str
) -> None:
    waiting.at(date(2026, 11, 6))
    sweep(waiting.desk)
    said = asked(
        waiting, f"show me the minutes of {home(directory)}", {"clerk": clerk, "senco": senco}[role](directory)
    )
    if role == "clerk":
        assert said.title == f"Minutes of {home(directory)}, Thursday 5 November 2026"
        assert "(Save" in card_as_text(said.cards[0])
    else:
        assert said.sentences == ("The clerk writes them by Thursday 19 November 2026.",)
