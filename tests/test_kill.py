"""Kill `cos serve` with -9 in the middle of circulating: every agenda exists once, every mail went once."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from communities.directory import Directory
from service.sample import BUDGETS, DIRECTORY, PEOPLE
from service.sample_tenant import FLOW, SampleForm, world_of
from service.tenant_hand import TenantHand
from tests.conftest import KEY, START, free_port

SAMPLES = Path(__file__).parent.parent / "sample_world"
KILLS = 3
pytestmark = pytest.mark.process


class Machine:
    """The `cos` command in processes of its own, with one tenant and one record."""

    def __init__(self, folder: Path) -> None:
        self.tenant_port, self.bot_port, self.folder = free_port(), free_port(), folder
        self.running: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ,
            "COS_LOCAL": "1",
            "COS_DATA_DIR": str(folder / "data"),
            "COS_GRAPH_URL": f"http://127.0.0.1:{self.tenant_port}/v1.0",
            "COS_PORT": str(self.bot_port),
            "COS_PUPIL_KEYS": KEY.decode(),
            "COS_QUEUE_POLL_S": "0.02",
            "COS_POLL_S": "0.5",
        }

    @property
    def tenant_url(self) -> str:
        return f"http://127.0.0.1:{self.tenant_port}"

    def start(self, *words: str, now: str = "") -> subprocess.Popen[bytes]:
        environment = {**self.environment, **({"COS_NOW": now} if now else {})}
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "service", *words], env=environment, cwd=self.folder, stdout=log, stderr=log
            )
        self.running.append(process)
        return process

    def run(self, *words: str, now: str) -> None:
        assert self.start(*words, now=now).wait(120) == 0, (self.folder / f"{words[0]}.log").read_text()

    def effects(self) -> dict[str, int]:
        with sqlite3.connect(self.folder / "data" / "record.db", timeout=30) as record:
            rows = record.execute("SELECT kind || ':' || state, count(*) FROM effects GROUP BY 1").fetchall()
            posted = record.execute("SELECT count(*) FROM posts").fetchone()
        return {**dict(rows), "posted": posted[0]}

    def unsettled(self) -> int:
        return sum(n for key, n in self.effects().items() if key.endswith((":waiting", ":begun")))


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Stops whatever still runs."""
    made = Machine(tmp_path)
    yield made
    for process in made.running:
        process.kill()
        process.wait()


async def until(seconds: float, condition: Any) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to that in time")


async def answering(hand: TenantHand, url: str) -> None:
    for _ in range(500):
        try:
            async with hand._session.get(url) as response:
                if response.status < 500:
                    return
        except OSError:
            await asyncio.sleep(0.05)
    raise AssertionError(f"{url} never answered")


async def test_killed_in_the_middle_every_agenda_exists_once_and_every_mail_went_once(
    machine: Machine, directory: Directory
) -> None:
    before, papers_day = "2026-10-19T09:00:00+01:00", "2026-11-20T07:30:00+00:00"
    machine.start("tenant", "--port", str(machine.tenant_port))
    async with ClientSession() as session:
        hand = TenantHand(session, machine.tenant_url)
        await answering(hand, machine.tenant_url)
        await hand.call("POST", "world", json=world_of(directory, START))
        for kind, name in (("directory", DIRECTORY), ("people", PEOPLE), *(("budget", b) for b in BUDGETS)):
            machine.run("import", kind, str(SAMPLES / name), now=before)
        machine.run("provision", now=before)
        machine.run("schedule", "--year", "2026-27", now=before)
        await the_form_is_filled_in(hand)
        calm = machine.start("serve", now=before)
        await answering(hand, f"http://127.0.0.1:{machine.bot_port}/healthz")
        await hand.call("POST", "bot", json={"endpoint": f"http://127.0.0.1:{machine.bot_port}/api/messages"})
        await until(120, lambda: machine.effects().get("list.write:done", 0) >= 41 and not machine.unsettled())
        calm.send_signal(signal.SIGTERM)
        assert calm.wait(20) == 0
        for kill in range(KILLS):
            doomed = machine.start("serve", now=papers_day)
            await until(60, lambda k=kill: mailed(machine) >= 5 * (k + 1))
            doomed.send_signal(signal.SIGKILL)
            doomed.wait()
            assert machine.unsettled(), "the kill came too late to be in the middle"
        machine.start("serve", now=papers_day)
        await until(120, lambda: mailed(machine) >= 40 and not machine.unsettled())
        await asyncio.sleep(1.0)
        counts = await hand.call("GET", "counts")
    check(counts, machine.effects())


def mailed(machine: Machine) -> int:
    return machine.effects().get("agenda.mail:done", 0)


async def the_form_is_filled_in(hand: TenantHand) -> None:
    form = SampleForm()
    rows = form.due(START.replace(year=2027))
    await hand.save_file("Forms", "Request for Support.xlsx", form.workbook_with(rows), FLOW)
    await hand.add_items("Request for Support responses", FLOW, form.items(rows))


POSTING = ("agenda.post", "card.ask", "post.to-decide", "desk.digest", "desk.nudge")


def check(counts: dict[str, Any], effects: dict[str, int]) -> None:
    agendas = {name: version for name, version in counts["files"].items() if "/Agendas/" in name}
    assert len(agendas) == effects["agenda.upload:done"] == effects["agenda.mail:done"]
    assert set(agendas.values()) == {1}
    assert counts["mails_doubled"] == 0
    assert counts["drafts"] == 0
    assert counts["events"] == effects["meeting.book:done"]
    stuck = {key for key in effects if key.endswith(":stuck")}
    assert stuck <= {f"{kind}:stuck" for kind in POSTING}, "only a post may be in doubt"
    posts = effects.get("posted", 0)
    in_doubt = sum(effects[key] for key in stuck)
    assert posts <= counts["posts"] <= posts + in_doubt
