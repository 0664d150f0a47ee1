"""The `cos` command in processes of its own, with one tenant and one record, on SQLite or on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from service.clocks import RunningClock
from service.imports import run_import
from service.office import open_office
from service.sample_part import SamplePart
from service.sample_tenant import AUTUMN, FLOW, FORMS_LIBRARY, world_of
from service.settings import Settings
from service.tenant_hand import TenantHand
from tests.conftest import KEY, START
from tests.part_of_county import COMMUNITIES
from tests.patience import PATIENCE_S
from tests.ports import free_port

BEFORE = "2026-10-19T09:00:00+01:00"
PAPERS_DAY = "2026-11-20T07:30:00+00:00"
WORKBOOK = "Request for Support.xlsx"


class Machine:
    """Starts and counts; whoever made it stops what still runs."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.tenant_port, self.folder = free_port(), folder
        self.running: list[subprocess.Popen[bytes]] = []
        self.part = SamplePart(COMMUNITIES)
        self.environment = {
            **os.environ,
            "COS_LOCAL": "1",
            "COS_DATA_DIR": str(folder / "data"),
            "COS_DATABASE_URL": database_url,
            "COS_GRAPH_URL": f"http://127.0.0.1:{self.tenant_port}/v1.0",
            "COS_PORT": str(free_port()),
            "COS_PUPIL_KEYS": KEY.decode(),
            "COS_QUEUE_POLL_S": "0.05",
            "COS_POLL_S": "0.5",
            "COS_SHAREPOINT_UNITS": "1000000",
        }
        url = database_url or f"sqlite:///{folder / 'data' / 'record.db'}"
        # a connection kept open would keep SQLite's write-ahead log at the size it had
        self._record = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)

    def settings(self) -> Settings:
        """What the processes are told by their environment."""
        told = {k.removeprefix("COS_").lower(): v for k, v in self.environment.items() if k.startswith("COS_")}
        return Settings(**told, _env_file=None)  # type: ignore[arg-type, call-arg]  # read as from the environment

    @property
    def tenant_url(self) -> str:
        """Where the tenant is."""
        return f"http://127.0.0.1:{self.tenant_port}"

    @property
    def bot_url(self) -> str:
        """Where `cos serve` listens."""
        return f"http://127.0.0.1:{self.environment['COS_PORT']}"

    def start(self, *words: str, now: str = "") -> subprocess.Popen[bytes]:
        """Start a command; what it prints goes to a file of its name. A worker answers at a port of its own."""
        environment = {**self.environment, **({"COS_NOW": now} if now else {})}
        if words[0] == "worker":
            environment["COS_PORT"] = str(free_port())
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "service", *words],
                env=environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self.running.append(process)
        return process

    def run(self, *words: str, now: str) -> None:
        """Run a command to its end."""
        assert self.start(*words, now=now).wait(PATIENCE_S) == 0, (self.folder / f"{words[0]}.log").read_text()

    def stop_all(self) -> None:
        """Kill what still runs."""
        for process in self.running:
            process.kill()
            process.wait()

    def effects(self) -> dict[str, int]:
        """How many effects of each kind stand where, and how many posts there are."""
        with self._record.connect() as record:
            kinds = "SELECT kind || ':' || state, count(*) FROM effects GROUP BY 1"
            rows: dict[str, int] = {r[0]: r[1] for r in record.execute(text(kinds))}
            rows["posted"] = record.execute(text("SELECT count(*) FROM posts")).scalar_one()
        return rows

    def unsettled(self) -> int:
        """How many effects wait or are begun."""
        return sum(n for key, n in self.effects().items() if key.endswith((":waiting", ":begun")))

    def mailed(self) -> int:
        """How many agendas were mailed."""
        return self.effects().get("agenda.mail:done", 0)

    def all_mailed(self) -> bool:
        """Whether every community's agenda went out and nothing is open."""
        return self.mailed() == COMMUNITIES and not self.unsettled()

    def ask(self, query: str) -> list[Any]:
        """The first column of what the record answers."""
        with self._record.connect() as record:
            return [row[0] for row in record.execute(text(query))]


@asynccontextmanager
async def county(machine: Machine) -> AsyncIterator[TenantHand]:
    """A tenant in its own process, the sample county imported and provisioned; some weeks before the papers' day."""
    machine.start("tenant", "--port", str(machine.tenant_port))
    async with ClientSession() as session:
        hand = TenantHand(session, machine.tenant_url)
        await answering(session, machine.tenant_url)
        await hand.call("POST", "world", json=world_of(machine.part.directory, START))
        await set_up(machine)
        yield hand


async def set_up(machine: Machine) -> None:
    """The workbooks imported, people matched, the site provisioned: in this process, which starts but once."""
    office = open_office(machine.settings(), RunningClock(datetime.fromisoformat(BEFORE)))
    try:
        for kind, name, content in machine.part.workbooks():
            await asyncio.to_thread(run_import, office.desk, kind, content, name, "test")
        await office.provision(lambda *_: None)
        await office.match_people()
    finally:
        await office.close()


async def the_form_is_published(machine: Machine, hand: TenantHand) -> None:
    """Its workbook is there, nobody answered yet."""
    await hand.save_file(FORMS_LIBRARY, WORKBOOK, machine.part.form(AUTUMN).workbook_with([]), FLOW)


async def the_form_is_filled_in(machine: Machine, hand: TenantHand) -> int:
    """All of autumn's responses, by workbook and by list; how many there are."""
    form = machine.part.form(AUTUMN)
    rows = form.due(START.replace(year=2027))
    await hand.save_file(FORMS_LIBRARY, WORKBOOK, form.workbook_with(rows), FLOW)
    await hand.add_items("Request for Support responses", FLOW, form.items(rows))
    return len(rows)


async def brought_to_papers_day(machine: Machine, hand: TenantHand, *commands: Sequence[str]) -> None:
    """Meetings are booked, requests are on the record and in the list; these commands ran for it and were stopped."""
    machine.run("schedule", "--year", "2026-27", now=BEFORE)
    filled_in = await the_form_is_filled_in(machine, hand)
    calm = [machine.start(*words, now=BEFORE) for words in commands]
    await answering(hand._session, f"{machine.bot_url}/healthz")
    await hand.call("POST", "bot", json={"endpoint": f"{machine.bot_url}/api/messages"})
    await until(lambda: machine.ask("SELECT count(*) FROM responses")[0] == filled_in and not machine.unsettled())
    for process in calm:
        stop(process)


async def until(condition: Any) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110  what is waited for happens in another process
            await asyncio.sleep(0.05)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop; it does, and in good order."""
    process.terminate()
    assert process.wait(PATIENCE_S) == 0


async def answering(session: ClientSession, url: str) -> None:
    """Wait until something answers there."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                async with session.get(url) as response:
                    if response.status < 500:
                        return
            except OSError:
                pass
            await asyncio.sleep(0.05)


POSTING = ("agenda.post", "card.ask", "post.to-decide", "desk.digest", "desk.nudge")


def check_circulated(counts: dict[str, Any], effects: dict[str, int]) -> None:
    """Each agenda is there once and was mailed once; of posts only those in doubt may be one more."""
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
