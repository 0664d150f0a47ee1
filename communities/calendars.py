"""Days: which are working days, which financial and academic year a day lies in, the terms of a year.

Europe/London is the zone of every date people see; moments in the record are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")


@lru_cache(maxsize=32)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year).keys())


def easter_monday(year: int) -> date:
    """England's bank holiday of that name."""
    known = holidays.country_holidays("GB", subdiv="ENG", years=year)
    return next(day for day, name in known.items() if name == "Easter Monday")


def is_working_day(day: date) -> bool:
    """Monday to Friday without England's bank holidays (induction slides; school holidays do count)."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def next_working_day(day: date) -> date:
    """The day itself where it is one, else the next."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def day_off_problems(day: date) -> Iterator[str]:
    """Why nobody meets on that day, with the next that would do; nothing for a working day."""
    if not is_working_day(day):
        why = "at a weekend" if day.weekday() >= 5 else "a bank holiday"
        yield f"{day:%A %-d %B %Y} is {why}. Choose a working day, for example {next_working_day(day):%A %-d %B %Y}."


def london(moment: datetime) -> datetime:
    """An aware moment as London's wall clock shows it."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(LONDON)


def spoken_time(moment: datetime) -> str:
    """London's clock as people say it: `2pm`, `9.30am`, `midday`."""
    at = london(moment)
    if (at.hour, at.minute) == (12, 0):
        return "midday"
    return f"{at:%-I}" + (f".{at:%M}" if at.minute else "") + ("am" if at.hour < 12 else "pm")


def at_london(day: date, at: time) -> datetime:
    """London's wall clock on `day` at `at`, as UTC."""
    return datetime.combine(day, at, LONDON).astimezone(UTC)


@dataclass(frozen=True, kw_only=True, order=True)
class Closing:
    """When something stops counting: with the end of its last day, by London's clock (a choice).

    Neither a date nor a moment, so that nobody prints the midnight after as a day: `last_day` is what people read,
    `at` what the record compares.
    """

    last_day: date

    @classmethod
    def ending(cls, at: datetime) -> Closing:
        """The closing whose `at` is that moment. Raises `ValueError` where it isn't London's midnight."""
        local = london(at)
        if local.time() != time(0):
            raise ValueError(f"{local} is not the end of a day")
        return cls(last_day=local.date() - timedelta(days=1))

    @property
    def at(self) -> datetime:
        """The first moment that counts no more, UTC."""
        return at_london(self.last_day + timedelta(days=1), time(0))

    def is_over(self, moment: datetime) -> bool:
        """Whether it had closed by that moment."""
        return self.at <= moment

    def __str__(self) -> str:
        return f"the end of {self.last_day:%A %-d %B %Y}"


def academic_year(day: date) -> str:
    """September to August, as `2026-27`."""
    first = day.year if day.month >= 9 else day.year - 1
    return spoken_year(first)


_YEAR = re.compile(r"(\d{4}) ?[-/\u2010-\u2014] ?(\d{4}|\d{2})", re.ASCII)
_YEAR_IN = re.compile(rf"(?<![\d/.-]){_YEAR.pattern}(?![\d/-]|\.\d)", re.ASCII)


class NotAYear(ValueError):
    """What is written is no academic year; the sentence says why."""


def read_academic_year(written: str) -> str:
    """`2026-27`, `2026/27` or `2026-2027` as `2026-27`. Raises `NotAYear`, also where the two parts do not follow."""
    found = _YEAR.fullmatch(" ".join(written.split()))
    if found is None:
        raise NotAYear(f"'{written[:20]}' is not an academic year like 2026-27.")
    first, follows = int(found[1]), f"{int(found[1]) + 1:04d}"
    if found[2] not in (follows, follows[2:]):
        raise NotAYear(f"'{found[0]}' is not an academic year; its two parts must follow each other, like 2026-27.")
    return spoken_year(first)


def year_of_sheet(cells: Iterable[str]) -> str:
    """The academic year a sheet names in its cells: beside the words 'academic year' before anywhere else.

    Raises `NotAYear` where there is none, or where the two parts of the one it names do not follow.
    """
    texts = [text for text in cells if any(years_in(text))]
    for year in (year for text in texts if "academic year" in text.casefold() for year in years_in(text)):
        return read_academic_year(year)
    wrong: NotAYear | None = None
    for year in (year for text in texts for year in years_in(text)):
        try:
            return read_academic_year(year)
        except NotAYear as error:
            wrong = wrong or error
    raise wrong or NotAYear("no academic year is named (a row like '2025-26 Academic Year Budget').")


def years_in(text: str) -> Iterator[str]:
    """What is written like an academic year in a text, as it stands there; a date like 2026-09-01 is not."""
    return (match[0] for match in _YEAR_IN.finditer(text))


def spoken_year(first: int) -> str:
    """`2026` as `2026-27`."""
    return f"{first}-{(first + 1) % 100:02d}"


def financial_years(academic: str) -> tuple[str, str]:
    """The two financial years (April to March) an academic year lies in: `2026-27` -> (`2026-27`, `2027-28`)."""
    first = int(academic[:4])
    return academic, spoken_year(first + 1)


@dataclass(frozen=True, kw_only=True)
class Term:
    """One of the six terms of a school year; both days are school days."""

    number: int
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True)
class SchoolYear:
    """The terms of an academic year, in order."""

    academic_year: str
    terms: tuple[Term, ...]

    def school_weeks(self, term: Term) -> Iterator[date]:
        """The Mondays of the weeks that hold a day of the term."""
        monday = term.first_day - timedelta(days=term.first_day.weekday())
        while monday <= term.last_day:
            yield monday
            monday += timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class WorkingDays:
    """How the clocks count: Monday to Friday without bank holidays, and without the holidays of `school_years`.

    Days outside the given years count by the week alone, so that a clock never runs for ever.
    """

    school_years: tuple[SchoolYear, ...] = ()
    """Their holidays count for no clock; empty by default."""
    schools_own: tuple[SchoolYear, ...] = ()
    """Their holidays count for no clock that gives people at schools time (docs/decisions, 'School holidays')."""

    @property
    def at_schools(self) -> WorkingDays:
        """As they count for people at schools."""
        return WorkingDays(school_years=self.school_years or self.schools_own)

    def is_one(self, day: date) -> bool:
        """Whether the day counts."""
        if not is_working_day(day):
            return False
        terms = [t for y in self.school_years if y.academic_year == academic_year(day) for t in y.terms]
        return not terms or any(t.first_day <= day <= t.last_day for t in terms)

    def before(self, day: date, count: int) -> date:
        """The day `count` working days before `day`; `day` itself is not counted."""
        return self._step(day, count, -1)

    def after(self, day: date, count: int) -> date:
        """The day `count` working days after `day`; `day` itself is not counted."""
        return self._step(day, count, 1)

    def _step(self, day: date, count: int, direction: int) -> date:
        while count:
            day += timedelta(days=direction)
            count -= self.is_one(day)
        return day


WEEKDAYS = WorkingDays()
"""The slides' working days: school holidays count."""
