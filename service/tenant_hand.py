"""The demo's hand in the local tenant: seeds the world and lets its invented people act. Never used in production."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout

Json = dict[str, Any]


class TenantUnreachable(ConnectionError):
    """No local tenant answers at that address."""


class TenantHand:
    """Calls of `/_local/…`."""

    def __init__(self, session: ClientSession, base_url: str) -> None:
        self._session, self.base_url = session, base_url.rstrip("/")

    async def call(self, method: str, path: str, *, within_s: float = 120.0, **kwargs: Any) -> Any:
        """One call; anything but success is an error that names the path."""
        url = f"{self.base_url}/_local/{path}"
        try:
            async with self._session.request(method, url, timeout=ClientTimeout(total=within_s), **kwargs) as response:
                if response.status >= 400:
                    raise TenantUnreachable(f"{method} {url}: {response.status} {(await response.text())[:300]}")
                return await response.json() if "json" in response.content_type else await response.read()
        except ClientError as error:
            raise TenantUnreachable(f"No local tenant answers at {self.base_url} ({error}).") from error

    async def set_clock(self, moment: datetime) -> None:
        """Let the tenant live at that time."""
        await self.call("POST", "clock", json={"now": moment.isoformat()})

    async def save_file(self, library: str, name: str, content: bytes, by: str) -> None:
        """Somebody saves a file."""
        await self.call("PUT", f"files/{quote(library)}/{quote(name)}", params={"by": by}, data=content)

    async def add_items(self, list_name: str, by: str, items: list[Json]) -> None:
        """A flow adds items."""
        await self.call("POST", f"lists/{quote(list_name)}/items", json={"by": by, "items": items})

    async def items(self, list_name: str) -> list[Json]:
        """Somebody looks at a list."""
        found: list[Json] = await self.call("GET", f"lists/{quote(list_name)}/items")
        return found

    async def edit_item(self, list_name: str, item_id: str, by: str, fields: Json) -> None:
        """Somebody edits an item."""
        await self.call("PATCH", f"lists/{quote(list_name)}/items/{item_id}", json={"by": by, "fields": fields})

    async def hold_meeting(self, event: str, begins: datetime, ends: datetime, people: list[Json]) -> None:
        """People join and leave a meeting: `{"mail" or "name", "seconds"}` each."""
        body = {"event": event, "begins": begins.isoformat(), "ends": ends.isoformat(), "people": people}
        await self.call("POST", "attendance", json=body)

    async def chat_of(self, mail: str) -> list[Json]:
        """What the bot wrote to somebody."""
        found: list[Json] = await self.call("GET", f"chats/{quote(mail)}")
        return found

    async def click(self, by: str, activity: str, verb: str, data: Json) -> Json:
        """Somebody presses a card's button."""
        answer: Json = await self.call(
            "POST", "click", json={"by": by, "activity": activity, "verb": verb, "data": data}
        )
        return answer
