"""What each address of the service takes at most: requests a second from one address, bytes, and time for the body.

Beyond it the answer is 429, 413 or 408 and nothing else is done. The figures are far above what Teams and Graph send
one county, and low enough that nobody fills memory or time.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.adapter import BODY_BYTES
from bot.tab.routes import FORM_BYTES
from casework.refused import Refusals
from graph_sync.notifications import MOST_BYTES

BODY_S = 5.0
"""How long a body may take to arrive."""

MOST_ADDRESSES = 10_000
"""Addresses kept count of; the one that was silent longest is forgotten first."""


@dataclass(frozen=True, kw_only=True)
class Door:
    """A part of the service's addresses."""

    name: str
    prefix: str
    most_bytes: int
    a_second: float
    at_once: int
    """Requests that may come at once after a quiet while."""


DOORS = (
    Door(name="bot", prefix="/api/messages", most_bytes=BODY_BYTES, a_second=50, at_once=500),
    Door(name="graph", prefix="/graph/", most_bytes=MOST_BYTES, a_second=300, at_once=1_000),
    Door(name="tab", prefix="/tab", most_bytes=FORM_BYTES, a_second=10, at_once=100),
    Door(name="rest", prefix="/", most_bytes=1024, a_second=10, at_once=100),
)
"""The first whose prefix fits."""


def door_of(path: str) -> Door:
    """Which door an address is."""
    return next(d for d in DOORS if path.startswith(d.prefix))


class Rates:
    """Token buckets by door and address; one process's own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        """Tokens left, and when that was so."""

    def take(self, door: Door, address: str) -> float:
        """Let one in: 0, or the seconds until the next may come."""
        key, now = (door.name, address), self._clock()
        left, at = self._buckets.pop(key, (float(door.at_once), now))
        left = min(left + (now - at) * door.a_second, float(door.at_once))
        is_in = left >= 1
        self._buckets[key] = (left - 1 if is_in else left, now)
        if len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return 0.0 if is_in else (1 - left) / door.a_second


def address_of(request: web.Request, proxies: int) -> str:
    """Who asks: the connection's other end, or behind so many proxies of ours what the outermost of them saw."""
    if proxies:
        seen = [a.strip() for a in request.headers.get("X-Forwarded-For", "").split(",") if a.strip()]
        if len(seen) >= proxies:
            return seen[-proxies][:60]
    return request.remote or ""


def make_doorkeeper(refusals: Refusals, proxies: int) -> Middleware:
    """The middleware that holds the limits."""
    rates = Rates()

    @web.middleware
    async def keep_the_door(request: web.Request, handler: Handler) -> web.StreamResponse:
        door = door_of(request.path)
        wait_s = rates.take(door, address_of(request, proxies))
        if wait_s:
            await refusals.note(door.name, "too often")
            return web.Response(status=429, headers={"Retry-After": str(int(wait_s) + 1)})
        if (request.content_length or 0) > door.most_bytes:
            await refusals.note(door.name, "too large")
            return web.Response(status=413)
        if request.body_exists:
            try:
                async with asyncio.timeout(BODY_S):
                    body = await request.read()
            except TimeoutError:
                await refusals.note(door.name, "too slow")
                return web.Response(status=408)
            if len(body) > door.most_bytes:
                await refusals.note(door.name, "too large")
                return web.Response(status=413)
        return await handler(request)

    return keep_the_door
