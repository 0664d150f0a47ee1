"""What the chat cannot do is said to be undone, with the way; what it can is opened with what the sentence said."""

from __future__ import annotations

import pytest

from communities.directory import Directory
from local_tenant.card_text import card_as_text
from tests.conftest import Bench, begun
from tests.test_chat import asked, senco
from tests.test_moves import R1, clerk
from tests.test_record import arrive, chair, one_waiting, set_up

waiting = begun(one_waiting)


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("who", [chair, clerk])
@pytest.mark.parametrize(
    ("sentence", "way"),
    [
        ("move the meeting to next Thursday at 2pm", "which community's meeting"),
        ("move a meeting", "which community's meeting"),
        ("postpone the meeting", "which community's meeting"),
        ("cancel the meeting on 4 November", "which community's meeting"),
        ("create an action for Noor Mistry: book the hall, due 20 November", "Make this an action"),
        ("add an action: Ella Carter to send the funding form", "Make this an action"),
        (f"defer {R1} to the next meeting", "which request it is"),
        (f"defer {R1} to the February meeting", "which request it is"),
        (f"put {R1} off until February", "which request it is"),
        (f"refuse {R1}", "which request it is"),
        (f"undo the decision on {R1}", "which request it is"),
        (f"reopen {R1}", "which request it is"),
    ],
)
def test_what_is_done_elsewhere_is_said_to_be_undone(
    bench: Bench, directory: Directory, who: object, sentence: str, way: str
) -> None:
    set_up(bench, directory)
    arrive(bench)
    assert callable(who)
    said = asked(bench, sentence, who(directory))
    assert said.title == "I cannot do that in this chat"
    assert said.sentences[0] == "Nothing was changed."
    assert way in said.sentences[1]
    assert len(said.choices) >= 2


@pytest.mark.parametrize(
    "sentence", [f"approve {R1} for £1,500", f"I want to decide {R1}", f"we approved 1.5k for {R1}"]
)
def test_a_decision_in_a_sentence_opens_the_card_with_its_amount(
    waiting: Bench, directory: Directory, sentence: str
) -> None:
    card = card_as_text(asked(waiting, sentence, chair(directory)).cards[0])
    assert "(Record the decision)" in card
    assert ("£): 1500" in card) == ("decide" not in sentence)


def test_a_request_that_is_not_to_be_decided_now_says_why(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    arrive(bench)
    assert f"{R1} is 'Received'" in asked(bench, f"approve {R1}", chair(directory)).as_text()


@pytest.mark.parametrize(
    ("sentence", "step"),
    [
        (f"I asked for too much, change {R1} to £3,200", "Money, and what you did so far"),
        (f"add another pupil to {R1}", "The pupils"),
        (f"change the contact on {R1}", "Your school"),
        (f"I need to change {R1}", "What you ask for"),
    ],
)
def test_a_change_begins_where_the_sentence_says(bench: Bench, directory: Directory, sentence: str, step: str) -> None:
    set_up(bench, directory)
    arrive(bench)
    said = asked(bench, sentence, senco(directory))
    assert said.title.endswith(step)
    assert ("3200" in card_as_text(said.cards[0])) == ("£3,200" in sentence)
