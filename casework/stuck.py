"""Effects that are stuck: shown with the reason, begun again once it is mended, or dropped with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update

from casework import tables
from casework.desk import CONSOLE, SYSTEM, Work
from casework.directory_record import directory_of
from casework.effects import EffectState
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from communities.directory import Role


def stuck_effects(work: Work) -> Sequence[Row[Any]]:
    """Everything that is stuck, the oldest first."""
    effects = tables.effects
    rows = select(effects).where(effects.c.state == EffectState.STUCK)
    return work.conn.execute(rows.order_by(effects.c.created_at, effects.c.id)).all()


def retry(work: Work, effect_id: str, by: str) -> None:
    """Begin a stuck effect again. A post in doubt is posted anew: look in the channel first."""
    _check(work, effect_id, by)
    begin_again(work, [effect_id])
    work.acting(by).journal("retry effect", effect_id)


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
    if by not in (CONSOLE, SYSTEM) and not directory_of(work).holds(by, Role.ADMINISTRATOR):
        raise NotAllowed("What is stuck is an administrator's to mend.")
    effects = tables.effects
    state = work.conn.execute(select(effects.c.state).where(effects.c.id == effect_id)).scalar_one_or_none()
    if state is None:
        raise InputRefused(f"There is no effect '{effect_id[:120]}'. `cos stuck list` shows those that are stuck.")
    if state != EffectState.STUCK:
        raise AlreadyDone(f"'{effect_id}' is not stuck: it is {state}. Nothing was changed.")
