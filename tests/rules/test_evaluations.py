"""Evaluation of services: which are asked about, and what an evaluation must hold."""

from __future__ import annotations

import pytest

from communities.evaluations import (
    ASK_WORKING_DAYS,
    RATINGS,
    SERVICES,
    TEXT_CHARACTERS,
    Evaluation,
    evaluated_in,
    evaluation_problems,
)


def test_the_services_are_the_meetings_the_practitioners_and_the_countys() -> None:
    assert SERVICES[:7] == (
        "Community meetings", "SEN IA", "Speech and Language Therapist", "Educational Psychologist",
        "Attendance Officer", "Specialist Teacher", "Health Navigator",
    )  # fmt: skip
    assert len(SERVICES) == 15
    assert (RATINGS, TEXT_CHARACTERS, ASK_WORKING_DAYS) == (("1", "2", "3", "4", "5"), 1_000, 20)  # choices


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        (Evaluation(service="SEN IA", effective="1"), []),
        (Evaluation(service="Family Hubs", effective="5", worked="x" * 1_000, improve="y" * 1_000), []),
        (Evaluation(service="A" * 61, effective="5"), [f"'{'A' * 60}' is none of the services. Choose one from the "
                                                       "list."]),
        (Evaluation(service="SEN IA", effective="6" * 21), [f"'{'6' * 20}' is no rating. Choose 1 (not effective) to 5 "
                                                            "(very effective)."]),
        (Evaluation(service="SEN IA", effective=""), ["'' is no rating. Choose 1 (not effective) to 5 (very "
                                                      "effective)."]),
        (Evaluation(service="SEN IA", effective="3", worked="x" * 1_001),
         ["'What works well' has 1001 characters; the limit is 1000. Shorten it."]),
        (Evaluation(service="SEN IA", effective="3", improve="x" * 1_002),
         ["'What should be improved' has 1002 characters; the limit is 1000. Shorten it."]),
    ],
)  # fmt: skip
def test_what_stands_against_an_evaluation(said: Evaluation, problems: list[str]) -> None:
    assert list(evaluation_problems(said)) == problems


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("How good is the HEALTH NAVIGATOR?", "Health Navigator"),
        ("our last surgery", "SEN IA"),
        ("the sen ia", "SEN IA"),
        ("SALT", "Speech and Language Therapist"),
        ("the psychologist", "Educational Psychologist"),
        ("our liaison officer", "Attendance Officer"),
        ("STLS", "Specialist Teacher"),
        ("our meetings", "Community meetings"),
        ("Virtual School Kent (VSK) and the psychologist", "Virtual School Kent (VSK)"),
        ("school nursing and speech", "School Nursing Service"),  # a county service before a practitioner's sign
        ("the weather", None),
        ("resalting", None),
    ],
)
def test_the_service_a_sentence_speaks_of_is_found(text: str, service: str | None) -> None:
    assert evaluated_in(text) == service
