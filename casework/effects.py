"""Effects: what a command asks for outside, carried out later, one by one, as often as it takes.

Handlers register themselves here by kind; `engine` runs them durably. What cannot succeed ends
as `stuck` with the reason, where `cos status` shows it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Row, and_, bindparam, literal, or_, select, update

from casework import tables
from casework.database import is_record_away
from casework.desk import Desk, Work
from casework.errors import Conflict, InputRefused, NeedsAttention, NotAllowed, TryLater
from casework.ports import Ports
from casework.tracing import span
from communities.calendars import london

Handler = Callable[[Desk, Ports, str], Awaitable[None]]
HANDLERS: dict[str, Handler] = {}
BUG_ATTEMPTS = 5
"""An error nobody foresaw is tried again this often before it is shown as stuck."""

CATCHING_UP = timedelta(hours=1)
"""A choice: what is asked for within an hour after a restore may have happened before it."""

RETRIED = "retry effect"
"""The journal's word for an effect somebody began again (`stuck.retry`)."""

CONFLICT_ATTEMPTS = 100
"""Somebody who changes the same thing for minutes on end is no person: then it is shown as stuck."""

DOUBT = "Teams does not say whether"
"""Stands in every reason for which a post may have arrived: nobody repeats it without having looked."""

log = structlog.get_logger()


class EffectState(StrEnum):
    """Where an effect stands. A post is `begun` just before it leaves: after a crash it is in doubt."""

    WAITING = "waiting"
    BEGUN = "begun"
    DONE = "done"
    STUCK = "stuck"
    DROPPED = "dropped"
    """Somebody said that it is not to be done any more."""


def is_overtaken(work: Work, kind: str, subject: str) -> bool:
    """Whether the same was asked for later about the same thing (`R-2026-0001#5`, then `#9`): that one says what is
    true by now, and two would say it twice.
    """
    effects, of = tables.effects, subject.partition("#")[0]
    asked = select(effects.c.subject, effects.c.created_at).where(
        effects.c.kind == kind, effects.c.subject.startswith(f"{of}#")
    )
    turns = {row.subject: (row.created_at, _number(row.subject)) for row in work.conn.execute(asked)}
    return subject in turns and any(_comes_after(other, turns[subject]) for other in turns.values())


def _number(subject: str) -> int | None:
    """Which of those asked for at one moment was the last; None where it is told by a word (`R-2026-0001#anew1`)."""
    number = subject.partition("#")[2]
    return int(number) if number.isdecimal() else None


def _comes_after(one: tuple[datetime, int | None], other: tuple[datetime, int | None]) -> bool:
    if one[0] != other[0]:
        return one[0] > other[0]
    return one[1] is not None and other[1] is not None and one[1] > other[1]


def effect(kind: str) -> Callable[[Handler], Handler]:
    """Register the handler of a kind of effect; its subject is an id, never personal data."""

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return register


IS_FIRST_TRY: ContextVar[bool] = ContextVar("is_first_try", default=False)
"""Whether the effect at hand was never tried before: nothing of it can be there yet, so nobody needs to look for it."""


async def attempt(desk: Desk, ports: Ports, effect_id: str) -> float | None:
    """Carry out one effect once. None when it is settled, else the seconds to wait before the next try."""
    row = await desk.run("CoS Desk", _begin, effect_id)
    if row is None:
        return None
    with span(f"effect {row.kind}", row.trace, attempt=row.attempts) as opened:
        wait_s = await _carried_out(desk, ports, row)
        opened.set_attribute("outcome", "settled" if wait_s is None else "tried again")
        return wait_s


async def _carried_out(desk: Desk, ports: Ports, row: Row[Any]) -> float | None:
    IS_FIRST_TRY.set(row.attempts == 1 and row.runs == 0 and desk.restored_at is None)
    try:
        await HANDLERS[row.kind](desk, ports, row.subject)
    except TryLater as error:
        await desk.run("CoS Desk", _settle, row, EffectState.WAITING, str(error))
        return max(error.retry_after_s, 0.0)
    except Conflict as error:
        if row.attempts >= CONFLICT_ATTEMPTS:
            said = f"{error} That went on {row.attempts} times; look at the item in SharePoint."
            await desk.run("CoS Desk", _settle, row, EffectState.STUCK, said)
            return None
        await desk.run("CoS Desk", _settle, row, EffectState.WAITING, str(error))
        return float(min(0.2 * row.attempts, 5.0))
    except (NeedsAttention, InputRefused, NotAllowed) as error:
        log.warning("effect stuck", effect=row.kind, code=error.code)
        await desk.run("CoS Desk", _settle, row, EffectState.STUCK, str(error), getattr(error, "needs", ""))
        return None
    except Exception as error:
        if is_record_away(error):
            raise
        log.exception("effect failed", effect=row.kind, attempt=row.attempts)
        if await desk.run("CoS Desk", _in_doubt, row):
            return None
        said = f"An unexpected error ({type(error).__name__}). The service's log has the details."
        if row.attempts >= BUG_ATTEMPTS:
            await desk.run("CoS Desk", _settle, row, EffectState.STUCK, said)
            return None
        await desk.run("CoS Desk", _settle, row, EffectState.WAITING, said)
        return float(2**row.attempts)
    await desk.run("CoS Desk", _settle, row, EffectState.DONE, None)
    return None


async def give_up(desk: Desk, effect_id: str, tries: int) -> None:
    """Show an effect that was tried as often as the engine does as stuck, with what it waited for last."""
    await desk.run("CoS Desk", _give_up, effect_id, tries)


def _give_up(work: Work, effect_id: str, tries: int) -> None:
    effects = tables.effects
    waits = select(effects).where(effects.c.id == effect_id, effects.c.state == EffectState.WAITING)
    if (row := work.conn.execute(waits).one_or_none()) is not None:
        said = f"It was tried {tries:,} times. {row.problem or ''} Mend that, then `cos stuck retry`."
        _settle(work, row, EffectState.STUCK, said)


def _begin(work: Work, effect_id: str) -> Row[Any] | None:
    effects = tables.effects
    bumped = work.conn.execute(_BUMP, {"effect_id": effect_id}).one_or_none()
    if bumped is None:
        row = work.conn.execute(select(effects).where(effects.c.id == effect_id)).one_or_none()
        if row is not None:
            _in_doubt(work, row)
    return bumped


_BUMP = (
    update(tables.effects)
    .where(tables.effects.c.id == bindparam("effect_id"), tables.effects.c.state == EffectState.WAITING.value)
    .values(attempts=tables.effects.c.attempts + 1)
    .returning(*tables.effects.c)
)
_SETTLE = (
    update(tables.effects)
    .where(
        tables.effects.c.id == bindparam("effect_id"),
        tables.effects.c.attempts == bindparam("attempt"),
        tables.effects.c.runs == bindparam("run"),
        or_(
            tables.effects.c.state.in_((EffectState.WAITING.value, EffectState.BEGUN.value)),
            and_(tables.effects.c.state == EffectState.STUCK.value, literal(EffectState.DONE.value) == bindparam("to")),
        ),
    )
    .values(state=bindparam("to"), problem=bindparam("said"), needs=bindparam("wants"), done_at=bindparam("at"))
)
"""Made once: every effect runs through both. Only the newest try settles it: a worker that was away finds that another
has tried since, and its word counts no more, but that a post in doubt did arrive.
"""


def _in_doubt(work: Work, row: Row[Any]) -> bool:
    """Whether a post had begun: then it is stuck, never repeated blindly."""
    effects = tables.effects
    if work.conn.execute(select(effects.c.state).where(effects.c.id == row.id)).scalar() != EffectState.BEGUN:
        return False
    said = (
        f"Something broke while this was being posted, and {DOUBT} it arrived. "
        "Look in the channel or chat; it is not repeated by itself."
    )
    _settle(work, row, EffectState.STUCK, said)
    return True


def not_asked_for(work: Work, kind: str, subjects: Sequence[str]) -> list[str]:
    """Those of the subjects whose effect of that kind was never asked for, in their order."""
    effects, ids = tables.effects, {f"{kind}:{s}": s for s in subjects}
    known = set(work.conn.execute(select(effects.c.id).where(effects.c.id.in_(ids))).scalars()) if ids else set()
    return [subject for effect_id, subject in ids.items() if effect_id not in known]


def mark_begun(work: Work, effect_id: str) -> None:
    """Just before something that cannot be looked up afterwards: a post in Teams.

    Raises `NeedsAttention` where it may have been posted before the record was restored from a backup, unless somebody
    looked and said to try again.
    """
    if _may_be_from_before(work, effect_id):
        restored_on = f"{london(work.desk.restored_at):%-d %B at %H:%M}"  # type: ignore[arg-type]
        raise NeedsAttention(
            f"The record was restored from a backup on {restored_on}, and {DOUBT} this was posted before. Look in the "
            "channel or chat: where it is, drop this; where it is not, try again."
        )
    work.conn.execute(
        update(tables.effects).where(tables.effects.c.id == effect_id).values(state=EffectState.BEGUN.value)
    )


def _may_be_from_before(work: Work, effect_id: str) -> bool:
    restored_at, effects, journal = work.desk.restored_at, tables.effects, tables.journal
    if restored_at is None:
        return False
    asked_at = work.conn.execute(select(effects.c.created_at).where(effects.c.id == effect_id)).scalar_one()
    if asked_at > restored_at + CATCHING_UP:
        return False
    looked = select(journal.c.number).where(
        journal.c.subject == effect_id, journal.c.command == RETRIED, journal.c.at >= restored_at
    )
    return work.conn.execute(looked.limit(1)).first() is None


def _settle(work: Work, row: Row[Any], state: EffectState, problem: str | None, needs: str = "") -> None:
    values = {
        "effect_id": row.id, "attempt": row.attempts, "run": row.runs, "to": state.value, "said": problem,
        "wants": needs, "at": work.now if state is EffectState.DONE else None,
    }  # fmt: skip
    work.conn.execute(_SETTLE, values)
