"""The versions of a file in a library: who saved it, where the file itself no longer says, and what it said before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from casework.desk import Desk
from casework.ports import PAPER_BYTES, Saved
from graph_sync.editors import application_of, mail_of_editor, person_of
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


async def saved_state(desk: Desk, graph: Graph, drive: str, item: dict[str, Any]) -> Saved:
    """The file's tag and its last editor. Where SharePoint's own writing stands there, the versions tell."""
    by = item.get("lastModifiedBy")
    if not person_of(by):
        saves = [v.get("lastModifiedBy") for v in await versions_of(graph, drive, item["id"])]
        by = next((b for b in saves if person_of(b) or application_of(b)), by)
    return Saved(tag=item.get("cTag", ""), by=await mail_of_editor(desk, by))
