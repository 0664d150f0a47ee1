"""The county's term dates: those that came with CoS Desk, and the county's own file, which wins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path

from communities.calendars import SchoolYear, Term, read_academic_year

TERMS = 6
"""Six terms a year (slides)."""


class TermDatesUnreadable(ValueError):
    """The county's file cannot be read; the sentence says what is wrong in it."""


def load_school_years(own: Path | None = None) -> dict[str, SchoolYear]:
    """Academic year to its terms, from `manifests/calendar/term-dates.json` and a file of the same format.

    Raises `TermDatesUnreadable` with the file and what is wrong in it.
    """
    years = _read((files("manifests") / "calendar" / "term-dates.json").read_text("utf-8"))
    if own is not None:
        try:
            years |= _read(own.read_text("utf-8"))
        except OSError as error:
            raise TermDatesUnreadable(f"The term dates in {own} cannot be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TermDatesUnreadable(
                f"The term dates in {own} cannot be read: {error}. The file holds, for each year, six pairs of days: "
                '{"terms": {"2027-28": [["2027-09-01", "2027-10-15"], ...]}}.'
            ) from error
    return years


def _read(text: str) -> dict[str, SchoolYear]:
    return {year.academic_year: year for year in (_year(*item) for item in json.loads(text)["terms"].items())}


def _year(written: str, terms: Sequence[tuple[str, str]]) -> SchoolYear:
    year = read_academic_year(written)
    days = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in terms]
    flat = [day for pair in days for day in pair]
    if len(days) != TERMS:
        raise ValueError(f"{year} has {len(days)} terms; a year has {TERMS}")
    if flat != sorted(flat):
        raise ValueError(f"the terms of {year} are not one after the other")
    return SchoolYear(
        academic_year=year,
        terms=tuple(Term(number=n, first_day=first, last_day=last) for n, (first, last) in enumerate(days, 1)),
    )
