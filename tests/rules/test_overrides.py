"""Spending below zero: never without somebody at KCC who allows it, and why."""

from __future__ import annotations

import pytest

from communities.overrides import Override, goes_below_zero, override_problems


@pytest.mark.parametrize(
    ("pence", "balance", "below"),
    [(1, 0, True), (0, 0, False), (5, 5, False), (6, 5, True), (4, 5, False), (1, -5, True), (0, -5, False),
     (-1, -5, False), (1_000, 999, True), (1, 1, False), (2, 1, True)],
)  # fmt: skip
def test_a_balance_is_not_taken_below_zero(pence: int, balance: int, below: bool) -> None:
    assert goes_below_zero(pence, balance) is below


MORE = "£20 is more than the balance of £10. Ask for less, or name who at KCC allows more, and why."
NOBODY = "'Sam Field' is no KCC moderator or administrator: name one who allows it."
WHY = "Spending below zero needs a reason. Say why it is allowed."


@pytest.mark.parametrize(
    ("override", "may", "said"),
    [
        (None, False, [MORE]),
        (None, True, [MORE]),
        (Override(allowed_by="Morgan Vale", reason="A placement would break down"), True, []),
        (Override(allowed_by="Sam Field", reason="Because"), False, [NOBODY]),
        (Override(allowed_by="Morgan Vale", reason=" "), True, [WHY]),
        (Override(allowed_by="Sam Field", reason=""), False, [NOBODY, WHY]),
    ],
)
def test_below_zero_needs_a_named_person_of_kcc_and_a_reason(
    override: Override | None, may: bool, said: list[str]
) -> None:
    assert list(override_problems(2_000, 1_000, override, may_override=may, remedy="Ask for less")) == said
    assert not list(override_problems(1_000, 1_000, override, may_override=may, remedy="Ask for less"))


def test_an_override_says_who_and_why() -> None:
    said = str(Override(allowed_by="Morgan Vale", reason="a placement would break down"))
    assert said == "Spending below zero was allowed by Morgan Vale: a placement would break down"
