"""A community's budget: the opening lines of KCC's summary, the ledger above them, and the balance.

Source: slide '2025-26 Academic Year Budget'. Whole pence; the slide prints pounds rounded after summing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from communities.directory import CommunityName
from communities.money import share

FIRST_YEAR_MONTHS = 7
"""Slide: 7/12ths of an academic year (September to March) lie in its first financial year, 5/12ths in the second."""


@dataclass(frozen=True, kw_only=True)
class FinancialYearSplit:
    """One amount over the two financial years of its academic year; the parts always sum to the whole."""

    first_pence: int
    second_pence: int


def split_by_financial_year(pence: int) -> FinancialYearSplit:
    """7/12 rounded to the penny; the rest falls to the second year, so that nothing is lost."""
    first = share(pence, FIRST_YEAR_MONTHS, 12)
    return FinancialYearSplit(first_pence=first, second_pence=pence - first)


@dataclass(frozen=True, kw_only=True)
class SchoolAllocation:
    """A school's line of the summary (DfE number, name and phase as printed; money in pence)."""

    dfe: int | None
    school: str
    phase: str
    notional_budget_pence: int
    notional_top_up_pence: int
    automatic_payments_pence: int
    automatic_payments: int
    protected_payments_pence: int
    protected_payments: int
    agreed_payments_pence: int
    agreed_pupils: int


@dataclass(frozen=True, kw_only=True)
class BudgetSummary:
    """KCC's Community Budget Summary for one community and academic year."""

    community: CommunityName
    academic_year: str
    before_top_slices_pence: int
    stls_top_slice_pence: int
    """Negative, as printed."""
    chair_and_clerking_pence: int
    """Negative, as printed."""
    protected_payments_pence: int
    agreed_payments_pence: int
    schools: tuple[SchoolAllocation, ...]

    @property
    def after_top_slices_pence(self) -> int:
        """Community budget after STLS and chair and clerking."""
        return self.before_top_slices_pence + self.stls_top_slice_pence + self.chair_and_clerking_pence

    @property
    def after_protected_pence(self) -> int:
        """What the community can agree payments from."""
        return self.after_top_slices_pence - self.protected_payments_pence

    @property
    def balance_pence(self) -> int:
        """After the payments KCC already lists as agreed."""
        return self.after_protected_pence - self.agreed_payments_pence

    @property
    def total_funding_pence(self) -> int:
        """Total estimated mainstream HN funding: notional top-up, automatic payments and the community budget."""
        return (
            sum(s.notional_top_up_pence + s.automatic_payments_pence for s in self.schools)
            + self.after_top_slices_pence
        )


class LineKind(StrEnum):
    """Why a ledger line exists."""

    OPENING = "Opening balance"
    COMMITMENT = "Commitment"
    MODERATION = "Moderation difference"


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """One movement; spending is negative. The balance is their sum."""

    kind: LineKind
    amount_pence: int


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a community's budget stands. The balance is opening minus committed minus moderated."""

    opening_pence: int
    committed_pence: int
    """What the community approved, positive."""
    moderated_pence: int
    """What moderation added to that (negative where it took away)."""

    @property
    def balance_pence(self) -> int:
        """What is left, in the academic year."""
        return self.opening_pence - self.committed_pence - self.moderated_pence

    @property
    def split(self) -> FinancialYearSplit:
        """The balance in both financial years."""
        return split_by_financial_year(self.balance_pence)


def position_of(lines: Iterable[LedgerLine]) -> Position:
    """Sum a ledger by kind."""
    totals = dict.fromkeys(LineKind, 0)
    for line in lines:
        totals[line.kind] += line.amount_pence
    return Position(
        opening_pence=totals[LineKind.OPENING],
        committed_pence=-totals[LineKind.COMMITMENT],
        moderated_pence=-totals[LineKind.MODERATION],
    )
