"""Telling a request sent twice from two requests. A probable duplicate is held for the clerk, never dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from communities.requests import Submission

T = TypeVar("T")

CLERK_DECIDES = "The clerk decides."

WINDOW = timedelta(days=28)
"""A choice: the same person, school and text again within four weeks is probably a duplicate."""


def fingerprint(submission: Submission) -> str:
    """Alike for the same sender, school and 'Solution required', whatever the spacing and case."""
    parts = (
        submission.sender.casefold(),
        submission.school,
        " ".join(submission.solution.casefold().split()),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def duplicate_of(submitted_at: datetime, earlier: Iterable[tuple[T, datetime]]) -> tuple[T, timedelta] | None:
    """The first response alike that came within `WINDOW` of this one, and how far apart they are; None where none did.

    `earlier` are all that came before with the same fingerprint, those on hold included, each with when it was sent.
    """
    apart = ((known, abs(submitted_at - sent_at)) for known, sent_at in earlier)
    return next(((known, by) for known, by in apart if by <= WINDOW), None)


def duplicate_sentence(of: str, apart: timedelta) -> str:
    """Why a response is on hold; `of` names the one it repeats."""
    return f"The same person, school and text as {of}, {_spoken(apart)} apart: probably a duplicate. {CLERK_DECIDES}"


def _spoken(apart: timedelta) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if apart.total_seconds() >= size:
            count = round(apart.total_seconds() / size)
            return f"{count} {unit}" + ("" if count == 1 else "s")
    return "less than a minute"
