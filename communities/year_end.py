"""The end of a community's year: everything decided, paid or carried over, and the balance agreed with KCC.

The slides ask for a balance sheet reviewed at each meeting and name no year end; the rules here are choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from communities.money import pounds

CLOSE_BY = (8, 31)
"""A choice: the last day of the academic year."""


def close_by(year: str) -> date:
    """The day by which an academic year (`2026-27`) is closed."""
    return date(int(year[:4]) + 1, *CLOSE_BY)


@dataclass(frozen=True, kw_only=True)
class YearStanding:
    """How a community's year stands; money in pence."""

    community: str
    academic_year: str
    meetings_left: int
    """Of the year, not held and not cancelled."""
    undecided: Sequence[str]
    """Numbers of the requests that wait for a decision."""
    unpaid: Sequence[str]
    """Approved in the year and not paid yet."""
    unpaid_pence: int
    unsent: Sequence[str]
    """Reports that were drafted and not sent."""
    open_actions: int
    balance_pence: int | None
    """None where no budget of the year was imported."""
    agreed_pence: int | None
    """What KCC agreed to; None before."""
    is_closed: bool

    @property
    def to_carry(self) -> tuple[str, ...]:
        """What is carried over into the next year, if it is closed as it stands."""
        return (*self.undecided, *self.unpaid, *self.unsent)


def obstacles(stands: YearStanding, *, carry: bool) -> Iterator[str]:
    """What keeps the year from being closed, each in a sentence; with `carry`, open things go over into the next."""
    name = f"{stands.community} {stands.academic_year}"
    if stands.balance_pence is None:
        yield f"No budget of {name} was imported: there is nothing to close."
        return
    if stands.meetings_left:
        count = "one meeting" if stands.meetings_left == 1 else f"{stands.meetings_left} meetings"
        yield f"{name} has {count} to come. Hold or cancel it first."
    if stands.agreed_pence is None:
        yield f"KCC has not agreed the balance of {name} ({pounds(stands.balance_pence)}) yet."
    elif stands.agreed_pence != stands.balance_pence:
        yield (
            f"KCC agreed {pounds(stands.agreed_pence)}, and the balance has become {pounds(stands.balance_pence)} "
            "since. It has to be agreed once more."
        )
    if not carry:
        for what, found in (
            ("waits for a decision", stands.undecided),
            ("is approved and not paid", stands.unpaid),
            ("is not sent", stands.unsent),
        ):
            yield from (f"{number} {what}. Finish it, or carry it over." for number in found)
