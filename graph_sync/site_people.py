"""People as a SharePoint site numbers them: what a person column holds is an item of its hidden list of people.

Whoever never was in the site has no number, and Graph cannot give one: the column is then left alone.
"""

from __future__ import annotations

import time

from casework.desk import SYSTEM, Desk
from casework.errors import NeedsAttention
from graph_sync.graph import Graph
from graph_sync.places import SITE, place

PEOPLE_LIST = "User Information List"
"""SharePoint's own list of who has been in the site; Graph finds it by this name."""

NOT_INDEXED = {"Prefer": "HonorNonIndexedQueriesWarningMayFailRandomly"}
"""Its column `EMail` has no index; without this Graph refuses to look (learn.microsoft.com: 'List items')."""

ASK_AGAIN_S = 3600.0
"""A choice: whoever was not known is looked for again an hour later."""


class SitePeople:
    """The numbers, asked for once each."""

    def __init__(self, desk: Desk, graph: Graph) -> None:
        self._desk, self._graph = desk, graph
        self._known: dict[str, str] = {}
        self._missed: dict[str, float] = {}

    async def number_of(self, mail: str) -> str | None:
        """The site's number of the person with that mail; None where the site does not know them."""
        key = mail.casefold()
        if key in self._known:
            return self._known[key]
        if time.monotonic() - self._missed.get(key, -ASK_AGAIN_S) < ASK_AGAIN_S:
            return None
        found = await self._look(mail)
        if found is None:
            self._missed[key] = time.monotonic()
        else:
            self._known[key] = found
        return found

    async def _look(self, mail: str) -> str | None:
        site = await self._desk.run(SYSTEM, place, SITE)
        quoted = mail.replace("'", "''")
        query = {"$filter": f"fields/EMail eq '{quoted}'", "$top": "1"}
        url = self._graph.url("sites", site, "lists", PEOPLE_LIST, "items", query=query)
        try:
            answer = await self._graph.get(url, may_miss=True, headers=NOT_INDEXED)
        except NeedsAttention:
            return None  # the list of people may be shut: the rest of the item matters more
        found = answer.json()["value"] if answer else []
        return str(found[0]["id"]) if found else None

    async def mail_of(self, number: str) -> str:
        """The mail of whom the site numbers so; '' where it says none."""
        site = await self._desk.run(SYSTEM, place, SITE)
        url = self._graph.url("sites", site, "lists", PEOPLE_LIST, "items", number, query={"$expand": "fields"})
        try:
            answer = await self._graph.get(url, may_miss=True)
        except NeedsAttention:
            return ""
        return str((answer.json().get("fields") or {}).get("EMail") or "") if answer else ""
