"""The versions of a file in a library: who saved it, where the file itself no longer says."""

from __future__ import annotations

from typing import Any

from graph_sync.graph import Graph


async def versions_of(graph: Graph, drive: str, item_id: str) -> list[dict[str, Any]]:
    """Id and `lastModifiedBy` of each, the newest first; one alone where the library keeps none."""
    url = graph.url("drives", drive, "items", item_id, "versions", query={"$select": "id,lastModifiedBy"})
    return [version async for page in graph.pages(url) for version in page["value"]]
