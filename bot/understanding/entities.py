"""Who and what a sentence names: requests, communities, schools, days, times, amounts, practitioners' roles.

Names come from the directory, however irregular; what was found is replaced by a placeholder, so that the matcher
sees the sentence's form and not the county's names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from rapidfuzz import fuzz, process

from bot.understanding.moments import spans_of, times_of
from communities.directory import Directory, Role
from communities.money import NotAnAmount, read_pence
from communities.names import plain

ALIKE = 90.0
"""A misspelt name is taken where it is this much alike (per cent) and nothing else comes as near."""

LONGEST = 7
"""Words a name has at most."""

ROLES: tuple[tuple[Role, str], ...] = (
    (Role.SEN_IA, r"sen ?ia|sen inclusion advis[eo]r|inclusion advis[eo]r|link advis[eo]r"),
    (
        Role.SPEECH,
        r"speech (?:and|&) language(?: therapist)?|speech therap(?:ist|y)|speech person|salt|language therapist|slt",
    ),
    (Role.PSYCHOLOGIST, r"ed(?:ucational)? psych(?:ologist)?|school psychologist|psychologist|keps|ep"),
    (Role.ATTENDANCE, r"attendance officer|school liaison officer|liaison officer|kpas|education welfare officer"),
    (Role.SPECIALIST_TEACHER, r"specialist teach(?:er|ing service)|stls(?: teacher)?"),
    (Role.HEALTH_NAVIGATOR, r"health navigator"),
)
_ROLE = re.compile("|".join(rf"(?P<r{n}>\b(?:{form})\b)" for n, (_, form) in enumerate(ROLES)), re.IGNORECASE)
_SURGERY = re.compile(r"\s+(?:surger|session|drop)", re.IGNORECASE)
_REQUEST = re.compile(r"\b(?:request |ref(?:erence)?\.? )?r[- ]?(20\d\d)[- ]?(\d{1,4})\b", re.IGNORECASE)
_SHORT = re.compile(
    r"\b(?:request|application|bid|form|ref(?:erence)?)\.? (?:no\.? ?|number ?|#)?(?<!£)(\d{1,4})\b(?![.,/:%]?\d)"
    r"(?! ?(?:k|%|pounds|quid|gbp|pupils?|child(?:ren)?|schools?|weeks?|days?|hours?)\b)",
    re.IGNORECASE,
)
"""A request by its number alone: this year's."""
_NUMBER = r"\d+(?:,\d{3})*(?:\s\d{3}\b)*(?:\.\d+)?"
_THOUSANDS, _UNIT = r" ?(?:k|thousand)\b", r" ?(?:pounds?|quid|gbp)\b"
_AMOUNT = re.compile(
    rf"(?P<new>\b(?:to|be|say|read) )?(?:about |around |roughly )?(?<![\d.,£–-])"
    rf"(?P<amount>£ ?{_NUMBER}(?:{_THOUSANDS})?(?:{_UNIT})?|\b{_NUMBER}(?:{_THOUSANDS}(?:{_UNIT})?|{_UNIT})"
    r"|\b\d{1,3}(?:,\d{3})+(?:\.\d\d)?\b(?! ?(?:words?|pupils?|child)))"
    r"(?![,.]?\d| ?[–-] ?£?\d)",
    re.IGNORECASE,
)
"""An amount where a sentence says that it is one: by its sign, its unit or its thousands' comma."""
TERMS = (("1", "one", "fir"), ("2", "two", "sec"), ("3", "thr", "thi"), ("4", "fou"), ("5", "fiv", "fif"), ("6", "six"))
"""The six terms of a school year, by figure, number and order."""
_TERM = re.compile(
    r"\b(?:term |t)(?P<n>[1-6]|one|two|three|four|five|six)\b"
    r"|\b(?P<nth>first|second|third|fourth|fifth|sixth) term\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z0-9&'’.()-]+")
_POSSESSIVE = re.compile(r"['’]s$")

Window = tuple[int, int, str]
"""A run of a sentence's words: where it begins and ends, and what it is, plainly or in the directory."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a sentence names, and the sentence with placeholders."""

    text: str
    entities: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Names:
    """The directory's names, ready to be looked for."""

    directory: Directory

    @cached_property
    def communities(self) -> dict[str, str]:
        """Plain name to name."""
        return {plain(c.name): str(c.name) for c in self.directory.communities}

    @cached_property
    def schools(self) -> dict[str, str]:
        """Plain name to name; a name two schools share leads to both by the first."""
        return {plain(s.name): str(s.name) for s in self.directory.schools}

    @cached_property
    def short_schools(self) -> dict[str, str]:
        """What people call a school, where no other is called so: its name without what it is a school of."""
        shorts: dict[str, set[str]] = {}
        for key, name in self.schools.items():
            words = key.split()
            for length in range(1, len(words)):
                if words[length] in _KINDS:
                    shorts.setdefault(" ".join(words[:length]), set()).add(name)
                    break
        return {short: next(iter(names)) for short, names in shorts.items() if len(names) == 1 and len(short) > 3}


_KINDS = frozenset(
    {
        "school", "academy", "primary", "secondary", "junior", "infant", "infants", "grammar", "high", "church", "ce",
        "cep", "rc", "catholic", "community", "college", "c", "voluntary", "nursery", "trust", "free",
    }
)  # fmt: skip


def read_entities(sentence: str, names: Names, today: date) -> Found:
    """Find everything; days as ISO dates (`date`, or `from` and `to`), amounts in pence."""
    text, entities = sentence, dict[str, Any]()
    if match := _REQUEST.search(text):
        entities["request"] = f"R-{match[1]}-{int(match[2]):04d}"
        text = _REQUEST.sub("{request}", text)
    elif match := _SHORT.search(text):
        entities["request"] = f"R-{today.year}-{int(match[1]):04d}"
        text = f"{text[: match.start()]}{{request}}{text[match.end() :]}"
    text = _names(text, names, entities)
    text = _role(text, entities)
    text = _amount(text, entities)
    for start, end, at in reversed(times_of(text)):
        entities["time"] = f"{at:%H:%M}"
        text = f"{text[:start]}{{time}}{text[end:]}"
    spans = spans_of(text, today)
    for span in reversed(spans):
        text = f"{text[: span.start]}{{day}}{text[span.end :]}"
    if term := _TERM.search(text):
        entities["term"] = next(n for n, name in enumerate(TERMS, 1) if (term["n"] or term["nth"])[:3].lower() in name)
        text = f"{text[: term.start()]}{{day}}{text[term.end() :]}"
    if spans:
        first = spans[0]
        days = {"date": first.first} if first.first == first.last else {"from": first.first, "to": first.last}
        entities |= {name: day.isoformat() for name, day in days.items()}
    return Found(text=text, entities=entities)


def _names(text: str, names: Names, entities: dict[str, Any]) -> str:
    """A community as it is written and no other way: `Canterbury S2` and `S3` are a letter apart and two budgets."""
    text = _put(text, "community", _exact(_windows(text), names.communities), entities)
    windows = _windows(text)
    hit = _exact(windows, names.schools) or _exact(windows, names.short_schools) or _near(windows, names.schools)
    return _put(text, "school", hit, entities)


def _put(text: str, kind: str, hit: Window | None, entities: dict[str, Any]) -> str:
    if hit is None:
        return text
    start, end, entities[kind] = hit
    return f"{text[:start]}{{{kind}}}{text[end:]}"


def _windows(text: str) -> list[Window]:
    """Every run of words without a placeholder, the longest first, with its plain form."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    found = []
    for length in range(min(LONGEST, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            start, end = words[first][0], words[first + length - 1][1]
            if "{" not in text[start:end]:
                found.append((start, end, plain(_POSSESSIVE.sub("", text[start:end]))))
    return found


def _exact(windows: Sequence[Window], known: dict[str, str]) -> Window | None:
    return next(((start, end, known[plainly]) for start, end, plainly in windows if plainly in known), None)


def _near(windows: Sequence[Window], known: dict[str, str]) -> Window | None:
    """A misspelt name of two words or more; one word alone is too little to guess from."""
    best: tuple[float, int, int, str] | None = None
    for start, end, window in windows:
        if len(window) < 8 or " " not in window:
            continue
        hits = process.extract(window, known.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=2)
        if hits and (len(hits) == 1 or hits[0][1] > hits[1][1]) and (best is None or hits[0][1] > best[0]):
            best = (hits[0][1], start, end, known[hits[0][0]])
    return best[1:] if best else None


def _role(text: str, entities: dict[str, Any]) -> str:
    for match in _ROLE.finditer(text):
        if _SURGERY.match(text, match.end()):
            continue  # 'the SEN IA surgery' is a surgery
        entities["role"] = next(role.value for n, (role, _) in enumerate(ROLES) if match[f"r{n}"])
        return f"{text[: match.start()]}{{role}}{text[match.end() :]}"
    return text


def _amount(text: str, entities: dict[str, Any]) -> str:
    """The amount meant: of several the one that follows 'to' or 'be' ('not £4,000, it should be £3,200'); else none."""
    found = [(match, pence) for match in _AMOUNT.finditer(text) if (pence := _pence(match["amount"])) is not None]
    new = [pence for match, pence in found if match["new"]]
    meant = {pence for _, pence in found} if len(found) == 1 else set(new)
    if len(meant) == 1:
        (entities["amount_pence"],) = meant
    for match, _ in reversed(found):
        text = f"{text[: match.start('amount')]}{{amount}}{text[match.end('amount') :]}"
    return text


def _pence(written: str) -> int | None:
    try:
        return read_pence(written)
    except NotAnAmount:
        return None
