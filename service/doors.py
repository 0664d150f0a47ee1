"""What each address of the service takes at most: requests a second from one address, bytes, and time for the body.

Beyond it the answer is 429, 413 or 408 and nothing else is done. The figures are far above what Teams and Graph send
one county, and low enough that nobody fills memory or time.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.adapter import BODY_BYTES
from bot.callers import CallerRefused
from bot.tab.routes import FORM_BYTES
from casework.refused import Refusals
from graph_sync.notifications import MOST_BYTES
from service.addresses import address_of
from service.well_formed import is_form_readable, is_well_formed

BODY_S = 5.0
"""How long a body may take to arrive."""

Check = Callable[[web.Request], Awaitable[None]]
"""Raises `CallerRefused` for who is not to be let in."""

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


BOT = Door(name="bot", prefix="/api/messages", most_bytes=BODY_BYTES, a_second=50, at_once=500)
STRANGERS = Door(name="strangers", prefix=BOT.prefix, most_bytes=0, a_second=3, at_once=30)
"""How often one address is told that its token was refused; beyond it, it is only told to come less often. Whoever has
a token is let in all the same.
"""

DOORS = (
    BOT,
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


def make_doorkeeper(refusals: Refusals, proxies: int, check_caller: Check) -> Middleware:
    """The middleware that holds the limits. `check_caller` verifies who speaks to the bot."""
    rates = Rates()

    async def refuse(door: str, reason: str, status: int, wait_s: float = 0.0) -> web.Response:
        await refusals.note(door, reason)
        headers = {"Retry-After": str(int(wait_s) + 1)} if wait_s else {}
        return web.Response(status=status, headers=headers)

    @web.middleware
    async def keep_the_door(request: web.Request, handler: Handler) -> web.StreamResponse:
        door, address = door_of(request.path), address_of(request, proxies)
        if wait_s := rates.take(door, address):
            return await refuse(door.name, "too often", 429, wait_s)
        if not is_well_formed(request):
            return await refuse(door.name, "malformed", 400)
        if (request.content_length or 0) > door.most_bytes:
            return await refuse(door.name, "too large", 413)
        try:
            if door is BOT:
                await check_caller(request)
            body = await _body(request)
            if body is None:
                return await refuse(door.name, "too slow", 408)
            if len(body) > door.most_bytes:
                return await refuse(door.name, "too large", 413)
            if not is_form_readable(request, body):
                return await refuse(door.name, "malformed", 400)
            return await handler(request)
        except CallerRefused as error:
            if wait_s := rates.take(STRANGERS, address):
                return await refuse(door.name, "too often without a token", 429, wait_s)
            await refusals.note(door.name, error.reason)
            return web.json_response({"error": str(error)}, status=401)

    return keep_the_door


async def _body(request: web.Request) -> bytes | None:
    """What was sent; None where it does not come in time."""
    if not request.body_exists:
        return b""
    try:
        async with asyncio.timeout(BODY_S):
            return await request.read()
    except TimeoutError:
        return None
