"""Figures for whoever watches the service: effects by state and age, clocks about to break, workers. Counts only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.due import due_of
from casework.effects import EffectState

OPEN = (EffectState.WAITING.value, EffectState.BEGUN.value, EffectState.STUCK.value)
SOON = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Measures:
    """How the desk stands at one moment."""

    effects: Mapping[tuple[str, str], int]
    """(kind, state) to how many, of those not settled."""
    oldest_waiting_s: float
    """Age of the oldest effect that waits; 0 where none does."""
    clocks: Mapping[str, int]
    """`overdue`, `today`, `soon` (within two days) to how many deadlines."""
    workers: int


def measures(work: Work) -> Measures:
    """Read them from the record."""
    effects = tables.effects
    counted = select(effects.c.kind, effects.c.state, func.count()).where(effects.c.state.in_(OPEN))
    rows = work.conn.execute(counted.group_by(effects.c.kind, effects.c.state))
    oldest = work.conn.execute(
        select(func.min(effects.c.created_at)).where(effects.c.state == EffectState.WAITING)
    ).scalar()
    names = [c.name for c in directory_of(work).communities]
    clocks = Counter({"overdue": 0, "today": 0, "soon": 0})
    for due in due_of(work, names, work.today + SOON):
        days = (due.due_on - work.today).days
        clocks["overdue" if days < 0 else "today" if days == 0 else "soon"] += 1
    return Measures(
        effects={(kind, state): int(n) for kind, state, n in rows},
        oldest_waiting_s=max((work.now - oldest).total_seconds(), 0.0) if oldest is not None else 0.0,
        clocks=clocks,
        workers=int(work.conn.execute(select(func.count()).select_from(tables.workers)).scalar_one()),
    )
