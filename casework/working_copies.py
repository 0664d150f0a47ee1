"""Items of the working list that the record did not make: a request's item somebody copied, or restored beside the new.

Nothing written there counts, and each says so itself. What else people add there is nothing to us.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import NoReturn

from sqlalchemy import select

from casework import tables
from casework.desk import Desk, Work
from casework.effects import effect
from casework.errors import InputRefused
from casework.ports import Fields, LastSeen, ListItem, Ports
from casework.side_lists import SideList, known_items, put_back_deleted, take_edit, titles_in, write_item
from casework.working_list import KEY, LIST, fields_of


def _copy_of(work: Work, item_id: str, fields: Fields) -> str:
    """The request whose item is another one, and whose number this one's title has; '' for none.

    One of ours that the record only begins to know is no copy: its request has no item yet.
    """
    items, named = tables.list_items, titles_in(fields.get(KEY))
    if not named:  # a list may hold thousands of items of others
        return ""
    known = select(items.c.request_id).where(items.c.request_id.in_(named), items.c.item_id != item_id)
    return str(work.conn.execute(known.order_by(items.c.request_id)).scalars().first() or "")


def copied(work: Work, items: Mapping[str, Fields]) -> Set[str]:
    """Which of these items, that the record does not know, are copies."""
    return {item_id for item_id, fields in items.items() if _copy_of(work, item_id, fields)}


def _refuse(*_: object) -> NoReturn:
    raise InputRefused("A request comes in by the form or in CoS Desk. Nothing written in this item counts.")


COPIES = SideList(
    name=LIST, effect="list.copy", fields_of=fields_of, add=_refuse, change=_refuse, copy_of=_copy_of
)  # fmt: skip


def known_copies(work: Work) -> Mapping[str, LastSeen]:
    """Those that say so already."""
    return known_items(work, LIST)


def take_copy(work: Work, item: ListItem) -> bool:
    """A copy as it came back: it says what it is."""
    return take_edit(work, COPIES, item)


def forget_copies(work: Work, deleted: Set[str]) -> int:
    """Copies somebody deleted, as they were asked to."""
    return put_back_deleted(work, COPIES, deleted)


@effect("list.copy")
async def write_copy(desk: Desk, ports: Ports, subject: str) -> None:
    """Write into a copy that it is one."""
    await write_item(desk, ports, COPIES, subject)
