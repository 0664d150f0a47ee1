"""Which days people can give: when something was done, and by when something is to be done.

Days on which people meet are `meeting_times`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

FURTHEST_YEARS = 2
"""A choice: nobody plans a day further ahead than that; a later one is a slip of a digit."""


def done_problems(what: str, day: date, *, decided_on: date, today: date) -> Iterator[str]:
    """Why KCC can't have done it on that day: between the decision and today. `what` is `The payment`.

    A payment's day is held against the decision and not against the processing, which may be written down later.
    """
    if day > today:
        yield f"{what} is dated {day:%-d %B %Y}, which is in the future. Record it once it was made."
    if day < decided_on:
        yield f"{what} is dated {day:%-d %B %Y}, before the decision on {decided_on:%-d %B %Y}. Check the date."


def sent_problems(day: date, *, closed_on: date, today: date) -> Iterator[str]:
    """Why the papers can't have been sent on that day: between the close of submissions and today."""
    if day > today:
        yield f"{day:%-d %B %Y} is in the future. Record it once the papers were sent."
    if day < closed_on:
        yield f"Submissions closed on {closed_on:%-d %B %Y}, after {day:%-d %B %Y}. Check the day the papers were sent."


def ahead_problems(what: str, day: date, today: date) -> Iterator[str]:
    """Why a day to come can't be meant: not after today, or too far ahead. `what` is `The review date`."""
    if day <= today:
        yield f"{what} {day:%-d %B %Y} must be after today. Choose a later day."
    yield from too_far_problems(what, day, today)


def too_far_problems(what: str, day: date, today: date) -> Iterator[str]:
    """Why a day can't be meant that may be past as well."""
    if (day.year - FURTHEST_YEARS, day.month, day.day) > (today.year, today.month, today.day):
        yield f"{what} {day:%-d %B %Y} is more than {FURTHEST_YEARS} years ahead. Check the year."
