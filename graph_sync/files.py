"""The port `Files` on document libraries, one a community. A paper that a person edited is never overwritten."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from kiota_abstractions.method import Method
from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.errors import Conflict
from casework.ports import StoredFile
from graph_sync.graph import Graph
from graph_sync.places import drive_key, place
from graph_sync.quick_xor import quick_xor_hash
from graph_sync.uploads import upload

BYTES = "application/octet-stream"
SMALL_BYTES = 1_000_000
"""A choice: up to here one PUT, larger files by upload session; a cut then costs a fragment, not the file."""


@dataclass(frozen=True, kw_only=True)
class _Filed:
    item_id: str
    content_tag: str


class SharePointFiles:
    """Files of the communities' libraries."""

    def __init__(self, desk: Desk, graph: Graph) -> None:
        self._desk, self._graph = desk, graph

    async def read(self, library: str, path: str) -> bytes | None:
        """The file's content, None where there is no such file; followed by id, so that a rename cannot mix two up."""
        drive = await self._desk.run(SYSTEM, place, drive_key(library))
        found = await self._item(drive, path)
        if found is None:
            return None
        return await self._graph.download(self._graph.url("drives", drive, "items", found["id"], "content"))

    async def put(self, library: str, path: str, content: bytes) -> StoredFile:
        """The file of that path with that content, unless it is there already: a retry after a crash adds no version.

        A new file is made only where there is none, one of ours replaced only as we left it. What a person edited or
        made stays, and the new version is put beside it (`is_beside`). A file of ours that was renamed is found by id.
        """
        drive = await self._desk.run(SYSTEM, place, drive_key(library))
        known = await self._desk.run(SYSTEM, _filed, library, path)
        if known is None:
            with suppress(Conflict):  # something of that name is there: looked at below
                return await self._made(library, path, await self._write(drive, path, content, None))
        found = await self._item(drive, path) or (await self._renamed(drive, known) if known else None)
        if found is None:
            return await self._made(library, path, await self._write(drive, path, content, None))
        if _is_same(found, content):
            return await self._made(library, path, found)
        if known is not None and known.item_id == found["id"] and known.content_tag == found["cTag"]:
            return await self._made(library, path, await self._write(drive, path, content, found))
        beside = _beside(path, content)
        there = await self._item(drive, beside)
        if there is None or not _is_same(there, content):
            there = await self._write(drive, beside, content, there)
        return StoredFile(id=there["id"], web_url=there["webUrl"], is_beside=True)

    async def _item(self, drive: str, path: str) -> dict[str, Any] | None:
        answer = await self._graph.get(self._path_url(drive, path), may_miss=True)
        return answer.json() if answer is not None else None

    async def _renamed(self, drive: str, known: _Filed) -> dict[str, Any] | None:
        answer = await self._graph.get(self._graph.url("drives", drive, "items", known.item_id), may_miss=True)
        return answer.json() if answer is not None else None

    async def _made(self, library: str, path: str, item: dict[str, Any]) -> StoredFile:
        await self._desk.run(SYSTEM, _remember, library, path, item["id"], item["cTag"])
        return StoredFile(id=item["id"], web_url=item["webUrl"])

    async def _write(self, drive: str, path: str, content: bytes, old: dict[str, Any] | None) -> dict[str, Any]:
        """Make or replace. Repeated below us (aiohttp does that on a cut connection) it lands once: `Conflict`."""
        etag = old["eTag"] if old else None
        at = self._graph.url("drives", drive, "items", old["id"]) if old else f"{self._path_url(drive, path)}:"
        if len(content) > SMALL_BYTES:
            return await self._write_large(at, content, etag)
        target = f"{at}/content" + ("" if old else "?@microsoft.graph.conflictBehavior=fail")
        answer = await self._graph.write(Method.PUT, target, content, etag=etag, content_type=BYTES, is_harmless=True)
        return answer.json()

    async def _write_large(self, at: str, content: bytes, etag: str | None) -> dict[str, Any]:
        body = {"item": {"@microsoft.graph.conflictBehavior": "replace" if etag else "fail"}}
        session = await self._graph.write(Method.POST, f"{at}/createUploadSession", body, etag=etag, is_harmless=True)
        return (await upload(self._graph, session.json(), content)).json()

    def _path_url(self, drive: str, path: str) -> str:
        return f"{self._graph.url('drives', drive)}/root:/{quote(path)}"


def _beside(path: str, content: bytes) -> str:
    """A name of its own for a new version, the same for the same content."""
    name = PurePosixPath(path)
    return str(name.with_name(f"{name.stem} (new version {hashlib.sha256(content).hexdigest()[:6]}){name.suffix}"))


def _is_same(item: dict[str, Any], content: bytes) -> bool:
    """By size and by SharePoint's own hash, where it is there already."""
    if item.get("size") != len(content):
        return False
    kept = (item.get("file") or {}).get("hashes", {}).get("quickXorHash")
    return kept is None or kept == quick_xor_hash(content)


def _filed(work: Work, library: str, path: str) -> _Filed | None:
    files = tables.graph_files
    row = work.conn.execute(select(files).where(files.c.library == library, files.c.path == path)).one_or_none()
    return _Filed(item_id=row.item_id, content_tag=row.content_tag) if row else None


def _remember(work: Work, library: str, path: str, item_id: str, content_tag: str) -> None:
    row = {"library": library, "path": path, "item_id": item_id, "content_tag": content_tag}
    work.conn.execute(insert_or_replace(work.conn, tables.graph_files, row, ("library", "path")))
