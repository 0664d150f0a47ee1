"""Threads that write to one SQLite file take turns, and none waits asleep while nobody writes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from casework import tables
from casework.database import migrate, open_engine, open_queue_engine

THREADS, EACH = 8, 25


def test_threads_of_both_engines_write_in_turn_and_nothing_is_lost(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'record.db'}"
    engine, queue = open_engine(url), open_queue_engine(url)
    assert queue is not None
    migrate(engine)
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for n in range(EACH):
                with (engine if number % 2 else queue).begin() as conn:
                    conn.execute(insert(tables.places).values(key=f"{number}.{n}", value="x"))
        except BaseException as error:
            failed.append(error)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(THREADS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert failed == []
    with engine.connect() as conn:
        assert len(conn.execute(select(tables.places.c.key)).all()) == THREADS * EACH
    engine.dispose()
    queue.dispose()


def test_a_statement_that_fails_gives_the_turn_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'record.db'}"
    engine, queue = open_engine(url), open_queue_engine(url)
    assert queue is not None
    migrate(engine)
    row = {"key": "a", "value": "x"}
    with engine.begin() as conn:
        conn.execute(insert(tables.places).values(row))
    for broken in (engine, queue):
        with pytest.raises(IntegrityError), broken.begin() as conn:
            conn.execute(insert(tables.places).values(row))
    with queue.begin() as conn:
        conn.execute(text("UPDATE places SET value = 'y'"))
    with engine.begin() as conn:
        assert conn.execute(select(tables.places.c.value)).scalar_one() == "y"
    engine.dispose()
    queue.dispose()


def test_postgresql_keeps_the_queues_own_engine() -> None:
    assert open_queue_engine("postgresql://somewhere/record") is None
