"""The port `Lists` on SharePoint lists: items found by a unique column, fields patched with If-Match."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from kiota_abstractions.method import Method

from casework.desk import SYSTEM, Desk
from casework.errors import Conflict
from casework.etags import etag_number
from casework.list_values import cut
from casework.ports import LastSeen, ListItem, Person
from graph_sync.batch import Batcher
from graph_sync.graph import Answer, Graph
from graph_sync.list_columns import fitting_of, has_one_line, unfit
from graph_sync.list_edits import learn_who_we_are, read_history
from graph_sync.patience import NotTaken, Unacceptable, patiently
from graph_sync.places import SITE, list_key, place
from graph_sync.provision import columns_of, load_lists
from graph_sync.site_people import SitePeople

ASK_AGAIN_S = 3600.0
"""A choice: a column that takes one line only may have been changed an hour later."""


PAGE = "999"


class SharePointLists:
    """Lists of the desk's site."""

    def __init__(self, desk: Desk, graph: Graph) -> None:
        self._desk, self._graph = desk, graph
        self._batch = Batcher(graph)
        self._people = SitePeople(desk, graph)
        self._one_line: dict[str, tuple[float, frozenset[str]]] = {}

    async def ensure(self, list_name: str, unique: str, fields: Mapping[str, Any]) -> ListItem:
        """Look it up by the unique column; make it where there is none. A retry after a crash finds the first."""
        found = await self._found(list_name, unique, str(fields[unique]))
        if not found:
            numbered = await self._numbered(await self._fitting(list_name, fields))
            sent = {k: v for k, v in numbered.items() if v is not None}
            url = await self._url(list_name, "items")
            made, _, left_out = await self._written(
                list_name, sent, lambda fields: self._graph.write(Method.POST, url, {"fields": fields})
            )
            await learn_who_we_are(self._desk, made.json().get("createdBy"))
            return replace(_plain_item(made.json()), left_out=left_out)
        return _plain_item(found[0])

    async def _written(
        self, list_name: str, fields: Mapping[str, Any], write: Callable[[Mapping[str, Any]], Awaitable[Answer]]
    ) -> tuple[Answer, Mapping[str, Any], str]:
        """Write what the list takes; what that was, and a sentence about what it did not take for want of a column.

        One column that somebody deleted or made as something else must not keep a whole item as it was: clerks and KCC
        decide by what the list shows. So the others are written at once, and whoever asked ends as stuck with the
        column's name, for the list is not as the record has it.
        """
        try:
            return await write(fields), fields, ""
        except Unacceptable:
            schema = next((s for s in load_lists().values() if s["displayName"] == list_name), None)
            if schema is None:
                raise
            known = await columns_of(self._graph, await self._url(list_name, "columns"))
            fits, lacks = fitting_of(known, schema), unfit(known, schema)
            kept = {k: v for k, v in fields.items() if k.removesuffix("LookupId") in fits}
            if kept == fields:
                raise
            return await write(kept), kept, f"{lacks.said} {lacks.remedy} Everything else is written."

    async def _found(self, list_name: str, unique: str, value: str) -> list[dict[str, Any]]:
        """The items of that value. Where the column got no index, a long list refuses to look: it is read through."""
        quoted = value.replace("'", "''")
        query = {"$filter": f"fields/{unique} eq '{quoted}'", "$expand": "fields"}
        try:
            answer = await self._graph.get(await self._url(list_name, "items", query=query))
        except Unacceptable:
            url = await self._url(list_name, "items", query={"$expand": "fields", "$top": PAGE})
            items = [item async for page in self._graph.pages(url) for item in page["value"]]
            return [item for item in items if item["fields"].get(unique) == value]
        assert answer is not None
        return list(answer.json()["value"])

    async def read(self, list_name: str, item_id: str, seen: LastSeen | None) -> ListItem:
        """The item as it stands, with every edit since it was seen and whose it was."""
        url = await self._url(list_name, "items", item_id)
        found = await read_history(self._desk, self._graph, self._people, url, seen)
        if found is None:
            raise Conflict("The item was deleted just now.")
        return found

    async def patch(self, list_name: str, item: ListItem, fields: Mapping[str, Any]) -> ListItem:
        """Change fields if the item is still as it was; `Conflict` if not. Patches of one moment travel together."""
        url = await self._url(list_name, "items", item.id, "fields")
        fitting = await self._fitting(list_name, fields)
        written = await self._numbered(fitting)

        async def patched(fields: Mapping[str, Any]) -> Answer:
            send = partial(self._batch.send, Method.PATCH, url, fields, {"If-Match": item.etag})
            return await patiently(send, NotTaken)

        answer, sent, left_out = await self._written(list_name, written, patched)
        body = answer.json()
        if left_out:
            fitting = {k: v for k, v in fitting.items() if k in sent or f"{k}LookupId" in sent}
        return ListItem(
            id=item.id, etag=body.get("@odata.etag") or await self._etag_after(list_name, item), fields=fitting,
            left_out=left_out,
        )  # fmt: skip

    async def _etag_after(self, list_name: str, item: ListItem) -> str:
        """The eTag our change left. `Conflict` where somebody changed the item since: what they did is to be read."""
        answer = await self._graph.get(await self._url(list_name, "items", item.id), may_miss=True)
        etag = str(answer.json().get("eTag", "")) if answer else ""
        before, after = etag_number(item.etag), etag_number(etag)
        if before is None or after != before + 1:
            raise Conflict("The item was changed again just now; it is read anew.")
        return etag

    async def _fitting(self, list_name: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Each text as its column takes it: cut where that has one line, whatever the list was made with."""
        long = {k: v for k, v in fields.items() if isinstance(v, str) and cut(v) != v}
        if not long:
            return fields
        one_line = await self._one_line_columns(list_name)
        return {**fields, **{k: cut(v) for k, v in long.items() if k in one_line}}

    async def _one_line_columns(self, list_name: str) -> frozenset[str]:
        asked_at, known = self._one_line.get(list_name, (-ASK_AGAIN_S, frozenset[str]()))
        if time.monotonic() - asked_at < ASK_AGAIN_S:
            return known
        url = await self._url(list_name, "columns")
        columns = [c async for page in self._graph.pages(url) for c in page["value"]]
        known = frozenset(c["name"] for c in columns if has_one_line(c))
        self._one_line[list_name] = time.monotonic(), known
        return known

    async def _numbered(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields as Graph takes them: a person by the site's own number, one it does not know left out."""
        people = {k: await self._people.number_of(v.mail) for k, v in fields.items() if isinstance(v, Person)}
        plain = {k: v for k, v in fields.items() if not isinstance(v, Person)}
        return plain | {f"{k}LookupId": number for k, number in people.items() if number is not None}

    async def _url(self, list_name: str, *segments: str, query: Mapping[str, str] | None = None) -> str:
        site = await self._desk.run(SYSTEM, place, SITE)
        list_id = await self._desk.run(SYSTEM, place, list_key(list_name))
        return self._graph.url("sites", site, "lists", list_id, *segments, query=query)


def _plain_item(raw: Mapping[str, Any]) -> ListItem:
    return ListItem(id=raw["id"], etag=raw["eTag"], fields=raw["fields"], version="")
