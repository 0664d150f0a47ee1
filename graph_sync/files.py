"""The port `Files` on document libraries: one library a community, small files by PUT."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from kiota_abstractions.method import Method

from casework.desk import SYSTEM, Desk
from casework.ports import StoredFile
from graph_sync.graph import Graph
from graph_sync.places import drive_key, place

BYTES = "application/octet-stream"


class SharePointFiles:
    """Files of the communities' libraries."""

    def __init__(self, desk: Desk, graph: Graph) -> None:
        self._desk, self._graph = desk, graph

    async def read(self, library: str, path: str) -> bytes | None:
        """The file's content, None where there is no such file; followed by id, so that a rename cannot mix two up."""
        drive = await self._desk.run(SYSTEM, place, drive_key(library))
        found = await self._graph.get(f"{self._graph.url('drives', drive)}/root:/{quote(path)}", may_miss=True)
        if found is None:
            return None
        return await self._graph.download(self._graph.url("drives", drive, "items", found.json()["id"], "content"))

    async def put(self, library: str, path: str, content: bytes) -> StoredFile:
        """Write the file unless it is there with this very content: a retry after a crash adds no version.

        A new file is made only where there is none, an old one replaced only as it was read: even a PUT that is
        repeated below us (aiohttp does that on a cut connection) lands once, and the repetition is a `Conflict`.
        """
        drive = await self._desk.run(SYSTEM, place, drive_key(library))
        url = f"{self._graph.url('drives', drive)}/root:/{quote(path)}"
        existing = await self._graph.get(url, may_miss=True)
        if existing is not None and _is_same(existing.json(), content):
            return _stored(existing.json())
        etag = existing.json()["eTag"] if existing is not None else None
        target = f"{url}:/content" + ("" if etag else "?@microsoft.graph.conflictBehavior=fail")
        answer = await self._graph.write(Method.PUT, target, content, etag=etag, content_type=BYTES)
        return _stored(answer.json())


def _is_same(item: dict[str, Any], content: bytes) -> bool:
    """By hash where the drive gives one (SharePoint gives quickXorHash only, so there by size)."""
    if item.get("size") != len(content):
        return False
    sha256 = (item.get("file") or {}).get("hashes", {}).get("sha256Hash")
    return sha256 is None or sha256 == hashlib.sha256(content).hexdigest().upper()


def _stored(item: dict[str, Any]) -> StoredFile:
    return StoredFile(id=item["id"], web_url=item["webUrl"])
