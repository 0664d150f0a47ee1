"""What a sentence wants: the likeliest intent and how sure that is. The names are the agreed ones.

The weights are learnt from manifests/chat/phrases.txt by `bot.understanding.learn`; nothing is guessed: below a
certainty the person is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import msgspec

from bot.understanding.learn import SCALE, WEIGHTS, Weights, probabilities
from bot.understanding.words import features, words_of

UNKNOWN = "unknown"
SURE = 0.35
"""Below this the two or three likeliest are offered."""

LIKELY = 0.12
"""What is offered is at least this likely."""

FAMILIAR = 0.4
"""Where fewer of a sentence's words than this part are known, it is about something else."""


@dataclass(frozen=True, kw_only=True)
class Guess:
    """An intent and how likely it is, 0 to 1."""

    intent: str
    confidence: float


class _Model(msgspec.Struct):
    intents: list[str]
    words: frozenset[str]
    weights: dict[str, dict[str, int]]


@cache
def _model() -> tuple[list[str], frozenset[str], Weights]:
    read = msgspec.json.decode(WEIGHTS.read_bytes(), type=_Model)
    weights = {
        feature: {read.intents[int(n)]: w / SCALE for n, w in known.items()} for feature, known in read.weights.items()
    }
    return read.intents, read.words, weights


def intents() -> Sequence[str]:
    """Every intent there is."""
    return _model()[0]


def guesses(text: str) -> list[Guess]:
    """Every intent by likelihood, the likeliest first; `text` has placeholders for what it names."""
    known, vocabulary, weights = _model()
    words = words_of(text, vocabulary)
    meant = [w for w in words if w in vocabulary]
    if not words or len(meant) < FAMILIAR * len(words):
        return [Guess(intent=UNKNOWN, confidence=1.0)]
    likely = probabilities(features(words), weights, list(known))
    return sorted((Guess(intent=i, confidence=round(p, 4)) for i, p in likely.items()), key=lambda g: -g.confidence)


def understood(found: Sequence[Guess]) -> Guess:
    """The intent to act on: the likeliest where that is sure, else `unknown`."""
    best = found[0]
    return best if best.confidence >= SURE else Guess(intent=UNKNOWN, confidence=round(1 - best.confidence, 4))


def offers(found: Sequence[Guess]) -> list[str]:
    """The two or three likeliest intents to offer where nothing is sure."""
    return [g.intent for g in found[:3] if g.confidence >= LIKELY and g.intent != UNKNOWN]
