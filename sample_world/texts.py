"""The invented county's texts, written by hand: each file of `texts/` read into its own kind of value.

Whoever plays people's parts takes from here what they say; `build` makes the workbooks from it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar

T = TypeVar("T")

AREAS_OF_NEED = (
    "communication_and_interaction",
    "cognition_and_learning",
    "social_emotional_and_mental_health",
    "sensory_and_physical",
)
"""The four broad areas of need of the SEND code of practice; a file of requests each."""


@dataclass(frozen=True, kw_only=True)
class DecisionText:
    """What the community agrees about a request. `amount` is in pounds, 0 where none is given."""

    responses: tuple[str, ...]
    details: str
    conditions: str = ""
    discussion: str = ""
    """For the minutes."""
    review_weeks: int = 12
    amount: float = 0


@dataclass(frozen=True, kw_only=True)
class RequestText:
    """One response of the form, as it was typed; what was left out is None."""

    id: int
    completed: datetime
    """As Microsoft Forms writes it: without a zone."""
    community: str
    school: str
    sender: str
    sender_name: str
    support: str
    kind: str
    """Which mistake it has, or `ok`."""
    need: str
    """One of `AREAS_OF_NEED`."""
    meant: str = ""
    """The school as the directory has it, where its name is misspelt."""
    contact: str | None = None
    trust: str | None = None
    solution: str | None = None
    outcomes: str | None = None
    pupils: str | None = None
    sen_support: int | str | None = None
    ehcp: int | str | None = None
    looked_after: int | str | None = None
    key_stage: str | None = None
    funding_use: str | None = None
    amount: float | str | None = None
    already_supported: str | None = None
    signature: str | None = None
    decision: DecisionText | None = None


@dataclass(frozen=True, kw_only=True)
class Text:
    """Something somebody writes, with what it is about: a table of the file it stands in."""

    text: str = ""
    about: Mapping[str, Any]
    """The other keys of the table."""


def table(name: str) -> dict[str, Any]:
    """A whole file."""
    return tomllib.loads((files("sample_world") / "texts" / f"{name}.toml").read_text("utf-8"))


def _made(kind: type[T], row: Mapping[str, Any]) -> T:
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    if unknown := row.keys() - known:
        raise ValueError(f"{kind.__name__} {row.get('id', '')} has {', '.join(sorted(unknown))}, which nobody reads.")
    return kind(**row)


@cache
def requests() -> tuple[RequestText, ...]:
    """All of the year's, in the order of their numbers. The last of autumn is sent twice (`build`)."""
    found = []
    for need in AREAS_OF_NEED:
        for row in table(f"requests/{need}")["request"]:
            decision = row.pop("decision", None)
            if decision is not None:
                decision = _made(DecisionText, {**decision, "responses": tuple(decision["responses"])})
            found.append(_made(RequestText, {**row, "need": need, "decision": decision}))
    return tuple(sorted(found, key=lambda r: r.id))


@cache
def texts(name: str, kind: str) -> tuple[Text, ...]:
    """The tables `[[kind]]` of a file, in its order: `texts("minutes", "note")`."""
    rows: Sequence[dict[str, Any]] = table(name)[kind]
    return tuple(
        Text(text=r.get("text", ""), about=MappingProxyType({k: v for k, v in r.items() if k != "text"})) for r in rows
    )


def pick(among: Sequence[T], number: int) -> T:
    """One of them, another for the next number."""
    return among[number % len(among)]
