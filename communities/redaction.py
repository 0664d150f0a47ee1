"""Keeping pupils' names out of texts that are circulated."""

from __future__ import annotations

import re
from collections.abc import Iterable

from communities.requests import Pupil

MASK = "[pupil]"


def without_names(text: str, pupils: Iterable[Pupil]) -> str:
    """The text with each pupil's full name, and each part of it written with a capital, replaced by `[pupil]`.

    Parts of one or two letters and words in lower case stay: `Jo Okoro` masks `Okoro`, not every `jo`.
    """
    for pupil in pupils:
        parts = [p for p in re.split(r"\s+", pupil.name) if p]
        if len(parts) > 4:
            continue  # a sentence, not a name
        if len(parts) > 1:
            text = re.sub(r"\b" + r"\s+".join(map(re.escape, parts)) + r"\b", MASK, text, flags=re.IGNORECASE)
        for part in parts:
            if len(part) > 1 and part[:1].isupper():
                text = re.sub(rf"\b{re.escape(part)}\b", MASK, text)
    return text
