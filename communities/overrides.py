"""Spending below zero, or more than KCC's final amount: refused unless somebody at KCC allows it and says why.

Source: DOMAIN 'The money': the balance never goes below zero without a recorded override (a choice).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from communities.money import pounds

BELOW_ZERO, ABOVE_FINAL = "Spending below zero", "Paying more than the final amount"


@dataclass(frozen=True, kw_only=True)
class Override:
    """Who allows spending below zero, by mail or name as the directory knows them, and why."""

    allowed_by: str
    reason: str

    def __str__(self) -> str:
        return f"{BELOW_ZERO} was allowed by {self.allowed_by}: {self.reason}"

    def of_payment(self) -> str:
        """The same of a payment above the final amount."""
        return f"{ABOVE_FINAL} was allowed by {self.allowed_by}: {self.reason}"


def goes_below_zero(pence: int, balance_pence: int) -> bool:
    """Whether taking that much from a balance leaves less than nothing, or lowers what is less already."""
    return pence > max(balance_pence, 0)


def override_problems(
    pence: int, balance_pence: int, override: Override | None, *, may_override: bool, remedy: str
) -> Iterator[str]:
    """What stands against taking `pence` from a balance, in sentences; `remedy` says what can be done without anybody's
    leave. `may_override`: whoever the override names is a KCC moderator or an administrator.
    """
    if goes_below_zero(pence, balance_pence):
        said = f"{pounds(pence)} is more than the balance of {pounds(balance_pence)}. {remedy}"
        yield from _leave_problems(override, said, BELOW_ZERO, may_override=may_override)


def payment_problems(
    paid_pence: int, final_pence: int, override: Override | None, *, may_override: bool
) -> Iterator[str]:
    """What stands against paying that much of a final amount: more than it needs somebody's leave."""
    if paid_pence > final_pence:
        said = (
            f"{pounds(paid_pence)} is more than the final amount of {pounds(final_pence)}. Record at most "
            f"{pounds(final_pence)} as paid"
        )
        yield from _leave_problems(override, said, ABOVE_FINAL, may_override=may_override)


def _leave_problems(override: Override | None, said: str, what: str, *, may_override: bool) -> Iterator[str]:
    if override is None:
        yield f"{said}, or name who at KCC allows more, and why."
        return
    if not may_override:
        yield f"'{override.allowed_by}' is no KCC moderator or administrator: name one who allows it."
    if not override.reason.strip():
        yield f"{what} needs a reason. Say why it is allowed."
