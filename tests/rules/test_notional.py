"""The notional SEN budget and the school level template: slides 'Notional SEN Budget' and 'School Level Template'."""

from __future__ import annotations

import pytest

from communities.directory import SchoolName
from communities.notional import (
    PROTECTED_PERCENT,
    THRESHOLD_PENCE,
    Factor,
    Payments,
    SchoolFunding,
    SchoolTemplate,
    april_to_august_pence,
    notional_budget_pence,
    notional_shares,
    protected_pence,
    top_up_by_financial_year,
)


def test_the_shares_of_the_factors_are_the_slides() -> None:
    hundred_pounds = dict.fromkeys(Factor, 10_000)
    assert [(f.value, percent, pence) for f, percent, pence in notional_shares(hundred_pounds)] == [
        ("Basic entitlement", 5, 500),
        ("Ever 6 free school meals", 70, 7_000),
        ("IDACI", 70, 7_000),
        ("Low prior attainment", 100, 10_000),
        ("Mobility", 70, 7_000),
        ("Minimum per pupil level funding", 43, 4_300),
    ]
    assert notional_budget_pence(hundred_pounds) == 35_800


def test_a_factor_a_school_does_not_have_adds_nothing() -> None:
    assert notional_budget_pence({}) == 0
    assert notional_budget_pence({Factor.BASIC_ENTITLEMENT: 1_010, Factor.EAL: 99_999}) == 51


def test_the_first_6_000_pounds_come_from_the_schools_own_budget_and_75_percent_are_protected() -> None:
    assert (THRESHOLD_PENCE, PROTECTED_PERCENT) == (600_000, 75)
    assert protected_pence(20_999_200) == 15_749_400


TEMPLATE = SchoolTemplate(
    ehcp_above=Payments(pence=10_007, pupils=3), ehcp_below=Payments(pence=2_003, pupils=5),
    sen_support_above=Payments(pence=40_009, pupils=11), sen_support_below=Payments(pence=503, pupils=17),
    automatic=Payments(pence=7_414_400, pupils=7),
    eligible=(
        Payments(pence=822_600, pupils=2), Payments(pence=17_833_500, pupils=19), Payments(pence=2_343_100, pupils=4),
    ),
    notional_top_up_pence=3_330_900,
)  # fmt: skip


def test_the_template_sums_as_the_slides_does() -> None:
    assert TEMPLATE.ehcp == Payments(pence=12_010, pupils=8)
    assert TEMPLATE.sen_support == Payments(pence=40_512, pupils=28)
    assert TEMPLATE.current == Payments(pence=52_522, pupils=36)
    assert TEMPLATE.protected == Payments(pence=15_749_400, pupils=25)  # £157,495 to the pound
    assert TEMPLATE.total_estimated_pence == 23_163_800
    assert TEMPLATE.top_up_second_year_pence == 1_387_875  # £13,879


@pytest.mark.parametrize(("year", "part"), [(3_330_900, 1_387_875), (1_200, 500), (0, 0)])
def test_five_twelfths_of_the_top_up_fall_to_april_to_august(year: int, part: int) -> None:
    assert april_to_august_pence(year) == part


def test_the_top_up_is_listed_by_financial_year() -> None:
    assert top_up_by_financial_year(3_330_900, "2025-26") == (
        ("April 2025 to March 2026", 3_330_900), ("April 2026 to August 2026", 1_387_875),
    )  # fmt: skip


def test_a_schools_funding_may_hold_either_part() -> None:
    funding = SchoolFunding(school=SchoolName("A"), academic_year="2025-26")
    assert (funding.template, funding.factors) == (None, None)
