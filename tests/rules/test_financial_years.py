"""In which financial year money lies: the budget by months, what is spent by its day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.budget import FinancialYearSplit, LedgerLine, LineKind, Position
from communities.financial_years import (
    PositionByYear,
    counts_on,
    is_in_second_year,
    positions_of,
    second_year_begins,
    split_on,
)

ENTERED, PAYS, PAID = date(2027, 3, 10), date(2027, 4, 1), date(2027, 5, 4)


def test_the_second_financial_year_begins_on_1_april() -> None:
    assert second_year_begins("2026-27") == date(2027, 4, 1)
    assert second_year_begins("2099-00") == date(2100, 4, 1)


@pytest.mark.parametrize(
    ("day", "second"),
    [(date(2026, 9, 1), False), (date(2027, 3, 31), False), (date(2027, 4, 1), True), (date(2027, 4, 2), True),
     (date(2027, 8, 31), True), (date(2026, 8, 1), False), (date(2028, 1, 1), True)],
)  # fmt: skip
def test_a_day_counts_to_the_financial_year_it_lies_in_or_the_nearer_one(day: date, second: bool) -> None:
    assert is_in_second_year(day, "2026-27") is second
    split = FinancialYearSplit(first_pence=0 if second else 700, second_pence=700 if second else 0)
    assert split_on(700, day, "2026-27") == split


@pytest.mark.parametrize(
    ("kind", "pays", "paid", "counts"),
    [
        (LineKind.OPENING, PAYS, PAID, None),
        (LineKind.TRANSFER, PAYS, PAID, ENTERED),
        (LineKind.CORRECTION, PAYS, PAID, ENTERED),
        (LineKind.RETURN, PAYS, PAID, ENTERED),
        (LineKind.RETURN, PAYS, None, PAYS),
        (LineKind.RETURN, None, None, ENTERED),
        (LineKind.COMMITMENT, PAYS, None, PAYS),
        (LineKind.COMMITMENT, PAYS, PAID, PAID),
        (LineKind.COMMITMENT, None, PAID, PAID),
        (LineKind.COMMITMENT, None, None, ENTERED),
        (LineKind.MODERATION, PAYS, None, PAYS),
        (LineKind.SETTLED, PAYS, PAID, PAID),
        (LineKind.PAYMENT, PAYS, PAID, PAID),
    ],
)
def test_money_counts_on_the_day_it_is_paid(
    kind: LineKind, pays: date | None, paid: date | None, counts: date | None
) -> None:
    assert counts_on(kind, entered_on=ENTERED, pays_on=pays, paid_on=paid) == counts


def line(kind: LineKind, pence: int, day: date | None = None) -> LedgerLine:
    """A movement that falls on a day."""
    return LedgerLine(kind=kind, amount_pence=pence, counts_on=day)


def test_the_budget_is_split_by_months_and_what_is_spent_by_its_day() -> None:
    found = positions_of(
        [
            line(LineKind.OPENING, 120_000), line(LineKind.COMMITMENT, -10_000, date(2027, 3, 31)),
            line(LineKind.COMMITMENT, -3_000, date(2027, 4, 1)), line(LineKind.TRANSFER, 500, date(2027, 6, 1)),
        ],
        "2026-27",
    )  # fmt: skip
    assert found.year == Position(opening_pence=120_000, committed_pence=13_000, transferred_pence=500)
    assert found.first == Position(opening_pence=70_000, committed_pence=10_000)
    assert found.second == Position(opening_pence=50_000, committed_pence=3_000, transferred_pence=500)
    assert found.balance == FinancialYearSplit(first_pence=60_000, second_pence=47_500)
    assert found.split(lambda p: p.committed_pence) == FinancialYearSplit(first_pence=10_000, second_pence=3_000)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([k for k in LineKind if k is not LineKind.OPENING]), st.integers(-(10**6), 10**6),
            st.dates(date(2026, 1, 1), date(2028, 12, 31)),
        ),
        max_size=12,
    ),
    st.integers(0, 10**7),
)  # fmt: skip
def test_both_financial_years_always_make_the_academic_years_balance(
    moved: list[tuple[LineKind, int, date]], opening: int
) -> None:
    lines = [line(LineKind.OPENING, opening), *(line(k, p, d) for k, p, d in moved)]
    found: PositionByYear = positions_of(lines, "2026-27")
    assert found.balance.pence == found.year.balance_pence == opening + sum(p for _, p, _ in moved)
