"""Whether a community's year is closed: asked by whatever would spend from its budget."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import Work
from casework.errors import InputRefused


def year_row(work: Work, community: str, year: str) -> Any:
    """What is recorded of the year's end, or None."""
    ends = tables.year_ends
    return work.conn.execute(
        select(ends).where(ends.c.community == community, ends.c.academic_year == year)
    ).one_or_none()


def is_closed(work: Work, community: str, year: str) -> bool:
    """Whether nothing is spent from that budget any more."""
    known = year_row(work, community, year)
    return known is not None and known.closed_at is not None


def check_open(work: Work, community: str, year: str) -> None:
    """Raises `InputRefused` where the year's budget is closed."""
    if is_closed(work, community, year):
        raise InputRefused(
            f"The year {year} of {community} is closed, its balance agreed with KCC. Import the budget of the year "
            "that runs, and spend from that."
        )
