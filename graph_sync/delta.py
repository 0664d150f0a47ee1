"""Delta: everything that changed since the last link, each thing once, in its latest state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import Work, insert_or_replace
from casework.errors import NeedsAttention
from graph_sync.graph import Graph


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Items by id (the last occurrence counts) and the link for next time."""

    items: dict[str, dict[str, Any]]
    link: str


async def pull(graph: Graph, start: str, link: str | None) -> Changes:
    """Follow the pages from the saved link, or from the beginning."""
    items: dict[str, dict[str, Any]] = {}
    async for page in graph.pages(link or start):
        for item in page["value"]:
            items.pop(item["id"], None)
            items[item["id"]] = item
        if delta_link := page.get("@odata.deltaLink"):
            return Changes(items=items, link=delta_link)
    raise NeedsAttention("Graph ended a delta without a delta link.")


def saved_link(work: Work, source: str) -> tuple[str | None, str | None]:
    """The link and content tag a source was left at."""
    links = tables.sync_links
    row = work.conn.execute(select(links).where(links.c.source == source)).one_or_none()
    return (row.link, row.content_tag) if row else (None, None)


def save_link(work: Work, source: str, link: str, content_tag: str | None = None) -> None:
    """Keep the link, in the transaction of what it brought."""
    row = {"source": source, "link": link, "content_tag": content_tag, "saved_at": work.now}
    work.conn.execute(insert_or_replace(work.conn, tables.sync_links, row, ("source",)))
