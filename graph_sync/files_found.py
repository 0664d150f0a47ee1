"""Where a file we filed is now: under its name, whoever put it there; else the item it was, moved or renamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from graph_sync.batch import get_together
from graph_sync.graph import Answer, Graph


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """A file by its drive, its path as SharePoint takes it, and the item it was filed as ('' where it never was)."""

    drive: str
    path: str
    item_id: str = ""

    def addresses(self, graph: Graph) -> list[str]:
        """Where it is looked for, in this order. People delete a file and upload it anew: it has another id then."""
        by_id = [graph.url("drives", self.drive, "items", self.item_id)] if self.item_id else []
        return [path_url(graph, self.drive, self.path), *by_id]


def path_url(graph: Graph, drive: str, path: str) -> str:
    """The address of a file by its path."""
    return f"{graph.url('drives', drive)}/root:/{quote(path)}"


async def found_file(graph: Graph, file: KnownFile) -> dict[str, Any] | None:
    """The item as it is now; None where it is gone altogether."""
    for url in file.addresses(graph):
        if (answer := await graph.get(url, may_miss=True)) is not None:
            found: dict[str, Any] = answer.json()
            return found
    return None


async def found_together(graph: Graph, files: Sequence[KnownFile]) -> list[Answer]:
    """As `found_file`, of many at once: what was answered of each, 404 where it is gone altogether."""
    answers = dict(zip(files, await get_together(graph, [f.addresses(graph)[0] for f in files]), strict=True))
    missed = [f for f in files if answers[f].status == 404 and f.item_id]
    by_id = await get_together(graph, [f.addresses(graph)[-1] for f in missed])
    answers |= zip(missed, by_id, strict=True)
    return [answers[f] for f in files]
