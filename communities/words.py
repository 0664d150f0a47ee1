"""Counting words as Word counts them."""

from __future__ import annotations


def count_words(text: str) -> int:
    """Runs of anything between white space: a hyphenated word is one, a dash standing alone is one."""
    return len(text.split())


def has_more_words(text: str, limit: int) -> bool:
    """Whether a text has more than `limit` words; most texts are settled by their length, without counting."""
    return len(text) > 2 * limit and _most_words(text) > limit and count_words(text) > limit


def _most_words(text: str) -> int:
    """At most so many words: one more than there are characters that may be white space.

    Everything outside ASCII is taken for white space; one pass over the bytes, where splitting makes every word.
    """
    encoded = text.encode("utf-8", "replace")
    return 1 + len(encoded) - len(encoded.translate(None, _MAY_SPLIT))


_MAY_SPLIT = bytes(b for b in range(256) if b >= 128 or chr(b).isspace())
