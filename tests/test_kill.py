"""Kill `cos serve` with -9 in the middle of circulating: every agenda exists once, every mail went once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine import PAPERS_DAY, Machine, brought_to_papers_day, check_circulated, county, stop, until
from tests.part_of_county import COMMUNITIES
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


async def test_killed_in_the_middle_every_agenda_exists_once_and_every_mail_went_once(machine: Machine) -> None:
    async with county(machine) as hand:
        await brought_to_papers_day(machine, hand, ["serve"])
        await hand.call("POST", "faults", json={"faults": "slow=0.1s,seed=3"})  # so that a kill comes in the middle
        for kill in range(KILLS):
            doomed = machine.start("serve", now=AN_HOUR_LATER)
            await until(lambda k=kill: machine.mailed() > COMMUNITIES * k // (KILLS + 1))
            doomed.send_signal(signal.SIGKILL)
            doomed.wait()
            assert machine.unsettled(), "the kill came too late to be in the middle"
        await hand.call("POST", "faults", json={"faults": ""})
        machine.start("serve", now=PAPERS_DAY)  # the clock was set back an hour
        await until(machine.all_mailed)
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
