"""Who somebody is to a request: what the lifecycle's table calls the school, the chair, the clerk …

What they may read is in `reading`, what they may do in `permissions`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import CONSOLE, SYSTEM, Work
from casework.directory_record import directory_of
from communities.directory import Directory, Role
from communities.lifecycle import Who


def who_is(work: Work, row: Any, by: str) -> frozenset[Who]:
    """Everything the person of that mail is to the request; CoS Desk and the console are themselves."""
    if by == SYSTEM:
        return frozenset({Who.DESK})
    if by == CONSOLE:
        return frozenset({Who.ADMINISTRATOR})
    directory = directory_of(work)
    found = {
        Who.SCHOOL: directory.has_interest(by, row.school) or _sent_it(row, by),
        Who.CHAIR: directory.holds(by, Role.CHAIR, row.community),
        Who.CLERK: directory.holds(by, Role.CLERK, row.community),
        Who.MODERATOR: directory.holds(by, Role.MODERATOR),
        Who.ADMINISTRATOR: directory.holds(by, Role.ADMINISTRATOR),
        Who.OTHER_CHAIR: _stands_in(work, directory, row, by),
    }  # fmt: skip
    return frozenset(who for who, is_it in found.items() if is_it)


def _sent_it(row: Any, by: str) -> bool:
    return bool(row.is_verified) and row.sender.casefold() == by.casefold()


def _stands_in(work: Work, directory: Directory, row: Any, by: str) -> bool:
    own, chair = directory.community(row.community), directory.chair_of(row.community)
    if own is None or chair is None or not has_interest(work, row, chair.mail):
        return False
    chaired = (c for c in directory.communities if c.name != own.name and c.community_area == own.community_area)
    return any(directory.holds(by, Role.CHAIR, c.name) for c in chaired) and not has_interest(work, row, by)


def has_interest(work: Work, row: Any, mail: str) -> bool:
    """Whether the request is of that person's own school, or they declared an interest in it."""
    interests = tables.interests
    declared = select(interests.c.mail).where(interests.c.request_id == row.id, interests.c.mail == mail.casefold())
    return directory_of(work).has_interest(mail, row.school) or work.conn.execute(declared).first() is not None
