"""Effects nobody carries to their end: they wait in the record, and no workflow of theirs goes on in the engine.

That is so after a record was restored without the engine's tables, after an upgrade the engine could not follow, or
when it gave a workflow up: such effects are begun again. A database that was full or read-only makes the engine drop a
workflow it had begun, which then stands as begun for ever: each worker looks for its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from sqlalchemy import select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.effects import EffectState
from casework.engine import Outbox, workflow_of

LOOK_S = 600.0
"""Between two looks for effects without a workflow."""

OWN_LOOK_S = 10.0
"""Between two looks for workflows this process dropped."""

AT_ONCE = 500
"""Workflows asked after in one question."""

UNSETTLED = (EffectState.WAITING.value, EffectState.BEGUN.value)


async def begin_adrift(desk: Desk, outbox: Outbox) -> int:
    """Begin again what nobody carries on; returns how many. A post that had begun is in doubt, not repeated."""
    begun, after = 0, ""
    while rows := await desk.look(_unsettled, after):
        after = rows[-1][0]
        going_on = await asyncio.to_thread(outbox.going_on, [workflow_of(*row) for row in rows])
        adrift = [row for row in rows if workflow_of(*row) not in going_on]
        if adrift:
            begun += await desk.run(SYSTEM, _begin, adrift)
    return begun


class Dropped:
    """One worker's eye on what it has begun: what two looks in a row find begun and not at work is put back."""

    def __init__(self, worker: str) -> None:
        self._worker, self._missed = worker, set[str]()

    def look(self, begun: Sequence[tuple[str, str]], at_work: Collection[str]) -> list[str]:
        """The workflows to put back on the queue."""
        missing = {workflow for workflow, worker in begun if worker == self._worker and workflow not in at_work}
        found = sorted(missing & self._missed)
        self._missed = missing - set(found)
        return found


def _unsettled(work: Work, after: str) -> list[tuple[str, int]]:
    """The id and the run of each, in the order of the ids."""
    effects = tables.effects
    rows = select(effects.c.id, effects.c.runs).where(
        effects.c.state.in_(UNSETTLED), effects.c.is_queued, effects.c.id > after
    )
    return [(r.id, r.runs) for r in work.conn.execute(rows.order_by(effects.c.id).limit(AT_ONCE))]


def _begin(work: Work, adrift: Sequence[tuple[str, int]]) -> int:
    """Those that are still as they were: what was settled meanwhile ended its workflow by itself."""
    effects, begun = tables.effects, 0
    for effect_id, runs in adrift:
        same = (effects.c.id == effect_id) & (effects.c.runs == runs) & effects.c.state.in_(UNSETTLED)
        if work.conn.execute(update(effects).where(same).values(runs=runs + 1)).rowcount:
            work.desk.enqueue(work.conn, effect_id, runs + 1)
            begun += 1
    return begun
