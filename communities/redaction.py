"""Keeping pupils' names out of texts that are circulated."""

from __future__ import annotations

import re
from collections.abc import Iterable

from communities.personal_details import PLAIN_WORDS
from communities.requests import Pupil

MASK = "[pupil]"
NAME_WORDS = 4
"""A name has no more words; what has more is a sentence."""

_CAPITALISED = re.compile(r"\b[^\W\d_][\w'’-]{0,60}[^\W\d_]\b")


def without_names(text: str, pupils: Iterable[Pupil]) -> str:
    """The text with each pupil's full name, and each part of it written with a capital, replaced by `[pupil]`.

    Parts of one letter and words in lower case stay: `Jo Okoro` masks `Okoro`, not every `jo`. Where a sentence stands
    in the place of a name, each of its words that may be one is masked: `Kit Rowe, born 8th January` masks `Kit`.
    """
    for pupil in pupils:
        parts = [p for p in re.split(r"\s+", pupil.name) if p]
        if is_sentence := len(parts) > NAME_WORDS:
            parts = [
                w
                for w in _CAPITALISED.findall(pupil.name)
                if w[0].isupper() and not w.isupper() and w.casefold() not in PLAIN_WORDS
            ]
        if len(parts) > 1 and not is_sentence:
            text = re.sub(r"\b" + r"\s+".join(map(re.escape, parts)) + r"\b", MASK, text, flags=re.IGNORECASE)
        for part in parts:
            if len(part) > 1 and part[:1].isupper():
                text = re.sub(rf"\b{re.escape(part)}\b", MASK, text)
    return text
