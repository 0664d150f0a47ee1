"""What keeps a community's year from being closed, and what is carried over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from communities.year_end import YearStanding, close_by, obstacles

DONE = YearStanding(
    community="A", academic_year="2026-27", meetings_left=0, undecided=(), unpaid=(), unpaid_pence=0, unsent=(),
    open_actions=0, balance_pence=5_000, agreed_pence=5_000, is_closed=False,
)  # fmt: skip
OPEN = {"undecided": ("R-1",), "unpaid": ("R-2", "R-3"), "unsent": ("KiT report July 2027",)}


def test_a_year_is_closed_by_the_end_of_august() -> None:
    assert close_by("2026-27") == date(2027, 8, 31)
    assert close_by("2099-00") == date(2100, 8, 31)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"balance_pence": 0, "agreed_pence": 0}, []),
        ({"balance_pence": int("7654"), "agreed_pence": int("7654")}, []),
        ({"balance_pence": None, "meetings_left": 2},
         ["No budget of A 2026-27 was imported: there is nothing to close."]),
        ({"meetings_left": 1}, ["A 2026-27 has one meeting to come. Hold or cancel it first."]),
        ({"meetings_left": 2}, ["A 2026-27 has 2 meetings to come. Hold or cancel it first."]),
        ({"agreed_pence": None}, ["KCC has not agreed the balance of A 2026-27 (£50) yet."]),
        ({"agreed_pence": 4_999}, ["KCC agreed £49.99, and the balance has become £50 since. It has to be agreed once "
                                   "more."]),
        ({"agreed_pence": 5_001}, ["KCC agreed £50.01, and the balance has become £50 since. It has to be agreed once "
                                   "more."]),
        (OPEN, ["R-1 waits for a decision. Finish it, or carry it over.",
                "R-2 is approved and not paid. Finish it, or carry it over.",
                "R-3 is approved and not paid. Finish it, or carry it over.",
                "KiT report July 2027 is not sent. Finish it, or carry it over."]),
    ],
)  # fmt: skip
def test_what_keeps_a_year_from_being_closed(changed: dict[str, object], said: list[str]) -> None:
    assert list(obstacles(replace(DONE, **changed), carry=False)) == said  # type: ignore[arg-type]


def test_what_is_open_goes_over_into_the_next_year() -> None:
    left = replace(DONE, **OPEN)  # type: ignore[arg-type]
    assert left.to_carry == ("R-1", "R-2", "R-3", "KiT report July 2027")
    assert list(obstacles(left, carry=True)) == []
    assert len(list(obstacles(replace(left, meetings_left=1), carry=True))) == 1
