"""Days, weeks, months and times as people write them: 'Thursday', 'next week', '3 Nov', 'in October', '2pm'.

A day of the week is the next one to come unless 'last' stands before it; so is a date without a year.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

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
    """A month alone: this school year's one that is nearest, rather past than far ahead."""
    month = _number(match["month"])
    year = today.year if month <= today.month + 2 else today.year - 1
    first = date(year, month, 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


Reader = Callable[[re.Match[str], date], tuple[date, date]]
_I = re.IGNORECASE
_YEAR = r"(?:,? (?P<year>20\d\d))?"
_NAMED = r"\b(?P<name>today|tomorrow|tomorow|tmrw|yesterday|tonight|this (?:morning|afternoon|evening))\b"
_FORMS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"\b(?P<iso>\d{4}-\d\d-\d\d)\b"), _iso),
    (re.compile(rf"\b(?P<number>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b{_YEAR}", _I), _dated),
    (re.compile(rf"\b(?P<month>{_MONTH}) (?P<number>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>20\d\d))?", _I), _dated),
    (re.compile(r"\b(?P<number>\d{1,2})[/.](?P<month>\d{1,2})(?:[/.](?P<year>\d{4}|\d\d))?\b"), _slashed),
    (re.compile(_NAMED, _I), _named),
    (re.compile(r"\b(?P<which>this|next|last|previous) (?:school )?week\b", _I), _week),
    (re.compile(rf"\b(?:(?P<which>next|last|this|previous|on) )?(?P<day>{_DAY})(?:'?s)?\b", _I), _weekday),
    (re.compile(rf"\b(?:in |last |this |for |from |of |during )(?P<month>{_MONTH})\b", _I), _month),
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
