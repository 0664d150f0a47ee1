"""Amounts: read at every door as people write them, and shown to the penny wherever somebody reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.approvals import read_decision
from bot.tab.views import community_page
from bot.understanding.entities import Names, read_entities
from casework.agenda_paper import agenda_paper
from casework.decide import decide
from casework.errors import InputRefused
from casework.list_values import read_amount as read_list_amount
from casework.schedule import meetings_of
from communities.directory import Directory
from communities.money import NotAnAmount, pounds, read_pence
from forms_ingest.request_for_support import read_response
from local_tenant.card_text import card_as_text
from service.budget_commands import show_one
from service.console import read_amount
from tests.conftest import START, Bench, begun, submitted
from tests.test_chat import HERE, asked, senco
from tests.test_record import approve, chair, home, on_agenda, set_up

ROOT = Path(__file__).parent.parent
WRITTEN = (
    ("4k", 400_000), ("£4k", 400_000), ("4.5k", 450_000), ("£4.5K", 450_000), ("3.25k", 325_000), ("4 k", 400_000),
    ("4,000", 400_000), ("£4 000", 400_000), ("£4\u00a0000", 400_000), ("£4,000.50", 400_050), ("£4000", 400_000),
    ("4 thousand", 400_000), ("4000 pounds", 400_000), ("4k quid", 400_000), ("£12 500.25", 1_250_025),
)  # fmt: skip
NOT_ONE = ("about 4k", "3-4k", "£3k-£4k", "3,25", "1.234", "4000k", "4m", "40 00", "four-ish", "£", "4.12345678k")


def by_form(written: str, directory: Directory) -> int | None:
    reading = read_response(submitted(directory, requested_pence=written), directory, arrived_at=START)
    assert reading is not None
    if reading.submission is None:
        raise InputRefused(*reading.reasons)
    return reading.submission.requested_pence


def by_card(written: str, _: Directory) -> int:
    values = {"responses": "Financial contribution", "made_by": "Consensus", "amount": written}
    return read_decision(values).amount_pence


def by_chat(written: str, directory: Directory) -> int | None:
    found = read_entities(f"we need {written} for a TA", Names(directory), date(2026, 11, 4)).entities
    pence: int | None = found.get("amount_pence")
    if pence is None:
        raise NotAnAmount(written)
    return pence


DOORS: dict[str, Callable[[str, Directory], int | None]] = {
    "form": by_form,
    "card": by_card,
    "console": lambda written, _: read_amount(written),
    "list": lambda written, _: read_list_amount("Final amount", written),
    "chat": by_chat,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("written", "pence"), WRITTEN)
def test_an_amount_is_read_as_people_write_it_at_every_door(
    directory: Directory, door: str, written: str, pence: int
) -> None:
    assert DOORS[door](written, directory) == pence


@pytest.mark.parametrize("door", [d for d in DOORS if d != "chat"])
@pytest.mark.parametrize("written", NOT_ONE)
def test_what_needs_a_guess_is_refused_with_a_sentence_at_every_door(
    directory: Directory, door: str, written: str
) -> None:
    with pytest.raises(Exception, match=re.escape("Write one amount in figures, for example 3,250")) as refused:
        DOORS[door](written, directory)
    assert written[:20] in str(refused.value)


@pytest.mark.parametrize(
    ("sentence", "pence"),
    [
        ("I asked for £4,000, change it to £3,200", 320_000), ("it should be 3.2k, not £4,000", 320_000),
        ("change it from 4k to 3k", 300_000), ("between £2,000 and £3,000", None), ("3-4k", None), ("£3,25", None),
        ("for 30 pupils", None), ("1,500 words", None), ("the meeting on 4 January 2027", None), ("about 4k", 400_000),
    ],
)  # fmt: skip
def test_of_several_amounts_in_a_sentence_only_a_sure_one_is_taken(
    directory: Directory, sentence: str, pence: int | None
) -> None:
    assert read_entities(sentence, Names(directory), date(2026, 11, 4)).entities.get("amount_pence") == pence


@begun
def odd_pence(bench: Bench, directory: Directory) -> None:
    """£2,000.50 of £5,000 are approved: £2,999.50 is left."""
    set_up(bench, directory)
    request_id = on_agenda(bench, directory)
    with bench.desk.work() as work:
        decide(work, request_id, approve(amount_pence=200_050), chair(directory))


def test_a_balance_with_pence_is_shown_to_the_penny(
    odd_pence: Bench, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = asked(odd_pence, "how much is left in the community budget", senco(directory))
    assert "£2,999.50 left" in answer.title
    assert answer.picture
    assert "£2,999.50" in answer.picture.alt
    with odd_pence.desk.work() as work:
        budget = community_page(work, chair(directory), home(directory)).budget
        agenda = agenda_paper(work, meetings_of(work, home(directory))[1].id)
    assert budget
    monkeypatch.setattr("service.budget_commands.record", odd_pence.desk.work)
    shown = {
        "tab": (budget.balance, budget.forecast, budget.steps, budget.alt),
        "agenda": agenda.balance,
        "console": show_one(home(directory), "").lines,
    }
    for where, said in shown.items():
        assert "£2,999.50" in str(said), where
        assert "£3,000" not in str(said), where


def test_the_decision_card_shows_what_would_be_left_to_the_penny(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory, pounds=59_689)
    on_agenda(bench, directory, requested_pence="7250.50")
    (card,) = asked(bench, "what is waiting for my decision", chair(directory), HERE).cards
    assert "£52,438.50" in card_as_text(card)


SHARES = {Path("casework/school_funding_lines.py")}
"""75% of payments, a percentage of each factor, and their sums, in pounds as the slide has them."""


def test_only_what_a_fraction_makes_is_rounded_to_the_pound() -> None:
    """`whole_pounds` may print the 7/12 and the 5/12, and KCC's estimates for a school out of its percentages; what
    somebody decided or has left is never rounded.
    """
    estimates = Path("casework/school_funding_lines.py")
    lines = [
        (path.relative_to(ROOT), line.strip())
        for folder in ("bot", "casework", "communities", "forms_ingest", "papers", "service")
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if "whole_pounds" in line and "import" not in line and "def whole_pounds" not in line
    ]
    assert lines
    assert [found for found in lines if "split" not in found[1] and found[0] != estimates] == []


def test_pounds_show_pence_where_there_are_any() -> None:
    assert [pounds(p) for p in (5_243_850, 5_243_800, 1, -50)] == ["£52,438.50", "£52,438", "£0.01", "-£0.50"]
    assert read_pence(pounds(5_243_850)) == 5_243_850
