"""Counting words, and the length from which a text has too many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.words import _most_words, count_words, has_more_words


@pytest.mark.parametrize(
    ("text", "words"),
    [("one-to-one support", 2), ("a – b", 3), ("  two\nwords ", 2), ("no\u00a0break", 2), ("", 0), ("a", 1)],
)
def test_words_are_counted_as_word_counts_them(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize("space", [" ", "\n", "\t", "\u00a0", "\u2003", "\u0085", "\x1f", "\x7f ", "é "])
@pytest.mark.parametrize(("words", "limit", "more"), [(250, 250, False), (251, 250, True), (1, 0, True), (2, 1, True),
                                                      (3, 2, True), (2, 2, False)])  # fmt: skip
def test_a_text_has_more_words_than_its_limit_whatever_stands_between_them(
    space: str, words: int, limit: int, more: bool
) -> None:
    for word in ("w", "é"):
        assert has_more_words(space.join([word] * words), limit) is more


@given(st.text(alphabet="a é\u00a0\u2003\n\x85x", max_size=40), st.integers(0, 8))
def test_the_short_cut_never_disagrees_with_counting(text: str, limit: int) -> None:
    assert has_more_words(text, limit) is (len(text.split()) > limit)


@pytest.mark.parametrize(
    ("text", "most"),
    [("", 1), ("a", 1), ("a b  c\n", 5), ("a\x7fb", 1), ("é", 3), ("a\u2000b", 4), ("one two three", 3)],
)
def test_plain_letters_and_spaces_are_settled_without_counting(text: str, most: int) -> None:
    assert _most_words(text) == most
