"""Minutes that people edit in Word, in their libraries: looked at now and then, read where they changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import mail_of
from casework.minutes_reading import (
    Watched,
    WordFile,
    not_read,
    says_nothing_new,
    take_minutes,
    watched_minutes,
)
from graph_sync.batch import get_together
from graph_sync.editors import person_of
from graph_sync.file_versions import versions_of
from graph_sync.graph import Graph
from graph_sync.places import drive_key, place
from papers.minutes_reading import MinutesUnreadable, read_minutes
from papers.wording import wording_hash


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
        taken += await _read(desk, graph, minutes, drive, content, found)
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


async def _read(
    desk: Desk, graph: Graph, minutes: Watched, drive: str, content: bytes, item: Mapping[str, Any]
) -> bool:
    """Whether it says something that was not read before: SharePoint changes a file, and its tag, by itself."""
    file = WordFile(etag=item["cTag"], wording=await asyncio.to_thread(wording_hash, content))
    if await desk.run(SYSTEM, says_nothing_new, minutes.meeting_id, file):
        return False
    try:
        written = await asyncio.to_thread(read_minutes, content, minutes.titles)
    except MinutesUnreadable as error:
        await desk.run(SYSTEM, not_read, minutes.meeting_id, file, str(error))
        return True
    by = await desk.run(SYSTEM, _mail, await _editor(graph, drive, item))
    await desk.run(SYSTEM, take_minutes, minutes.meeting_id, written, by, file)
    return True


async def _editor(graph: Graph, drive: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The person who saved it last: by its versions where SharePoint wrote into it since, in a name of its own."""
    if person := person_of(item.get("lastModifiedBy")):
        return person
    saved = [person_of(v.get("lastModifiedBy")) for v in await versions_of(graph, drive, item["id"])]
    return next(filter(None, saved), {})


def _mail(work: Work, person: Mapping[str, Any]) -> str:
    return str(person.get("email") or mail_of(work, person.get("id", "")) or "")
