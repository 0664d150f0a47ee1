"""Two workers against one, for effects that wait on the network: real processes, PostgreSQL, a tenant that is slow.

`python -m benchmarks.workers` prints effects a second of both, measured in turns in one run, and the ratio (aim: 1.8).
"""

from __future__ import annotations

import asyncio
import signal
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from casework.asking_kcc import ask
from casework.desk import Desk, Effect, Work
from communities.questions import Part
from service.clocks import RunningClock
from service.office import open_office
from tests.conftest import START
from tests.machine import Machine, county, until
from tests.postgres import postgres

ITEMS, ROUNDS = 300, 3
SLOW = "slow=1s,seed=3"
"""Every answer takes up to a second, half of one on average: Graph on a bad day."""

FROM, TO = 0.1, 0.9
"""Measured between these parts of the effects: neither the start nor the last stragglers count."""


def ask_all(work: Work, mail: str) -> None:
    """Questions, each with an item of its own in the list."""
    for number in range(ITEMS):
        ask(work, next(iter(Part)), f"What about case {number * 7919}, and {number} others?", mail)


def write_again(work: Work) -> None:
    """Every item once more."""
    ids = [f"Q-2026-{n:04d}" for n in range(1, ITEMS + 1)]
    for at in range(0, ITEMS, 50):
        work.effects_all([Effect("list.question", f"{i}#{work.change(i)}") for i in ids[at : at + 50]])


async def rate(machine: Machine, desk: Desk, workers: int) -> float:
    """Effects a second with so many workers."""
    running = [machine.start("worker") for _ in range(workers)]
    await until(lambda: len(machine.ask("SELECT name FROM workers")) == workers)
    await asyncio.sleep(2.0)
    await desk.run("benchmark", write_again)
    marks: dict[float, float] = {}
    while machine.unsettled():
        part = 1 - machine.unsettled() / ITEMS
        for mark in (FROM, TO):
            if part >= mark:
                marks.setdefault(mark, time.perf_counter())
        await asyncio.sleep(0.02)
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        process.wait(30)
    return (TO - FROM) * ITEMS / (marks[TO] - marks[FROM])


async def measure() -> None:
    """In turns: one, two, one, two …"""
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        machine = Machine(Path(folder), server.url)
        try:
            async with county(machine) as hand:
                office: Any = open_office(machine.settings(), RunningClock(START))
                await office.desk.run("benchmark", ask_all, machine.part.directory.people[0].mail)
                first = machine.start("worker")
                await until(lambda: not machine.unsettled())
                first.send_signal(signal.SIGTERM)
                first.wait(30)
                await hand.call("POST", "faults", json={"faults": SLOW})
                rates = [
                    (await rate(machine, office.desk, 1), await rate(machine, office.desk, 2)) for _ in range(ROUNDS)
                ]
                await office.close()
        finally:
            machine.stop_all()
    one, two = (statistics.median(r[i] for r in rates) for i in range(2))
    print(
        f"effects that wait on the network: {one:.1f} a second with one worker, {two:.1f} with two, "
        f"ratio {two / one:.2f} (aim: 1.8)"
    )


if __name__ == "__main__":
    asyncio.run(measure())
