"""What Graph's notifications asked for, across processes: counted by whoever hears, read by the worker that syncs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select, update

from casework import tables
from casework.desk import Work, insert_once
from casework.tracing import where


def want(work: Work, what: Iterable[str]) -> None:
    """Ask once more for each of these."""
    wanted = tables.wanted
    for one in sorted(what):  # in one order, so that two who ask never wait for each other
        work.conn.execute(insert_once(work.conn, wanted).values(what=one, times=0))
        work.conn.execute(update(wanted).where(wanted.c.what == one).values(times=wanted.c.times + 1, trace=where()))


class Asked(NamedTuple):
    """How often a thing was asked for, ever, and where it was last."""

    times: int
    trace: str


def times_wanted(work: Work) -> dict[str, Asked]:
    """Everything that was ever asked for."""
    wanted = tables.wanted
    return {r.what: Asked(r.times, r.trace) for r in work.conn.execute(select(wanted))}
