"""Several `cos serve` and `cos worker` on one PostgreSQL: killed, frozen or stopped, nothing is lost or doubled."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from communities.directory import Directory
from tests.conftest import free_port, new_database
from tests.machine import BEFORE, PAPERS_DAY, Machine, answering, county, the_form_is_filled_in, until

pytestmark = pytest.mark.process
TAKEN_OVER_S = 30.0


@pytest.fixture
def machine(tmp_path: Path, postgres_url: str) -> Iterator[Machine]:
    """Stops whatever still runs."""
    made = Machine(tmp_path, new_database(postgres_url, tmp_path))
    yield made
    made.stop_all()


def begun_by_others(machine: Machine, there: int) -> int:
    """Effects that were begun by workers beyond those that are there."""
    names = machine.ask("SELECT name FROM workers")
    assert len(names) <= there
    begun = machine.ask("SELECT executor_id FROM dbos.workflow_status WHERE status = 'PENDING'")
    return sum(executor not in names for executor in begun)


def moving(machine: Machine) -> int:
    return machine.ask("SELECT count(*) FROM effects WHERE state = 'done'")[0]


def lines_of(machine: Machine, words: str) -> int:
    return (machine.folder / "worker.log").read_text().count(words)


async def test_workers_are_killed_frozen_and_stopped_and_every_meeting_is_booked_once(
    machine: Machine, directory: Directory
) -> None:
    async with county(machine, directory, faults="slow=0.6s,seed=3") as hand:
        machine.start("serve", now=BEFORE)
        await answering(hand._session, f"{machine.bot_url}/healthz")
        killed, frozen, stopped = (machine.start("worker", now=BEFORE, COS_PORT=str(free_port())) for _ in range(3))
        await until(60, lambda: len(machine.ask("SELECT name FROM workers")) == 3)
        machine.run("schedule", "--year", "2026-27", now=BEFORE)
        await until(60, lambda: moving(machine) > 10)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        frozen.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        await until(
            TAKEN_OVER_S, lambda: begun_by_others(machine, 3) == 0 and len(machine.ask("SELECT name FROM workers")) == 1
        )
        assert time.monotonic() - began < TAKEN_OVER_S
        assert machine.unsettled() > 20, "there was too little to do to see anything"
        frozen.send_signal(signal.SIGCONT)
        await until(20, lambda: lines_of(machine, "this worker was away") == 1)
        began = time.monotonic()
        stopped.send_signal(signal.SIGTERM)
        assert stopped.wait(10) == 0
        left = machine.ask("SELECT name FROM workers")
        assert len(left) == 1, "the one that was frozen is the last"
        await until(120, lambda: not machine.unsettled())
        assert machine.ask("SELECT DISTINCT holder FROM duties") == left
        counts = await hand.call("GET", "counts")
    effects = machine.effects()
    assert counts["events"] == effects["meeting.book:done"] > 200
    assert not [key for key in effects if key.endswith(":stuck")]
    assert counts["mails_doubled"] == counts["drafts"] == 0


async def test_the_web_hears_of_a_change_and_a_worker_pulls_it(machine: Machine, directory: Directory) -> None:
    async with county(machine, directory) as hand:
        await hand.set_clock(datetime.fromisoformat(PAPERS_DAY))
        machine.environment |= {"COS_PUBLIC_URL": machine.bot_url, "COS_FALLBACK_S": "900", "COS_POLL_S": "900"}
        machine.start("serve", now=PAPERS_DAY)
        await answering(hand._session, f"{machine.bot_url}/healthz")
        machine.start("worker", now=PAPERS_DAY, COS_PORT=str(free_port()))
        await until(60, lambda: len(machine.ask("SELECT id FROM subscriptions")) == 5)
        await the_form_is_filled_in(hand)
        await until(30, lambda: machine.ask("SELECT count(*) FROM responses")[0] > 40)
        assert machine.ask("SELECT what FROM wanted")


def test_a_worker_on_sqlite_is_refused_in_words(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.start("worker", now=PAPERS_DAY).wait(60) == 2
    assert "On SQLite `cos serve` does a worker's work" in (tmp_path / "worker.log").read_text()
    machine.stop_all()
