"""Effects that are stuck: shown with the reason, begun again once it is mended, or dropped with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlalchemy import Row, select, update

from casework import tables
from casework.desk import CONSOLE, SYSTEM, Work, insert_or_replace
from casework.directory_record import directory_of
from casework.effects import DOUBT, RETRIED, EffectState
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from communities.calendars import at_london, london
from communities.directory import Role

PLACE = "place:"
"""What an effect needs that `cos provision` finds or makes begins so: the id of a list or a library."""

ROOM = "room in the libraries"
"""What an effect needs that could not be filed: the site's storage is full."""

TRIED_AT = time(7, 0)
"""A choice: with the morning's papers."""

TRIED = "room looked for on"
"""The counter with the day (its ordinal) on which what waits for room was tried again."""


def stuck_effects(work: Work) -> Sequence[Row[Any]]:
    """Everything that is stuck, the oldest first."""
    effects = tables.effects
    rows = select(effects).where(effects.c.state == EffectState.STUCK)
    return work.conn.execute(rows.order_by(effects.c.created_at, effects.c.id)).all()


def retry(work: Work, effect_id: str, by: str) -> None:
    """Begin a stuck effect again. A post in doubt is posted anew: look in the channel first."""
    _check(work, effect_id, by)
    begin_again(work, [effect_id])
    work.acting(by).journal(RETRIED, effect_id)


@dataclass(frozen=True, kw_only=True)
class Retried:
    """What became of everything that was to be tried again."""

    begun: int
    in_doubt: int
    """Posts that may have arrived: each is looked for, then tried again by itself."""


def retry_all(work: Work, by: str, *, kind: str = "", reason: str = "") -> Retried:
    """Begin again everything that is stuck, or that of a kind, or for a reason (a part of its words), posts in doubt
    left out. Raises `InputRefused` where there is nothing of it.
    """
    _check_administrator(work, by)
    wanted = [
        r
        for r in stuck_effects(work)
        if kind in ("", r.kind) and reason.strip().casefold() in (r.problem or "").casefold()
    ]
    if not wanted:
        raise InputRefused("Nothing of the sort is stuck. `cos stuck list` shows what is, and why.")
    certain = [r.id for r in wanted if DOUBT not in (r.problem or "")]
    begin_again(work, certain)
    for effect_id in certain:
        work.acting(by).journal(RETRIED, effect_id)
    return Retried(begun=len(certain), in_doubt=len(wanted) - len(certain))


def rooms_due(work: Work) -> list[str]:
    """The sweep's question: whether what waits for room in the libraries is tried again, each morning after the day it
    was asked for.
    """
    effects, counters = tables.effects, tables.counters
    if at_london(work.today, TRIED_AT) > work.now:
        return []
    tried = work.conn.execute(select(counters.c.value).where(counters.c.name == TRIED)).scalar()
    waits = select(effects.c.created_at).where(effects.c.state == EffectState.STUCK, effects.c.needs == ROOM)
    oldest = work.conn.execute(waits.order_by(effects.c.created_at).limit(1)).scalar()
    is_old = oldest is not None and london(oldest).date() < work.today
    return ["room"] if is_old and tried != work.today.toordinal() else []


def try_for_room(work: Work, _room: str) -> None:
    """Try everything that waits for room once more."""
    row = {"name": TRIED, "value": work.today.toordinal()}
    work.conn.execute(insert_or_replace(work.conn, tables.counters, row, ("name",)))
    retry_waiting_for(work, ROOM)


def drop(work: Work, effect_id: str, reason: str, by: str) -> None:
    """Say that a stuck effect is not to be done any more; the reason stands in the journal."""
    _check(work, effect_id, by)
    if not reason.strip():
        raise InputRefused("Say why it is dropped: whoever asks later reads it in the journal.")
    effects = tables.effects
    work.conn.execute(update(effects).where(effects.c.id == effect_id).values(state=EffectState.DROPPED.value))
    work.acting(by).journal("drop effect", effect_id, reason=reason.strip())


def retry_waiting_for(work: Work, needs: str) -> int:
    """Begin again what was stuck for want of something that is there now; returns how many."""
    effects = tables.effects
    ids = work.conn.execute(
        select(effects.c.id).where(effects.c.state == EffectState.STUCK, effects.c.needs == needs)
    ).scalars()
    found = list(ids)
    begin_again(work, found)
    return len(found)


def begin_again(work: Work, effect_ids: Sequence[str]) -> None:
    """Have effects carried out once more, whatever became of them."""
    effects = tables.effects
    for effect_id in effect_ids:
        run = work.conn.execute(
            update(effects)
            .where(effects.c.id == effect_id)
            .values(
                state=EffectState.WAITING.value,
                needs="",
                attempts=0,
                runs=effects.c.runs + 1,
                told_at=None,
                owner_told_at=None,
            )
            .returning(effects.c.runs)
        ).scalar_one()
        work.desk.enqueue(work.conn, effect_id, run)


def _check(work: Work, effect_id: str, by: str) -> None:
    _check_administrator(work, by)
    effects = tables.effects
    state = work.conn.execute(select(effects.c.state).where(effects.c.id == effect_id)).scalar_one_or_none()
    if state is None:
        raise InputRefused(f"There is no effect '{effect_id[:120]}'. `cos stuck list` shows those that are stuck.")
    if state != EffectState.STUCK:
        raise AlreadyDone(f"'{effect_id}' is not stuck: it is {state}. Nothing was changed.")


def _check_administrator(work: Work, by: str) -> None:
    if by not in (CONSOLE, SYSTEM) and not directory_of(work).holds(by, Role.ADMINISTRATOR):
        raise NotAllowed("What is stuck is an administrator's to mend.")
