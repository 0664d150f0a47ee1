"""Who may make a move on a request, by the lifecycle's table.

Asked at the command, never in a card or a list. Who may read is in `reading`.
"""

from __future__ import annotations

from typing import Any

from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import NotAllowed
from casework.reading import Thing, may_read_request, unreadable
from casework.who import who_is
from communities.lifecycle import Rule, Who


def may_move(work: Work, row: Any, rule: Rule, by: str) -> bool:
    """Whether the person of that mail is one of those who make the move."""
    return not who_is(work, row, by).isdisjoint(rule.who)


def check_may(work: Work, row: Any, rule: Rule, by: str) -> None:
    """Raises `NotAllowed`, naming who may; who may not know of the request hears what is said of none."""
    if not may_read_request(work, Thing.STATUS, row, by):
        raise unreadable(row.id)
    if not may_move(work, row, rule, by):
        raise NotAllowed(who_may(work, row, rule))


def who_may(work: Work, row: Any, rule: Rule) -> str:
    """Who makes the move, by name, for somebody who does not."""
    directory = directory_of(work)
    chair, clerk = directory.chair_of(row.community), directory.clerk_of(row.community)
    named = {
        Who.CHAIR: f"the chair of {row.community}" + (f" ({chair.name})" if chair else ""),
        Who.CLERK: f"its clerk ({clerk.name})" if clerk else "its clerk",
        Who.SCHOOL: row.school,
    }
    who = [named.get(w, w.value) for w in rule.who if w is not Who.OTHER_CHAIR]
    listed = who[0] if len(who) == 1 else f"{', '.join(who[:-1])} or {who[-1]}"
    return f"{row.id} can be {rule.move} by {listed} only. Nothing was changed."
