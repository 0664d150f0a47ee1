"""Who somebody is to a request: what the lifecycle's table calls the school, the chair, the clerk …

Asked at the command, never in a card or a list.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import CONSOLE, SYSTEM, Work
from casework.directory_record import directory_of
from casework.errors import NotAllowed
from communities.directory import COMMUNITY_ROLES, Directory, Role
from communities.lifecycle import Rule, Who


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


COUNTY = (Role.MODERATOR, Role.ADMINISTRATOR, Role.HNFO)


def may_read_school(work: Work, school: str, by: str) -> bool:
    """Whether a school's own figures concern that person: its people, its community's chair and clerk, KCC."""
    directory = directory_of(work)
    runs = {p.of for p in directory.roles_of(by) if p.role in COMMUNITY_ROLES}
    return (
        by in (CONSOLE, SYSTEM)
        or directory.has_interest(by, school)
        or any(p.role in COUNTY for p in directory.roles_of(by))
        or any(str(s.community) in runs for s in directory.schools_named(school))
    )


def check_may(work: Work, row: Any, rule: Rule, by: str) -> None:
    """Raises `NotAllowed`, naming who may, where the person may not make the move."""
    if who_is(work, row, by).isdisjoint(rule.who):
        directory = directory_of(work)
        chair, clerk = directory.chair_of(row.community), directory.clerk_of(row.community)
        named = {
            Who.CHAIR: f"the chair of {row.community}" + (f" ({chair.name})" if chair else ""),
            Who.CLERK: f"its clerk ({clerk.name})" if clerk else "its clerk",
            Who.SCHOOL: row.school,
        }
        who = [named.get(w, w.value) for w in rule.who if w is not Who.OTHER_CHAIR]
        listed = who[0] if len(who) == 1 else f"{', '.join(who[:-1])} or {who[-1]}"
        raise NotAllowed(f"{row.id} can be {rule.move} by {listed} only. Nothing was changed.")
