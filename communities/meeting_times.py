"""When people can meet: the one place for which moment a community's meeting or a surgery can begin at.

Whether the same people meet at that moment already is asked with `overlaps`, by whoever knows their meetings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Protocol

from communities.calendars import SchoolYear, academic_year, at_london, day_off_problems, london, spoken_time

EARLIEST, LATEST = time(8), time(18)
"""People meet within these, by London's clock (a choice: the working day of schools and the council)."""

HOURS = "between {} and {}".format(*(spoken_time(at_london(date(2000, 1, 1), at)) for at in (EARLIEST, LATEST)))
"""The same as people read it."""


class Span(Protocol):
    """Anything with a beginning and an end, both aware."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def overlaps(one: Span, other: Span) -> bool:
    """Whether both run at some moment; one may begin when the other ends."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def hours_problems(what: str, starts_at: datetime, ends_at: datetime) -> Iterator[str]:
    """Why nobody meets then, in sentences: a day off, or outside working hours. `what` is `The meeting`."""
    begins, ends = london(starts_at), london(ends_at)
    yield from day_off_problems(begins.date())
    if begins.time() < EARLIEST or ends.time() > LATEST or ends.date() != begins.date():
        yield f"{what} would run from {spoken_time(starts_at)} to {spoken_time(ends_at)}. Keep it {HOURS}."


def start_problems(
    what: str, starts_at: datetime, ends_at: datetime, now: datetime, years: Sequence[SchoolYear] = ()
) -> Iterator[str]:
    """What stands against a moment that is chosen now: as above, or it has passed, or its school year is not known.

    Once the county's term dates have run out altogether, no year is asked about: nobody is kept from working.
    """
    if starts_at <= now:
        yield f"{london(starts_at):%A %-d %B %Y} at {spoken_time(starts_at)} has passed. Choose a time in the future."
    yield from hours_problems(what, starts_at, ends_at)
    known = [y.academic_year for y in years]
    year = academic_year(london(starts_at).date())
    if year not in known and academic_year(london(now).date()) in known:
        yield (
            f"{london(starts_at):%A %-d %B %Y} is in the school year {year}, whose term dates are not known (known: "
            f"{', '.join(known)}). Choose another day, or ask an administrator to add the term dates."
        )
