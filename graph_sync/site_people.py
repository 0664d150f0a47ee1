"""People as a SharePoint site numbers them: what a person column holds is an item of its hidden list of people.

Whoever never was in the site has no number, and Graph cannot give one: the column is then left alone. The list's column
`EMail` has no index, and a list of more than 5,000 refuses to be searched by it: so it is read through, and kept.
"""

from __future__ import annotations

import asyncio
import time

from casework.desk import SYSTEM, Desk
from casework.errors import NeedsAttention
from graph_sync.graph import Graph
from graph_sync.places import SITE, place

PEOPLE_LIST = "User Information List"
"""SharePoint's own list of who has been in the site; Graph finds it by this name."""

ASK_AGAIN_S = 3600.0
"""A choice: for whoever is not in it, the list is read again an hour later."""


class SitePeople:
    """The numbers, read all at once."""

    def __init__(self, desk: Desk, graph: Graph) -> None:
        self._desk, self._graph = desk, graph
        self._numbers: dict[str, str] = {}
        self._read_at = -ASK_AGAIN_S
        self._reading = asyncio.Lock()

    async def number_of(self, mail: str) -> str | None:
        """The site's number of the person with that mail; None where the site does not know them."""
        key = mail.casefold()
        if key not in self._numbers:
            async with self._reading:
                if key not in self._numbers and time.monotonic() - self._read_at >= ASK_AGAIN_S:
                    await self._read()
        return self._numbers.get(key)

    async def _read(self) -> None:
        site = await self._desk.run(SYSTEM, place, SITE)
        query = {"$expand": "fields($select=EMail)", "$top": "999"}
        url = self._graph.url("sites", site, "lists", PEOPLE_LIST, "items", query=query)
        try:
            people = [one async for page in self._graph.pages(url) for one in page["value"]]
        except NeedsAttention:
            people = []  # the list of people may be shut: the rest of the item matters more
        mails = ((str((one.get("fields") or {}).get("EMail") or "").casefold(), str(one["id"])) for one in people)
        self._numbers = {mail: number for mail, number in mails if mail}
        self._read_at = time.monotonic()

    async def mail_of(self, number: str) -> str:
        """The mail of whom the site numbers so; '' where it says none."""
        site = await self._desk.run(SYSTEM, place, SITE)
        url = self._graph.url("sites", site, "lists", PEOPLE_LIST, "items", number, query={"$expand": "fields"})
        try:
            answer = await self._graph.get(url, may_miss=True)
        except NeedsAttention:
            return ""
        return str((answer.json().get("fields") or {}).get("EMail") or "") if answer else ""
