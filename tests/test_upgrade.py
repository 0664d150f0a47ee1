"""A new version takes over what an older one had begun, though its workflows took other steps."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, select, text, update
from sqlalchemy.exc import IntegrityError, NotSupportedError

from casework import tables
from casework.adrift import begin_adrift
from casework.database import is_record_away, migrate, open_engine
from casework.desk import Desk
from casework.engine import Outbox
from tests.patience import PATIENCE_S
from tests.test_engine import handled, running_on, until

MOMENT = datetime(2026, 10, 5, 9, tzinfo=UTC)
PREPARED_AFTER = 5
"""Times psycopg sends a statement before it has it prepared."""

OLD_VERSION = """
import asyncio, sys
from dbos import DBOS
from casework.engine import APPLICATION, APPLICATION_VERSION, QUEUE
from casework.database import migrate, open_engine, open_queue_engine
from casework.desk import Desk, Mailboxes
from casework.engine import Outbox
from casework.sealing import Sealer
from service.clocks import SystemClock

url = sys.argv[1]
registered = DBOS.workflow(name="carry_out")

@DBOS.step(name="look")
async def look(effect_id):
    return 1.0

@DBOS.step(name="attempt as it was")
async def attempt(effect_id):
    return 3600.0

async def carry_out(effect_id):
    await look(effect_id)
    await DBOS.sleep_async(await attempt(effect_id))

async def main():
    from dbos._dbos import _get_or_create_dbos_registry
    _get_or_create_dbos_registry().workflow_info_map.pop("carry_out", None)
    registered(carry_out)
    engine = open_engine(url); migrate(engine)
    outbox = await asyncio.to_thread(Outbox, url)
    desk = Desk(engine=engine, clock=SystemClock(), sealer=Sealer([]), mailboxes=Mailboxes(desk="d@x.example"),
                enqueue=outbox.enqueue)
    config = {"name": APPLICATION, "system_database_url": url, "application_version": APPLICATION_VERSION,
              "executor_id": "t", "run_migrations": False, "system_database_engine": open_queue_engine(url)}
    DBOS(config=config); DBOS.launch()
    await DBOS.register_queue_async(QUEUE, worker_concurrency=8, polling_interval_sec=0.05, on_conflict="always_update")
    await desk.run("test", lambda work: [work.effect("test.upgrade", str(n)) for n in range(3)])
    await asyncio.sleep(600)

asyncio.run(main())
"""
"""A version whose workflow did other steps, and slept in the engine's way."""


@pytest.mark.process
async def test_effects_in_flight_in_an_older_version_are_carried_out_by_the_new_one(tmp_path: Path) -> None:
    url, done = f"sqlite:///{tmp_path / 'record.db'}", []
    old = started(tmp_path / "old.py", url)
    try:
        await asyncio.to_thread(asleep, url, old)
    finally:
        old.kill()
        old.wait()
    with handled("test.upgrade", lambda _desk, subject: done.append(subject)):
        async with running_on(url) as desk:
            outbox = await asyncio.to_thread(Outbox, url)
            await until_adrift(desk, outbox)
            await until(desk, *["done"] * 3)
            outbox.close()
    assert sorted(done) == ["0", "1", "2"]


def test_requests_that_were_accepted_are_received_after_the_upgrade(empty_url: str) -> None:
    engine = open_engine(empty_url)
    migrate(engine, "0015")
    row = {
        "id": "R-2026-0001", "source_key": "list/1", "community": "ABC", "school": "Abbey School, The",
        "state": "Accepted", "round": 1, "submission": {}, "sender": "s@x.example", "is_verified": True,
        "submitted_at": MOMENT, "received_at": MOMENT, "fingerprint": "f", "note": "", "version": 1,
    }  # fmt: skip
    home = {
        "name": "ABC", "primary_care_network": "", "district": "", "geographic_area": "West", "community_area": "West",
    }  # fmt: skip
    with engine.begin() as conn:
        conn.execute(insert(tables.communities).values(**home))
        conn.execute(insert(tables.requests).values(**row))
        conn.execute(insert(tables.pupils).values(request_id=row["id"], sealed=b"x"))
    migrate(engine)
    with engine.begin() as conn:
        assert conn.execute(select(tables.requests.c.state)).scalar_one() == "Received"
        assert conn.execute(select(tables.pupils.c.request_id)).scalar_one() == row["id"]
        with pytest.raises(IntegrityError), conn.begin_nested():
            conn.execute(update(tables.requests).values(state="Accepted"))
        if engine.dialect.name == "sqlite":
            assert conn.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            assert conn.execute(text("PRAGMA foreign_key_check")).all() == []
    engine.dispose()


def test_where_posts_went_is_a_team_after_the_upgrade(empty_url: str) -> None:
    engine = open_engine(empty_url)
    migrate(engine, "0018")
    where = {"conversation": {"id": "19:x;messageid=1"}, "serviceUrl": "https://s.example/"}
    keys = ("team:ABC", "unmatched:Heads", "person:a@x.example")
    with engine.begin() as conn:
        for n, key in enumerate(keys):
            kept = where | {"conversation": {"id": f"19:{n};messageid=1"}}
            conn.execute(insert(tables.conversations).values(key=key, reference=kept))
    migrate(engine)
    with engine.begin() as conn:
        rows = conn.execute(select(tables.teams).order_by(tables.teams.c.id)).all()
        assert [(r.id, r.name, r.community, r.state) for r in rows] == [
            ("19:0", "ABC", "ABC", "open"), ("19:1", "Heads", None, "open"),
        ]  # fmt: skip
        assert [r.reference["conversation"]["id"] for r in rows] == ["19:0", "19:1"]
        assert conn.execute(select(tables.conversations.c.key)).scalars().all() == ["person:a@x.example"]
    engine.dispose()


def started(script: Path, url: str) -> subprocess.Popen[bytes]:
    script.write_text(OLD_VERSION)
    return subprocess.Popen([sys.executable, "-P", str(script), url], cwd=Path(__file__).parent.parent)


def asleep(url: str, old: subprocess.Popen[bytes]) -> None:
    """Wait until the older version has begun all three and sleeps."""
    record = create_engine(url)
    sleeping = "SELECT count(*) FROM operation_outputs WHERE function_name = 'DBOS.sleep'"
    for _ in range(int(PATIENCE_S / 0.05)):
        assert old.poll() is None, "the older version ended"
        try:
            with record.connect() as conn:
                if conn.execute(text(sleeping)).scalar_one() == 3:
                    break
        except Exception:  # the tables are not there yet
            pass
        time.sleep(0.05)
    else:
        raise AssertionError("it never slept")
    record.dispose()


async def until_adrift(desk: Desk, outbox: Outbox) -> None:
    """The engine gives the old workflows up; then they are found."""
    begun = 0
    for _ in range(int(PATIENCE_S / 0.05)):
        begun += await begin_adrift(desk, outbox)
        if begun == 3:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{begun} were begun again")


def test_a_table_a_newer_version_changes_is_read_again_by_the_older_one(postgres_record: str) -> None:
    """PostgreSQL refuses what it prepared before; that is an outage of a moment, tried again like any."""
    older, newer = open_engine(postgres_record), open_engine(postgres_record)

    def look() -> list[Any]:
        with older.begin() as conn:
            return list(conn.execute(select(tables.counters.c.value).where(tables.counters.c.name == "x")).scalars())

    with older.begin() as conn:
        conn.execute(insert(tables.counters).values(name="x", value=1))
    assert [look() for _ in range(PREPARED_AFTER + 2)] == [[1]] * (PREPARED_AFTER + 2)
    with newer.begin() as conn:
        conn.execute(text("ALTER TABLE counters ALTER COLUMN value TYPE integer"))
    with pytest.raises(NotSupportedError) as caught:
        look()
    assert is_record_away(caught.value)
    assert look() == [1]
    for engine in (older, newer):
        engine.dispose()
