"""Minutes that people edit in Word, in their libraries: looked at now and then, read version by version if changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.each import each
from casework.errors import FileTooLarge, NeedsAttention
from casework.etags import etag_number
from casework.masking import masked_minutes
from casework.minutes_reading import GONE, LastRead, Watched, last_read, minutes_gone, take_minutes, watched_minutes
from casework.ports import PAPER_BYTES
from graph_sync.editors import application_of, mail_of_editor
from graph_sync.file_versions import versions_of
from graph_sync.files_found import KnownFile, found_together
from graph_sync.graph import Graph
from graph_sync.minutes_history import SavedVersion, history
from graph_sync.names import file_path
from graph_sync.places import drive_key, place
from papers.minutes_changes import units_of
from papers.minutes_reading import MinutesUnreadable, read_minutes
from papers.wording import wording_hash

Json = Mapping[str, Any]
FIRST_VERSION = "1.0"
"""What SharePoint calls it; one of another name came after some that are gone."""


async def pull_minutes(desk: Desk, graph: Graph) -> int:
    """Read the minutes that were edited since they were filed or last read; returns how many."""
    watched = await desk.run(SYSTEM, _filed)
    known = [KnownFile(drive=w.drive, path=w.path, item_id=w.item_id) for w in watched]
    answers = dict(zip(watched, await found_together(graph, known), strict=True))

    async def take(one: _Filed) -> bool:
        if answers[one].status == 404:
            await desk.run(SYSTEM, minutes_gone, one.minutes)
            return False
        found = graph.checked(answers[one]).json()
        if found["cTag"] in (one.tag, one.minutes.etag) and one.minutes.etag != GONE:
            return False
        last = await desk.run(
            SYSTEM, last_read, one.minutes, found["id"], one.tag if found["id"] == one.item_id else ""
        )
        return await _File(desk, graph, one, found["id"]).take(found, last)

    taken = await each(watched, take)
    taken.complain()
    return sum(taken.brought.values())


@dataclass(frozen=True, kw_only=True)
class _Filed:
    """Minutes with their drive, path and item, and the tag it had when the desk filed it."""

    minutes: Watched
    drive: str
    path: str
    item_id: str
    tag: str


def _filed(work: Work) -> list[_Filed]:
    files, found = tables.graph_files, []
    for minutes in watched_minutes(work):
        path = f"Minutes/{minutes.name}"
        row = work.conn.execute(
            select(files).where(files.c.library == minutes.community, files.c.path == path)
        ).one_or_none()
        if row is not None:
            drive = place(work, drive_key(minutes.community))
            found.append(
                _Filed(minutes=minutes, drive=drive, path=file_path(path), item_id=row.item_id, tag=row.content_tag)
            )
    return found


class _File:
    """One file of minutes with its versions."""

    def __init__(self, desk: Desk, graph: Graph, filed: _Filed, item_id: str) -> None:
        self._desk, self._graph, self._minutes = desk, graph, filed.minutes
        self._drive, self._item_id = filed.drive, item_id
        self._is_anew = item_id != filed.item_id
        self._url = graph.url("drives", filed.drive, "items", item_id)

    async def take(self, item: Json, last: LastRead) -> bool:
        """Whether it says something that was not read before. What changes while it is read is read the next time."""
        versions = await self._versions()
        try:
            content = await self._graph.download(f"{self._url}/content", PAPER_BYTES)
        except FileTooLarge as error:
            seen = replace(last, etag=item["cTag"])
            await self._desk.run(SYSTEM, take_minutes, self._minutes.meeting_id, (), seen, item["cTag"], str(error))
            return True
        if [v["id"] for v in await self._versions()] != [v["id"] for v in versions]:
            return False
        wording = await asyncio.to_thread(wording_hash, content)
        newest = versions[0]["id"] if versions else ""
        if wording == last.wording and newest in ("", last.version):
            same = replace(last, etag=item["cTag"])
            await self._desk.run(SYSTEM, take_minutes, self._minutes.meeting_id, (), same, item["cTag"])
            return False
        mails = [await mail_of_editor(self._desk, v.get("lastModifiedBy")) for v in versions]
        start = _start(versions, mails, last)
        is_whole = start is not None and len(versions) > 1
        if start is None and self._is_anew and versions and await self._is_whole_anew(item, versions, mails):
            start, is_whole, last = len(versions) - 1, True, replace(last, by=mails[-1])
        saved = await self._saved(item, versions[: (start or 0) + 1], mails, content)
        found = history(saved, last, is_whole=is_whole, is_one_save=_is_next(item["cTag"], last.etag))
        now = replace(last, version=found.version, by=found.by, units=found.units)
        now = now if found.problem else replace(now, etag=item["cTag"], wording=wording)
        await self._desk.run(
            SYSTEM, take_minutes, self._minutes.meeting_id, found.saves, now, item["cTag"], found.problem
        )
        return bool(found.saves or found.problem)

    async def _versions(self) -> list[dict[str, Any]]:
        """The newest first; none where Graph gives none of them."""
        try:
            return await versions_of(self._graph, self._drive, self._item_id)
        except NeedsAttention:
            return []

    async def _saved(
        self, item: Json, versions: Sequence[Json], mails: Sequence[str], content: bytes
    ) -> list[SavedVersion]:
        """These versions, which come the newest first, the oldest first. Microsoft gives the content of the newest by
        the file itself alone (OneDrive/onedrive-api-docs 1112).
        """
        by = next(filter(None, [*mails[:1], await mail_of_editor(self._desk, item.get("lastModifiedBy"))]), "")
        saved = [await self._read(versions[0]["id"] if versions else "", by, content)]
        for version, mail in list(zip(versions, mails, strict=False))[1:]:
            saved.append(await self._older(version["id"], mail))
        return saved[::-1]

    async def _older(self, version: str, by: str) -> SavedVersion:
        try:
            content = await self._graph.download(f"{self._url}/versions/{version}/content", PAPER_BYTES)
        except FileTooLarge as error:
            return SavedVersion(id=version, by=by, units=None, problem=str(error))
        return await self._read(version, by, content)

    async def _is_whole_anew(self, item: Json, versions: Sequence[Json], mails: Sequence[str]) -> bool:
        """Whether these are all there ever were of a file somebody put there anew: its first is theirs, as if they had
        filed it. One alone may be all that a library shows that keeps none: it is theirs where they made the file and
        its tag leaves room for SharePoint's own writing only.
        """
        if len(versions) > 1 or versions[-1]["id"] != FIRST_VERSION:
            return bool(versions[-1]["id"] == FIRST_VERSION)
        maker = await mail_of_editor(self._desk, item.get("createdBy"))
        return maker == mails[-1] and (etag_number(item["cTag"]) or 3) <= 2

    async def _read(self, version: str, by: str, content: bytes) -> SavedVersion:
        try:
            written = await asyncio.to_thread(read_minutes, content, self._minutes.titles)
        except MinutesUnreadable as error:
            return SavedVersion(id=version, by=by, units=None, problem=str(error))
        kept = await self._desk.run(SYSTEM, masked_minutes, self._minutes.community, written)
        return SavedVersion(id=version, by=by, units=units_of(kept))


def _start(versions: Sequence[Json], mails: Sequence[str], last: LastRead) -> int | None:
    """Which was read last, or is the newest that this application filed; None where neither is among them."""
    if last.version:
        return next((n for n, v in enumerate(versions) if v["id"] == last.version), None)
    ours = (n for n, v in enumerate(versions) if application_of(v.get("lastModifiedBy")) and not mails[n])
    return next(ours, None)


def _is_next(tag: str, before: str) -> bool:
    """Whether the content was saved once since."""
    number, known = etag_number(tag), etag_number(before)
    return number is not None and known is not None and number - known == 1
