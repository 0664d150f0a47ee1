"""Faults on demand, seeded: what a busy, distant or broken Microsoft 365 does to its callers.

`429=0.1,503=0.02,reset=0.02,lost=0.02,gone=0.01,late=5s,dup=0.2,seed=7`: a part of all requests each, or a time.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from email.utils import formatdate

from aiohttp import web

from local_tenant.odata import GraphError, Handler

STATUSES = {
    "429": "activityLimitReached",
    "500": "generalException",
    "502": "badGateway",
    "503": "serviceNotAvailable",
    "504": "gatewayTimeout",
    "423": "resourceLocked",
}
BOTS = ("429", "502", "503", "504")
"""Those of which Teams says that a post did not arrive ('Optimize your bot: rate limiting')."""

PARTS = (*STATUSES, "reset", "lost", "gone", "dup")
"""Each a part of all requests (of deltas for `gone`, of notifications for `dup`)."""
TIMES = ("late", "slow")
"""Seconds a notification is late at most; seconds every answer takes at most."""
AT_ONCE = 4
"""Outlook's limit for an app and mailbox (throttling-limits)."""


class FaultsUnreadable(ValueError):
    """The faults are not written as they should be; the sentence says how."""


@dataclass
class Faults:
    """What goes wrong how often. Seeded: the same requests in the same order meet the same faults."""

    rates: dict[str, float] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    units_a_minute: int = 0
    """SharePoint's resource units; 0 is no limit."""
    seed: int = 1
    met: Counter[str] = field(default_factory=Counter)
    """How often each fault struck."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311  faults, not secrets
        self.busy: Counter[str] = Counter()
        self.spent: deque[tuple[float, int]] = deque()

    def become(self, other: Faults) -> None:
        """From now on what `other` says, counted anew."""
        self.rates, self.times, self.units_a_minute = other.rates, other.times, other.units_a_minute
        self.seed, self.met = other.seed, Counter()
        self._random = random.Random(self.seed)  # noqa: S311  faults, not secrets
        self.spent.clear()

    def strikes(self, name: str) -> bool:
        """Whether this fault strikes now."""
        hit = bool(self.rates.get(name)) and self._random.random() < self.rates[name]
        self.met[name] += hit
        return hit

    def wait_s(self, name: str) -> float:
        """How long this one takes."""
        return self._random.uniform(0, self.times[name]) if self.times.get(name) else 0.0

    def retry_after(self) -> str:
        """As whole seconds, with a fraction, or as a date: all three occur."""
        return self._random.choice(("0", "0.2", formatdate(time.time(), usegmt=True)))


FAULTS: web.AppKey[Faults] = web.AppKey("faults", Faults)


def read_faults(written: str) -> Faults:
    """`429=0.1,late=5s`. Raises `FaultsUnreadable`."""
    faults: dict[str, float] = {}
    times: dict[str, float] = {}
    whole = {"seed": 1, "units": 0}
    for part in filter(None, (p.strip() for p in written.split(","))):
        name, _, value = part.partition("=")
        if name in PARTS and re.fullmatch(r"0?\.\d+|[01](\.0+)?", value):
            faults[name] = float(value)
        elif name in TIMES and re.fullmatch(r"\d+(\.\d+)?s", value):
            times[name] = float(value[:-1])
        elif name in whole and value.isdecimal():
            whole[name] = int(value)
        else:
            raise FaultsUnreadable(
                f"'{part}' is no fault. Write parts of all requests ({', '.join(PARTS)}) as 429=0.1, "
                f"times ({', '.join(TIMES)}) as late=5s, units=1250 or seed=7."
            )
    return Faults(faults, times, units_a_minute=whole["units"], seed=whole["seed"])


@web.middleware
async def inject_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Middleware: strike before the request is carried out, or lose the answer afterwards."""
    faults = request.app[FAULTS]
    is_graph = request.path.startswith("/v1.0/")
    if not is_graph and not request.path.startswith("/v3/"):
        return await handler(request)
    for status, code in STATUSES.items():
        if (is_graph or status in BOTS) and faults.strikes(status):
            raise GraphError(int(status), code, "The service is busy (a fault on demand).", _waiting(faults, status))
    if is_graph and "X-Local-Batch" not in request.headers:
        if faults.strikes("reset"):
            return _cut(request)
        answer = await _limited(request, handler, faults)
        return _cut(request) if faults.strikes("lost") else answer
    return await _limited(request, handler, faults) if is_graph else await handler(request)


def _waiting(faults: Faults, status: str) -> dict[str, str]:
    return {"Retry-After": faults.retry_after()} if status in ("429", "503") else {}


def _cut(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)


async def _limited(request: web.Request, handler: Handler, faults: Faults) -> web.StreamResponse:
    """Outlook's four at once for a mailbox, SharePoint's units a minute, and the time an answer takes."""
    mailbox = re.match(r"/v1\.0/users/([^/]+)/(?:messages|events|calendar|mailFolders)", request.path)
    key = mailbox[1] if mailbox else ""
    if key and faults.busy[key] >= AT_ONCE:
        faults.met["mailbox"] += 1
        raise GraphError(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.",
                         {"Retry-After": "1"})  # fmt: skip
    headers = _spend(request, faults) if request.path.startswith(("/v1.0/sites/", "/v1.0/drives/")) else {}
    faults.busy[key] += 1
    try:
        if wait := faults.wait_s("slow"):
            await asyncio.sleep(wait)
        answer = await handler(request)
    finally:
        faults.busy[key] -= 1
    answer.headers.update(headers)
    return answer


def _spend(request: web.Request, faults: Faults) -> dict[str, str]:
    """Count resource units as SharePoint does; warn from four fifths on, refuse beyond the limit."""
    if not faults.units_a_minute:
        return {}
    now = time.monotonic()
    while faults.spent and faults.spent[0][0] < now - 60:
        faults.spent.popleft()
    one = request.method == "GET" and (
        "token=" in request.query_string or not request.path.endswith(("items", "delta"))
    )
    faults.spent.append((now, 1 if one else 2))
    total, limit = sum(units for _, units in faults.spent), faults.units_a_minute
    reset = max(round(faults.spent[0][0] + 60 - now), 1)
    headers = {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(max(limit - total, 0)),
        "RateLimit-Reset": str(reset),
    }
    if total > limit:
        faults.met["units"] += 1
        raise GraphError(429, "activityLimitReached", "Too many requests.", {**headers, "Retry-After": str(reset)})
    return headers if total >= limit * 0.8 else {}
