"""Noticing that a text seems to name a child or a date of birth."""

from __future__ import annotations

import pytest

from communities.personal_details import personal_details


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("What can a school do about attendance?", []),
        ("a pupil born 3/4/2015", ["born 3/4/2015"]),
        ("on 03.04.15 and 3-4-2015", ["03.04.15", "3-4-2015"]),
        ("her DOB: 3 April", ["DOB: 3"]),
        ("date of birth is known", ["date of birth is"]),
        ("born in Kent", ["born in"]),
        ("a child called Zebedee", ["Zebedee"]),
        ("a child called Reception", []),
        ("my son Amir Khan is in year 2", ["Amir Khan", "Amir Khan"]),
        ("a pupil In need", []),
        ("a boy Who reads", []),
        ("Zebedee Quill needs help", ["Zebedee Quill"]),
        ("Year Amir Khan", ["Year Amir Khan"]),
        ("Zebedee Jo Quill needs help", ["Zebedee Jo Quill"]),
        ("a pupil Zebedee", ["Zebedee"]),
        ("Our Reception", []),
        ("Our Zebedee", []),
        ("Our Speech Zebedee", []),
        ("The Speech And Language Therapist", []),
        ("A. B. needs help", ["A. B."]),
        ("A.B. needs help", ["A.B."]),
        ("A.B.c needs help", []),
        ("zebedee quill", []),
        ("Zebedee", []),
    ],
)
def test_signs_of_a_child_are_found(text: str, signs: list[str]) -> None:
    assert list(personal_details(text)) == signs


def test_known_names_of_several_words_may_stand() -> None:
    known = ["Abbey School", "Abbey School North", "Sam Field", "Kit"]
    assert list(personal_details("sam field of ABBEY SCHOOL NORTH wrote", known)) == []
    assert list(personal_details("Sam Field and Zebedee Quill", known)) == ["Zebedee Quill"]
    assert list(personal_details("Abbey School North Ray", known)) == []
    assert list(personal_details("Zed (Quill", ["Zed (Quill"])) == []
    assert list(personal_details("a child called Kit", known)) == ["Kit"]
