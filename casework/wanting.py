"""What Graph's notifications asked for, across processes: counted by whoever hears, read by the worker that syncs."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update

from casework import tables
from casework.desk import Work, insert_once


def want(work: Work, what: Iterable[str]) -> None:
    """Ask once more for each of these."""
    wanted = tables.wanted
    for one in sorted(what):  # in one order, so that two who ask never wait for each other
        work.conn.execute(insert_once(work.conn, wanted).values(what=one, times=0))
        work.conn.execute(update(wanted).where(wanted.c.what == one).values(times=wanted.c.times + 1))


def times_wanted(work: Work) -> dict[str, int]:
    """How often each was asked for, ever."""
    wanted = tables.wanted
    return {r.what: r.times for r in work.conn.execute(select(wanted))}
