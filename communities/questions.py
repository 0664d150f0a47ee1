"""Questions to KCC: the form's three parts, and which questions ask the same.

Source: slides 'Q&A Submission - Part 1: Structure', 'Part 2: Professional Resources', 'Part 3: Operations'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from rapidfuzz import fuzz

QUESTION_CHARACTERS = 1_000
ANSWER_CHARACTERS = 4_000

ALIKE = 88.0
"""Per cent of likeness from which two questions are taken for the same (a choice)."""


class Part(StrEnum):
    """The form's parts."""

    STRUCTURE = "Structure"
    RESOURCES = "Professional Resources"
    OPERATIONS = "Operations"


_WORDS: tuple[tuple[Part, str], ...] = (
    (
        Part.OPERATIONS,
        r"budget|money|fund|payment|pay|£|cost|form|request|deadline|meeting|agenda|clerk|chair|minutes|attend|top-?up",
    ),
    (
        Part.RESOURCES,
        r"service|therap|psycholog|stls|specialist|practitioner|nurs|family hub|referral|adviser|dashboard|case stud"
        r"|whole[- ]school|attendance officer|kpas|keps|health navigator|early help",
    ),
)


def part_of(text: str) -> Part:
    """The part a question from chat belongs to, by its words; structure where nothing says otherwise."""
    counted = {part: len(re.findall(words, text.casefold())) for part, words in _WORDS}
    best = max(counted, key=lambda p: counted[p])
    return best if counted[best] else Part.STRUCTURE


def same_as(text: str, known: Iterable[tuple[str, str]]) -> str | None:
    """Of the questions (id, text) the one that asks the same, the likest first; None where none does."""
    plain = _plain(text)
    scored = [(fuzz.token_sort_ratio(plain, _plain(other)), id_) for id_, other in known]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= ALIKE else None


def _plain(text: str) -> str:
    return " ".join(w for w in re.findall(r"[a-z0-9]+", text.casefold()) if w not in _EMPTY)


_EMPTY = frozenset(
    {
        "a", "an", "are", "can", "could", "do", "does", "for", "i", "in", "is", "of", "on", "our", "please", "the",
        "to", "we", "will", "would", "you",
    }
)  # fmt: skip
