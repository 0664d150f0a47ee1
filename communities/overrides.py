"""Spending below zero: refused unless somebody at KCC allows it and says why.

Source: DOMAIN 'The money': the balance never goes below zero without a recorded override (a choice).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from communities.money import pounds


@dataclass(frozen=True, kw_only=True)
class Override:
    """Who allows spending below zero, by mail or name as the directory knows them, and why."""

    allowed_by: str
    reason: str

    def __str__(self) -> str:
        return f"Spending below zero was allowed by {self.allowed_by}: {self.reason}"


def goes_below_zero(pence: int, balance_pence: int) -> bool:
    """Whether taking that much from a balance leaves less than nothing, or lowers what is less already."""
    return pence > max(balance_pence, 0)


def override_problems(
    pence: int, balance_pence: int, override: Override | None, *, may_override: bool, remedy: str
) -> Iterator[str]:
    """What stands against taking `pence` from a balance, in sentences; `remedy` says what can be done without anybody's
    leave. `may_override`: whoever the override names is a KCC moderator or an administrator.
    """
    if not goes_below_zero(pence, balance_pence):
        return
    if override is None:
        yield (
            f"{pounds(pence)} is more than the balance of {pounds(balance_pence)}. {remedy}, or name who at KCC allows "
            "more, and why."
        )
        return
    if not may_override:
        yield f"'{override.allowed_by}' is no KCC moderator or administrator: name one who allows it."
    if not override.reason.strip():
        yield "Spending below zero needs a reason. Say why it is allowed."
