"""Keeping pupils' names out of texts that are circulated."""

from __future__ import annotations

import pytest

from communities.redaction import without_names
from communities.requests import Pupil

TEXT = "Zebedee and Jo Okoro sit apart; zebedee quill and Quill agree, so does jo."


@pytest.mark.parametrize(
    ("names", "text", "masked"),
    [
        (["Zebedee Quill", "Jo Okoro"], TEXT, "[pupil] and [pupil] sit apart; [pupil] and [pupil] agree, so does jo."),
        (["Solomon Abendana, born 8th January 2016", "The whole class with Bo Ray in Year 2"],
         "In January Solomon, Bo Ray and Abendana's class were in The Hub with Year 2.",
         "In January [pupil], [pupil] [pupil] and [pupil]'s class were in The Hub with Year 2."),
        (["Zebedee"], "Zebedee, zebedee and Zebedees", "[pupil], zebedee and Zebedees"),
        (["J Okoro"], "J Okoro, j  okoro, J and Okoro", "[pupil], [pupil], J and [pupil]"),
        (["Bo Ray"], "Bo and Ray, bo\nray, bo and ray", "[pupil] and [pupil], [pupil], bo and ray"),
        (["Amir van der Berg"], "amir van der berg, Berg van der", "[pupil], [pupil] van der"),
        (["amir khan"], "Amir Khan, Amir and Khan", "[pupil], Amir and Khan"),
        (["Ana Bela Cruz Dias"], "ana bela cruz dias, ana bela", "[pupil], ana bela"),
        (["Ana Bela Cruz Dias Eva"], "ana bela cruz dias eva Ana Eva", "ana bela cruz dias eva [pupil] [pupil]"),
        (["A.B (Cy) D+"], "A.B (Cy) D+ x", "[pupil] (Cy) D+ x"),
        ([""], "Nothing", "Nothing"),
        ([], "Nothing", "Nothing"),
        (["  "], "A  b", "A  b"),
    ],
)  # fmt: skip
def test_pupils_names_are_masked(names: list[str], text: str, masked: str) -> None:
    assert without_names(text, [Pupil(name=n) for n in names]) == masked
