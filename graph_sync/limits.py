"""Microsoft's limits, kept by all workers together: requests at once to a mailbox, units a minute, waits it asked for.

Every request takes its turn here. What was agreed stands in the record's database, so that any number of processes on
PostgreSQL share one budget; the clock is the machine's, not the desk's. It may be set back: a lease that ends
later than any lease can, and a pause of a minute that has yet to come, are of the clock as it was, and hold no more.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work, insert_once
from casework.errors import TryLater
from casework.lease import boot_time

MAILBOX_AT_ONCE = 4
"""Outlook: four requests at once for an app and mailbox (learn.microsoft.com/graph/throttling-limits)."""

UNITS_A_MINUTE = 1_200
"""SharePoint: 1,250 resource units a minute for an app in the smallest tenant ('How to avoid getting throttled')."""

CHUNK = 60
"""Units reserved at once, so that the record is asked once for many requests."""

LEASE_S = 10.0
SKEW_S = 60.0
"""What machines' clocks may differ by; more is a clock that was set back."""

LOOK_AGAIN_S = 0.05
SLOW_FROM = 0.2
"""From a fifth of what RateLimit-Limit allows on, requests are spread over the rest of the window."""

LONGEST_S = 60.0
_MAILBOX = re.compile(r"/users/([^/]+)/(?:messages|events|calendar|mailFolders)")


@dataclass(frozen=True)
class Resource:
    """What a request is counted against."""

    name: str
    at_once: int = 0
    """Requests at once; 0 for any number."""
    units: int = 0
    """What this request costs of the minute's budget; 0 where there is none."""


def resource_of(method: str, url: str, weight: int = 1) -> Resource:
    """A mailbox, SharePoint with its resource units, or the rest of Graph. A batch is SharePoint's; `weight` is what
    its requests cost together.
    """
    if url.endswith("/$batch"):
        return Resource("sharepoint", units=weight)
    if match := _MAILBOX.search(url):
        return Resource(f"mailbox:{match[1].casefold()}", at_once=MAILBOX_AT_ONCE)
    if "/sites/" in url or "/drives/" in url:
        path, _, query = url.partition("?")
        many = path.endswith(("/items", "/lists", "/columns", "/drives", "/children"))
        first_delta = path.endswith(("/delta", "/delta()")) and "token=" not in query
        return Resource("sharepoint", units=2 if method != "GET" or many or first_delta else 1)
    return Resource("graph")


@dataclass
class _Slot:
    number: int
    until: float
    busy: bool = True


@dataclass
class Limits:
    """One process's share of the limits."""

    desk: Desk
    holder: str
    """This process's name; unique among processes."""
    units_a_minute: int = UNITS_A_MINUTE
    is_alone: bool = False
    """On SQLite one process serves: a mailbox's turns are its own, and the record is not asked for them."""
    clock: Callable[[], float] = time.time
    """Unix time, for what is shared with others."""
    _not_before: dict[str, float] = field(default_factory=dict)
    """By this machine's steady clock."""
    _left: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Resource to the minute and the units of it that are reserved and not spent."""
    _slots: dict[str, list[_Slot]] = field(default_factory=dict)
    _waiting: dict[str, int] = field(default_factory=dict)
    _reserving: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def turn(self, resource: Resource) -> AsyncIterator[None]:
        """Wait until a request of this resource may be sent. Raises `TryLater` where that is a minute or more away."""
        await self._wait(resource.name)
        if resource.units:
            await self._spend(resource)
        if not resource.at_once:
            yield
            return
        slot = await self._take(resource)
        try:
            yield
        finally:
            slot.busy = False
            if not self._waiting.get(resource.name):
                self._slots[resource.name].remove(slot)
                if not self.is_alone:
                    await self.desk.run(SYSTEM, _give_back, resource.name, slot.number, self.holder)

    async def _wait(self, name: str) -> None:
        while (wait := self._not_before.get(name, 0.0) - boot_time()) > 0:
            if wait > LONGEST_S:
                raise TryLater("Microsoft asked for a pause.", wait)
            await asyncio.sleep(wait)

    async def _spend(self, resource: Resource) -> None:
        """Take units of this minute's budget, reserved from the record in chunks."""
        async with self._reserving:
            while True:
                minute = int(self.clock() // 60)
                window, left = self._left.get(resource.name, (minute, 0))
                if window == minute and left >= resource.units:
                    self._left[resource.name] = (minute, left - resource.units)
                    return
                got, not_before = await self.desk.run(SYSTEM, _reserve, resource.name, minute, self.units_a_minute)
                if (pause := not_before - self.clock()) > 0:
                    self._not_before[resource.name] = boot_time() + pause
                    await self._wait(resource.name)
                if not got:
                    await asyncio.sleep(min(max((minute + 1) * 60 - self.clock(), 0.0), 60.0))
                    continue
                kept = left if window == minute else 0
                self._left[resource.name] = (minute, kept + got)

    async def _take(self, resource: Resource) -> _Slot:
        """A free slot of this process, or one leased from the record."""
        own = self._slots.setdefault(resource.name, [])
        self._waiting[resource.name] = self._waiting.get(resource.name, 0) + 1
        try:
            while True:
                own[:] = [s for s in own if s.busy or s.until > boot_time() + 1]
                if free := next((s for s in own if not s.busy), None):
                    free.busy = True
                    return free
                if len(own) < resource.at_once:
                    now, until = self.clock(), boot_time() + LEASE_S
                    if self.is_alone:
                        own.append(slot := _Slot(len(own), float("inf")))
                        return slot
                    number = await self.desk.run(SYSTEM, _lease, resource, self.holder, now)
                    if number is not None:
                        own.append(slot := _Slot(number, until))
                        return slot
                await asyncio.sleep(LOOK_AGAIN_S)
        finally:
            self._waiting[resource.name] -= 1

    async def heard(self, resource: Resource, status: int, headers: Mapping[str, str], wait_s: float) -> None:
        """Learn from an answer: a pause that was asked for holds for all workers, a low rest slows this one down."""
        if status in (429, 503) and wait_s:
            self._not_before[resource.name] = boot_time() + wait_s
            if resource.units or resource.at_once:
                await self.desk.run(SYSTEM, _pause, resource.name, self.clock(), wait_s)
            return
        try:
            limit, rest = int(headers["ratelimit-limit"]), int(headers["ratelimit-remaining"])
            reset = float(headers["ratelimit-reset"])
        except (KeyError, ValueError):
            return
        if rest <= limit * SLOW_FROM:
            self._not_before[resource.name] = boot_time() + min(reset / (rest + 1), LONGEST_S)


def _reserve(work: Work, name: str, minute: int, limit: int) -> tuple[int, float]:
    """A chunk of the minute's budget, as much as is left; and the moment before which nothing may be sent."""
    budgets = tables.graph_budgets
    new = {"resource": name, "minute": minute, "spent": 0, "not_before": 0.0}
    work.conn.execute(insert_once(work.conn, budgets).values(new))
    row = work.conn.execute(select(budgets).where(budgets.c.resource == name).with_for_update()).one()
    spent = row.spent if row.minute == minute else 0
    got = min(CHUNK, max(limit - spent, 0))
    not_before = 0.0 if _is_ahead(row.minute, minute) else float(row.not_before)
    new = {"minute": minute, "spent": spent + got, "not_before": not_before}
    work.conn.execute(update(budgets).where(budgets.c.resource == name).values(new))
    return got, not_before


def _is_ahead(written: int, minute: int) -> bool:
    """Whether what stands there is from later than now: the clock was set back."""
    return written > minute + SKEW_S // 60


def _pause(work: Work, name: str, now: float, wait_s: float) -> None:
    budgets, minute = tables.graph_budgets, int(now // 60)
    new = {"resource": name, "minute": minute, "spent": 0, "not_before": 0.0}
    work.conn.execute(insert_once(work.conn, budgets).values(new))
    row = work.conn.execute(select(budgets).where(budgets.c.resource == name).with_for_update()).one()
    until = now + wait_s if _is_ahead(row.minute, minute) else max(row.not_before, now + wait_s)
    new = {"minute": minute, "spent": row.spent if row.minute == minute else 0, "not_before": until}
    work.conn.execute(update(budgets).where(budgets.c.resource == name).values(new))


def _lease(work: Work, resource: Resource, holder: str, now: float) -> int | None:
    """The number of a slot that is free or run out; None where others have them all, or were asked for a pause."""
    slots, budgets, until = tables.graph_slots, tables.graph_budgets, now + LEASE_S
    asked = select(budgets.c.minute, budgets.c.not_before).where(budgets.c.resource == resource.name)
    pause = work.conn.execute(asked).one_or_none()
    if pause is not None and not _is_ahead(pause.minute, int(now // 60)) and pause.not_before > now:
        return None
    for number in range(resource.at_once):
        key = (slots.c.resource == resource.name) & (slots.c.number == number)
        row = work.conn.execute(select(slots).where(key).with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            values = {"resource": resource.name, "number": number, "holder": holder, "until": until}
            if work.conn.execute(insert_once(work.conn, slots).values(values).returning(slots.c.number)).first():
                return number
            continue
        if not now <= row.until <= until + SKEW_S:
            work.conn.execute(update(slots).where(key).values(holder=holder, until=until))
            return number
    return None


def _give_back(work: Work, name: str, number: int, holder: str) -> None:
    slots = tables.graph_slots
    work.conn.execute(
        update(slots)
        .where(slots.c.resource == name, slots.c.number == number, slots.c.holder == holder)
        .values(until=0.0)
    )
