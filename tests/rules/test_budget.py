"""KCC's budget summary, its split by financial year, the ledger and the balance.

The figures are the slide's, '2025-26 Academic Year Budget'.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.budget import (
    FIRST_YEAR_MONTHS,
    NOTHING,
    BudgetSummary,
    FinancialYearSplit,
    LedgerLine,
    LineKind,
    Position,
    SchoolAllocation,
    SchoolLine,
    position_of,
    split_by_financial_year,
    waterfall,
)
from communities.directory import CommunityName
from communities.money import whole_pounds


def allocation(top_up: int, automatic: int) -> SchoolAllocation:
    """A school's line with these payments."""
    return SchoolAllocation(
        dfe=2001, school="A", phase="Primary", notional_budget_pence=1, notional_top_up_pence=top_up,
        automatic_payments_pence=automatic, automatic_payments=2, protected_payments_pence=3, protected_payments=4,
        agreed_payments_pence=5, agreed_pupils=6,
    )  # fmt: skip


def the_slides(**changed: int) -> BudgetSummary:
    """The slide's budget, with its schools' payments as two lines."""
    figures = {
        "before_top_slices_pence": 33_220_300, "stls_top_slice_pence": -3_620_300,
        "chair_and_clerking_pence": -476_400, "protected_payments_pence": 23_892_800, "agreed_payments_pence": 0,
        **changed,
    }  # fmt: skip
    return BudgetSummary(
        community=CommunityName("A"), academic_year="2025-26",
        schools=(allocation(2_000_000, 28_000_000), allocation(647_200, 170_400)), **figures,
    )  # fmt: skip


def test_the_slides_lines_follow_from_each_other() -> None:
    budget = the_slides()
    assert budget.after_top_slices_pence == 29_123_600  # £291,236; the slide rounds after summing
    assert budget.after_protected_pence == 5_230_800
    assert budget.balance_pence == 5_230_800
    assert the_slides(agreed_payments_pence=230_800).balance_pence == 5_000_000
    assert the_slides(protected_payments_pence=10_000_000).after_protected_pence == 19_123_600
    assert budget.total_funding_pence == 59_941_200
    assert budget.total_funding_parts == (
        ("notional SEN top-up", 2_647_200), ("automatic payments", 28_170_400), ("community budget", 29_123_600),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pence", "first", "second"),
    [(29_123_600, "£169,888", "£121,348"), (23_892_800, "£139,375", "£99,553")],
)
def test_the_slide_splits_to_the_pound(pence: int, first: str, second: str) -> None:
    """The slide has £139,374 of the protected payments, a pound less: its £238,928 was rounded up before."""
    split = split_by_financial_year(pence)
    assert (whole_pounds(split.first_pence), whole_pounds(split.second_pence)) == (first, second)


def test_seven_twelfths_lie_in_the_first_financial_year() -> None:
    assert FIRST_YEAR_MONTHS == 7
    assert split_by_financial_year(1_200) == FinancialYearSplit(first_pence=700, second_pence=500)
    assert split_by_financial_year(-1_201) == FinancialYearSplit(first_pence=-701, second_pence=-500)


@given(st.integers(-(10**9), 10**9))
def test_the_two_financial_years_always_make_the_whole(pence: int) -> None:
    assert split_by_financial_year(pence).pence == pence


def test_splits_are_added_and_turned_round_part_by_part() -> None:
    one, other = FinancialYearSplit(first_pence=7, second_pence=5), FinancialYearSplit(first_pence=21, second_pence=93)
    assert one.pence == 12
    assert one + other == FinancialYearSplit(first_pence=28, second_pence=98)
    assert -one == FinancialYearSplit(first_pence=-7, second_pence=-5)
    assert one + NOTHING == one


def test_a_schools_line_begins_with_nothing_paid_or_waiting() -> None:
    line = SchoolLine(allocation=allocation(1, 2))
    assert (line.paid_pence, line.waiting_pence) == (0, 0)


def test_a_position_begins_with_its_opening_balance_alone() -> None:
    assert Position(opening_pence=700) == Position(
        opening_pence=700, committed_pence=0, moderated_pence=0, settled_pence=0, paid_pence=0, returned_pence=0,
        transferred_pence=0, corrected_pence=0,
    )  # fmt: skip
    assert Position(opening_pence=700).balance_pence == 700


POSITION = Position(
    opening_pence=100_000, committed_pence=20_011, moderated_pence=503, settled_pence=7_019, paid_pence=6_029,
    returned_pence=1_031, transferred_pence=2_039, corrected_pence=307,
)  # fmt: skip


def test_a_positions_amounts_follow_from_its_parts() -> None:
    assert POSITION.outstanding_pence == 13_495  # 20,011 + 503 - 7,019
    assert POSITION.payment_difference_pence == -990  # 6,029 - 7,019
    assert POSITION.spent_pence == 18_493  # 13,495 + 6,029 - 1,031
    assert POSITION.balance_pence == 83_853  # 100,000 + 2,039 + 307 - 18,493
    assert POSITION.forecast_pence(3_850) == 80_003


def test_each_kind_of_line_counts_where_its_name_says() -> None:
    amounts = {
        LineKind.OPENING: 100_000, LineKind.COMMITMENT: -20_011, LineKind.MODERATION: -503, LineKind.SETTLED: 7_019,
        LineKind.PAYMENT: -6_029, LineKind.RETURN: 1_031, LineKind.TRANSFER: 2_039, LineKind.CORRECTION: 307,
    }  # fmt: skip
    assert set(amounts) == set(LineKind)
    lines = [LedgerLine(kind=kind, amount_pence=pence) for kind, pence in amounts.items()]
    assert position_of(lines) == POSITION
    twice = position_of([*lines, *lines])
    assert twice.balance_pence == 2 * POSITION.balance_pence
    assert position_of([]) == Position(opening_pence=0)


@given(st.lists(st.tuples(st.sampled_from(LineKind), st.integers(-(10**7), 10**7)), max_size=40))
def test_the_balance_is_the_sum_of_the_ledger(lines: list[tuple[LineKind, int]]) -> None:
    position = position_of(LedgerLine(kind=k, amount_pence=p) for k, p in lines)
    assert position.balance_pence == sum(p for _, p in lines)


def test_the_waterfall_leads_from_the_opening_balance_to_the_forecast() -> None:
    assert waterfall(POSITION, 3_850) == (
        ("Opening balance", 0, 100_000),
        ("Transfers and corrections", 100_000, 102_346),
        ("Approved, not paid yet", 102_346, 88_851),
        ("Paid", 88_851, 82_822),
        ("Came back", 82_822, 83_853),
        ("Balance", 0, 83_853),
        ("Asked for, to be decided", 83_853, 80_003),
        ("Forecast", 0, 80_003),
    )


def test_the_waterfall_leaves_out_what_did_not_move() -> None:
    assert waterfall(Position(opening_pence=500), 0) == (("Opening balance", 0, 500), ("Balance", 0, 500))
    assert waterfall(Position(opening_pence=500, corrected_pence=-40), 0) == (
        ("Opening balance", 0, 500), ("Transfers and corrections", 500, 460), ("Balance", 0, 460),
    )  # fmt: skip
