"""The durable engine itself, on SQLite and on PostgreSQL: what was committed is carried out, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from casework import tables
from casework.database import migrate, open_engine
from casework.desk import CONSOLE, Desk, Mailboxes, Work
from casework.effects import HANDLERS, effect
from casework.engine import EffectEngine, Outbox
from casework.errors import NeedsAttention, TryLater
from casework.ports import Ports
from casework.sealing import Sealer
from casework.stuck import retry, stuck_effects
from service.clocks import SystemClock
from tests.conftest import KEY
from tests.patience import PATIENCE_S


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


@asynccontextmanager
async def running_on(record_url: str) -> AsyncIterator[Desk]:
    """A desk whose effects are carried out by the engine."""
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
        yield desk
    finally:
        await asyncio.to_thread(running.stop)
        outbox.close()
        engine.dispose()


@contextmanager
def handled(kind: str, handle: Callable[[Desk, str], None]) -> Iterator[None]:
    """A kind of effects of this test's own."""

    @effect(kind)
    async def run(desk: Desk, _ports: Ports, subject: str) -> None:
        handle(desk, subject)

    yield
    del HANDLERS[kind]


async def until(desk: Desk, *states: str) -> None:
    """Wait until the effects stand like that."""
    async with asyncio.timeout(PATIENCE_S):
        while tuple(await desk.run("test", _states)) != states:  # noqa: ASYNC110  the engine's threads do it
            await asyncio.sleep(0.02)


def _states(work: Work) -> list[str]:
    return list(work.conn.execute(select(tables.effects.c.state).order_by(tables.effects.c.id)).scalars())


async def test_committed_effects_are_carried_out_once_and_others_never(record_url: str, done: list[str]) -> None:
    async with running_on(record_url) as desk:
        for number in range(20):
            await desk.run("test", ask, f"kept-{number}")
            await desk.run("test", ask, f"kept-{number}")
            with pytest.raises(RuntimeError):
                await desk.run("test", ask, f"gone-{number}", fail=True)
        await until(desk, *["done"] * 20)
    assert sorted(done) == sorted(f"kept-{n}" for n in range(20))


async def test_an_effect_begun_again_after_it_was_stuck_runs_once_more(record_url: str) -> None:
    said: list[str] = []

    def handle(_desk: Desk, subject: str) -> None:
        said.append(subject)
        if len(said) == 1:
            raise NeedsAttention("Mend it.")

    with handled("test.mended", handle):
        async with running_on(record_url) as desk:
            await desk.run("test", lambda work: work.effect("test.mended", "x"))
            await until(desk, "stuck")
            await desk.run("test", retry, "test.mended:x", CONSOLE)
            await until(desk, "done")
    assert said == ["x", "x"]


async def test_a_record_that_is_away_for_a_while_makes_no_effect_stuck(
    record_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.engine.RECORD_AWAY_S", 0.05)
    tried: list[str] = []

    def handle(_desk: Desk, subject: str) -> None:
        tried.append(subject)
        if len(tried) < 8:  # more often than an unforeseen error is tried again
            raise OperationalError("SELECT 1", {}, Exception("database or disk is full"))

    with handled("test.away", handle):
        async with running_on(record_url) as desk:
            await desk.run("test", lambda work: work.effect("test.away", "x"))
            await until(desk, "done")
    assert tried == ["x"] * 8


async def test_a_wrong_statement_is_no_outage_and_is_shown_as_stuck(
    record_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.effects.BUG_ATTEMPTS", 1)

    def handle(desk: Desk, _subject: str) -> None:
        with desk.work() as work:
            work.conn.execute(text("SELECT * FROM what_is_not_there"))

    with handled("test.wrong", handle):
        async with running_on(record_url) as desk:
            await desk.run("test", lambda work: work.effect("test.wrong", "x"))
            await until(desk, "stuck")


async def test_what_was_tried_for_long_enough_is_shown_with_what_it_waited_for(
    record_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.engine.TRIES", 3)

    def handle(_desk: Desk, _subject: str) -> None:
        raise TryLater("Microsoft Graph is busy (503).", 0.01)

    with handled("test.busy", handle):
        async with running_on(record_url) as desk:
            await desk.run("test", lambda work: work.effect("test.busy", "x"))
            await until(desk, "stuck")
            [row] = await desk.run("test", stuck_effects)
    assert row.problem.startswith("It was tried 3 times. Microsoft Graph is busy (503).")


def test_sqlite_of_any_version_dates_a_row_to_the_millisecond(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'record.db'}")
    before = time.time()
    with engine.connect() as connection:
        found = connection.execute(text("SELECT unixepoch('subsec')")).scalar()
    engine.dispose()
    assert found is not None
    assert before - 0.001 <= found <= time.time()
    assert round(found * 1000) == pytest.approx(found * 1000, abs=1e-3)
