"""Delta: everything that changed since the last link, each thing once, in its latest state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import select

from casework import tables
from casework.desk import Work, insert_or_replace
from casework.errors import NeedsAttention
from graph_sync.graph import Graph, Resync
from graph_sync.patience import Failed
from graph_sync.places import all_places

RESYNCS = 3
"""A fresh enumeration may be told to begin anew as well; this often."""


class Item(msgspec.Struct):
    """What every item of a delta has."""

    id: str
    deleted: Any = None


ItemT = TypeVar("ItemT", bound=Item)


class Page(msgspec.Struct, Generic[ItemT]):
    """A page of a delta, its items decoded into what is read of them."""

    value: list[ItemT]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")
    delta_link: str | None = msgspec.field(default=None, name="@odata.deltaLink")


@dataclass(frozen=True, kw_only=True)
class Changes(Generic[ItemT]):
    """What a pull brought."""

    items: dict[str, ItemT]
    """By id; the last occurrence counts."""
    link: str
    """Where to go on next time."""
    is_whole: bool
    """Everything there is: what is not in `items` is not there any more."""

    @property
    def is_nothing(self) -> bool:
        """Nothing changed since the link, which goes on as it was."""
        return not self.items and not self.is_whole

    @property
    def present(self) -> list[ItemT]:
        """The items that are there, without those that were deleted."""
        return [item for item in self.items.values() if item.deleted is None]

    @property
    def deleted(self) -> set[str]:
        """The ids of those that were deleted, as far as Graph says so."""
        return {key for key, item in self.items.items() if item.deleted is not None}


async def pull(graph: Graph, start: str, link: str | None, kind: type[ItemT]) -> Changes[ItemT]:
    """Follow the pages from the saved link, or from the beginning where there is none or it is gone.

    Both forms of 410 end alike: everything is enumerated from the address Graph gives, or from our own where it gives
    none. A link that cannot be followed, however often it was tried (`patiently`), is given up for our own address as
    well. What the record holds and the enumeration does not is the caller's to judge (`is_whole`).
    """
    where, is_whole = link or start, link is None
    for _ in range(RESYNCS):
        try:
            items, delta_link = await _follow(graph, where, msgspec.json.Decoder(Page[kind]))  # type: ignore[valid-type]
        except Resync as error:
            where, is_whole = error.start or start, True
        except (NeedsAttention, Failed):
            if where == start:
                raise
            where, is_whole = start, True
        else:
            return Changes(items=items, link=delta_link, is_whole=is_whole)
    raise NeedsAttention("Graph asks again and again to enumerate a list anew.")


async def _follow(graph: Graph, start: str, decoder: msgspec.json.Decoder[Page[ItemT]]) -> tuple[dict[str, ItemT], str]:
    items: dict[str, ItemT] = {}
    link: str | None = start
    while link:
        try:
            page = decoder.decode(await graph.page_bytes(link))
        except msgspec.DecodeError as error:
            raise NeedsAttention(f"Graph answered something that is no page of a delta: {error}.") from error
        for item in page.value:
            items.pop(item.id, None)
            items[item.id] = item
        if page.delta_link:
            return items, page.delta_link
        link = page.next_link
    raise NeedsAttention("Graph ended a delta without a delta link.")


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a source was left, and where things lie: all a pull reads before it asks."""

    places: Mapping[str, str]
    link: str | None = None
    content_tag: str | None = None
    saved_at: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether the link may be used once more: where nothing changed, nothing needs to be written."""
        return self.saved_at is not None and timedelta() <= now - self.saved_at < KEEP


KEEP = timedelta(hours=1)
"""A choice: a link is written again at least this often, lest its token grows too old while nothing happens."""


def start_of(work: Work, source: str) -> Start:
    """Where the source was left."""
    links = tables.sync_links
    row = work.conn.execute(select(links).where(links.c.source == source)).one_or_none()
    places = all_places(work)
    if row is None:
        return Start(places=places)
    return Start(places=places, link=row.link, content_tag=row.content_tag, saved_at=row.saved_at)


def save_link(work: Work, source: str, link: str, content_tag: str | None = None, *, has_news: bool = False) -> None:
    """Keep the link, in the transaction of what it brought; with news, when that was."""
    row = {"source": source, "link": link, "content_tag": content_tag, "saved_at": work.now}
    news = {"changed_at": work.now} if has_news else {}
    work.conn.execute(insert_or_replace(work.conn, tables.sync_links, {**row, **news}, ("source",)))
