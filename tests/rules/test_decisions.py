"""What a community may decide: each obstacle in the words the chair reads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from communities.decisions import Circumstances, DecidedBy, Decision, Response, Voice, decision_problems
from communities.overrides import Override

FINANCIAL, ADVICE = Response.FINANCIAL, Response.ADVICE
TODAY = date(2026, 11, 2)


def problems(
    changed: dict[str, object] | None = None, circumstances: dict[str, object] | None = None
) -> list[str]:  # fmt: skip
    """What stands against a decision of £10 with £50 left, with some of it changed."""
    decision: dict[str, object] = {
        "responses": (FINANCIAL,), "details": "", "amount_pence": 1_000, "review_on": None,
        "made_by": DecidedBy.CONSENSUS, **(changed or {}),
    }  # fmt: skip
    against: dict[str, object] = {"balance_pence": 5_000, "decided_on": TODAY, **(circumstances or {})}
    return list(decision_problems(Decision(**decision), Circumstances(**against)))  # type: ignore[arg-type]


NEEDS_FINANCIAL = "An amount needs the response 'Financial contribution'. Choose it or set the amount to 0."
NEEDS_AMOUNT = "A financial contribution needs an amount above £0."
OWN = "This is your own school's request: it is decided by consensus, or by another chair, not by you alone."


NOT_AHEAD = "The review date {} November 2026 must be after today. Choose a later day."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"amount_pence": 5_000}, []),
        ({"amount_pence": 5_001}, ["£50.01 is more than the balance of £50. Approve at most £50, or name who at KCC "
                                   "allows more, and why."]),
        ({"responses": ()}, ["Choose at least one response.", NEEDS_FINANCIAL]),
        ({"responses": (), "amount_pence": 0}, ["Choose at least one response."]),
        ({"responses": (ADVICE,)}, [NEEDS_FINANCIAL]),
        ({"responses": (ADVICE,), "amount_pence": 0}, []),
        ({"responses": (ADVICE, FINANCIAL)}, []),
        ({"responses": tuple(Response)}, []),
        ({"amount_pence": 0}, [NEEDS_AMOUNT]),
        ({"amount_pence": 1}, []),
        ({"amount_pence": -1}, ["The amount is -£0.01; it cannot be below £0."]),
        ({"review_on": date(2026, 11, 1)}, [NOT_AHEAD.format(1)]),
        ({"review_on": TODAY}, [NOT_AHEAD.format(2)]),
        ({"review_on": date(2026, 11, 3)}, []),
        ({"review_on": date(2026, 11, 7)}, ["Saturday 7 November 2026 is at a weekend. Choose a working day, for "
                                            "example Monday 9 November 2026."]),
    ],
)  # fmt: skip
def test_what_stands_against_a_decision(changed: dict[str, object], said: list[str]) -> None:
    assert problems(changed) == said


@pytest.mark.parametrize(("balance", "most"), [(500, "£5"), (0, "£0"), (-500, "£0")])
def test_an_overspent_community_can_approve_nothing(balance: int, most: str) -> None:
    (said,) = problems({}, {"balance_pence": balance})
    assert f"Approve at most {most}, or name" in said


@pytest.mark.parametrize(
    ("by", "interest", "said"),
    [(DecidedBy.CHAIR, True, [OWN]), (DecidedBy.CHAIR, False, []), (DecidedBy.CONSENSUS, True, []),
     (DecidedBy.CONSENSUS, False, [])],
)  # fmt: skip
def test_a_chair_does_not_decide_alone_on_their_own_school(by: DecidedBy, interest: bool, said: list[str]) -> None:
    assert problems({"made_by": by}, {"chair_has_interest": interest}) == said


def test_nobody_has_an_interest_or_may_override_unless_it_is_said() -> None:
    assert problems({"made_by": DecidedBy.CHAIR}) == []
    said = problems({"override": Override(allowed_by="Sam", reason="Because")}, {"balance_pence": 0})
    assert said == ["'Sam' is no KCC moderator or administrator: name one who allows it."]


def test_an_override_by_kcc_lets_the_amount_pass() -> None:
    override = Override(allowed_by="Morgan Vale", reason="A placement would break down")
    assert problems({"override": override}, {"balance_pence": 0, "may_override": True}) == []


@pytest.mark.parametrize(
    ("voices", "said"),
    [
        (None, []),
        ({}, []),
        ({"A": Voice.AGREES, "C": Voice.ABSTAINS}, []),
        ({"A": Voice.AGREES, "B": Voice.OBJECTS}, ["There is no consensus: B objects. Then the chair decides."]),
        ({"D": Voice.OBJECTS, "B": Voice.OBJECTS}, ["There is no consensus: B, D object. Then the chair decides."]),
    ],
)
def test_there_is_no_consensus_while_a_school_objects(voices: dict[str, Voice] | None, said: list[str]) -> None:
    assert problems({}, {"voices": voices}) == said
    assert problems({"made_by": DecidedBy.CHAIR}, {"voices": voices}) == []


TOMORROW = TODAY + timedelta(days=1)
EARLY = (
    f"The community meets about it on {TOMORROW:%A %-d %B %Y}, so there is no consensus yet. "
    "Record the decision on that day, or, as the chair, choose 'Chair' to decide it alone."
)


@pytest.mark.parametrize(
    ("by", "meets_on", "said"),
    [
        (DecidedBy.CONSENSUS, TOMORROW, [EARLY]), (DecidedBy.CONSENSUS, TODAY, []), (DecidedBy.CONSENSUS, None, []),
        (DecidedBy.CONSENSUS, TODAY - timedelta(days=1), []), (DecidedBy.CHAIR, TOMORROW, []),
    ],
)  # fmt: skip
def test_there_is_no_consensus_before_the_community_meets(
    by: DecidedBy, meets_on: date | None, said: list[str]
) -> None:
    assert problems({"made_by": by}, {"meets_on": meets_on}) == said


@pytest.mark.parametrize(("pence", "financial"), [(-1, False), (0, False), (1, True), (2, True), (100_000, True)])
def test_a_decision_is_financial_where_money_was_approved(pence: int, financial: bool) -> None:
    decision = Decision(
        responses=(FINANCIAL,), details="", amount_pence=pence, review_on=None, made_by=DecidedBy.CHAIR
    )  # fmt: skip
    assert decision.is_financial is financial
