"""The CoS section: what a community decides about a request, and what it may not.

Who may decide is the lifecycle's and the directory's; recording it is casework's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from communities.calendars import day_off_problems
from communities.given_days import ahead_problems
from communities.money import pounds
from communities.overrides import Override, override_problems


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


class Voice(StrEnum):
    """What an attending school says to a proposal; each has one voice."""

    AGREES = "agrees"
    OBJECTS = "objects"
    ABSTAINS = "abstains"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The CoS section, filled in. `amount_pence` is 0 where no money was approved."""

    responses: tuple[Response, ...]
    details: str
    amount_pence: int
    review_on: date | None
    made_by: DecidedBy
    conditions: str = ""
    override: Override | None = None

    @property
    def is_financial(self) -> bool:
        """Whether money was approved, so that the form goes to the HNFO."""
        return self.amount_pence > 0


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a decision is held against."""

    balance_pence: int
    decided_on: date
    meets_on: date | None = None
    """The day of the meeting on whose agenda the request is."""
    chair_has_interest: bool = False
    """The person who decides as chair is of the asking school."""
    may_override: bool = False
    """The person named in the override is a KCC moderator or an administrator."""
    voices: Mapping[str, Voice] | None = None
    """What each attending school said; None where nobody's voice was taken down."""


def decision_problems(decision: Decision, held_against: Circumstances) -> Iterator[str]:
    """What stands against recording the decision, in sentences for the chair."""
    if not decision.responses:
        yield "Choose at least one response."
    if decision.amount_pence < 0:
        yield f"The amount is {pounds(decision.amount_pence)}; it cannot be below £0."
    if decision.amount_pence and Response.FINANCIAL not in decision.responses:
        yield "An amount needs the response 'Financial contribution'. Choose it or set the amount to 0."
    if Response.FINANCIAL in decision.responses and not decision.amount_pence:
        yield "A financial contribution needs an amount above £0."
    yield from override_problems(
        decision.amount_pence,
        held_against.balance_pence,
        decision.override,
        may_override=held_against.may_override,
        remedy=f"Approve at most {pounds(max(held_against.balance_pence, 0))}",
    )
    if decision.review_on:
        said = list(ahead_problems("The review date", decision.review_on, held_against.decided_on))
        yield from said or day_off_problems(decision.review_on)
    if (
        decision.made_by is DecidedBy.CONSENSUS
        and held_against.meets_on
        and held_against.decided_on < held_against.meets_on
    ):
        yield (
            f"The community meets about it on {held_against.meets_on:%A %-d %B %Y}, so there is no consensus yet. "
            f"Record the decision on that day, or, as the chair, choose '{DecidedBy.CHAIR}' to decide it alone."
        )
    if decision.made_by is DecidedBy.CHAIR and held_against.chair_has_interest:
        yield "This is your own school's request: it is decided by consensus, or by another chair, not by you alone."
    if decision.made_by is DecidedBy.CONSENSUS and held_against.voices:
        yield from _consensus_problems(held_against.voices)


def _consensus_problems(voices: Mapping[str, Voice]) -> Iterator[str]:
    objecting = sorted(school for school, voice in voices.items() if voice is Voice.OBJECTS)
    if objecting:
        yield f"There is no consensus: {', '.join(objecting)} {_objects(len(objecting))}. Then the chair decides."


def _objects(count: int) -> str:
    return "objects" if count == 1 else "object"
