"""What was refused at a door before anybody was known: on the journal by door and reason, counted, never one entry a
try, and never what was sent.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import structlog

from casework.database import is_record_away
from casework.desk import SYSTEM, Desk, Work

log = structlog.get_logger()
BETWEEN_S = 600.0
"""Between two entries of one door and reason: a flood of forged requests fills neither the journal nor the log."""


class Refusals:
    """One process's count of what it refused."""

    def __init__(
        self,
        desk: Desk,
        clock: Callable[[], float] = time.monotonic,
        count: Callable[[str, str], None] = lambda *_: None,
    ) -> None:
        self._desk, self._clock, self._count = desk, clock, count
        self._times: Counter[tuple[str, str]] = Counter()
        self._written: dict[tuple[str, str], float] = {}

    async def note(self, door: str, reason: str) -> None:
        """Count one; the first is written at once, later ones with those since."""
        self._count(door, reason)
        key, now = (door, reason), self._clock()
        self._times[key] += 1
        if now - self._written.get(key, float("-inf")) < BETWEEN_S:
            return
        self._written[key] = now
        times = self._times.pop(key)
        log.warning("refused at the door", door=door, reason=reason, times=times)
        try:
            await self._desk.run(SYSTEM, _write, door, reason, times)
        except Exception as error:
            if not is_record_away(error):
                raise
            self._times[key] += times  # the caller is refused all the same; it is written the next time
            log.warning("a refusal is not on the journal yet", door=door, reason=reason)


def _write(work: Work, door: str, reason: str, times: int) -> None:
    work.journal("refuse at the door", door, door=door, reason=reason, times=times)
