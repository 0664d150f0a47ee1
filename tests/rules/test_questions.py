"""Questions to KCC: their part of the form, and which ask the same."""

from __future__ import annotations

import pytest
from rapidfuzz import fuzz

from communities.questions import ALIKE, ANSWER_CHARACTERS, QUESTION_CHARACTERS, Part, part_of, same_as


def test_the_limits_are_the_ones_chosen() -> None:
    assert (QUESTION_CHARACTERS, ANSWER_CHARACTERS, ALIKE) == (1_000, 4_000, 88.0)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Who is in our area?", Part.STRUCTURE),
        ("", Part.STRUCTURE),
        ("How is the BUDGET paid?", Part.OPERATIONS),
        ("Which therapist and which psychologist helps with a form?", Part.RESOURCES),
        ("Does a therapist come to a meeting?", Part.OPERATIONS),  # as many words of both: operations first
        ("How do I reach the educational psychologist?", Part.RESOURCES),
        ("What is STLS?", Part.RESOURCES),
        ("When is the deadline?", Part.OPERATIONS),
    ],
)
def test_a_question_belongs_to_the_part_its_words_speak_of(text: str, part: Part) -> None:
    assert part_of(text) is part


KNOWN = [
    ("Q-1", "Who pays for transport?"),
    ("Q-2", "When is the budget reviewed?"),
    ("Q-3", "Who pays transport fares?"),
]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Could you please tell us when you will have the budget for this year reviewed?", None),
        ("Could you please say when the budget is reviewed?", "Q-2"),
        ("When is our BUDGET reviewed?", "Q-2"),
        ("Reviewed when, the budget?", "Q-2"),
        ("who pays for the transport", "Q-1"),
        ("Who pays transport fares", "Q-3"),
        ("What is a community?", None),
        ("", None),
    ],
)
def test_the_likest_question_that_asks_the_same_is_found(text: str, same: str | None) -> None:
    assert same_as(text, KNOWN) == same
    assert same_as(text, reversed(KNOWN)) == same


def test_nothing_is_alike_where_nothing_is_known() -> None:
    assert same_as("When is the budget reviewed?", []) is None


@pytest.mark.parametrize(
    ("written", "known", "likeness", "same"),
    [
        ("xxx" + "b" * 22, "yyy" + "b" * 22, 88.0, True),
        ("b" * 26 + "x" * 4, "b" * 26 + "y" * 3, 88.1, True),
        ("b" * 27 + "x" * 4, "b" * 27 + "y" * 4, 87.1, False),
        ("b" * 15 + "xx", "b" * 15 + "yy", 88.2, True),
        ("b" * 7 + "x", "b" * 7 + "y", 87.5, False),
    ],
)
def test_questions_are_alike_from_88_per_cent(written: str, known: str, likeness: float, same: bool) -> None:
    assert round(fuzz.ratio(written, known), 1) == likeness
    assert (same_as(written, [("Q-1", known)]) == "Q-1") is same
