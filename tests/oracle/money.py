"""How a community's money lies in the two financial years of 2026-27, and how it is printed."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from tests.oracle import days
from tests.oracle.year import Request, Year

APRIL = date(2027, 4, 1)
"""The second financial year begins."""


def seven_twelfths(pence: int) -> int:
    """Slide '2025-26 Academic Year Budget': 7/12 lie in the first financial year; to the penny."""
    return int(Fraction(pence * 7, 12) + Fraction(1, 2)) if pence >= 0 else -seven_twelfths(-pence)


def whole_pounds(pence: int) -> int:
    """Shares are printed in whole pounds, as on the slide; half a pound goes up."""
    return (pence + 50) // 100 * 100 if pence >= 0 else -whole_pounds(-pence)


def shares(year: Year, community: str, moment: datetime) -> tuple[int, int]:
    """What of the balance lies in each financial year, pence.

    The slide splits KCC's budget alone. What is spent lies in the year it is paid in: paid money by its day, agreed
    money by the day of the advance it will be paid with (decision 0028).
    """
    stands = year.ledger.standing(community, moment)
    first = seven_twelfths(stands.opening)
    for entry in year.ledger.entries:
        if entry.community == community and entry.at <= moment and entry.kind in ("moved", "returned"):
            first += entry.pence if days.day_of(entry.at) < APRIL else 0
    for request in year.requests_of(community, moment):
        pence, falls_on = _spent_on(request, moment)
        first -= pence if falls_on < APRIL else 0
    return first, stands.balance - first


def _spent_on(request: Request, moment: datetime) -> tuple[int, date]:
    """What is spent on a request, and the day it falls on."""
    decision, state = request.decision_at(moment), request.state_at(moment)
    if decision is None or not decision.agreed.pence:
        return 0, APRIL
    if state == "Paid" and decision.paid_on:
        return decision.paid, decision.paid_on
    if state == "Moderated" and decision.processed_on:
        return decision.final, days.next_advance(decision.processed_on)
    return decision.agreed.pence, expected_advance(decision.day, days.day_of(moment))


def expected_advance(approved: date, today: date) -> date:
    """The advance after the day the form is with the HNFO at the latest, and none that is past (decision 0028)."""
    return days.next_advance(max(days.forward_by(approved), today))


def printed(year: Year, community: str, moment: datetime) -> set[int]:
    """A balance and its shares as they are printed beside one another."""
    balance = year.ledger.standing(community, moment).balance
    return {balance, *(whole_pounds(share) for share in shares(year, community, moment))}
