"""Kill `cos serve` with -9 in the middle of circulating: every agenda exists once, every mail went once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from communities.directory import Directory
from tests.machine import (
    BEFORE,
    PAPERS_DAY,
    Machine,
    answering,
    check_circulated,
    county,
    stop,
    the_form_is_filled_in,
    until,
)
from tests.patience import PATIENCE_S

KILLS = 3
AN_HOUR_LATER = PAPERS_DAY.replace("T07", "T08")
pytestmark = pytest.mark.process


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Stops whatever still runs."""
    made = Machine(tmp_path)
    yield made
    made.stop_all()


async def test_killed_in_the_middle_every_agenda_exists_once_and_every_mail_went_once(
    machine: Machine, directory: Directory
) -> None:
    async with county(machine, directory) as hand:
        machine.run("schedule", "--year", "2026-27", now=BEFORE)
        await the_form_is_filled_in(hand)
        calm = machine.start("serve", now=BEFORE)
        await answering(hand._session, f"{machine.bot_url}/healthz")
        await hand.call("POST", "bot", json={"endpoint": f"{machine.bot_url}/api/messages"})
        await until(lambda: machine.effects().get("list.write:done", 0) >= 41 and not machine.unsettled())
        stop(calm)
        await hand.call("POST", "faults", json={"faults": "slow=0.1s,seed=3"})  # so that a kill comes in the middle
        for kill in range(KILLS):
            doomed = machine.start("serve", now=AN_HOUR_LATER)
            await until(lambda k=kill: mailed(machine) >= 5 * (k + 1))
            doomed.send_signal(signal.SIGKILL)
            doomed.wait()
            assert machine.unsettled(), "the kill came too late to be in the middle"
        await hand.call("POST", "faults", json={"faults": ""})
        machine.start("serve", now=PAPERS_DAY)  # the clock was set back an hour
        await until(lambda: mailed(machine) >= 40 and not machine.unsettled())
        await asyncio.sleep(1.0)
        counts = await hand.call("GET", "counts")
    check_circulated(counts, machine.effects())


def test_a_second_service_on_one_sqlite_record_is_refused_in_words(machine: Machine) -> None:
    first = machine.start("serve", now=PAPERS_DAY)
    log = machine.folder / "serve.log"
    asyncio.run(until(lambda: "serves at" in log.read_text()))
    second = machine.start("serve", now=PAPERS_DAY)
    assert second.wait(PATIENCE_S) == 2
    assert f"Another `cos serve` (process {first.pid})" in log.read_text()
    first.kill()
    first.wait()
    again = machine.start("serve", now=PAPERS_DAY)
    asyncio.run(until(lambda: log.read_text().count("serves at") == 2))
    stop(again)


def mailed(machine: Machine) -> int:
    return machine.effects().get("agenda.mail:done", 0)
