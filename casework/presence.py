"""Which workers there are: each counts its signs of life in the record; who is silent is struck off, and what it had
begun goes to the others. Duties that one alone does (the clocks, the sync, taking over) have one holder each.

No clock is compared: whether somebody is silent is judged by how long a look at the counter found it unchanged, so that
clocks that differ or are set back, a database that was away and a watcher that was frozen make nobody look dead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import delete, insert, select, update

from casework import tables
from casework.desk import Work, insert_once
from casework.engine import Outbox

BEAT_S = 3.0
"""Between two signs of life (docs/decisions/0015)."""

SILENT_S = 15.0
"""Who gave no sign for this long is struck off; longer than `lease.LASTS_S`, so that it has stopped writing by then."""


class Duty(StrEnum):
    """What one worker alone does."""

    CLOCKS = "clocks"
    SYNC = "sync"
    TAKING_OVER = "taking over"


def give_sign(work: Work, name: str) -> dict[str, int]:
    """Count up one's own signs (beginning anew where one was struck off); everybody's, by name."""
    workers = tables.workers
    done = work.conn.execute(update(workers).where(workers.c.name == name).values(beat=workers.c.beat + 1))
    if not done.rowcount:
        work.conn.execute(insert(workers).values(name=name, beat=1, since=work.now))
    return {r.name: r.beat for r in work.conn.execute(select(workers.c.name, workers.c.beat))}


def who_is_there(work: Work) -> set[str]:
    """The names of all workers."""
    return set(work.conn.execute(select(tables.workers.c.name)).scalars())


def strike_off(work: Work, name: str, beat: int) -> bool:
    """Strike a silent worker off, unless it gave a sign just now."""
    workers = tables.workers
    gone = work.conn.execute(delete(workers).where(workers.c.name == name, workers.c.beat == beat))
    return bool(gone.rowcount)


def take_duties(work: Work, name: str) -> set[Duty]:
    """Take the duties nobody holds who is there; all this worker has now."""
    duties, there = tables.duties, select(tables.workers.c.name)
    for duty in Duty:
        work.conn.execute(insert_once(work.conn, duties).values(name=duty.value, holder=name))
    free = update(duties).where(duties.c.holder.not_in(there)).values(holder=name)
    work.conn.execute(free)
    held = select(duties.c.name).where(duties.c.holder == name)
    return {Duty(d) for d in work.conn.execute(held).scalars() if d in set(Duty)}


def leave(work: Work, name: str) -> None:
    """Say goodbye: others take the duties, and what is unfinished, at their next look."""
    work.conn.execute(delete(tables.workers).where(tables.workers.c.name == name))


def take_over(outbox: Outbox, there: set[str]) -> int:
    """Put back on the queue what workers began that are not there any more; returns how many."""
    return outbox.resume([w for w, executor in outbox.begun() if executor not in there])


@dataclass
class Watch:
    """One worker's eye on the others. Pure: what it saw and when, by its own steady clock."""

    silent_s: float = SILENT_S
    _seen: dict[str, tuple[int, float]] = field(default_factory=dict)
    _looked_at: float | None = None

    def look(self, beats: Mapping[str, int], at: float) -> list[str]:
        """Who has been silent for too long. After a gap in looking everybody has the whole time again."""
        is_gap = self._looked_at is not None and at - self._looked_at > self.silent_s / 2
        known = {} if is_gap else self._seen
        self._looked_at = at
        now = {name: (beat, at) for name, beat in beats.items()}
        self._seen = {n: known[n] if n in known and known[n][0] == now[n][0] else now[n] for n in now}
        return [name for name, (_, since) in self._seen.items() if at - since >= self.silent_s]
