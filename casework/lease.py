"""Whether this process may still write outside: only while the record heard of it lately.

A worker that was frozen, or cut off from the record, may wake up in the middle of an effect somebody else has taken
over. So an effect belongs to the life of the worker it began in, and nothing of it is sent once that life is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar

from casework.errors import TryLater

LASTS_S = 10.0
"""How long after its last sign of life a worker may write; others wait longer (`presence.SILENT_S`)."""


def boot_time() -> float:
    """Seconds since the machine started, those it slept included; no change of the clock moves it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Lease:
    """One process's right to write, renewed with every sign of life."""

    def __init__(self, lasts_s: float = LASTS_S, clock: Callable[[], float] = boot_time) -> None:
        self._lasts_s, self._clock = lasts_s, clock
        self._renewed_at = clock()
        self.life = 1
        """Counted up when it had run out before it was renewed, and at the end: what was begun before is not gone on
        with.
        """

    def now(self) -> float:
        """By its own clock; taken before the sign of life is given."""
        return self._clock()

    @property
    def is_fresh(self) -> bool:
        """Whether it has not run out."""
        return self._clock() - self._renewed_at <= self._lasts_s

    def end(self) -> None:
        """This process stops: what was begun until now writes no more."""
        self.life += 1

    def renew(self, since: float) -> None:
        """The record heard of this process; `since` is when it set out to say so."""
        if self._clock() - self._renewed_at > self._lasts_s:
            self.life += 1
        self._renewed_at = max(since, self._renewed_at)


_HELD: ContextVar[tuple[Lease, int] | None] = ContextVar("held", default=None)


def begin_under(lease: Lease | None) -> None:
    """What follows in this task belongs to the lease's present life."""
    _HELD.set((lease, lease.life) if lease is not None else None)


class LeaseLost(TryLater):
    """This process was away for too long: whoever took its work over goes on with it."""


def check_lease() -> None:
    """Just before something is written outside. Raises `LeaseLost`."""
    held = _HELD.get()
    if held is not None and not (held[0].is_fresh and held[0].life == held[1]):
        raise LeaseLost("This worker was away for a while; it looks again before it goes on.", 1.0)
