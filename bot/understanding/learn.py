"""`python -m bot.understanding.learn`: the matcher's weights out of manifests/chat/phrases.txt.

The same phrases give the same weights, which say what they were learned from.

A softmax regression over the features of a sentence, trained by gradient steps. Run it after the phrases changed;
a test holds the weights against them.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from bot.understanding import words as reading
from bot.understanding.phrases import phrases
from bot.understanding.words import NEW, features, words_of

ROUNDS, STEP, SLOWER = 15, 1.0, 0.8
SEEN_ENOUGH = 600
"""An intent with more sentences than this does not weigh more for it."""

DROPPED = 0.5
"""This part of a sentence's features is left out at each step, so that none is relied on alone."""

UNHEARD = 0.05
"""This part of the words is taken as never seen, so that a name or an odd word does not matter much."""

LEAST = 0.1
"""Weights nearer to nothing than this are left out."""

SCALE = 100
WEIGHTS = Path(__file__).parent.parent.parent / "manifests" / "chat" / "weights.json"

Weights = dict[str, dict[str, float]]
"""Feature to intent to weight."""


def probabilities(found: Mapping[str, float], weights: Weights, intents: list[str]) -> dict[str, float]:
    """How likely each intent is, given a sentence's features."""
    shrink = 2.0 / _length(found)
    sums = dict.fromkeys(intents, 0.0)
    for feature, worth in found.items():
        for intent, weight in weights.get(feature, {}).items():
            sums[intent] += weight * worth
    highest = max(sums.values())
    grown = {intent: math.exp((value - highest) * shrink) for intent, value in sums.items()}
    total = sum(grown.values())
    return {intent: value / total for intent, value in grown.items()}


def _length(found: Mapping[str, float]) -> float:
    return math.sqrt(sum(worth * worth for worth in found.values()) + 1)


def learn() -> tuple[list[str], Weights]:
    """Train on all phrases."""
    examples = [(intent, words_of(sentence)) for intent, sentence in phrases()]
    counts = Counter(intent for intent, _ in examples)
    intents = sorted(counts)
    weights: Weights = defaultdict(dict)
    order, step = random.Random(1), STEP  # noqa: S311  the same order each time, no secret
    for _ in range(ROUNDS):
        order.shuffle(examples)
        for intent, words in examples:
            heard = [w if order.random() > UNHEARD else NEW for w in words]
            seen = {f: worth for f, worth in features(heard).items() if order.random() > DROPPED}
            _step(weights, intents, intent, seen, step * min(1.0, SEEN_ENOUGH / counts[intent]))
        step *= SLOWER
    return intents, weights


def _step(weights: Weights, intents: list[str], intent: str, found: Mapping[str, float], step: float) -> None:
    likely = probabilities(found, weights, intents)
    size = step / _length(found)
    for other in intents:
        gradient = (other == intent) - likely[other]
        if abs(gradient) > 0.01:
            for feature, worth in found.items():
                known = weights[feature]
                known[other] = known.get(other, 0.0) + gradient * size * worth


def learned_from() -> str:
    """SHA-256 of the phrases and of the code that learns from them, in hexadecimal."""
    code = (Path(source).read_bytes() for source in (__file__, reading.__file__))
    return hashlib.sha256(b"\0".join((repr(list(phrases())).encode(), *code))).hexdigest()


def as_json(intents: list[str], weights: Weights) -> str:
    """The weights as whole hundredths, small ones left out, and every word of the phrases."""
    numbers = {intent: number for number, intent in enumerate(intents)}
    kept = {
        feature: {str(numbers[i]): round(w * SCALE) for i, w in sorted(known.items()) if abs(w) >= LEAST}
        for feature, known in sorted(weights.items())
    }
    words = sorted({w for _, sentence in phrases() for w in words_of(sentence)})
    body = {
        "learned_from": learned_from(),
        "intents": intents,
        "words": words,
        "weights": {f: k for f, k in kept.items() if k},
    }
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False) + "\n"


if __name__ == "__main__":
    WEIGHTS.write_text(as_json(*learn()), "utf-8")
