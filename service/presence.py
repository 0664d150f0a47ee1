"""A worker's signs of life, its eye on the others, and the duties it holds; on SQLite one process is alone."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from dataclasses import dataclass, field

import structlog

from casework.desk import SYSTEM, Desk
from casework.engine import Outbox
from casework.lease import Lease
from casework.presence import (
    BEAT_S,
    Duty,
    Watch,
    give_sign,
    leave,
    strike_off,
    take_duties,
    take_over,
    who_is_there,
)
from service.away import tell_failed

log = structlog.get_logger()

ALONE = "cos-serve"
"""The name of the one process on a SQLite file: its successor after a crash goes on with what it began."""

LOOK_AGAIN_S = 1.0
"""Between two looks for whether a duty is this worker's."""


def own_name(is_alone: bool) -> str:
    """This process's name among all that ever worked on the record."""
    return ALONE if is_alone else f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


@dataclass(kw_only=True)
class Presence:
    """This worker among the others."""

    desk: Desk
    outbox: Outbox
    name: str
    is_alone: bool
    duties: set[Duty] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lease = None if self.is_alone else Lease()
        self._watch = Watch()

    def holds(self, duty: Duty) -> bool:
        """Whether that is this worker's to do now."""
        return self.lease is None or (duty in self.duties and self.lease.is_fresh)

    async def turn(self, duty: Duty) -> None:
        """Wait until that is this worker's to do."""
        while not self.holds(duty):  # noqa: ASYNC110  nothing tells of it: the lease ends by itself
            await asyncio.sleep(LOOK_AGAIN_S)

    async def run(self) -> None:
        """Give signs of life until cancelled."""
        while not self.is_alone:
            try:
                await self.look()
            except Exception as error:
                tell_failed("sign of life", error)
            await asyncio.sleep(BEAT_S)

    async def look(self) -> None:
        """One sign of life, one look at the others."""
        if self.lease is None:
            return
        since, life = self.lease.now(), self.lease.life
        beats = await self.desk.run(SYSTEM, give_sign, self.name)
        self.lease.renew(since)
        if self.lease.life != life:
            log.warning("this worker was away; what it had begun is left to the others", worker=self.name)
        for silent in self._watch.look(beats, self.lease.now()):
            if silent != self.name and await self.desk.run(SYSTEM, strike_off, silent, beats[silent]):
                log.warning("a worker is silent and was struck off", worker=silent)
        self.duties = await self.desk.run(SYSTEM, take_duties, self.name)
        if self.holds(Duty.TAKING_OVER):
            await self._take_over()

    async def _take_over(self) -> None:
        there = await self.desk.look(who_is_there)
        taken = await asyncio.to_thread(take_over, self.outbox, there)
        if taken:
            log.warning("effects of workers that are gone were taken over", count=taken)

    def leave(self) -> None:
        """Put back what was begun and not finished, and say goodbye; the others need not wait for anything. Blocking.

        Still there while it puts back, so that nobody else does the same at once; what goes on in here writes no more.
        """
        if self.lease is None:
            return
        self.duties = set()
        self.lease.end()
        self.outbox.resume_of(self.name)
        with self.desk.work() as work:
            leave(work, self.name)
