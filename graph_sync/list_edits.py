"""Edits in the lists people work in come back by delta: each is handed to casework with the mail of whoever made it."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

import msgspec

from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import mail_of
from casework.ports import ListItem
from graph_sync.delta import Changes, Item, pull, save_link, start_of
from graph_sync.graph import Graph
from graph_sync.places import SITE, list_key


@dataclass(frozen=True, kw_only=True)
class EditedList:
    """A list people work in, and what casework does with an edit and with items that are gone."""

    source: str
    name: str
    known: Callable[[Work], set[str]]
    """The ids of the items the record has there."""
    take: Callable[[Work, ListItem], bool]
    """Whether it was somebody's edit; our own writes are known by eTag."""
    put_back: Callable[[Work, Set[str]], int]
    """Items that were deleted."""


async def pull_edits(desk: Desk, graph: Graph, edited: EditedList) -> int:
    """Take the edits people made since the last pull; returns how many."""
    start = await desk.run(SYSTEM, start_of, edited.source)
    list_id, site = start.places.get(list_key(edited.name)), start.places.get(SITE)
    if list_id is None or site is None:
        return 0
    known = await desk.run(SYSTEM, edited.known) if start.link is None else set()
    url = graph.url("sites", site, "lists", list_id, "items", "delta", query={"$expand": "fields"})
    changes = await pull(graph, url, start.link, EditedItem)
    if changes.is_whole and start.link is not None:  # its token was gone: once more, with what was known before
        known = await desk.run(SYSTEM, edited.known)
        changes = await pull(graph, url, None, EditedItem)
    if changes.is_nothing and start.is_fresh(desk.clock.now()):
        return 0
    return await desk.run(SYSTEM, _take, edited, changes, known)


class EditedItem(Item):
    """What is read of a list's item."""

    etag: str = msgspec.field(default="", name="eTag")
    fields: dict[str, Any] | None = None
    last_modified_by: dict[str, Any] | None = msgspec.field(default=None, name="lastModifiedBy")


def _take(work: Work, edited: EditedList, changes: Changes[EditedItem], known: set[str]) -> int:
    """`known` are the items the record knew before the pull: those written since may be missing from it."""
    save_link(work, edited.source, changes.link, has_news=bool(changes.items))
    edits = sum(edited.take(work, _list_item(work, i)) for i in changes.present if i.fields is not None)
    missing = known - {i.id for i in changes.present} if changes.is_whole else set()
    return edits + edited.put_back(work, changes.deleted | missing)


def item_of(work: Work, raw: dict[str, Any]) -> ListItem:
    """A Graph list item with the mail of who changed it last."""
    return _list_item(work, msgspec.convert(raw, EditedItem))


def _list_item(work: Work, item: EditedItem) -> ListItem:
    user = (item.last_modified_by or {}).get("user") or {}
    mail = user.get("email") or mail_of(work, user.get("id", "")) or ""
    return ListItem(id=item.id, etag=item.etag, fields={**(item.fields or {}), "lastModifiedByMail": mail})
