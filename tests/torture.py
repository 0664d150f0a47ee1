"""The county's cycle while the service is killed with -9 again and again and a fifth of all requests fail.

`python -m tests.torture --kills 100` lives through the cycle twice, once undisturbed, and compares record and tenant.
The service is `cos serve` in a process of its own; people's parts, the tenant and the clock are here.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as wall
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from sqlalchemy import select

from casework import tables
from casework.database import open_engine
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of
from casework.request_record import request_row
from casework.schedule import meeting_row
from casework.stuck import drop, retry, stuck_effects
from communities.calendars import at_london
from local_tenant.faults import FAULTS, read_faults
from local_tenant.odata import TENANT
from local_tenant.server import make_app
from local_tenant.state import Conversation, Tenant
from service.clocks import ManualClock
from service.demo import Demo, Span
from service.demo_patience import through
from service.office import open_office
from service.progress import progress
from service.pupil_keys import seal_keys
from service.settings import NO_LIMIT, Settings
from service.tenant_hand import Json, TenantHand, TenantUnreachable
from tests.digest import differences, record_digest, tenant_digest
from tests.ports import free_port

CYCLE = Span(date(2026, 9, 21), date(2026, 11, 20))
"""Meetings of two terms with their minutes, surgeries, reports to the Area Board, the draft of those to KiT."""

A_FIFTH = "429=0.06,503=0.03,502=0.02,504=0.02,500=0.01,423=0.02,reset=0.02,lost=0.02,gone=0.1,slow=0.01s,seed=11"
"""Together a fifth of all requests; `gone` is a part of the deltas with a token."""

IN_DOUBT = ("Teams does not say whether it arrived", "Teams does not say whether this was posted")
LIVES_S = (0.0, 6.0)
"""Between the service's answering again and the next kill, at random."""

SETTLE_S = 300.0


@dataclass
class Service:
    """`cos serve`, killed and started again."""

    settings: Settings
    folder: Path
    kills: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may be killed before it answers."""
        s = self.settings
        told = {
            "LOCAL": "1", "DATA_DIR": s.data_dir, "DATABASE_URL": s.database_url, "GRAPH_URL": s.graph_url,
            "PORT": s.port, "QUEUE_POLL_S": s.queue_poll_s, "POLL_S": s.poll_s, "SHAREPOINT_UNITS": s.sharepoint_units,
            "CLOCK_FILE": s.clock_file, "PUPIL_KEYS": s.pupil_keys,
        }  # fmt: skip
        environment = {**os.environ, **{f"COS_{k}": str(v) for k, v in told.items()}}
        words = ("serve",) if s.is_one_process else ("serve", "--with-worker")
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "service", *words],
                env=environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """As with the power."""
        assert self.process is not None
        assert self.process.poll() is None, f"the service ended by itself; see {self.folder / 'serve.log'}"
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.kills += 1

    async def answering(self, session: ClientSession) -> None:
        """Wait until it serves."""
        for _ in range(1200):
            with suppress(OSError, asyncio.TimeoutError):
                async with session.get(f"http://127.0.0.1:{self.settings.port}/healthz") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.05)
        raise AssertionError("the service never answered")


class PatientHand(TenantHand):
    """People whose click is not answered click again."""

    async def click(self, by: str, activity: str, verb: str, data: Json) -> Json:
        for _ in range(600):
            with suppress(TenantUnreachable):
                answer = await super().click(by, activity, verb, data)
                if answer.get("status") == 200:
                    return answer
            await asyncio.sleep(0.2)
        raise AssertionError("the bot never answered")


class FileHeldClock(ManualClock):
    """The hand's clock, which the service reads."""

    def __init__(self, start: datetime, file: Path) -> None:
        super().__init__(start)
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self._write()

    def set(self, moment: datetime) -> None:
        super().set(moment)
        self._write()

    def _write(self) -> None:
        half = self._file.with_suffix(".new")
        half.write_text(self.now().isoformat(), "ascii")
        half.replace(self._file)


@dataclass(kw_only=True)
class Cycle(Demo):
    """The demo with its service elsewhere, and an administrator who looks after posts in doubt."""

    tenant: Tenant
    doubts: list[str] = field(default_factory=list)

    async def set_up(self) -> None:
        """What is due from the first moment on is done before the first day begins."""
        await super().set_up()
        await self.office.sweep()
        await self.settle()

    async def settle(self) -> None:
        """Until what people did is read, what fell due by it is done, and no post is in doubt."""
        await through(self.office.pull)
        await self.office.sweep()
        while True:
            await super().settle()
            await through(self.office.pull_undelivered)  # of mails that were just sent
            await super().settle()
            doubtful = [
                r.id
                for r in await self.office.desk.look(stuck_effects)
                if any(said in (r.problem or "") for said in IN_DOUBT)
            ]
            if not doubtful:
                return
            for effect_id in doubtful:
                await self._look_after(effect_id)

    async def _look_after(self, effect_id: str) -> None:
        """The administrator looks whether it is there: then it is dropped, else tried again."""
        self.doubts.append(effect_id)
        to, known = await self.office.desk.look(_where_and_known, effect_id)
        there = [
            p.id
            for c in self.tenant.conversations.values()
            if to.casefold() in _names_of(self.tenant, c)
            for p in c.posts
            if not p.deleted and p.id not in known
        ]
        if there:
            await self.office.desk.run("test", drop, effect_id, "It had arrived.", CONSOLE)
        else:
            await self.office.desk.run("test", retry, effect_id, CONSOLE)


def _where_and_known(work: Work, effect_id: str) -> tuple[str, set[str]]:
    """To whom or where it was to go, and every message the record knows of."""
    messages = work.conn.execute(select(tables.posts.c.message)).scalars()
    known = {str(m.get("activity")) for m in messages}
    kind, _, subject = effect_id.partition(":")
    about = subject.partition("#")[0]
    if kind.startswith("desk."):
        return directory_of(work).clerks.get(subject.partition("@")[0], ""), known
    row = request_row(work, about) if about.startswith("R-") else meeting_row(work, about)
    chair = directory_of(work).chair_of(row.community)
    return (str(chair.mail) if kind == "card.ask" and chair else str(row.community)), known


def _names_of(tenant: Tenant, conversation: Conversation) -> set[str]:
    team, user = tenant.teams.get(conversation.team_id or ""), tenant.users.get(conversation.member_id or "")
    return {name.casefold() for name in (team.name if team else "", user.mail if user else "") if name}


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What a run came to."""

    record: dict[str, Counter[str]]
    tenant: dict[str, Counter[str]]
    kills: int
    doubts: list[str]
    faults: dict[str, int]
    exchanges: int
    seconds: float


async def live(
    folder: Path, *, faults: str, kills: int, database_url: str = "", seed: int = 1, span: Span = CYCLE,
    tell: Callable[[str, float], None] = lambda *_: None,
) -> Lived:  # fmt: skip
    """Live through the cycle; with `kills` the service is killed that often, at random instants, once it is set up."""
    began, app = time.monotonic(), make_app(faults=read_faults(faults))
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    clock = await asyncio.to_thread(FileHeldClock, at_london(span.first, wall(7, 0)), folder / "clock")
    settings = Settings(
        local=True, data_dir=folder / "data", database_url=database_url, graph_url=f"http://127.0.0.1:{port}/v1.0",
        port=free_port(), queue_poll_s=0.05, poll_s=1.0, sharepoint_units=NO_LIMIT, clock_file=folder / "clock",
    )  # fmt: skip
    settings.pupil_keys = seal_keys(settings)[0].decode()
    office = await asyncio.to_thread(open_office, settings, clock)
    service = Service(settings, folder)
    try:
        async with ClientSession() as session:
            service.start()
            await service.answering(session)
            cycle = Cycle(
                office=office, clock=clock, hand=PatientHand(session, f"http://127.0.0.1:{port}"), tell=tell, span=span,
                settle_s=SETTLE_S, tenant=app[TENANT],
            )  # fmt: skip
            killer = asyncio.create_task(_kill_again_and_again(service, session, kills, seed, cycle))
            await cycle.run(at_london(span.last, wall(23, 0)))
            if killer.done():
                await killer  # raises what went wrong there
            killer.cancel()
            await asyncio.gather(killer, return_exceptions=True)
            await service.answering(session)
            await cycle.settle()
    finally:
        if service.process is not None:
            service.process.kill()
            service.process.wait()
        await office.close()
        await runner.cleanup()
    engine = open_engine(settings.record_url())
    record = record_digest(engine)
    engine.dispose()
    return Lived(
        record=record, tenant=tenant_digest(app[TENANT]), kills=service.kills, doubts=cycle.doubts,
        faults=dict(app[FAULTS].met), exchanges=len(app[TENANT].har), seconds=time.monotonic() - began,
    )  # fmt: skip


async def _kill_again_and_again(service: Service, session: ClientSession, kills: int, seed: int, cycle: Cycle) -> None:
    chance = random.Random(seed)
    await cycle.is_set_up.wait()
    while service.kills < kills:
        await asyncio.sleep(chance.uniform(*LIVES_S))
        service.kill()
        service.start()
        await service.answering(session)


STUCK_MAIL = "stuck and wait"
"""In what administrators are told of posts in doubt, which no undisturbed run tells of."""


def compared(calm: Lived, storm: Lived) -> list[str]:
    """What differs. Of posts those in doubt may: one that is known to have arrived is not brought up to date later."""
    said = [
        d
        for d in differences(calm.record, storm.record)
        if "mail.stuck" not in d and "effect" not in _command(d) and not any(doubt in d for doubt in storm.doubts)
    ]
    kinds = [k for k in calm.tenant if k != "posts"]
    said += differences({k: calm.tenant[k] for k in kinds}, {k: storm.tenant[k] for k in kinds})
    posts = differences({"posts": calm.tenant["posts"]}, {"posts": storm.tenant["posts"]})
    return [d for d in said if STUCK_MAIL not in d] + (posts if len(posts) > 2 * len(storm.doubts) else [])


def _command(difference: str) -> str:
    """The command of a journal's entry, '' for anything else."""
    found = re.search(r'^[-+] journal: .*"command": "([^"]*)"', difference)
    return found[1] if found else ""


def main() -> None:
    """Run it and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--faults", default=A_FIFTH)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calm", action="store_true", help="Compare two undisturbed runs.")
    options = parser.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # whose client was killed in the middle
    faults, kills = ("", 0) if options.calm else (options.faults, options.kills)
    with tempfile.TemporaryDirectory(prefix="torture-") as folder, progress() as bar:
        lived = []
        for name, f, k in (("undisturbed", "", 0), ("disturbed", faults, kills)):
            task = bar.add_task(name, total=1.0)

            def tell(what: str, part: float, name: str = name, task: Any = task) -> None:
                bar.update(task, description=f"{name}: {what}", completed=part)

            lived.append(asyncio.run(live(Path(folder) / name, faults=f, kills=k, seed=options.seed, tell=tell)))
    found = compared(*lived)
    print_summary(lived[0], lived[1], found)
    sys.exit(bool(found) or lived[1].kills < kills)


def print_summary(calm: Lived, storm: Lived, found: list[str]) -> None:
    """The table docs/evidence.md shows."""
    struck = sum(storm.faults.values())
    rows = {
        "county cycle": f"{CYCLE.first:%-d %b %Y} to {CYCLE.last:%-d %b %Y}, 53 communities",
        "service killed with -9": f"{storm.kills} times, at random instants",
        "requests to the tenant": f"{storm.exchanges:,} (undisturbed {calm.exchanges:,})",
        "of these faulted": f"{struck:,} ({struck / storm.exchanges:.0%})",
        "posts in doubt, marked and not repeated": str(len(storm.doubts)),
        "rows of the record compared": f"{sum(c.total() for c in calm.record.values()):,}",
        "things in the tenant compared": f"{sum(c.total() for c in calm.tenant.values()):,}",
        "differences": str(len(found)),
        "seconds": f"{storm.seconds:.0f} (undisturbed {calm.seconds:.0f})",
    }
    print("| what | figure |\n| --- | --- |")
    for what, figure in rows.items():
        print(f"| {what} | {figure} |")
    for line in found[:40]:
        print(line[:600])


if __name__ == "__main__":
    main()
