"""What a school changes or takes back by a sentence: the amount without a pound sign, the reason, what is decided."""

from __future__ import annotations

import pytest

from communities.directory import Directory
from local_tenant.card_text import card_as_text
from tests.conftest import Bench, begun
from tests.test_chat import senco
from tests.test_conversation import say
from tests.test_moves import R1
from tests.test_record import arrive, one_decided, set_up


@begun
def desk(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    arrive(bench)


@begun
def decided(bench: Bench, directory: Directory) -> None:
    one_decided(bench, directory)


@pytest.mark.parametrize(
    ("sentence", "amount"),
    [
        ("change the amount to 2800", 2800), ("change the amount to £2,800", 2800),
        ("the amount should be 2800.50 please", 2800.50), ("change the amount to 2,800.", 2800),
        ("change the amount", 2400), ("change the key stage to 2", None),
    ],
)  # fmt: skip
def test_the_new_amount_is_filled_in(desk: Bench, directory: Directory, sentence: str, amount: float | None) -> None:
    (card,) = say(desk, senco(directory), sentence).cards
    shown = [float(x["value"]) for x in card["body"] if x.get("id") == "requested_pence"]
    assert shown == ([] if amount is None else [amount])


def test_the_reason_is_on_the_card_and_a_yes_is_told_what_is_missing(desk: Bench, directory: Directory) -> None:
    said = say(desk, senco(directory), "cancel my request because we got a ta from next door")
    assert "we got a ta from next door" in card_as_text(said.cards[0])
    again = say(desk, senco(directory), "yes")
    assert again.title == f"Withdraw {R1}?"
    assert "a yes alone says no reason" in card_as_text(again.cards[0])


@pytest.mark.parametrize("sentence", ["change the amount to £5,000", f"I want to change what we ask for in {R1}"])
def test_who_changes_a_decided_request_is_told_that_it_stays(
    decided: Bench, directory: Directory, sentence: str
) -> None:
    said = say(decided, senco(directory), sentence).as_text()
    assert "stays as it was decided on" in said
    assert "Nothing was changed" in said
