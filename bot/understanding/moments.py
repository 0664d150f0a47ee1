"""Days, weeks, months and times as people write them: 'Thursday', 'next week', '3 Nov', 'in October', '2pm'.

A day of the week is the next one to come unless 'last' stands before it; so is a date without a year. A month without
a year is this school year's, unless the sentence speaks of what was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from communities.calendars import academic_year, easter_monday

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")  # fmt: skip
_DAY = "|".join(rf"{d[:3]}(?:{d[3:]})?" for d in WEEKDAYS) + "|tues|weds|wednes|thur|thurs"
_MONTH = "|".join(rf"{m[:3]}(?:{m[3:]})?" for m in MONTHS if m != "may") + "|sept|may"


@dataclass(frozen=True, kw_only=True)
class Span:
    """Where in the text a moment stands, and the days it means; both count."""

    start: int
    end: int
    first: date
    last: date


def spans_of(text: str, today: date) -> list[Span]:
    """Every day or span of days in a text, in its order, none within another."""
    found: list[Span] = []
    for form, read in _FORMS:
        for match in form.finditer(text):
            if any(s.start < match.end() and match.start() < s.end for s in found):
                continue
            try:
                first, last = read(match, today)
            except ValueError:
                continue
            found.append(Span(start=match.start(), end=match.end(), first=first, last=last))
    return sorted(found, key=lambda s: s.start)


def _one(day: date) -> tuple[date, date]:
    return day, day


def _named(match: re.Match[str], today: date) -> tuple[date, date]:
    name = match["name"].casefold()
    if name in ("tomorrow", "tmrw", "tomorow"):
        return _one(today + timedelta(days=1))
    return _one(today - timedelta(days=1) if name == "yesterday" else today)


def _week(match: re.Match[str], today: date) -> tuple[date, date]:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=_shift(match["which"]))
    return monday, monday + timedelta(days=6)


def _shift(which: str) -> int:
    return {"next": 1, "last": -1, "previous": -1}.get(which.casefold(), 0)


def _weekday(match: re.Match[str], today: date) -> tuple[date, date]:
    wanted = next(n for n, d in enumerate(WEEKDAYS) if d.startswith(match["day"].casefold()[:3]))
    which = (match["which"] or "").casefold()
    if which in ("last", "previous"):
        return _one(today - timedelta(days=(today.weekday() - wanted) % 7 or 7))
    ahead = (wanted - today.weekday()) % 7
    if which == "next":
        return _one(today - timedelta(days=today.weekday()) + timedelta(days=7 + wanted))
    return _one(today + timedelta(days=ahead))


def _number(written: str) -> int:
    return next(n for n, m in enumerate(MONTHS, 1) if m.startswith(written.casefold()[:3]))


def _dated(match: re.Match[str], today: date) -> tuple[date, date]:
    month, day = _number(match["month"]), int(match["number"])
    if match["year"]:
        return _one(date(int(match["year"]), month, day))
    return _one(_nearest(month, day, today))


def _nearest(month: int, day: int, today: date) -> date:
    """The date of that day and month nearest to come, or up to two months past."""
    this = date(today.year, month, day)
    return date(today.year + 1, month, day) if this < today - timedelta(days=60) else this


def _slashed(match: re.Match[str], today: date) -> tuple[date, date]:
    day, month = int(match["number"]), int(match["month"])
    if match["year"]:
        year = int(match["year"])
        return _one(date(year if year > 99 else 2000 + year, month, day))
    return _one(_nearest(month, day, today))


def _iso(match: re.Match[str], _: date) -> tuple[date, date]:
    return _one(date.fromisoformat(match["iso"]))


def _month(match: re.Match[str], today: date) -> tuple[date, date]:
    """A month alone: the last or the next one where that is said, the latest where the sentence speaks of what was,
    else this school year's; one that was over for half a year is the next school year's.
    """
    month = _number(match["month"])
    if match["year"]:
        return _whole_month(int(match["year"]), month)
    latest = today.year if month <= today.month else today.year - 1
    which = (match["which"] or "").casefold()
    if which in ("last", "previous"):
        return _whole_month(latest - (month == today.month), month)
    if which == "next":
        return _whole_month(latest + 1, month)
    if _WAS.search(match.string):
        return _whole_month(latest, month)
    begins = int(academic_year(today)[:4])
    first, last = _whole_month(begins if month >= _SCHOOL_YEAR_BEGINS else begins + 1, month)
    return (first, last) if last >= today - _HALF_A_YEAR else _whole_month(first.year + 1, month)


def _whole_month(year: int, month: int) -> tuple[date, date]:
    first = date(year, month, 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _feast(match: re.Match[str], today: date) -> tuple[date, date]:
    """From today to the feast, or from after it to the end of that school year."""
    feast, is_before = _NEXT_FEAST[match["feast"].casefold().split()[0]], match["side"].casefold() in ("before", "by")
    begins, ends = next(days for year in (today.year, today.year + 1) if (days := feast(year))[1] >= today)
    if is_before:
        return today, begins - timedelta(days=1)
    after = ends + timedelta(days=1)
    return after, _ends(after)


def _beside(match: re.Match[str], today: date) -> tuple[date, date]:
    """From today to the month, or from after it to the end of that school year."""
    first, last = _month(match, today)
    if match["side"].casefold() == "before":
        return min(today, first - timedelta(days=1)), first - timedelta(days=1)
    after = last + timedelta(days=1)
    return after, _ends(after)


def _ends(day: date) -> date:
    """The last day of the school year a day lies in."""
    return date(int(academic_year(day)[:4]) + 1, 8, 31)


_SCHOOL_YEAR_BEGINS, _HALF_A_YEAR = 9, timedelta(days=183)
_WAS = re.compile(
    r"\b(?:did|was|were|had|got|met|went|came|happened|minutes|decisions (?:of|in|from|made)"
    r"|(?<!be )(?<!is )(?<!are )(?:decided|agreed|approved))\b",
    re.IGNORECASE,
)
"""What speaks of a day that was."""
_NEXT_FEAST: Mapping[str, Callable[[int], tuple[date, date]]] = {
    "christmas": lambda year: (date(year, 12, 25), date(year, 12, 26)),
    "xmas": lambda year: (date(year, 12, 25), date(year, 12, 26)),
    "new": lambda year: (date(year, 1, 1), date(year, 1, 1)),
    "easter": lambda year: (easter_monday(year) - timedelta(days=3), easter_monday(year)),
    "summer": lambda year: (date(year, 7, 23), date(year, 8, 31)),
}
"""The days of a feast in a year; of the summer holidays those of no Kent school year since 2025 (a choice)."""


Reader = Callable[[re.Match[str], date], tuple[date, date]]
_I = re.IGNORECASE
_YEAR = r"(?:,? (?P<year>20\d\d))?"
_WHICH = r"(?P<which>last|previous|next)"
_IN_FULL = "|".join(m for m in MONTHS if m != "may")
_FEASTS = r"christmas|xmas|new year|easter|summer(?: holidays?| break)?"
_OF_A_MONTH = "meetings?|mtg|agenda|papers|minutes|deadline|decisions|requests|surger(?:y|ies)|sessions?|reports?"
"""What a month is named with: 'the January meeting'."""
_NAMED = r"\b(?P<name>today|tomorrow|tomorow|tmrw|yesterday|tonight|this (?:morning|afternoon|evening))\b"
_FORMS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"\b(?P<iso>\d{4}-\d\d-\d\d)\b"), _iso),
    (re.compile(rf"\b(?P<number>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b{_YEAR}", _I), _dated),
    (re.compile(rf"\b(?P<month>{_MONTH}) (?P<number>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>20\d\d))?", _I), _dated),
    (re.compile(r"\b(?P<number>\d{1,2})[/.](?P<month>\d{1,2})(?:[/.](?P<year>\d{4}|\d\d))?\b"), _slashed),
    (re.compile(_NAMED, _I), _named),
    (re.compile(r"\b(?P<which>this|next|last|previous) (?:school )?week\b", _I), _week),
    (re.compile(rf"\b(?:(?P<which>next|last|this|previous|on) )?(?P<day>{_DAY})(?:'?s)?\b", _I), _weekday),
    (re.compile(rf"\b(?P<side>before|by|after|in(?= the new year)) (?:the )?(?P<feast>{_FEASTS})\b", _I), _feast),
    (re.compile(rf"\b(?P<side>before|after) (?:the )?(?P<which>)(?P<month>{_MONTH})\b{_YEAR}", _I), _beside),
    (re.compile(rf"\b(?:(?:in|this|for|from|of|during|to|on|{_WHICH}) )(?P<month>{_MONTH})\b{_YEAR}", _I), _month),
    (re.compile(rf"\b(?P<which>)(?P<month>{_MONTH})(?:'?s)?\b{_YEAR}(?= (?:{_OF_A_MONTH})\b)", _I), _month),
    (re.compile(rf"(?<!\S)(?<!\d )(?P<which>)(?P<month>{_IN_FULL})\b{_YEAR}(?=[?!. ]*$)", _I), _month),
)  # fmt: skip

_TIME = re.compile(
    r"\b(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))? ?(?P<half>am|pm)|(?P<h>\d{1,2}):(?P<m>\d\d))\b", _I
)
_HALF = re.compile(r"\bhalf (?:past )?(?P<hour>one|two|three|four|nine|ten|eleven|twelve|\d{1,2})\b", _I)
_HOURS = {"one": 13, "two": 14, "three": 15, "four": 16, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}


def times_of(text: str) -> list[tuple[int, int, time]]:
    """Every time of day in a text, with where it stands; '2' after 'half' is the afternoon's."""
    found = []
    for match in _TIME.finditer(text):
        hour = int(match["hour"] or match["h"])
        if (match["half"] or "").casefold() == "pm" and hour < 12:
            hour += 12
        if hour < 24 and int(match["minute"] or match["m"] or 0) < 60:
            found.append((match.start(), match.end(), time(hour, int(match["minute"] or match["m"] or 0))))
    for match in _HALF.finditer(text):
        word = match["hour"].casefold()
        hour = _HOURS.get(word) or (
            int(word) + 12 if word.isdecimal() and int(word) < 7 else int(word) if word.isdecimal() else 0
        )
        if 0 < hour < 24:
            found.append((match.start(), match.end(), time(hour, 30)))
    return found
