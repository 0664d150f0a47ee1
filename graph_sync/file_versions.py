"""The versions of a file in a library: who saved it, where the file itself no longer says, and what it said before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from casework.ports import PAPER_BYTES
from graph_sync.graph import Graph


async def versions_of(graph: Graph, drive: str, item_id: str) -> list[dict[str, Any]]:
    """Id, moment and `lastModifiedBy` of each, the newest first; one alone where the library keeps none."""
    query = {"$select": "id,lastModifiedBy,lastModifiedDateTime"}
    url = graph.url("drives", drive, "items", item_id, "versions", query=query)
    return [version async for page in graph.pages(url) for version in page["value"]]


async def content_before(graph: Graph, drive: str, item_id: str, moment: datetime) -> bytes | None:
    """What the file said before that moment; None where no version is known to be older.

    Graph tells seconds alone: what was saved in the moment's own second counts as saved afterwards.
    """
    versions = await versions_of(graph, drive, item_id)
    second = moment.replace(microsecond=0)
    older = (n for n, v in enumerate(versions) if datetime.fromisoformat(v["lastModifiedDateTime"]) < second)
    number = next(older, None)
    if number is None:
        return None
    # Microsoft gives the content of the newest by the file itself alone (OneDrive/onedrive-api-docs 1112)
    version = ("versions", versions[number]["id"]) if number else ()
    return await graph.download(graph.url("drives", drive, "items", item_id, *version, "content"), PAPER_BYTES)
