"""The county's term dates, from a file a clerk can edit."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files

from communities.calendars import SchoolYear, Term


def load_school_years() -> dict[str, SchoolYear]:
    """Academic year to its terms, from `manifests/calendar/term-dates.json`."""
    raw = json.loads((files("manifests") / "calendar" / "term-dates.json").read_text("utf-8"))
    return {
        year: SchoolYear(
            academic_year=year,
            terms=tuple(
                Term(number=n, first_day=date.fromisoformat(first), last_day=date.fromisoformat(last))
                for n, (first, last) in enumerate(terms, 1)
            ),
        )
        for year, terms in raw["terms"].items()
    }
