"""Names as people write them, made comparable. Which one was meant is `matching`."""

from __future__ import annotations

import re
from functools import lru_cache

_ABBREVIATIONS = {
    "sch": "school",
    "acad": "academy",
    "pri": "primary",
    "prim": "primary",
    "sec": "secondary",
    "inf": "infant",
    "jun": "junior",
    "jnr": "junior",
    "gram": "grammar",
    "infants": "infant",
    "juniors": "junior",
    "cep": "church of england primary",
    "ce": "church of england",
    "cofe": "church of england",
    "saint": "st",
}


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """A name without case, punctuation, 'The' and abbreviations, for comparing only."""
    text = name.casefold().replace("’", "").replace("'", "").replace("&", " and ")
    text = re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1", text)
    words = [w for w in re.sub(r"[^a-z0-9]+", " ", text).split() if w != "the"]
    return " ".join(" ".join(_ABBREVIATIONS.get(w, w) for w in words).split())
