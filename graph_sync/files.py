"""The port `Files` on document libraries, one a community. A paper that a person edited is never overwritten.

Whether one did is told by what stands in the file and by who saved it last, not by its size, hash or tag: SharePoint
writes into Office files by itself, seconds after an upload (docs/microsoft-facts.md, office-files-rewritten).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import PurePosixPath
from typing import Any

from kiota_abstractions.method import Method
from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.errors import Conflict, FileTooLarge, NeedsAttention
from casework.ports import PAPER_BYTES, Kept, Saved, StoredFile
from graph_sync.editors import application_of, is_applications, is_own
from graph_sync.file_versions import content_before, saved_state, versions_of
from graph_sync.files_found import KnownFile, found_file, path_url
from graph_sync.graph import Graph
from graph_sync.names import file_path
from graph_sync.patience import Locked
from graph_sync.places import drive_key, place
from graph_sync.quick_xor import quick_xor_hash
from papers.encrypted import is_encrypted
from papers.marker import fingerprint, marked, marker_of

BYTES = "application/octet-stream"
LOOKS = 4
"""How often a file that changes between a look and a write is looked at again before the effect waits."""


@dataclass(frozen=True, kw_only=True)
class _Filed:
    """A file as we left it: its tag, what its parts were, and as which application Graph knew us."""

    item_id: str
    content_tag: str = ""
    fingerprint: str = ""
    application: str = ""
    """Only what is not known to be ours has none of these."""


@dataclass(frozen=True, kw_only=True)
class _New:
    """A paper to be filed, with our mark in it."""

    path: str
    """As casework names it, which is how it is remembered."""
    name: str
    """As SharePoint takes it."""
    content: bytes
    fingerprint: str


class _State(Enum):
    """What lies there."""

    SAME = auto()
    """It has the content already."""
    OURS = auto()
    """As we left it."""
    THEIRS = auto()
    """Somebody else made or edited it."""
    ENCRYPTED = auto()
    """A label or a password encrypts it: an application cannot replace it."""


class SharePointFiles:
    """Files of the communities' libraries."""

    def __init__(self, desk: Desk, graph: Graph) -> None:
        self._desk, self._graph = desk, graph

    async def read(self, library: str, path: str, most_bytes: int = PAPER_BYTES) -> bytes | None:
        """The file's content, None where there is no such file; its item is asked, so that a rename cannot mix two up.
        Raises `FileTooLarge`.
        """
        drive, found = await self._found(library, path)
        if found is None:
            return None
        url = self._graph.url("drives", drive, "items", found["id"], "content")
        try:
            return await self._graph.download(url, most_bytes)
        except FileTooLarge as error:
            raise FileTooLarge(error.size, most_bytes, f"'{path}' in {library}") from error

    async def saved(self, library: str, path: str) -> Saved | None:
        """Who saved the file last; None where there is no such file."""
        drive, found = await self._found(library, path)
        return await saved_state(self._desk, self._graph, drive, found) if found is not None else None

    async def read_before(self, library: str, path: str, moment: datetime) -> bytes | None:
        """What the file said before that moment, by its versions; None where they do not tell."""
        drive, found = await self._found(library, path)
        return await content_before(self._graph, drive, found["id"], moment) if found is not None else None

    async def put(self, library: str, path: str, content: bytes) -> StoredFile:
        """The file of that path with that content, unless it is there already: a retry after a crash adds no version.

        A new file is made only where there is none, one of ours replaced only as we left it. What a person edited or
        made stays, as does what is open or protected, and the new version is put beside it (`kept`). A file of ours
        that was renamed is found by id.
        """
        drive = await self._desk.run(SYSTEM, place, drive_key(library))
        new = await asyncio.to_thread(_new, path, content)
        for _ in range(LOOKS):
            with suppress(Conflict):  # it changed between the look and the write: looked at again
                return await self._put(library, drive, new)
        raise Conflict(f"'{path}' in {library} was changed again and again while it was filed.")

    async def _put(self, library: str, drive: str, new: _New) -> StoredFile:
        known = await self._desk.run(SYSTEM, _filed, library, new.path)
        if known is None:
            with suppress(Conflict):  # something of that name is there: looked at below
                return await self._made(library, new, await self._create(drive, new.name, new.content))
        file = KnownFile(drive=drive, path=new.name, item_id=known.item_id if known else "")
        found = await found_file(self._graph, file)
        if found is None:
            return await self._made(library, new, await self._create(drive, new.name, new.content))
        if known is not None and known.item_id == found["id"] and known.fingerprint == new.fingerprint:
            return StoredFile(id=found["id"], web_url=found["webUrl"])  # filed before, whatever people made of it since
        try:
            state = await self._state(drive, found, known, new)
            if state is _State.SAME:
                return await self._made(library, new, found, known)
            if state is _State.OURS and (made := await self._replaced(library, drive, found, new)):
                return await self._made(library, new, made)
        except Locked:
            is_checked_out = await self._is_checked_out(drive, found["id"])
            return await self._beside(drive, new, Kept.CHECKED_OUT if is_checked_out else Kept.OPEN)
        except NeedsAttention:  # of this file: where nothing can be filed at all, neither can the one beside it
            return await self._beside(drive, new, Kept.PROTECTED)
        return await self._beside(drive, new, Kept.PROTECTED if state is _State.ENCRYPTED else Kept.EDITED)

    async def _state(self, drive: str, found: dict[str, Any], known: _Filed | None, new: _New) -> _State:
        is_known = known is not None and known.item_id == found["id"]
        left = known.fingerprint if known is not None and is_known else ""
        is_as_left = known is not None and is_known and _has_tag(found, known.content_tag)
        if is_as_left and left:
            return _State.OURS
        if _is_same(found, new.content):
            return _State.SAME
        try:
            url = self._graph.url("drives", drive, "items", found["id"], "content")
            there = await self._graph.download(url, PAPER_BYTES)
        except FileTooLarge:
            return _State.THEIRS  # no paper of ours is as large
        by_us = is_as_left or (known is not None and is_own(found.get("lastModifiedBy"), known.application))
        return await asyncio.to_thread(_compared, there, left, by_us, new)

    async def _replaced(self, library: str, drive: str, found: dict[str, Any], paper: _New) -> dict[str, Any] | None:
        """The file with the new content; None where that covered what a person saved meanwhile, which is there again.

        `If-Match` is refused at times though the tag is right, and no page says that it counts here: so the versions
        are looked at before and after. One that came in between is made the newest again.
        """
        url = self._graph.url("drives", drive, "items", found["id"])
        before = [v["id"] for v in await versions_of(self._graph, drive, found["id"])]
        now = await self._unchanged(drive, found)
        try:
            made = await self._write(drive, f"{url}/content", paper.content, now["eTag"])
        except Conflict:
            await self._unchanged(drive, found)
            made = await self._write(drive, f"{url}/content", paper.content, None)
        new = [v for v in await versions_of(self._graph, drive, found["id"]) if v["id"] not in before]
        theirs = [v for v in new if not is_applications(v.get("lastModifiedBy"))]
        if len(new) < 2 or not theirs:  # the one that is new is ours
            return made
        await self._desk.run(SYSTEM, _remember, library, paper.path, _Filed(item_id=found["id"]))
        if theirs[0] is not new[0]:
            restore = f"{url}/versions/{theirs[0]['id']}/restoreVersion"
            await self._graph.write(Method.POST, restore, None, is_harmless=True)
        return None

    async def _unchanged(self, drive: str, found: dict[str, Any]) -> dict[str, Any]:
        """The file, where nobody saved it since it was found; else `Conflict`."""
        now = await self._item_by_id(drive, found["id"])
        if now is None or not _has_tag(now, found.get("cTag", "")):
            raise Conflict("The file changed while it was filed.")
        return now

    async def _beside(self, drive: str, new: _New, why: Kept) -> StoredFile:
        path = _beside(new)
        with suppress(Conflict):
            there = await self._create(drive, path, new.content)
            return StoredFile(id=there["id"], web_url=there["webUrl"], kept=why)
        found = await found_file(self._graph, KnownFile(drive=drive, path=path))
        if found is None:
            raise Conflict(f"'{path}' was there and is not any more.")
        return StoredFile(id=found["id"], web_url=found["webUrl"], kept=why)

    async def _is_checked_out(self, drive: str, item_id: str) -> bool:
        url = self._graph.url("drives", drive, "items", item_id, query={"$select": "id,publication"})
        answer = await self._graph.get(url, may_miss=True)
        return answer is not None and (answer.json().get("publication") or {}).get("level") == "checkout"

    async def _found(self, library: str, path: str) -> tuple[str, dict[str, Any] | None]:
        """Its drive and its item: by name, else what we filed under that name, wherever it lies now."""
        drive = await self._desk.run(SYSTEM, place, drive_key(library))
        known = await self._desk.run(SYSTEM, _filed, library, path)
        file = KnownFile(drive=drive, path=file_path(path), item_id=known.item_id if known else "")
        return drive, await found_file(self._graph, file)

    async def _item_by_id(self, drive: str, item_id: str) -> dict[str, Any] | None:
        answer = await self._graph.get(self._graph.url("drives", drive, "items", item_id), may_miss=True)
        return answer.json() if answer is not None else None

    async def _made(self, library: str, new: _New, item: dict[str, Any], known: _Filed | None = None) -> StoredFile:
        """Remember it as it is now. Where it was there already, who saved it last need not have been us."""
        by = item.get("lastModifiedBy")
        own = application_of(by) if is_applications(by) else ""
        own = known.application or own if known is not None else own
        filed = _Filed(
            item_id=item["id"], content_tag=item.get("cTag", ""), fingerprint=new.fingerprint, application=own
        )
        await self._desk.run(SYSTEM, _remember, library, new.path, filed)
        return StoredFile(id=item["id"], web_url=item["webUrl"])

    async def _create(self, drive: str, path: str, content: bytes) -> dict[str, Any]:
        """Make it. Repeated below us (aiohttp does that on a cut connection) it lands once: `Conflict`."""
        target = f"{path_url(self._graph, drive, path)}:/content?@microsoft.graph.conflictBehavior=fail"
        return await self._write(drive, target, content, None)

    async def _write(self, drive: str, url: str, content: bytes, etag: str | None) -> dict[str, Any]:
        """One PUT: it takes up to 250 MB (driveItem: put content), far more than any paper has. Then it is checked in
        where the library demands that: nobody sees a new file before.
        """
        answer = await self._graph.write(Method.PUT, url, content, etag=etag, content_type=BYTES, is_harmless=True)
        item = answer.json()
        if not await self._is_checked_out(drive, item["id"]):
            return item
        at, said = self._graph.url("drives", drive, "items", item["id"]), {"comment": "Filed by CoS Desk"}
        await self._graph.write(Method.POST, f"{at}/checkin", said, is_harmless=True)
        return await self._item_by_id(drive, item["id"]) or item


def _new(path: str, content: bytes) -> _New:
    name = file_path(path)
    return _New(path=path, name=name, content=marked(content, name), fingerprint=fingerprint(content))


def _compared(there: bytes, left: str, by_us: bool, new: _New) -> _State:
    """What lies there, by its parts: the new ones, those we left, or those our own mark in it names.

    Where they are others, it counts who saved it last: SharePoint may have written into one of ours more than we know.
    """
    if is_encrypted(there):
        return _State.ENCRYPTED
    theirs, marker = fingerprint(there), marker_of(there)
    filed = marker.fingerprint if marker is not None and marker.name == new.name else ""
    if theirs == new.fingerprint or (by_us and filed == new.fingerprint):
        return _State.SAME
    return _State.OURS if by_us or theirs in (left, filed) else _State.THEIRS


def _beside(new: _New) -> str:
    """A name of its own for a new version, the same for the same content."""
    name = PurePosixPath(new.name)
    return str(name.with_name(f"{name.stem} (new version {new.fingerprint[:6]}){name.suffix}"))


def _has_tag(item: dict[str, Any], tag: str) -> bool:
    """Whether its content tag is that one; what has no tag is never the same."""
    return bool(tag and item.get("cTag") == tag)


def _is_same(item: dict[str, Any], content: bytes) -> bool:
    """By size and by SharePoint's own hash, where it is there already."""
    if item.get("size") != len(content):
        return False
    kept = (item.get("file") or {}).get("hashes", {}).get("quickXorHash")
    return bool(kept == quick_xor_hash(content))


def _filed(work: Work, library: str, path: str) -> _Filed | None:
    files = tables.graph_files
    row = work.conn.execute(select(files).where(files.c.library == library, files.c.path == path)).one_or_none()
    if row is None:
        return None
    return _Filed(
        item_id=row.item_id, content_tag=row.content_tag, fingerprint=row.fingerprint, application=row.application
    )


def _remember(work: Work, library: str, path: str, filed: _Filed) -> None:
    row = {
        "library": library, "path": path, "item_id": filed.item_id, "content_tag": filed.content_tag,
        "fingerprint": filed.fingerprint, "application": filed.application,
    }  # fmt: skip
    work.conn.execute(insert_or_replace(work.conn, tables.graph_files, row, ("library", "path")))
