"""The pupils somebody wrote into one field: who they are and when they were born, one record each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from communities.personal_details import PLAIN_WORDS
from communities.requests import Pupil
from forms_ingest.columns import Cell
from forms_ingest.values import Notes, read_text

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"(?<!\d)(?:(?P<day>\d{1,2})(?P<sep>[/.-])(?P<month>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2})"
    rf"|(?P<day_of>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<name>{'|'.join(_MONTHS)})[a-z]*\.?,? "
    r"(?P<year_of>\d{4}|\d{2})"
    r")(?!\d)",
    re.IGNORECASE | re.ASCII,
)
_SPACES = r"(?<!\s)\s+"
"""As many as there are, from the first: begun at each of them, a cell of spaces would take minutes."""
_BETWEEN = re.compile(
    rf"(?:{_SPACES})?,\s*(?:and\s+|&\s*)?|{_SPACES}(?:and|&|/|\+|\|)\s+|(?:{_SPACES})?[•|]\s*", re.IGNORECASE
)
_AROUND = " \t,;:.()[]|•*/&+-\u2010\u2011\u2012\u2013\u2014"
_BEFORE = re.compile(r"^(?:\d{1,2}[.)]\s+|(?:and|&)\s+)+", re.IGNORECASE)
_BORN_WORDS = re.compile(r"\(?\b(?:d\.? ?o\.? ?b\b\.?|date of birth|born(?: on)?|birthday)\W*$", re.IGNORECASE)

LONGEST_NAME = 120
"""Characters looked at beside a comma or an "and"."""

OLDEST = 26
"""Years: an EHCP can last until somebody is 25 (Children and Families Act 2014, section 83)."""


def read_pupils(cell: Cell, notes: Notes, today: date) -> tuple[Pupil, ...]:
    """Names with dates of birth: one a line, separated by `;`, `,` or `and`, or each followed by its date.

    Names are kept even without a date that can be read, as they were written; a date of birth after `today` is none.
    """
    pupils = [p for part in re.split(r"[\n;]", read_text(cell)) for p in _pupils_of(part, today)]
    if any(pupil.born is None for pupil in pupils):
        notes.mend("pupils", "dates of birth not readable; the names are kept as written and the clerk is told")
    return tuple(pupils)


def _pupils_of(line: str, today: date) -> Iterator[Pupil]:
    for written in _dated(line):
        dates = list(_DATE.finditer(written))
        born = _birth_date(dates[0], today) if len(dates) == 1 else None
        text = written[: dates[0].start()] + written[dates[0].end() :] if born else written
        *others, last = _names(text)
        yield from (Pupil(name=_trimmed(other)) for other in others)
        name = _trimmed(last)
        yield Pupil(name=name, born=born) if name else Pupil(name=written.strip())


def _dated(line: str) -> Iterator[str]:
    """The parts of a line that hold a date each, as far as there are dates and names beside them."""
    dates = list(_DATE.finditer(line))
    if dates and not line[: dates[0].start()].strip(_AROUND):
        cuts = [d.start() for d in dates[1:]]
    else:
        cuts = [d.end() for d in dates[:-1]]
        if dates and _begins_another(line[dates[-1].end() :]):
            cuts.append(dates[-1].end())
    without = _DATE.sub(lambda d: " " * len(d[0]), line)
    end = next((n for n in range(len(line), 0, -1) if without[n - 1].isalpha()), 0)
    start = 0
    for cut in [*(c for c in cuts if c < end), len(line)]:
        if any(map(str.isalpha, without[start:cut])):
            yield line[start:cut]
            start = cut
    if start == 0 and line.strip(_AROUND):  # no name in it: kept as written, for the clerk to see
        yield line


def _begins_another(tail: str) -> bool:
    """Whether what follows a date is another name, and no remark on the one before."""
    rest = tail.lstrip(" )]")
    match = _BETWEEN.match(f" {rest}")
    return match is not None and _is_named(_words(rest[match.end() - 1 :])[:1])


def _names(text: str) -> list[str]:
    """A text at its commas and its "and"s, where whole names stand on both sides: `Lee, Ann` is one."""
    names, start = [], 0
    for match in _BETWEEN.finditer(text):
        left = _words(text[start : min(match.start(), start + LONGEST_NAME)])
        right = _words(text[match.end() : match.end() + LONGEST_NAME])
        is_comma = match[0].strip() == ","
        if _is_named(left) and _is_named(right[:1]) and (not is_comma or _is_named(right[:2], 2)):
            names.append(text[start : match.start()])
            start = match.end()
    return [*names, text[start:]]


def _words(text: str) -> list[str]:
    """The first words of a text: more decide nothing, and a cell may hold 32,000 characters."""
    return [match[0] for match in islice(re.finditer(r"[^\W\d_][\w'’.-]*", text[:LONGEST_NAME]), 2)]


def _is_named(words: list[str], at_least: int = 1) -> bool:
    """Whether so many words begin with a capital and none is a plain word."""
    return len(words) >= at_least and all(w[0].isupper() and w.casefold() not in PLAIN_WORDS for w in words[:at_least])


def _trimmed(name: str) -> str:
    text = re.sub(rf"\(\s*\)|{_SPACES}(?=,)", "", " ".join(name.split()))
    text = _BEFORE.sub("", " ".join(text.strip(_AROUND).split()))
    bare = _BORN_WORDS.sub("", text).strip(_AROUND)
    text = bare or text
    return f"{text})" if text.count("(") > text.count(")") else text


def _birth_date(match: re.Match[str], today: date) -> str | None:
    try:
        if match["iso"]:
            born = date.fromisoformat(match["iso"])
        else:
            year = int(match["year"] or match["year_of"])
            month = int(match["month"] or _MONTHS.index(match["name"].casefold()) + 1)
            born = date(year + 2000 if year < 100 else year, month, int(match["day"] or match["day_of"]))
    except ValueError:
        return None
    return born.isoformat() if born <= today and today.year - born.year <= OLDEST else None
