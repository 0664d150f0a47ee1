"""What a sentence means after the one before it, and when a conversation is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.asking import Answer
from bot.chat import Place, talk
from bot.memory import KEPT
from bot.turns import Scope
from communities.directory import Directory, Role
from forms_ingest.request_for_support import read_response
from tests.conftest import Bench, begun
from tests.test_chat import senco
from tests.test_moves import R1
from tests.test_record import arrive, chair, home, set_up

CHAT = Place(conversation="chat")


@begun
def desk(bench: Bench, directory: Directory) -> None:
    """A request that waits for its meeting."""
    set_up(bench, directory)
    arrive(bench)


def say(bench: Bench, mail: str, *sentences: str, place: Place = CHAT) -> Answer:
    """The answer to the last of them."""
    for sentence in sentences:
        with bench.desk.work() as work:
            answer = talk(work, sentence, mail, place, read_response).answer
    return answer


@pytest.mark.parametrize(
    "sentence", ["and for Canterbury S3?", "what about Canterbury S3", "Canterbury S3", "and canterbury s3 please"]
)
def test_the_same_is_asked_of_another_community(desk: Bench, directory: Directory, sentence: str) -> None:
    said = say(desk, senco(directory), "whats the deadline", sentence)
    assert "Canterbury S3" in said.title
    assert "takes requests" in said.title


def test_and_keeps_what_was_spoken_of(desk: Bench, directory: Directory) -> None:
    assert (
        "Canterbury S3"
        in say(desk, senco(directory), "when is the next meeting of Canterbury S3", "and the actions?").title
    )


def test_it_is_the_request_that_was_spoken_of(desk: Bench, directory: Directory) -> None:
    assert R1 in say(desk, senco(directory), f"how is {R1} doing", "has it been approved?").title


def test_the_second_one_is_the_second_that_was_offered(desk: Bench, directory: Directory) -> None:
    clerk = directory.people_with(Role.CLERK, home(directory))[0]
    asked = say(desk, clerk.mail, "when is the next meeting")
    assert asked.title == "Which of your communities?"
    first, second = asked.choices[0][0], asked.choices[1][0]
    assert second in say(desk, clerk.mail, "the second one").title
    assert first in say(desk, clerk.mail, "start over", "when is the next meeting", first).title


def test_a_conversation_stays_with_its_community(desk: Bench, directory: Directory) -> None:
    clerk = directory.people_with(Role.CLERK, home(directory))[0].mail
    assert home(directory) in say(desk, clerk, f"when does {home(directory)} meet next", "what actions are open").title


def test_start_over_forgets(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    assert say(desk, mail, "when is the next meeting", "start over").title == "We start afresh"
    assert say(desk, mail, "Canterbury S3").title == "What about Canterbury S3?"


def test_half_an_hour_later_nothing_is_remembered(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    say(desk, mail, "whats the deadline")
    desk.clock.set(desk.clock.now() + KEPT + timedelta(seconds=1))
    assert say(desk, mail, "and for Canterbury S3?").title == "What about Canterbury S3?"


def test_conversations_and_people_are_kept_apart(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    say(desk, mail, "whats the deadline")
    other = Place(conversation="another")
    assert say(desk, mail, "and for Canterbury S3?", place=other).title == "What about Canterbury S3?"
    assert say(desk, chair(directory), "and for Canterbury S3?").title == "What about Canterbury S3?"


@pytest.mark.parametrize("sentence", ["yes", "yes, book it", "the third one", "number 9"])
def test_a_yes_to_nothing_does_nothing(desk: Bench, directory: Directory, sentence: str) -> None:
    said = say(desk, senco(directory), sentence)
    assert "nothing that waits" in said.title or "did not understand" in said.title or "mean one of" in said.title


def test_a_channel_speaks_of_its_own_community_and_of_nothing_personal(desk: Bench, directory: Directory) -> None:
    channel = Place(conversation="c", scope=Scope.CHANNEL, community=home(directory))
    clerk = directory.people_with(Role.CLERK, home(directory))[0].mail
    assert home(directory) in say(desk, clerk, "when is the next meeting", place=channel).title
    for sentence in ("show my school's requests", "what is waiting for my decision", "I want to send a request"):
        assert say(desk, senco(directory), sentence, place=channel).title == "Let us talk in private"
    other = directory.communities[1].name
    elsewhere = Place(conversation="d", scope=Scope.CHANNEL, community=other)
    assert f"You can't read {R1}" in say(desk, senco(directory), f"status of {R1}", place=elsewhere).title
    assert R1 in say(desk, senco(directory), f"status of {R1}", place=channel).title
