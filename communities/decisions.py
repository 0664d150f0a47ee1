"""The CoS section: what a community decides about a request, and what it may not.

Who may decide is here as a question; recording it is casework's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from communities.money import pounds


class Response(StrEnum):
    """'Request response' on the form."""

    ADVICE = "Advice and guidance"
    SCHOOL_TO_SCHOOL = "School to school support"
    FINANCIAL = "Financial contribution"
    KCC_REVIEW = "Referral for KCC review"


class DecidedBy(StrEnum):
    """'Decision made by' on the form."""

    CONSENSUS = "Consensus"
    CHAIR = "Chair"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The CoS section, filled in. `amount_pence` is 0 where no money was approved."""

    responses: tuple[Response, ...]
    details: str
    amount_pence: int
    review_on: date | None
    made_by: DecidedBy

    @property
    def is_financial(self) -> bool:
        """Whether money was approved, so that the form goes to the HNFO."""
        return self.amount_pence > 0


def decision_problems(
    decision: Decision, *, balance_pence: int, decided_on: date, chair_has_interest: bool
) -> Iterator[str]:
    """What stands against recording the decision, in sentences for the chair."""
    if not decision.responses:
        yield "Choose at least one response."
    if decision.amount_pence < 0:
        yield f"The amount is {pounds(decision.amount_pence)}; it cannot be below £0."
    if decision.amount_pence and Response.FINANCIAL not in decision.responses:
        yield "An amount needs the response 'Financial contribution'. Choose it or set the amount to 0."
    if Response.FINANCIAL in decision.responses and not decision.amount_pence:
        yield "A financial contribution needs an amount above £0."
    if decision.amount_pence > max(balance_pence, 0):
        yield (
            f"{pounds(decision.amount_pence)} is more than the balance of {pounds(balance_pence)}. "
            f"Approve at most {pounds(max(balance_pence, 0))}."
        )
    if decision.review_on and decision.review_on <= decided_on:
        yield f"The review date {decision.review_on:%-d %B %Y} must lie after today."
    if chair_has_interest and decision.made_by is DecidedBy.CHAIR:
        yield "This is your own school's request: it can be decided by consensus, not by you alone."
