"""When a request was probably sent twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from communities.directory import Mail, SchoolName
from communities.duplicates import WINDOW, duplicate_of, duplicate_sentence, fingerprint
from tests.rules.test_requests import GOOD

AT = GOOD.submitted_at


def test_a_request_is_alike_by_sender_school_and_text_whatever_the_spacing_and_case() -> None:
    mark = fingerprint(GOOD)
    assert len(mark) == 32
    assert fingerprint(replace(GOOD, sender=Mail("SAM@x.example"), solution=" a  QUIET\ncorner ", contact="x")) == mark
    for other in (replace(GOOD, sender=Mail("s@x.example")), replace(GOOD, school=SchoolName("C")),
                  replace(GOOD, solution="Another corner")):  # fmt: skip
        assert fingerprint(other) != mark


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("apart", "twice"),
    [(timedelta(0), True), (timedelta(days=27), True), (timedelta(days=28), True),
     (timedelta(days=28, seconds=1), False), (timedelta(days=29), False)],
)  # fmt: skip
def test_alike_within_four_weeks_on_either_side_is_probably_twice(side: int, apart: timedelta, twice: bool) -> None:
    assert timedelta(days=28) == WINDOW  # a choice
    assert duplicate_of(AT, [("R-1", AT + side * apart)]) == (("R-1", apart) if twice else None)


def test_the_first_within_the_window_is_named() -> None:
    earlier = [("R-1", AT - timedelta(days=90)), ("R-2", AT - timedelta(days=20)), ("R-3", AT - timedelta(days=1))]
    assert duplicate_of(AT, earlier) == ("R-2", timedelta(days=20))
    assert duplicate_of(AT, []) is None


@pytest.mark.parametrize(
    ("apart", "said"),
    [
        (timedelta(seconds=59), "less than a minute"), (timedelta(seconds=60), "1 minute"),
        (timedelta(seconds=89), "1 minute"), (timedelta(seconds=100), "2 minutes"),
        (timedelta(minutes=59, seconds=20), "59 minutes"), (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=80), "1 hour"), (timedelta(hours=2, minutes=10), "2 hours"),
        (timedelta(hours=23), "23 hours"),
        (timedelta(days=1), "1 day"), (timedelta(hours=35), "1 day"), (timedelta(hours=40), "2 days"),
        (timedelta(days=28), "28 days"), (timedelta(0), "less than a minute"), (timedelta(seconds=3_599), "60 minutes"),
        (timedelta(seconds=86_399), "24 hours"), (timedelta(seconds=5_399), "1 hour"),
        (timedelta(seconds=5_401), "2 hours"), (timedelta(seconds=129_599), "1 day"),
        (timedelta(seconds=129_601), "2 days"),
    ],
)  # fmt: skip
def test_how_far_apart_is_said_in_words(apart: timedelta, said: str) -> None:
    assert duplicate_sentence("R-1", apart) == (
        f"The same person, school and text as R-1, {said} apart: probably a duplicate. The clerk decides."
    )
