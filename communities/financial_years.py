"""In which of its academic year's two financial years the money of a budget lies.

Slide '2025-26 Academic Year Budget' splits the community budget and the protected payments, 7/12 and 5/12, and nothing
below them: what is spent lies in the financial year it is paid in (a choice, as the slide is silent).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from communities.budget import (
    FinancialYearSplit,
    LedgerLine,
    LineKind,
    Position,
    position_of,
    split_by_financial_year,
)

OWN_DAY = (LineKind.TRANSFER, LineKind.CORRECTION)
"""Money that moves on the day it is entered."""


def second_year_begins(academic: str) -> date:
    """The first day of the second financial year of an academic year (`2026-27`): 1 April."""
    return date(int(academic[:4]) + 1, 4, 1)


def is_in_second_year(day: date, academic: str) -> bool:
    """Whether a day counts to the second financial year of an academic year. A day outside both counts to the nearer
    one, so that the two always sum to the year's amount.
    """
    return day >= second_year_begins(academic)


def split_on(pence: int, day: date, academic: str) -> FinancialYearSplit:
    """An amount that falls on one day, over both financial years of the academic year."""
    if is_in_second_year(day, academic):
        return FinancialYearSplit(first_pence=0, second_pence=pence)
    return FinancialYearSplit(first_pence=pence, second_pence=0)


def counts_on(kind: LineKind, *, entered_on: date, pays_on: date | None, paid_on: date | None) -> date | None:
    """The day a ledger line's money falls on; None for KCC's budget itself, which is split by its months.

    What was paid counts on the day it was paid, with the commitment it settles; what is approved and not paid counts on
    `pays_on`, the day of the advance it is to be paid with. Transfers and corrections count on the day they were
    entered, and so does what a school gives back; a commitment that is released before it is paid counts where it was
    committed.
    """
    if kind is LineKind.OPENING:
        return None
    if kind in OWN_DAY or (kind is LineKind.RETURN and paid_on is not None):
        return entered_on
    return paid_on or pays_on or entered_on


@dataclass(frozen=True, kw_only=True)
class PositionByYear:
    """Where a budget stands in the academic year and in each of its two financial years."""

    year: Position
    first: Position
    second: Position

    def split(self, amount: Callable[[Position], int]) -> FinancialYearSplit:
        """One of its amounts over the two financial years."""
        return FinancialYearSplit(first_pence=amount(self.first), second_pence=amount(self.second))

    @property
    def balance(self) -> FinancialYearSplit:
        """What is left, over the two financial years."""
        return self.split(lambda position: position.balance_pence)


def positions_of(lines: Sequence[LedgerLine], academic: str) -> PositionByYear:
    """Sum a ledger by kind, in the year and in both financial years; the two always sum to the year."""
    year, dated = position_of(lines), [(line, line.counts_on) for line in lines]
    opening = split_by_financial_year(year.opening_pence)
    first = position_of(line for line, day in dated if day and not is_in_second_year(day, academic))
    second = position_of(line for line, day in dated if day and is_in_second_year(day, academic))
    return PositionByYear(
        year=year,
        first=replace(first, opening_pence=opening.first_pence),
        second=replace(second, opening_pence=opening.second_pence),
    )
