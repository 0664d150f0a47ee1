"""Reading and writing amounts; fractions of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.money import MOST_PENCE, NotAnAmount, pounds, read_pence, share, whole_pounds


@pytest.mark.parametrize(
    ("written", "pence"),
    [
        ("£3,250.00", 325_000), ("3250", 325_000), ("3,250", 325_000), (3250, 325_000), (7250.5, 725_050),
        ("£ 12", 1_200), (5800.400000000001, 580_040), ("-3", -300), ("3 250", 325_000), ("1 234 567", 123_456_700),
        ("1,234,567.89", 123_456_789), ("3.25k", 325_000), ("4 thousand", 400_000), ("4k", 400_000), ("4K", 400_000),
        ("999k", 99_900_000), ("0", 0), ("£0", 0), (0, 0), (0.0, 0), ("3250.5", 325_050), ("gbp 12", 1_200),
        ("GBP12", 1_200), ("12 pounds", 1_200), ("12 quid", 1_200), ("12gbp", 1_200), ("-£3.10", -310),
        ("- 3", -300), ("\u00a03\u2009250\u202f", 325_000), ("  £3  ", 300), (-7.25, -725), (0.1 + 0.2, 30),
        ("0.01", 1), ("3.255k", 325_500), ("1.23456k", 123_456), ("1.0000 thousand", 100_000),
        (Decimal("12.50"), 1_250),
        (10**11, 10**13), (-(10**11), -(10**13)), ("100000000000", 10**13), (12.000000000001, 1_200),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_and_excel_write_them(written: object, pence: int) -> None:
    assert read_pence(written) == pence


@pytest.mark.parametrize(
    "written",
    ["3.255555k", "3.255553k", "about 3000", "3,25", "1.234", "", "£", "3 25", "1e3", True, False, 1.005, "3-4k",
     "4000k", "1000k", "3..2", "3.", "1,2345", "12 34", "1.2345", "nan", float("nan"), float("inf"), float("-inf"),
     0.001, 0.00001, None, 10**11 + 1, -(10**11) - 1, "100000000001", "--3", "4 k thousand", 12.00001, 1e300,
     "0.001k0"],
)  # fmt: skip
def test_amounts_that_need_a_guess_are_not_read(written: object) -> None:
    with pytest.raises(NotAnAmount):
        read_pence(written)


@pytest.mark.parametrize("off", [0.0000009, -0.0000009])
def test_binary_noise_is_taken_for_the_penny_beside_it(off: float) -> None:
    assert read_pence(12.34 + off) == 1_234
    assert read_pence(12.340001) == 1_234  # a ten-thousandth of a penny exactly


@pytest.mark.parametrize("off", [0.0000011, -0.0000011, 0.005, -0.005])
def test_what_is_more_than_noise_is_asked_about(off: float) -> None:
    with pytest.raises(NotAnAmount):
        read_pence(12.34 + off)


def test_what_cannot_be_read_is_said_with_how_to_write_it() -> None:
    with pytest.raises(NotAnAmount) as refused:
        read_pence("about 3000")
    how = "Write one amount in figures, for example 3,250, 3250.50 or 3.25k."
    assert str(refused.value) == f"'about 3000' is not an amount in pounds. {how}"
    with pytest.raises(NotAnAmount) as refused:
        read_pence(f" {'x' * 50}")
    assert str(refused.value) == f"'{'x' * 40}' is not an amount in pounds. {how}"


def test_the_most_is_a_hundred_thousand_million_pounds() -> None:
    assert MOST_PENCE == 10_000_000_000_000


@pytest.mark.parametrize(
    ("pence", "written"),
    [(123_450, "£1,234.50"), (123_400, "£1,234"), (-500, "-£5"), (0, "£0"), (1, "£0.01"), (-1, "-£0.01"), (99, "£0.99"),
     (100, "£1"), (101, "£1.01"), (-123_456, "-£1,234.56"), (10**13, "£100,000,000,000"), (5_243_850, "£52,438.50")],
)  # fmt: skip
def test_amounts_are_written_with_pence_where_there_are_any(pence: int, written: str) -> None:
    assert pounds(pence) == written


@given(st.integers(-(10**9), 10**9))
def test_a_written_amount_reads_back_as_itself(pence: int) -> None:
    assert read_pence(pounds(pence).replace("-£", "-")) == pence


@pytest.mark.parametrize(
    ("pence", "written"),
    [(16_988_767, "£169,888"), (149, "£1"), (150, "£2"), (151, "£2"), (250, "£3"), (-149, "-£1"), (-150, "-£2"),
     (49, "£0"), (50, "£1"), (0, "£0")],
)  # fmt: skip
def test_what_a_fraction_makes_is_rounded_half_up_to_the_pound(pence: int, written: str) -> None:
    assert whole_pounds(pence) == written


@pytest.mark.parametrize(
    ("pence", "numerator", "denominator", "part"),
    [(29_123_600, 7, 12, 16_988_767), (100, 75, 100, 75), (1, 1, 2, 1), (3, 1, 2, 2), (5, 1, 2, 3), (-1, 1, 2, -1),
     (-3, 1, 2, -2), (1, 1, 3, 0), (2, 1, 3, 1), (0, 7, 12, 0)],
)  # fmt: skip
def test_a_fraction_is_whole_pence_half_a_penny_away_from_zero(
    pence: int, numerator: int, denominator: int, part: int
) -> None:
    assert share(pence, numerator, denominator) == part
