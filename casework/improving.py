"""Improvements that came of an evaluation: entered by KCC, reported back on the next agenda of whom they concern."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from casework import tables
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of
from casework.errors import InputRefused, NotAllowed
from casework.naming import check_names_nobody
from communities.directory import Area, Role

TEXT_CHARACTERS = 500


def report_improvement(work: Work, text: str, by: str, *, area: str = "", community: str = "") -> str:
    """Keep it, for one community, an area, or the whole county; returns its number.

    Source: slide 'Information sharing': improvements following evaluation are reported back via subsequent meetings.
    """
    directory = directory_of(work)
    if by != CONSOLE and not any(directory.holds(by, r) for r in (Role.MODERATOR, Role.ADMINISTRATOR)):
        raise NotAllowed("Improvements are reported by KCC. Nothing was changed.")
    if area and area not in {a.value for a in Area}:
        raise InputRefused(f"There is no area '{area[:60]}'; there are {', '.join(Area)}.")
    if community and directory.community(community) is None:
        raise InputRefused(f"There is no community '{community[:60]}'.")
    if not text.strip():
        raise InputRefused("Say what was improved.")
    if len(text) > TEXT_CHARACTERS:
        raise InputRefused(f"The text has {len(text)} characters; the limit is {TEXT_CHARACTERS}. Shorten it.")
    check_names_nobody(work, text, "improvement", [community] if community else [])
    number = f"I-{work.today.year}-{work.next_number(f'improvement {work.today.year}'):04d}"
    work.conn.execute(
        insert(tables.improvements).values(
            id=number, area="" if community else area, community=community, text=text.strip(),
            reported_by=by.casefold(), reported_at=work.now,
        )
    )  # fmt: skip
    work.acting(by).journal("report improvement", number, area=area, community=community)
    return number


def improvements_for(work: Work, community: str, since: datetime | None) -> Sequence[Row[Any]]:
    """What concerns a community and was reported after that moment, the oldest first."""
    improvements, known = tables.improvements, directory_of(work).community(community)
    rows = (
        select(improvements)
        .where(improvements.c.community.in_(("", community)))
        .where(improvements.c.area.in_(("", known.community_area.value if known else "")))
        .order_by(improvements.c.id)
    )
    return work.conn.execute(rows if since is None else rows.where(improvements.c.reported_at >= since)).all()
