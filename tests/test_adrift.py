"""Effects nobody carries to their end are found and begun again; what goes on is left alone."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert, select

from casework import tables
from casework.adrift import Dropped, begin_adrift
from casework.desk import Desk, Work
from casework.engine import Outbox
from casework.errors import TryLater
from tests.test_engine import handled, running_on, until


def note(work: Work, subject: str, state: str = "waiting") -> None:
    """An effect the engine was never told of."""
    row = {"id": f"test.adrift:{subject}", "kind": "test.adrift", "subject": subject, "state": state, "attempts": 1}
    work.conn.execute(insert(tables.effects).values(row | {"is_queued": True, "created_at": work.now}))


def runs(work: Work) -> list[int]:
    return list(work.conn.execute(select(tables.effects.c.runs).order_by(tables.effects.c.id)).scalars())


async def test_what_waits_without_a_workflow_is_begun_again_and_a_post_that_had_begun_is_in_doubt(
    record_url: str,
) -> None:
    done: list[str] = []
    with handled("test.adrift", lambda _desk, subject: done.append(subject)):
        async with running_on(record_url) as desk:
            outbox = await asyncio.to_thread(Outbox, record_url)
            await desk.run("test", note, "a")
            await desk.run("test", note, "b", "begun")
            assert await begin_adrift(desk, outbox) == 2
            await until(desk, "done", "stuck")
            assert await begin_adrift(desk, outbox) == 0
            assert await desk.run("test", runs) == [1, 1]
            outbox.close()
    assert done == ["a"]


async def test_what_waits_for_its_next_try_is_not_adrift(record_url: str) -> None:
    def handle(_desk: Desk, _subject: str) -> None:
        raise TryLater("Microsoft Graph is busy (503).", 60.0)

    with handled("test.adrift", handle):
        async with running_on(record_url) as desk:
            outbox = await asyncio.to_thread(Outbox, record_url)
            await desk.run("test", lambda work: work.effect("test.adrift", "x"))
            await until(desk, "waiting")
            assert await begin_adrift(desk, outbox) == 0
            outbox.close()


async def test_after_the_engines_tables_are_lost_everything_that_waits_is_begun_again(record_url: str) -> None:
    done: list[str] = []
    with handled("test.adrift", lambda _desk, subject: done.append(subject)):
        async with running_on(record_url) as desk:
            outbox = await asyncio.to_thread(Outbox, record_url)
            await desk.run("test", lambda work: [note(work, f"{n}") for n in range(3)])
            assert await begin_adrift(desk, outbox) == 3
            await until(desk, *["done"] * 3)
            outbox.close()
    assert sorted(done) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("looks", "put_back"),
    [
        ([({"a"}, {"a"}), ({"a"}, {"a"})], [[], []]),
        ([({"a"}, set()), ({"a"}, set()), ({"a"}, set())], [[], ["a"], []]),
        ([({"a"}, set()), (set(), set()), ({"a"}, set())], [[], [], []]),
        ([({"a"}, set()), ({"a"}, {"a"})], [[], []]),
    ],
)
def test_what_two_looks_in_a_row_find_begun_and_not_at_work_was_dropped(
    looks: list[tuple[set[str], set[str]]], put_back: list[list[str]]
) -> None:
    eye = Dropped("me")
    found = [eye.look([(w, "me") for w in begun] + [("z", "another")], at_work) for begun, at_work in looks]
    assert found == put_back
