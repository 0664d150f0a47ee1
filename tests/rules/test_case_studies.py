"""Case studies: the slides' format, its limits, and the area of focus a sentence speaks of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from communities.case_studies import WORDS, CaseStudy, case_study_problems, focus_in
from communities.continuum import THEMES, Focus

STUDY = CaseStudy(focus=Focus.PASTORAL, description="Eight pupils", overview="A breakfast club", impact="Calmer")


def test_the_areas_of_focus_are_the_slides() -> None:
    assert THEMES == (
        "Working with children and young people, families and carers", "Pastoral", "Assessment",
        "Teaching and Learning", "Physical and Sensory Environment", "Resources", "Staff skills and training",
        "Transition and transfer", "Something else",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "title"),
    [("description", "Brief description"), ("overview", "Overview of key strategies and actions"),
     ("impact", "Impact")],
)  # fmt: skip
def test_each_part_is_there_and_within_250_words(field: str, title: str) -> None:
    assert WORDS == 250  # a choice: the slides call it brief

    def problems(text: str) -> list[str]:
        return list(case_study_problems(replace(STUDY, **{field: text})))  # type: ignore[arg-type]

    assert problems("word " * 250) == []
    assert problems("word " * 251) == [f"'{title}' has 251 words; the limit is 250. Shorten it by 1 words."]
    assert problems("word " * 400) == [f"'{title}' has 400 words; the limit is 250. Shorten it by 150 words."]
    assert problems("word " * 600) == [f"'{title}' has 600 words; the limit is 250. Shorten it by 350 words."]
    assert problems(" \n") == [f"'{title}' is missing. Write a few sentences."]


@pytest.mark.parametrize(
    ("text", "focus"),
    [
        ("Transition and transfer, please", Focus.TRANSITION),
        ("something about parents", Focus.FAMILIES),
        ("anxiety at school", Focus.PASTORAL),
        ("BASELINE screening", Focus.ASSESSMENT),
        ("a calm room", Focus.ENVIRONMENT),
        ("new laptops", Focus.RESOURCES),
        ("cpd for us", Focus.STAFF),
        ("moving up to year 7", Focus.TRANSITION),
        ("phonics", Focus.TEACHING),
        ("pastoral work with the staff", Focus.PASTORAL),
        ("Teaching and learning with parents", Focus.TEACHING),  # its own name before a sign of another
        ("the weather", None),
        ("unreading", None),
    ],
)
def test_the_area_of_focus_a_sentence_speaks_of_is_found(text: str, focus: Focus | None) -> None:
    assert focus_in(text) is focus
