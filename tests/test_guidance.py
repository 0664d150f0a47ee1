"""How things are done: the passage that answers, with its source."""

from __future__ import annotations

import pytest

from bot.guidance import passages, search
from communities.directory import Directory
from communities.notional import NOTIONAL_PERCENT
from tests.conftest import Bench
from tests.test_chat import asked, senco


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("what are protected payments", "Protected payments"),
        ("how is the notional budget calculated", "How the notional SEN budget is calculated"),
        ("what does school to school support mean", "What school to school support is"),
        ("do I need a diagnosis to contact the professional resources group", "The Professional Resources Group"),
        ("what can't we spend the money on", "What the community's money can be spent on"),
        ("who decides if there's no consensus", "How decisions are made"),
        ("what is the 4-step approach", "What to write under 'Solution required'"),
        ("what counts as solution-focused", "What solution-focused means"),
        ("what are the agreed principles", "The agreed principles"),
        ("how does the money get to our school", "What happens after a request is approved"),
        ("what is the clerk's role", "What the clerk does"),
        ("who gets a vote", "How decisions are made"),
        ("we missed the deadline, is that too late", "Late requests"),
    ],
)
def test_the_passage_that_answers_comes_first(sentence: str, title: str) -> None:
    assert search(sentence)[0].title == title


def test_each_passage_names_its_source_and_fits_on_a_phone() -> None:
    found = list(passages())
    assert len(found) > 30
    assert [p.title for p in found if not p.source or not p.also] == []
    assert [p.title for p in found if len(p.text) > 620] == []
    assert len({p.title for p in found}) == len(found)


def test_the_page_on_the_notional_budget_names_the_shares_of_the_rule() -> None:
    (page,) = [p.text for p in passages() if p.title == "How the notional SEN budget is calculated"]
    for percent in {share for share in NOTIONAL_PERCENT.values() if share}:
        assert f"{percent}%" in page


def test_an_answer_shows_passage_and_source_and_what_is_near(bench: Bench, directory: Directory) -> None:
    said = asked(bench, "what are the agreed principles", senco(directory))
    assert "greatest need" in said.sentences[0]
    assert "Agreed Principles – April 2023" in said.sentences[1]
    assert said.choices


@pytest.mark.parametrize("sentence", ["", "?", "the of and", '" OR 1=1 --', "title:x*", "ünïcode 🦊"])
def test_no_words_find_nothing_and_nothing_breaks(sentence: str) -> None:
    assert search(sentence) == []
