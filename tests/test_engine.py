"""The durable engine itself, on SQLite and on PostgreSQL: what was committed is carried out, once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import cast

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from casework import tables
from casework.database import migrate, open_engine
from casework.desk import CONSOLE, Desk, Mailboxes, Work
from casework.effects import HANDLERS, effect
from casework.engine import EffectEngine, Outbox
from casework.errors import NeedsAttention, TryLater
from casework.ports import Ports
from casework.sealing import Sealer
from casework.stuck import retry
from service.clocks import SystemClock
from tests.conftest import KEY


@pytest.fixture
def done() -> Iterator[list[str]]:
    """The subjects carried out; each is busy the first time."""
    seen: list[str] = []
    tried: set[str] = set()

    @effect("test.engine")
    async def handle(_desk: Desk, _ports: Ports, subject: str) -> None:
        if subject not in tried:
            tried.add(subject)
            raise TryLater("busy", 0.05)
        seen.append(subject)

    yield seen
    del HANDLERS["test.engine"]


def ask(work: Work, subject: str, *, fail: bool = False) -> None:
    work.effect("test.engine", subject)
    if fail:
        raise RuntimeError(subject)


async def test_committed_effects_are_carried_out_once_and_others_never(record_url: str, done: list[str]) -> None:
    engine = open_engine(record_url)
    migrate(engine)
    outbox = await asyncio.to_thread(Outbox, record_url)
    desk = Desk(
        engine=engine, clock=SystemClock(), sealer=Sealer([KEY]), mailboxes=Mailboxes(desk="d@x.example"),
        enqueue=outbox.enqueue,
    )  # fmt: skip
    running = EffectEngine(desk=desk, ports=cast(Ports, None), database_url=record_url, worker="t", poll_s=0.05)
    await running.start()
    try:
        for number in range(20):
            await desk.run("test", ask, f"kept-{number}")
            await desk.run("test", ask, f"kept-{number}")
            with pytest.raises(RuntimeError):
                await desk.run("test", ask, f"gone-{number}", fail=True)
        for _ in range(400):
            if len(done) >= 20 and await desk.run("test", _settled):
                break
            await asyncio.sleep(0.05)
    finally:
        await asyncio.to_thread(running.stop)
        outbox.close()
        engine.dispose()
    assert sorted(done) == sorted(f"kept-{n}" for n in range(20))


def _settled(work: Work) -> bool:
    states = work.conn.execute(select(tables.effects.c.state)).scalars().all()
    return len(states) == 20 and set(states) == {"done"}


async def test_an_effect_begun_again_after_it_was_stuck_runs_once_more(record_url: str) -> None:
    said: list[str] = []

    @effect("test.mended")
    async def handle(_desk: Desk, _ports: Ports, subject: str) -> None:
        said.append(subject)
        if len(said) == 1:
            raise NeedsAttention("Mend it.")

    engine = open_engine(record_url)
    migrate(engine)
    outbox = await asyncio.to_thread(Outbox, record_url)
    desk = Desk(
        engine=engine, clock=SystemClock(), sealer=Sealer([KEY]), mailboxes=Mailboxes(desk="d@x.example"),
        enqueue=outbox.enqueue,
    )  # fmt: skip
    running = EffectEngine(desk=desk, ports=cast(Ports, None), database_url=record_url, worker="t", poll_s=0.05)
    await running.start()

    async def until(state: str) -> None:
        for _ in range(400):
            if await desk.run("test", _state) == state:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"never {state}")

    try:
        await desk.run("test", lambda work: work.effect("test.mended", "x"))
        await until("stuck")
        await desk.run("test", retry, "test.mended:x", CONSOLE)
        await until("done")
    finally:
        await asyncio.to_thread(running.stop)
        outbox.close()
        engine.dispose()
        del HANDLERS["test.mended"]
    assert said == ["x", "x"]


def _state(work: Work) -> str:
    return str(work.conn.execute(select(tables.effects.c.state)).scalar_one())


async def test_a_record_that_is_away_for_a_while_makes_no_effect_stuck(
    record_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.engine.RECORD_AWAY_S", 0.05)
    tried: list[str] = []

    @effect("test.away")
    async def handle(_desk: Desk, _ports: Ports, subject: str) -> None:
        tried.append(subject)
        if len(tried) < 8:  # more often than an unforeseen error is tried again
            raise OperationalError("SELECT 1", {}, Exception("database or disk is full"))

    engine = open_engine(record_url)
    migrate(engine)
    outbox = await asyncio.to_thread(Outbox, record_url)
    desk = Desk(
        engine=engine, clock=SystemClock(), sealer=Sealer([KEY]), mailboxes=Mailboxes(desk="d@x.example"),
        enqueue=outbox.enqueue,
    )  # fmt: skip
    running = EffectEngine(desk=desk, ports=cast(Ports, None), database_url=record_url, worker="t", poll_s=0.05)
    await running.start()
    try:
        await desk.run("test", lambda work: work.effect("test.away", "x"))
        for _ in range(400):
            if await desk.run("test", _state) == "done":
                break
            await asyncio.sleep(0.05)
    finally:
        await asyncio.to_thread(running.stop)
        outbox.close()
        engine.dispose()
        del HANDLERS["test.away"]
    assert tried == ["x"] * 8
