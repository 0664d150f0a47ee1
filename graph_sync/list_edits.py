"""Edits in the lists people work in: noticed by delta, each handed to casework with the mail of whoever made it.

A delta names no editor and shows the latest state alone: what changed is read from the item's versions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import msgspec

from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import mail_of
from casework.each import each
from casework.errors import NeedsAttention, TryLater
from casework.etags import is_same_state
from casework.ports import Fields, LastSeen, ListItem
from graph_sync.delta import Item, pull, save_link, start_of
from graph_sync.editors import application_of
from graph_sync.graph import Graph
from graph_sync.items_seen import note_deleted
from graph_sync.list_history import Editor, SavedItem, Version, history, identity_key
from graph_sync.places import APPLICATION, SITE, keep_places, list_key, place_or_none
from graph_sync.site_people import SitePeople

READS = 3
"""An item that changes while its versions are read is read again; this often."""


@dataclass(frozen=True, kw_only=True)
class Copies:
    """Items of a list that are copies of ours."""

    known: Callable[[Work], Mapping[str, LastSeen]]
    """Those the record knows, as they were last seen."""
    among: Callable[[Work, Mapping[str, Fields]], Set[str]]
    """Which of some items, by their ids, are copies."""
    take: Callable[[Work, ListItem], bool]
    """One of them as it is now; whether somebody wrote there."""
    forget: Callable[[Work, Set[str]], int]
    """Some that were deleted."""


@dataclass(frozen=True, kw_only=True)
class EditedList:
    """A list people work in, and what casework does with an edit and with items that are gone."""

    source: str
    name: str
    known: Callable[[Work], Mapping[str, LastSeen]]
    """The items the record has there by their ids, as they were last seen."""
    take: Callable[[Work, ListItem], bool]
    """Whether it was somebody's edit; our own writes are known by eTag."""
    put_back: Callable[[Work, Set[str]], int]
    """Items that were deleted."""
    copies: Copies | None = None
    """Where every item the record knows was made by this application, and others are nothing to us unless they are
    copies of one; None: whatever is added may be somebody's, and each is read.
    """


async def pull_edits(desk: Desk, graph: Graph, edited: EditedList) -> int:
    """Take the edits people made since the last pull; returns how many items they made them in."""
    start = await desk.run(SYSTEM, start_of, edited.source)
    list_id, site = start.places.get(list_key(edited.name)), start.places.get(SITE)
    if list_id is None or site is None:
        return 0
    known = await desk.run(SYSTEM, edited.known)
    here = ("sites", site, "lists", list_id, "items")
    query = {"$expand": "fields"} if edited.copies else None
    changes = await pull(graph, graph.url(*here, "delta", query=query), start.link, EditedItem)
    if changes.is_nothing and start.is_fresh(desk.clock.now()):
        return 0
    people = SitePeople(desk, graph)
    others = {i.id: i.fields or {} for i in changes.present if i.id not in known}
    beside = await desk.run(SYSTEM, _beside, edited.copies, others)

    async def read(item_id: str) -> ListItem | None:
        item, seen = changes.items[item_id], known.get(item_id) or beside.get(item_id)
        if item_id not in known and item_id not in beside:
            return None  # somebody else's, and nothing to us: a list may hold thousands
        if seen is not None and item.etag and is_same_state(item.etag, seen.etag):
            return None
        if edited.copies and item_id in known:
            await learn_who_we_are(desk, item.created_by)
        return await read_history(desk, graph, people, graph.url(*here, item_id), seen)

    found = await each((item.id for item in changes.present), read)
    items = [item for item in found.brought.values() if item is not None]
    gone = changes.deleted | (known.keys() - {i.id for i in changes.present} if changes.is_whole else set())
    link = None if found.failed else changes.link
    edits = await desk.run(SYSTEM, _take, edited, list_id, changes.deleted, link, items, gone)
    found.complain()
    return edits


class EditedItem(Item):
    """What a list's delta says of an item: enough to know whether it is as it was."""

    etag: str = msgspec.field(default="", name="eTag")
    created_by: dict[str, Any] | None = msgspec.field(default=None, name="createdBy")
    fields: dict[str, Any] | None = None


def _beside(work: Work, copies: Copies | None, others: Mapping[str, Fields]) -> dict[str, LastSeen | None]:
    """Of the items the record does not know as its own, those to be read, as they were last seen."""
    if copies is None:
        return dict.fromkeys(others)
    known = copies.known(work)
    return {**dict.fromkeys(copies.among(work, others)), **{i: known[i] for i in others if i in known}}


async def learn_who_we_are(desk: Desk, made_by: Mapping[str, Any] | None) -> None:
    """What we made names us by the id Graph knows us by: a managed identity is told its own nowhere else."""
    own = application_of(made_by)
    if own and own != await desk.run(SYSTEM, place_or_none, APPLICATION):
        await desk.run(SYSTEM, keep_places, {APPLICATION: own})


def _take(
    work: Work, edited: EditedList, list_id: str, deleted: Set[str], link: str | None, items: Sequence[ListItem],
    gone: Set[str],
) -> int:  # fmt: skip
    """Without a link the same changes come again: what was taken is known by its eTag."""
    note_deleted(work, list_id, deleted)
    if link is not None:
        save_link(work, edited.source, link, has_news=bool(items or deleted))
    if edited.copies is None:
        return sum(edited.take(work, item) for item in items) + edited.put_back(work, gone)
    own = edited.known(work)
    edits = sum(edited.take(work, item) if item.id in own else edited.copies.take(work, item) for item in items)
    return edits + edited.copies.forget(work, deleted) + edited.put_back(work, gone)


async def read_history(
    desk: Desk, graph: Graph, people: SitePeople, url: str, seen: LastSeen | None
) -> ListItem | None:
    """The item at that address with every edit since it was seen; None where it is there no more."""
    read = await read_versions(graph, url)
    if read is None:
        return None
    item, versions = read
    return history(item, versions, seen, await editors_of(desk, people, item, versions))


async def read_versions(graph: Graph, url: str) -> tuple[SavedItem, list[Version]] | None:
    """The item at that address and its versions; None where it is there no more.

    Read before and after its versions: what was saved in between would be missing from one of them.
    """
    item = await _item(graph, url)
    for _ in range(READS):
        versions = await _versions(graph, url)
        again = await _item(graph, url)
        if item is None or again is None:
            return None
        if is_same_state(item.etag, again.etag):
            return again, versions
        item = again
    raise TryLater("An item of a list is being changed just now; it is read again later.", 1.0)


async def _item(graph: Graph, url: str) -> SavedItem | None:
    answer = await graph.get(f"{url}?$expand=fields", may_miss=True)
    return None if answer is None else msgspec.json.decode(answer.content, type=SavedItem)


async def _versions(graph: Graph, url: str) -> list[Version]:
    """Every version there is; none where Graph gives none of them."""
    try:
        pages = [page async for page in graph.pages(f"{url}/versions?$expand=fields")]
    except NeedsAttention:
        return []
    return [msgspec.convert(version, Version) for page in pages for version in page["value"]]


async def editors_of(
    desk: Desk, people: SitePeople, item: SavedItem, versions: Sequence[Version]
) -> dict[tuple[str, str, str, str], Editor]:  # fmt: skip
    """Who saved the item and its versions, by `identity_key`."""
    keys = {identity_key(v.last_modified_by, v.fields) for v in versions}
    keys |= {identity_key(item.last_modified_by, item.fields), item.maker_key}
    own = await desk.run(SYSTEM, place_or_none, APPLICATION)
    return {key: await _editor(desk, people, own, key) for key in keys}


async def _editor(desk: Desk, people: SitePeople, own: str | None, key: tuple[str, str, str, str]) -> Editor:
    application, mail, object_id, number = key
    if application and application == own:
        return Editor(mail="", is_us=True)
    named = mail or (await desk.run(SYSTEM, _mail_of, object_id) if object_id else "")
    is_nobody = not named and not application and not object_id
    return Editor(mail=named or (await people.mail_of(number) if number and is_nobody else ""))


def _mail_of(work: Work, object_id: str) -> str:
    return mail_of(work, object_id) or ""
