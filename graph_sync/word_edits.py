"""Minutes that people edit in Word, in their libraries: looked at now and then, read where they changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import mail_of
from casework.minutes_reading import Watched, not_read, take_minutes, watched_minutes
from graph_sync.batch import get_together
from graph_sync.graph import Graph
from graph_sync.places import drive_key, place
from papers.minutes_reading import MinutesUnreadable, read_minutes


async def pull_minutes(desk: Desk, graph: Graph) -> int:
    """Read the minutes that were edited since they were filed or last read; returns how many."""
    watched = await desk.run(SYSTEM, _filed)
    urls = [graph.url("drives", drive, "items", item, query={"$select": "id,cTag,lastModifiedBy"})
            for _, drive, item, _ in watched]  # fmt: skip
    taken = 0
    for (minutes, drive, item, tag), answer in zip(watched, await get_together(graph, urls), strict=True):
        found = answer.json() if answer.status != 404 else None
        if found is None or found["cTag"] in (tag, minutes.etag):
            continue
        content = await graph.download(graph.url("drives", drive, "items", item, "content"))
        await _read(desk, minutes, content, found)
        taken += 1
    return taken


def _filed(work: Work) -> list[tuple[Watched, str, str, str]]:
    """Each with its drive, its item and the tag it had when the desk filed it."""
    files, found = tables.graph_files, []
    for minutes in watched_minutes(work):
        path = f"Minutes/{minutes.name}"
        row = work.conn.execute(
            select(files).where(files.c.library == minutes.community, files.c.path == path)
        ).one_or_none()
        if row is not None:
            found.append((minutes, place(work, drive_key(minutes.community)), row.item_id, row.content_tag))
    return found


async def _read(desk: Desk, minutes: Watched, content: bytes, item: Mapping[str, Any]) -> None:
    try:
        written = await asyncio.to_thread(read_minutes, content, minutes.titles)
    except MinutesUnreadable as error:
        await desk.run(SYSTEM, not_read, minutes.meeting_id, item["cTag"], str(error))
        return
    by = await desk.run(SYSTEM, _editor, item)
    await desk.run(SYSTEM, take_minutes, minutes.meeting_id, written, by, item["cTag"])


def _editor(work: Work, item: Mapping[str, Any]) -> str:
    user = (item.get("lastModifiedBy") or {}).get("user") or {}
    return str(user.get("email") or mail_of(work, user.get("id", "")) or "")
