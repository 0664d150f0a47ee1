"""Noticing that a text seems to name a child, before it is sent on. A warning's rule: it finds signs, not names.

Names that stand in a form's own field are masked for certain by `redaction`; here nobody has said what the names are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

_BORN = re.compile(
    r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b"
    r"|\b(?:d\.?o\.?b\.?|date of birth|born)\b[ :]*(?:(?:on|in|is)\b ?)?[\d/.-]*",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:called|named|name is|name's|pupil|boy|girl|child|son|daughter|brother|sister|student|learner|mum of|dad of"
    r"|mother of|father of|parents of),?\s+(?!\b(?:A|An|And|The|In|With|Who|Has|Is|On|From|At|KS|Year|SEN|EHCP)\b)"
    r"([A-Z][a-z'’-]+(?:\s+[A-Z][a-z'’-]+)*)"
)
_PAIR = re.compile(r"\b[A-Z][a-z'’-]+\s+[A-Z][a-z'’-]+(?:\s+[A-Z][a-z'’-]+){0,5}\b")
_INITIALS = re.compile(r"\b[A-Z]\.\s?[A-Z]\.(?!\w)")
_PLAIN = """
    sen ehcp key stage year speech language therapist educational psychologist specialist teacher health navigator
    support request inclusion adviser advisor teaching assistant primary secondary school academy kent county council
    community communities schools link early help family hub hubs virtual autism education trust service services
    reception nursery physical sensory environment staff training learning english maths science reading writing
    monday tuesday wednesday thursday friday january february march april may june july august september october
    november december christmas easter summer autumn spring term balanced system mental wellbeing group plan plans
    class teacher head deputy lead senco camhs stls keps kpas the a an our we this that how what when can could is are
    in on at for of and with my i they he she it notional budget microsoft teams zones regulation lego therapy forest
    elklan makaton pecs talk boost numbers phonics attention deficit hyperactivity disorder spectrum condition
    attachment aware emotion coaching emotional literacy elsa nurture provision intervention whole class thank
    please dear good hello hi looked after approach programme project room hub unit base
    professional resources attendance officer liaison area board high needs funding core standards mainstream pupil
    premium plus endowment foundation entry level their your
"""
PLAIN_WORDS = frozenset(_PLAIN.split())
"""Words that stand in capitals without being anybody's name."""


def personal_details(text: str, known: Collection[str] = ()) -> Iterator[str]:
    """What in a text looks like a child's name or date of birth, as it stands there.

    `known` are names that may stand: schools, communities, the adults of the directory.
    """
    if (names := _names(frozenset(known))) is not None:
        text = names.sub(" ", text)
    for match in _BORN.finditer(text):
        yield match[0].strip()
    for match in _CALLED.finditer(text):
        if not _is_known(match[1]):
            yield match[1]
    for pattern in (_PAIR, _INITIALS):
        for match in pattern.finditer(text):
            if not _is_known(match[0]):
                yield match[0]


@lru_cache(maxsize=4)
def _names(known: frozenset[str]) -> re.Pattern[str] | None:
    """All of several words, the longest first; None where there are none."""
    several = sorted((n for n in known if " " in n), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, several)), re.IGNORECASE) if several else None


def _is_known(words: str) -> bool:
    """Whether all but one of the words at least are no name: 'Our Reception' names nobody, 'Year Amir Khan' does."""
    parts = [p.strip("'’-").casefold() for p in words.split()]
    return sum(p not in PLAIN_WORDS for p in parts) < (2 if len(parts) > 1 else 1)
