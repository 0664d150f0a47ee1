"""Cards: small enough for Teams, labelled, and deaf to markdown in what people typed."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import bot.cards
from bot.approvals import read_decision
from bot.cards.advising import own_sessions_card
from bot.cards.decision import decision_card
from bot.cards.posts import post_card
from casework.errors import InputRefused
from casework.ports import BudgetLine, DecisionAsk, DecisionPost, ModerationPost
from communities.budget import FinancialYearSplit, split_by_financial_year
from communities.decisions import DecidedBy, Response
from local_tenant.card_text import card_as_text
from papers.charts import counts_chart
from tests.card_gallery import GALLERY

LIMIT = 24 * 1024
"""A choice: far under what `bot.messages` sends, as a card of more is read by nobody; pictures are not counted."""

MOST_WITH_PICTURES = 40 * 1024


def line(pence: int) -> BudgetLine:
    return BudgetLine(
        academic_year="2025-26", financial_years=("2025-26", "2026-27"), balance_pence=pence,
        split=split_by_financial_year(pence),
    )  # fmt: skip


AFTER = BudgetLine(
    academic_year="2025-26", financial_years=("2025-26", "2026-27"), balance_pence=4_990_800,
    split=FinancialYearSplit(first_pence=2_811_300, second_pence=2_179_500),
)  # fmt: skip
"""£2,400 of the first financial year less."""

ASK = DecisionAsk(
    request_id="R-2026-0001", version=2, community="ABC", school="Abbey School, The",
    meeting_on="Thursday 5 November 2026", support=["Financial contribution"], requested_pence=240_000,
    solution="A quiet corner", outcomes="Calm", funding_use="An assistant", already_supported="Groups",
    pupils=(2, 1, 0), key_stages=["KS2"], budget=line(5_230_800), budget_if_approved=AFTER, review_on=date(2027, 2, 3),
)  # fmt: skip
POST = DecisionPost(
    request_id="R-2026-0001", community="ABC", school="Abbey School, The", responses=[Response.FINANCIAL],
    details="Agreed", conditions="Report to the meeting in March",
    amount_pence=240_000, review_on=date(2027, 2, 3), made_by=DecidedBy.CONSENSUS,
    before=line(5_230_800), after=line(4_990_800),
)  # fmt: skip


def test_the_decision_card_reads_as_a_chair_would_read_it() -> None:
    assert (
        card_as_text(decision_card(ASK))
        == """\
R-2026-0001: Abbey School, The
Community: ABC
Meeting: Thursday 5 November 2026
Support requested: Financial contribution
Requested: £2,400
Pupils: 2 on SEN Support, 1 with an EHCP, 0 looked after
Key stage: KS2
Solution required
A quiet corner
Expected outcomes
Calm
How will the funding be used?
An assistant
Support so far
Groups
Balance | 2025-26 year | FY 2025-26 | FY 2026-27
Before | £52,308 | £30,513 | £21,795
After, if this request alone is approved as asked | £49,908 | £28,113 | £21,795
[Request response: Financial contribution]
[Final amount approved (£): 2400.0]
[Details of support agreed: ]
[Conditions, if any: ]
[Review date: 2027-02-03]
[Decision made by: Consensus]
(Record the decision)"""
    )


def test_the_posted_decision_shows_the_balance_before_and_now() -> None:
    text = card_as_text(post_card(POST))
    assert "Amount approved: £2,400" in text
    assert "Before this decision | £52,308 | £30,513 | £21,795" in text
    assert "After this decision | £49,908 | £29,113 | £20,795" in text


def test_the_moderation_post_names_difference_and_payment_month() -> None:
    post = ModerationPost(decision=POST, final_pence=228_000, pays_on=date(2026, 12, 1), now=POST.after)
    text = card_as_text(post_card(post))
    assert "Difference: -£120" in text
    assert "Paid with the advance of: December 2026" in text


def nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(n for v in value.values() for n in nodes(v))]
    return [n for v in value for n in nodes(v)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", GALLERY)
def test_cards_stay_below_teams_limit_and_have_labels_and_a_fallback(name: str) -> None:
    card = GALLERY[name]
    without_pictures = re.sub(r"data:image/png;base64,[^\"]*", "", json.dumps(card, ensure_ascii=False))
    assert len(without_pictures.encode()) < LIMIT
    assert len(json.dumps(card)) < MOST_WITH_PICTURES
    assert (card["version"], card["lang"]) == ("1.5", "en")
    assert card["fallbackText"]
    inputs = [n for n in nodes(card) if str(n.get("type")).startswith("Input.")]
    assert all(n.get("label") for n in inputs)
    assert len({n["id"] for n in inputs}) == len(inputs)
    assert all(n.get("altText") for n in nodes(card) if n.get("type") == "Image")
    assert len(card.get("actions") or []) <= 6, "Teams shows six"


def test_every_builder_of_a_card_stands_in_the_gallery() -> None:
    source = (Path(__file__).parent / "card_gallery.py").read_text("utf-8")
    through_posts = {"agenda_card", "moderation_card", "decision_post_card"}
    assert card_builders() - through_posts - set(re.findall(r"\b(\w+_card)\(", source)) == set()


def card_builders() -> set[str]:
    """The functions that each build a kind of card; `notice` is none, as a heading and sentences are no form."""
    names = {(module, name) for module in card_modules() for name in vars(module)}
    return {getattr(module, name).__name__ for module, name in names if re.fullmatch(r"[a-z]\w*_card", name)}


def card_modules() -> list[ModuleType]:
    return [importlib.import_module(f"bot.cards.{m.name}") for m in pkgutil.iter_modules(bot.cards.__path__)]


def test_markdown_that_people_typed_is_never_read_as_such() -> None:
    nasty = "[click](http://x.example) **bold** _it_ `code`"
    card = decision_card(replace(ASK, school=nasty, community=nasty, solution=nasty))
    for node in nodes(card):
        for value in (node.get("text"), node.get("value")) if node.get("type") != "TextRun" else ():
            assert "[click](" not in str(value)
            assert "**bold**" not in str(value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"responses": "Free money"}, "'Free money' is not a response"),
        ({"amount": "about 3k"}, "'about 3k' is not an amount"),
        ({"amount": [1]}, "is not an amount"),
        ({"review_on": "soon"}, "'soon' is not a date"),
        ({"made_by": "Me"}, "Say who made the decision"),
        ({"made_by": None}, "Say who made the decision"),
    ],
)
def test_a_tampered_card_is_told_what_does_not_fit(changed: dict[str, Any], said: str) -> None:
    values = {"responses": "Financial contribution", "amount": 10, "made_by": "Consensus", "review_on": ""}
    with pytest.raises(InputRefused, match=said.replace("[", r"\[")):
        read_decision({**values, **changed})


def test_an_amount_as_teams_sends_it_is_read_to_the_penny() -> None:
    values = {"responses": "Financial contribution", "amount": 5800.400000000001, "made_by": "Chair"}
    assert read_decision(values).amount_pence == 580_040


def test_one_theme_of_an_advisers_year_is_said_in_words_and_two_are_drawn() -> None:
    one, two = (
        str(own_sessions_card("Your surgeries", [], [], counts_chart(themes, "slots", on_a_card=True)))
        for themes in ({"Autism": 3}, {"Autism": 3, "Anxiety": 1})
    )
    assert "Slots: Autism 3." in one
    assert "data:image" not in one
    assert "data:image" in two
