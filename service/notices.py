"""Change notifications where they arrive: told to the puller where one process does everything, else through the record
to the worker that has the sync.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from opentelemetry.trace import SpanKind

from casework.desk import SYSTEM
from casework.tracing import span
from casework.wanting import want
from graph_sync.notifications import Heard, Known, read_delivery
from graph_sync.subscriptions import known_subscriptions
from service.office import Office
from service.puller import RENEW, Puller

UNKNOWN_S = 5.0
"""Between two looks in the record for subscriptions another process made."""


class Notices:
    """The web's ear for Graph."""

    def __init__(self, office: Office, puller: Puller | None) -> None:
        self._office, self._puller = office, puller
        self._known: Mapping[str, Known] = {}
        self._looked_at = float("-inf")
        self._pending: set[str] = set()
        self._writing = asyncio.Lock()

    async def take(self, body: bytes) -> None:
        """Note what a delivery says; it is done afterwards. Raises `NotificationsUnreadable`."""
        with span("notification", kind=SpanKind.SERVER):
            await self._take(body)

    async def _take(self, body: bytes) -> None:
        if self._puller is not None:
            self._puller.take(read_delivery(body, self._puller.known))
            return
        heard = read_delivery(body, self._known)
        if heard.refused and time.monotonic() - self._looked_at > UNKNOWN_S:
            self._looked_at = time.monotonic()
            self._known = await known_subscriptions(self._office.desk)
            heard = read_delivery(body, self._known)
        await self._note(_asked_for(heard))

    async def _note(self, what: set[str]) -> None:
        """Write it into the record; those who wait for their turn meanwhile are written with one transaction."""
        self._pending |= what
        async with self._writing:
            mine, self._pending = self._pending, set()
            try:
                if mine:
                    await self._office.desk.run(SYSTEM, want, mine)
            except Exception:
                self._pending |= mine  # whoever waits behind this one tries again, or is told that it failed
                raise


def _asked_for(heard: Heard) -> set[str]:
    return heard.changed | heard.removed | {RENEW + source for source in heard.to_renew | heard.removed}
