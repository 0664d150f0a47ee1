"""Every command that takes the day something was done or is to be done: a slip of a digit is refused at each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from casework.decide import decide
from casework.desk import Work
from casework.directory_record import directory_of, import_directory, import_people, preview_directory
from casework.errors import InputRefused
from casework.meeting_record import add_action
from casework.moderate import moderate, moderation_row
from casework.request_moves import pay_request, payment_row
from communities.directory import Directory
from tests.conftest import Bench, begun
from tests.test_moves import KCC, R1
from tests.test_record import MEETING, approve, arrive, chair, home, on_agenda, set_up

TODAY, PAST, FUTURE = date(2026, 12, 1), date(1999, 1, 1), date(2099, 1, 1)
R2 = "R-2026-0002"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A command with a day; R1 and R2 were decided on 5 November, R2 is processed as well, R3 waits."""

    does: Callable[[Work, date], object]
    first: date
    """The first day that is taken."""
    last: date
    """The last one."""
    too_early: str
    too_late: str


KCCS = {
    "too_early": "is dated {}, before the decision on 5 November 2026. Check the date.",
    "too_late": "is dated {}, which is in the future. Record it once it was made.",
}
PLANNED: dict[str, Any] = {
    "too_early": "{} must be after today. Choose a later day.",
    "too_late": "{} is more than 2 years ahead. Check the year.",
}


def _review(work: Work, day: date) -> None:
    decide(work, "R-2026-0003", approve(100, review_on=day), chair(directory_of(work)))


def _action(work: Work, day: date) -> None:
    community = home(directory_of(work))
    add_action(work, community, "Share the audit", "Jo", day, str(directory_of(work).clerk_of(community).mail))  # type: ignore[union-attr]


CASES = {
    "moderate": Case(
        does=lambda work, day: moderate(work, R1, 150_000, "Morgan Vale", day, KCC), first=MEETING, last=TODAY, **KCCS
    ),
    "pay_request": Case(
        does=lambda work, day: pay_request(work, R2, 100_000, day, KCC), first=MEETING, last=TODAY, **KCCS
    ),
    "decide": Case(does=_review, first=date(2026, 12, 2), last=date(2028, 12, 1), **PLANNED),
    "add_action": Case(does=_action, first=date(2026, 12, 2), last=date(2028, 12, 1), **PLANNED),
}
FROM_A_DAY: dict[str, Callable[[Work, date], object]] = {
    "import_directory": lambda work, day: import_directory(work, directory_of(work), day),
    "preview_directory": lambda work, day: preview_directory(work, directory_of(work), day),
    "import_people": lambda work, day: import_people(work, directory_of(work).people, day),
}


@begun
def begins(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    for number in (1, 2):
        arrive(bench, id=number, solution=f"Number {number}")
    on_agenda(bench, directory, id=3, solution="Number 3")
    with bench.desk.work() as work:
        for request_id in (R1, R2):
            decide(work, request_id, replace(approve(1_500)), chair(directory))
        moderate(work, R2, 100_000, "Morgan Vale", MEETING, KCC)
    bench.at(TODAY)


def said(day: date) -> str:
    return f"{day:%-d %B %Y}"


@pytest.mark.parametrize("command", CASES)
def test_a_day_that_cannot_be_meant_is_refused(begins: Bench, command: str) -> None:
    case = CASES[command]
    before, after = case.first.replace(day=case.first.day - 1), case.last.replace(day=case.last.day + 1)
    for day, sentence in (
        (before, case.too_early), (PAST, case.too_early), (after, case.too_late), (FUTURE, case.too_late),
    ):  # fmt: skip
        with pytest.raises(InputRefused) as refused, begins.desk.work() as work:
            case.does(work, day)
        assert sentence.format(said(day)) in str(refused.value)
    with begins.desk.work() as work:
        assert moderation_row(work, R1) is None
        assert payment_row(work, R2) is None


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("which", ["first", "last"])
@pytest.mark.parametrize("command", CASES)
def test_the_first_and_the_last_day_that_can_be_meant_are_taken(begins: Bench, command: str, which: str) -> None:
    case = CASES[command]
    with begins.desk.work() as work:
        case.does(work, case.first if which == "first" else case.last)


@pytest.mark.parametrize("command", FROM_A_DAY)
def test_an_import_counts_from_a_day_that_was_or_comes_soon(begins: Bench, command: str) -> None:
    with begins.desk.work() as work:
        with pytest.raises(InputRefused, match="1 January 2099 is more than 2 years ahead"):
            FROM_A_DAY[command](work, FUTURE)
        for day in (TODAY, date(2026, 9, 1), date(2027, 1, 4)):
            FROM_A_DAY[command](work, day)
