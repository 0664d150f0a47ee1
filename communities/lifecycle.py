"""The states of a Request for Support and the commands that move it. One table; everything else reads it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a request stands."""

    SUBMITTED = "Submitted"
    """Held for the clerk, who accepts or withdraws it."""
    ACCEPTED = "Accepted"
    ON_AGENDA = "On the agenda"
    DECIDED = "Decided"
    FORWARDED = "Forwarded"
    MODERATED = "Moderated"
    WITHDRAWN = "Withdrawn"


class Move(StrEnum):
    """What can happen to a request."""

    ACCEPT = "accepted"
    WITHDRAW = "withdrawn"
    PUT_ON_AGENDA = "put on the agenda"
    DECIDE = "decided"
    FORWARD = "forwarded"
    MODERATE = "moderated"


MOVES: Mapping[tuple[State, Move], State] = MappingProxyType(
    {
        (State.SUBMITTED, Move.ACCEPT): State.ACCEPTED,
        (State.SUBMITTED, Move.WITHDRAW): State.WITHDRAWN,
        (State.ACCEPTED, Move.PUT_ON_AGENDA): State.ON_AGENDA,
        (State.ON_AGENDA, Move.DECIDE): State.DECIDED,
        (State.DECIDED, Move.FORWARD): State.FORWARDED,
        (State.DECIDED, Move.MODERATE): State.MODERATED,
        (State.FORWARDED, Move.MODERATE): State.MODERATED,
    }
)


def after(state: State, move: Move) -> State | None:
    """The state a move leads to, or None where it is not allowed."""
    return MOVES.get((state, move))


def as_lines() -> list[str]:
    """The table in plain English, one move a line, in the order of the states."""
    width = max(len(s) for s in State)
    return [f"{state:<{width}}  may be {move}, and is then {to}" for (state, move), to in MOVES.items()]


def as_mermaid() -> str:
    """The table as a Mermaid state diagram, for the documents."""
    names = {s: s.replace(" ", "") for s in State}
    lines = ["stateDiagram-v2", "  [*] --> Submitted: held for the clerk", "  [*] --> Accepted"]
    lines += [f"  {names[s]}: {s}" for s in State if names[s] != s]
    lines += [f"  {names[state]} --> {names[to]}: {move}" for (state, move), to in MOVES.items()]
    return "\n".join(lines)
