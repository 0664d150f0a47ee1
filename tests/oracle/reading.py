"""Days, amounts and times out of what people read, each found strictly: what is not understood counts as wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_WEEKDAY = r"(?:\b(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?,?\s+)?"
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b"
)
_SPOKEN = re.compile(_WEEKDAY + r"\b(\d{1,2})\s+" + _MONTH + r"(?:\s+(\d{4}))?", re.IGNORECASE)
_WRITTEN = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b|\b(\d\d)/(\d\d)/(\d{4})\b")
_AMOUNT = re.compile(r"([-−])?£\s?(\d[\d,]*)(?:\.(\d\d))?(?![\d.]*\d)")
_TIME = re.compile(r"\b(\d{1,2})(?:[:.](\d\d))?\s?(am|pm)\b|\b(\d{1,2}):(\d\d)\b", re.IGNORECASE)


class Unreadable(ValueError):
    """A day that is none, or of another weekday than it says."""


def days_in(text: str, near: date) -> set[date]:
    """Every day that is named; without a year it is the nearest to `near` of that weekday. Raises `Unreadable`."""
    return set(_days(text, near))


def _days(text: str, near: date) -> Iterator[date]:
    for match in _SPOKEN.finditer(text):
        weekday, number, month, year = match.groups()
        found = _candidates(int(number), MONTHS.index(month.lower()[:3]) + 1, int(year) if year else None, near)
        if weekday:
            found = [d for d in found if WEEKDAYS[d.weekday()] == weekday.lower()[:3]]
        if not found:
            raise Unreadable(f"'{match[0].strip()}', which is no day of the calendar")
        yield min(found, key=lambda d: abs(d - near))
    for match in _WRITTEN.finditer(text):
        y, m, d = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
        found = _candidates(int(d), int(m), int(y), near)
        if not found:
            raise Unreadable(f"'{match[0]}', which is no day of the calendar")
        yield found[0]


def _candidates(number: int, month: int, year: int | None, near: date) -> list[date]:
    found = []
    for one in [year] if year else [near.year - 1, near.year, near.year + 1]:
        with suppress(ValueError):
            found.append(date(one, month, number))
    return found


def pence_in(text: str) -> set[int]:
    """Every amount in pounds, as pence."""
    found = set()
    for sign, whole, rest in _AMOUNT.findall(text):
        pence = int(whole.replace(",", "")) * 100 + int(rest or 0)
        found.add(-pence if sign else pence)
    return found


def times_in(text: str) -> set[str]:
    """Every time of day, as `13:30`."""
    found = set()
    for hour, minute, half, hour24, minute24 in _TIME.findall(text):
        if half:
            found.add(f"{int(hour) % 12 + 12 * (half.lower() == 'pm'):02d}:{minute or '00'}")
        else:
            found.add(f"{int(hour24):02d}:{minute24}")
    return found


def requests_in(text: str) -> set[str]:
    """Every request's number."""
    return set(re.findall(r"\bR-\d{4}-\d{4}\b", text))


def lines_about(text: str, about: str) -> list[str]:
    """The lines and sentences that speak of something (a regular expression, capitals or not)."""
    parts = [p for line in text.splitlines() for p in re.split(r"(?<=[a-z\d)”\"])[.;!?]\s+(?=[A-Z£])", line)]
    return [p for p in parts if re.search(about, p, re.IGNORECASE)]


def without_as_of(text: str) -> str:
    """Less the line that says when it was asked."""
    return re.sub(r"(?im)^\s*as of .*$", "", text)
