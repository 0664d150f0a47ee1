"""A community's budget: the opening lines of KCC's summary, the ledger above them, and the balance.

Source: slide '2025-26 Academic Year Budget'. Whole pence; the slide prints pounds rounded after summing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from communities.directory import CommunityName
from communities.money import share

FIRST_YEAR_MONTHS = 7
"""Slide: 7/12ths of an academic year (September to March) lie in its first financial year, 5/12ths in the second."""


TOTAL_FUNDING = "Total estimated mainstream high needs funding for schools in the community"
"""Slide '2025-26 Academic Year Budget', beside the balance: the academic year's, not split by financial year."""


@dataclass(frozen=True, kw_only=True)
class FinancialYearSplit:
    """One amount over the two financial years of its academic year; the parts always sum to the whole."""

    first_pence: int
    second_pence: int

    @property
    def pence(self) -> int:
        """The academic year's amount."""
        return self.first_pence + self.second_pence

    def __add__(self, other: FinancialYearSplit) -> FinancialYearSplit:
        return FinancialYearSplit(
            first_pence=self.first_pence + other.first_pence, second_pence=self.second_pence + other.second_pence
        )

    def __neg__(self) -> FinancialYearSplit:
        return FinancialYearSplit(first_pence=-self.first_pence, second_pence=-self.second_pence)


def rounded_note(*splits: FinancialYearSplit) -> str:
    """What stands with amounts by financial year that are printed in whole pounds; '' where nothing was rounded.

    The slide prints both rounded, so that they can differ from the year's amount by £1.
    """
    is_exact = all(pence % 100 == 0 for s in splits for pence in (s.first_pence, s.second_pence))
    return "" if is_exact else "Amounts by financial year are rounded to the nearest pound."


NOTHING = FinancialYearSplit(first_pence=0, second_pence=0)


def split_by_financial_year(pence: int) -> FinancialYearSplit:
    """KCC's budget and protected payments: 7/12 rounded to the penny, the rest in the second year, so that nothing is
    lost. What is spent is split by its day (`financial_years`).
    """
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
        return sum(pence for _, pence in self.total_funding_parts)

    @property
    def total_funding_parts(self) -> tuple[tuple[str, int], ...]:
        """What the total is made of: each part's name, as within a sentence, and pence."""
        return (
            ("notional SEN top-up", sum(s.notional_top_up_pence for s in self.schools)),
            ("automatic payments", sum(s.automatic_payments_pence for s in self.schools)),
            ("community budget", self.after_top_slices_pence),
        )


@dataclass(frozen=True, kw_only=True)
class SchoolLine:
    """A school's line as the summary prints it, kept up by the ledger. Money in pence."""

    allocation: SchoolAllocation
    """KCC's figures, the additional payments and pupils as they stand now."""
    moderated_pence: int = 0
    """What KCC's final amounts added to what the community agreed (negative where they took away)."""
    paid_pence: int = 0
    """What KCC paid of the additional payments, less what came back."""
    waiting_pence: int = 0
    """What its requests ask for that wait for a decision."""


class LineKind(StrEnum):
    """Why a ledger line exists."""

    OPENING = "Opening balance"
    COMMITMENT = "Commitment"
    MODERATION = "Moderation difference"
    SETTLED = "Commitment settled"
    """The final amount leaves the commitments on the day it is paid; the payment itself is a line of its own."""
    PAYMENT = "Payment"
    RETURN = "Return"
    """Money that comes back: a school gives back what it did not use, or a decision is reopened."""
    TRANSFER = "Transfer"
    """To or from another community or year; both sides are written at once and sum to nothing."""
    CORRECTION = "Correction"


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """One movement; spending is negative. The balance is their sum."""

    kind: LineKind
    amount_pence: int
    counts_on: date | None = None
    """The day its money falls on (`financial_years`); None for KCC's budget itself."""


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a community's budget stands. Amounts are positive as their names say."""

    opening_pence: int
    committed_pence: int = 0
    """What the community approved."""
    moderated_pence: int = 0
    """What moderation added to that (negative where it took away)."""
    settled_pence: int = 0
    """The commitments that were paid."""
    paid_pence: int = 0
    """What was paid for them."""
    returned_pence: int = 0
    transferred_pence: int = 0
    """What came in by transfers (negative where it went out)."""
    corrected_pence: int = 0

    @property
    def outstanding_pence(self) -> int:
        """Committed and moderated, not paid yet."""
        return self.committed_pence + self.moderated_pence - self.settled_pence

    @property
    def payment_difference_pence(self) -> int:
        """What was paid beyond the final amounts (negative where it was less)."""
        return self.paid_pence - self.settled_pence

    @property
    def spent_pence(self) -> int:
        """Approved and not paid yet, and paid, less what came back."""
        return self.outstanding_pence + self.paid_pence - self.returned_pence

    @property
    def balance_pence(self) -> int:
        """What is left, in the academic year."""
        return self.opening_pence + self.transferred_pence + self.corrected_pence - self.spent_pence

    def forecast_pence(self, waiting_pence: int) -> int:
        """The balance if every request that waits for a decision were approved as asked."""
        return self.balance_pence - waiting_pence


def waterfall(stands: Position, waiting_pence: int) -> tuple[tuple[str, int, int], ...]:
    """The steps from the opening balance to the forecast, those of nothing left out: (name, from pence, to pence)."""
    moves = (
        ("Transfers and corrections", stands.transferred_pence + stands.corrected_pence),
        ("Approved, not paid yet", -stands.outstanding_pence),
        ("Paid", -stands.paid_pence),
        ("Came back", stands.returned_pence),
    )
    steps, at = [("Opening balance", 0, stands.opening_pence)], stands.opening_pence
    for name, pence in moves:
        if pence:
            steps.append((name, at, at + pence))
            at += pence
    steps.append(("Balance", 0, at))
    if waiting_pence:
        steps.append(("Asked for, to be decided", at, at - waiting_pence))
        steps.append(("Forecast", 0, at - waiting_pence))
    return tuple(steps)


def position_of(lines: Iterable[LedgerLine]) -> Position:
    """Sum a ledger by kind."""
    totals = dict.fromkeys(LineKind, 0)
    for line in lines:
        totals[line.kind] += line.amount_pence
    return Position(
        opening_pence=totals[LineKind.OPENING],
        committed_pence=-totals[LineKind.COMMITMENT],
        moderated_pence=-totals[LineKind.MODERATION],
        settled_pence=totals[LineKind.SETTLED],
        paid_pence=-totals[LineKind.PAYMENT],
        returned_pence=totals[LineKind.RETURN],
        transferred_pence=totals[LineKind.TRANSFER],
        corrected_pence=totals[LineKind.CORRECTION],
    )
