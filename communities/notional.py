"""The notional SEN budget and the school level template: what a school has before it asks its community.

Sources: slides 'Notional SEN Budget' and 'School Level Template'. Whole pence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from communities.budget import FIRST_YEAR_MONTHS
from communities.directory import SchoolName
from communities.money import share

THRESHOLD_PENCE = 600_000
"""Slide: the first £6,000 of additional support come from the school's own budget."""

PROTECTED_PERCENT = 75
"""Slide '2025-26 Academic Year Budget': protected payments are 75% of eligible existing payments."""


class Factor(StrEnum):
    """A factor of the school budget calculation."""

    BASIC_ENTITLEMENT = "Basic entitlement"
    FREE_SCHOOL_MEALS = "Free school meals"
    EVER_6 = "Ever 6 free school meals"
    IDACI = "IDACI"
    EAL = "English as an additional language"
    LOW_PRIOR_ATTAINMENT = "Low prior attainment"
    MOBILITY = "Mobility"
    SCHOOL_LED = "School-led factors (lump sum, sparsity, split sites, rates, premises)"
    MPPL = "Minimum per pupil level funding"
    MFG = "Minimum funding guarantee"


NOTIONAL_PERCENT: Mapping[Factor, int] = MappingProxyType(
    {
        Factor.BASIC_ENTITLEMENT: 5,
        Factor.FREE_SCHOOL_MEALS: 0,
        Factor.EVER_6: 70,
        Factor.IDACI: 70,
        Factor.EAL: 0,
        Factor.LOW_PRIOR_ATTAINMENT: 100,
        Factor.MOBILITY: 70,
        Factor.SCHOOL_LED: 0,
        Factor.MPPL: 43,
        Factor.MFG: 0,
    }
)
"""Slide 'Notional SEN Budget': the share of each factor, in per cent; the authority decides them."""


def notional_budget_pence(factors: Mapping[Factor, int]) -> int:
    """The notional SEN budget of a school whose budget has these factors, in pence."""
    return sum(pence for _, _, pence in notional_shares(factors))


def notional_shares(factors: Mapping[Factor, int]) -> tuple[tuple[Factor, int, int], ...]:
    """What each factor that counts adds to the notional SEN budget: factor, per cent, pence."""
    return tuple(
        (factor, percent, share(factors.get(factor, 0), percent, 100))
        for factor, percent in NOTIONAL_PERCENT.items()
        if percent
    )


@dataclass(frozen=True, kw_only=True)
class Payments:
    """Money and the number of high needs pupils it is for."""

    pence: int
    pupils: int

    def __add__(self, other: Payments) -> Payments:
        return Payments(pence=self.pence + other.pence, pupils=self.pupils + other.pupils)


def protected_pence(existing: int) -> int:
    """What is protected of existing payments, in pence."""
    return share(existing, PROTECTED_PERCENT, 100)


@dataclass(frozen=True, kw_only=True)
class SchoolTemplate:
    """One school's template: current payments by plan and threshold, what becomes automatic, what is eligible."""

    ehcp_above: Payments
    ehcp_below: Payments
    sen_support_above: Payments
    sen_support_below: Payments
    automatic: Payments
    """Estimated automatic payments to the school."""
    eligible: tuple[Payments, ...]
    """The existing payments of which 75% are protected: EHCP below the threshold, SEN Support above and below."""
    notional_top_up_pence: int
    """For a financial year; the higher of 10% of the notional budget's top-up and the upper threshold's."""

    @property
    def ehcp(self) -> Payments:
        """Subtotal of payments for pupils with an EHCP."""
        return self.ehcp_above + self.ehcp_below

    @property
    def sen_support(self) -> Payments:
        """Subtotal of payments for pupils on SEN Support."""
        return self.sen_support_above + self.sen_support_below

    @property
    def current(self) -> Payments:
        """Total current payments."""
        return self.ehcp + self.sen_support

    @property
    def protected(self) -> Payments:
        """Estimated protected payments: 75% of what is eligible, summed before it is rounded."""
        return Payments(
            pence=protected_pence(sum(p.pence for p in self.eligible)), pupils=sum(p.pupils for p in self.eligible)
        )

    @property
    def total_estimated_pence(self) -> int:
        """Automatic and protected payments, before anything the community allocates."""
        return self.automatic.pence + self.protected.pence

    @property
    def top_up_second_year_pence(self) -> int:
        """The notional top-up for April to August."""
        return april_to_august_pence(self.notional_top_up_pence)


def april_to_august_pence(year_pence: int) -> int:
    """What of a financial year's notional top-up falls to April to August: 5/12."""
    return share(year_pence, 12 - FIRST_YEAR_MONTHS, 12)


def top_up_by_financial_year(year_pence: int, academic: str) -> tuple[tuple[str, int], tuple[str, int]]:
    """The notional top-up as the template lists it for an academic year (`2025-26`): the financial year it begins in,
    and April to August of the next.
    """
    first = int(academic[:4])
    return (
        (f"April {first} to March {first + 1}", year_pence),
        (f"April {first + 1} to August {first + 1}", april_to_august_pence(year_pence)),
    )


@dataclass(frozen=True, kw_only=True)
class SchoolFunding:
    """What KCC's workbook holds for one school and academic year: either or both."""

    school: SchoolName
    academic_year: str
    template: SchoolTemplate | None = None
    factors: Mapping[Factor, int] | None = None
    """Pence."""
