"""Several `cos serve` and `cos worker` on one PostgreSQL: killed, frozen or stopped, nothing is lost or doubled.

How long one stays frozen after others took over from it can be set (`COS_FROZEN_S=300` for five minutes).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from service.sample_tenant import AUTUMN, FLOW, SampleForm
from tests.machine import (
    PAPERS_DAY,
    Machine,
    answering,
    brought_to_papers_day,
    check_circulated,
    county,
    stop,
    the_form_is_filled_in,
    the_form_is_published,
    until,
)
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.process
FROZEN_S = float(os.environ.get("COS_FROZEN_S", "0"))


@pytest.fixture
def machine(tmp_path: Path, postgres_record: str) -> Iterator[Machine]:
    """Stops whatever still runs."""
    made = Machine(tmp_path, postgres_record)
    yield made
    made.stop_all()


def is_taken_over(machine: Machine) -> bool:
    """Whether one worker is left, and nothing is with another that had begun it."""
    names = machine.ask("SELECT name FROM workers")
    begun = machine.ask("SELECT executor_id FROM dbos.workflow_status WHERE status = 'PENDING'")
    return len(names) == 1 and set(begun) <= set(names)


async def test_workers_are_killed_frozen_and_stopped_and_every_agenda_goes_out_once(machine: Machine) -> None:
    log = machine.folder / "worker.log"
    async with county(machine) as hand:
        await brought_to_papers_day(machine, hand, ["serve"], ["worker"])
        assert machine.ask("SELECT name FROM workers") == []
        await hand.call("POST", "faults", json={"faults": "slow=1s,seed=3"})
        machine.start("serve", now=PAPERS_DAY)
        killed, frozen, stopped = (machine.start("worker", now=PAPERS_DAY) for _ in range(3))
        await until(lambda: machine.mailed() >= 3)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        frozen.send_signal(signal.SIGSTOP)
        await until(lambda: is_taken_over(machine))
        await asyncio.sleep(FROZEN_S)
        frozen.send_signal(signal.SIGCONT)
        await until(lambda: "this worker was away" in log.read_text())
        stop(stopped)
        left = machine.ask("SELECT name FROM workers")
        assert len(left) == 1, "the one that was frozen is the last"
        await until(machine.all_mailed)
        await until(lambda: machine.ask("SELECT DISTINCT holder FROM duties") == left)
        counts = await hand.call("GET", "counts")
    check_circulated(counts, machine.effects())


async def test_the_web_hears_of_a_change_and_the_worker_that_has_the_sync_pulls_it(machine: Machine) -> None:
    """Whether the web process works as well or not: the sync is another's."""
    async with county(machine) as hand:
        await hand.set_clock(datetime.fromisoformat(PAPERS_DAY))
        await the_form_is_published(machine, hand)
        machine.environment |= {"COS_PUBLIC_URL": machine.bot_url, "COS_FALLBACK_S": "900", "COS_POLL_S": "900"}
        machine.start("worker", now=PAPERS_DAY)
        await until(lambda: len(machine.ask("SELECT name FROM duties")) == 3)
        web = machine.start("serve", "--web-only", now=PAPERS_DAY)
        await answering(hand._session, f"{machine.bot_url}/healthz")
        await until(lambda: len(machine.ask("SELECT id FROM subscriptions")) == 5)
        filled_in = await the_form_is_filled_in(machine, hand)
        await until(lambda: machine.ask("SELECT count(*) FROM responses")[0] == filled_in)
        heard = sum(machine.ask("SELECT times FROM wanted"))
        assert heard
        stop(web)
        machine.start("serve", "--with-worker", now=PAPERS_DAY)
        await answering(hand._session, f"{machine.bot_url}/healthz")
        before = machine.ask("SELECT count(*) FROM responses")[0]
        await hand.add_items(
            "Request for Support responses", FLOW, [{**SampleForm(AUTUMN).items([2])[0], "ResponseId": 9999}]
        )
        await until(lambda: machine.ask("SELECT count(*) FROM responses")[0] == before + 1)


def test_a_worker_on_sqlite_is_refused_in_words(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.start("worker", now=PAPERS_DAY).wait(PATIENCE_S) == 2
    assert "On SQLite `cos serve` does a worker's work" in (tmp_path / "worker.log").read_text()
    machine.stop_all()
