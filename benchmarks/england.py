"""England in one record: 8,000 communities, 24,000 schools, 200,000 requests a year, on PostgreSQL and over real HTTP.

`python -m benchmarks.england` lives through the first days of a school year with all of it and prints what each took;
`--councils 5` does so with a part. The product runs as in life, in this process and by its own ports; the tenant and
PostgreSQL are processes of their own, on the same machine. What people do is done at their doors: forms arrive in the
list, KCC edits the list, chairs' and clerks' commands are given to the desk. Playing them counts with the service.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from datetime import time as wall
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import ClientSession
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, func, select, text

from benchmarks.england_people import decision_on, held_on, moderated, undecided_on, unmoderated
from benchmarks.england_world import Asked, Flow, Volumes, invent_budgets, invent_directory, invent_requests
from benchmarks.processes import children_of, cpu_s, memory_mb
from casework import tables
from casework.backup import write_backup
from casework.budget_record import import_budget
from casework.decide import decide
from casework.desk import SYSTEM, Work
from casework.directory_record import import_directory, import_people
from casework.effects import EffectState
from casework.schedule import schedule_meetings
from casework.status import status
from casework.stuck import stuck_effects
from casework.sweep import DUE
from casework.working_list import LIST
from communities.calendars import at_london, is_working_day
from communities.directory import Directory
from communities.meetings import MeetingSlot, propose_slots
from graph_sync.intake import RESPONSES_LIST, pull_list
from papers.term_dates import load_school_years
from service.clocks import ManualClock
from service.demo import serving
from service.demo_report import Timeline
from service.demo_year import Year
from service.office import Office, open_office
from service.progress import progress
from service.run_commands import free_port
from service.sample_tenant import FLOW, world_of
from service.settings import NO_LIMIT, Settings
from service.tenant_hand import TenantHand
from tests.machine import answering
from tests.postgres import postgres

SCHOOL_YEAR = "2026-27"
BEGINS = date(2026, 8, 24)
MORNING, SCHOOL_DAY, EVENING = wall(7, 5), wall(8, 5), wall(18, 0)
PORTION = 2_000
PAUSE_S = 0.02
"""Between two teams that get the bot: fifty a second are let in from one address."""

AT_ONCE = 16
"""People who act at the same moment."""

A = TypeVar("A")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What something took; `cpu` is seconds of processor by process."""

    what: str
    seconds: float
    cpu: dict[str, float]
    effects: int
    requests: int
    """Received."""
    exchanges: int
    """With the tenant, the bot's included."""
    parts: dict[str, float]
    """Seconds by part."""

    def row(self) -> str:
        """Its row in the table."""
        used = " | ".join(f"{seconds:.0f}" for seconds in self.cpu.values())
        parts = "; ".join(f"{k} {s:.1f}" for k, s in self.parts.items())
        what = f"{self.what} ({parts})" if parts else self.what
        rate = f"{self.effects:,} | {self.effects / self.seconds:.0f}"
        return f"| {what} | {self.seconds:.1f} | {rate} | {self.requests:,} | {self.exchanges:,} | {used} |"


TITLES = (
    "what", "s", "effects", "a second", "requests in", "with Graph and Teams", "processor s: service", "tenant",
    "PostgreSQL",
)  # fmt: skip


@dataclass(kw_only=True)
class England:
    """One run."""

    volumes: Volumes
    office: Office
    clock: ManualClock
    hand: TenantHand
    pids: dict[str, int]
    tell: Callable[[str, float], None]
    directory: Directory
    slots: list[MeetingSlot] = field(default_factory=list)
    lived: set[date] = field(default_factory=set)
    parts: dict[str, float] = field(default_factory=dict)

    async def measured(self, what: str, doing: Awaitable[Any]) -> None:
        """Do it, and note what it took."""
        before, began, self.parts = await self._counts(), time.monotonic(), {}
        await doing
        seconds, after = time.monotonic() - began, await self._counts()
        cost = Cost(
            what=what,
            seconds=seconds,
            cpu={k: after[k] - before[k] for k in self.pids},
            **{k: int(after[k] - before[k]) for k in ("effects", "requests", "exchanges")},
            parts=self.parts,
        )
        print(cost.row(), flush=True)

    async def _counts(self) -> dict[str, float]:
        effects, requests = await self.office.desk.look(_settled_and_received)
        counts = {"effects": effects, "requests": requests, **(await self.hand.call("GET", "exchanges"))}
        used = {name: cpu_s(pid) for name, pid in self.pids.items()}
        postmaster = self.pids["PostgreSQL"]
        used["PostgreSQL"] += sum(cpu_s(p) for p in children_of(postmaster))
        return {**counts, **used}

    async def timed(self, part: str, doing: Awaitable[A]) -> A:
        """Do it, and add its seconds to the part's."""
        began = time.monotonic()
        try:
            return await doing
        finally:
            self.parts[part] = self.parts.get(part, 0.0) + time.monotonic() - began

    async def set_up(self) -> None:
        """Directory, people, budgets, the tenant with its site, and the year's meetings in the calendar."""
        self.tell("Importing the directory", 0.0)
        await self.measured("import directory, people and budgets", asyncio.to_thread(self._import))
        self.tell("The tenant's people and teams", 0.02)
        await self.hand.call("POST", "world", json=world_of(self.directory, self.clock.now()))
        await self.measured("find everybody in Entra ID", self.office.match_people())

        def tell(done: int, of: int) -> None:
            self.tell(f"Lists and libraries: {done:,} of {of:,}", 0.03 + 0.07 * done / of)

        await self.measured("make lists and libraries", self.office.provision(tell))
        url = f"http://{self.office.settings.host}:{self.office.settings.port}/api/messages"
        installed = self.hand.call("POST", "bot", json={"endpoint": url, "pause_s": PAUSE_S}, within_s=3_600)
        await self.measured("the bot in every team", installed)
        await self.measured("book the year's meetings", self._book())

    def _import(self) -> None:
        desk, directory = self.office.desk, self.directory
        with desk.work("the administrator") as work:
            import_directory(work, directory)
            import_people(work, directory.people)
        with desk.work("the administrator") as work:
            for budget in invent_budgets(directory, SCHOOL_YEAR):
                import_budget(work, budget)

    async def _book(self) -> None:
        year = load_school_years()[SCHOOL_YEAR]
        self.slots = list(propose_slots([c.name for c in self.directory.communities], year))
        a_council = -(-len(self.slots) // self.volumes.councils)
        for first in range(0, len(self.slots), a_council):
            slots = self.slots[first : first + a_council]
            await self.timed("record", self.office.desk.run("the clerks", schedule_meetings, slots))
        await self.settle("Booking meetings", 0.1)

    async def settle(self, what: str, part: float) -> None:
        """Until every effect asked for is done."""
        while waiting := await self.office.desk.look(_waiting):
            self.tell(f"{what}: {waiting:,} effects", part)
            await asyncio.sleep(0.2)

    async def live(self, days: list[date], sent: Mapping[date, list[Asked]], until: float) -> None:
        """Live through these days, as far as one comes until then."""
        flow, year = Flow(self.directory), Year(self.office, self.hand, Timeline())
        for number, day in enumerate(days):
            if time.monotonic() > until:
                break
            part = 0.2 + 0.8 * number / len(days)
            await self.measured(f"{day:%a %-d %b}", self._day(day, sent.get(day, []), flow, year, part))
            self.lived.add(day)

    async def the_rest(self, sent: Mapping[date, list[Asked]]) -> None:
        """The rest of the year's requests arrive now, portion by portion; what they ask for outside is left waiting."""
        flow, now = Flow(self.directory), self.clock.now()
        rest = [replace(a, at=now) for day, asked in sent.items() if day not in self.lived for a in asked]
        for first in range(0, len(rest), PORTION):
            self.tell(f"The rest of the year: {len(rest) - first:,} requests", 0.95)
            items = [flow.item(a) for a in rest[first : first + PORTION]]
            await self.timed("flow", self.hand.add_items(RESPONSES_LIST, FLOW, items))
            await self.timed("pull", pull_list(self.office.desk, self.office.graph))

    async def look(self) -> None:
        """What the clocks' sweep looks for, and what `cos status` says, with everything in the record."""
        await self.timed("what is due", self.office.desk.look(_look_for_all))
        await self.timed("status", self.office.desk.look(status))

    async def back_up(self, file: Path) -> None:
        """The record into a file, while it is served."""

        def write() -> None:
            with file.open("wb") as target:
                write_backup(self.office.desk.engine, target, self.clock.now(), lambda *_: None)

        await asyncio.to_thread(write)

    async def _day(self, day: date, asked: list[Asked], flow: Flow, year: Year, part: float) -> None:
        for at in (MORNING, SCHOOL_DAY, EVENING):
            moment = at_london(day, at)
            self.clock.set(moment)
            await self.hand.set_clock(moment)
            if at is EVENING:
                await self.timed("people", self._people(day, moment, asked, flow, year))
                await self.timed("pull", self.office.pull())
            self.tell(f"{day:%a %-d %b}: sweep", part)
            await self.timed("sweep", self.office.sweep())
            await self.timed("effects", self.settle(f"{day:%a %-d %b}", part))

    async def _people(self, day: date, now: datetime, asked: list[Asked], flow: Flow, year: Year) -> None:
        for first in range(0, len(asked), PORTION):
            items = [flow.item(a) for a in asked[first : first + PORTION]]
            await self.hand.add_items(RESPONSES_LIST, FLOW, items)
        for meeting, people in await self.office.desk.run(SYSTEM, held_on, day):
            await self.hand.hold_meeting(meeting.event_id, meeting.starts_at, meeting.ends_at, people)
        to_decide = await self.office.desk.run(SYSTEM, undecided_on, day)
        await self._all(to_decide, lambda d: self.office.desk.run(d[1], decide, d[0], decision_on(d[2], day), d[1]))
        await year.afternoon(day, now)
        if day.weekday() == 4:
            edits = await self.office.desk.run(SYSTEM, unmoderated)
            mail = "morgan.vale@kent.example"
            await self._all(edits, lambda e: self.hand.edit_item(LIST, e[0], mail, moderated(e[1], now)))

    async def _all(self, things: list[A], act: Callable[[A], Awaitable[Any]]) -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(thing: A) -> None:
            async with turns:
                await act(thing)

        await asyncio.gather(*(one(t) for t in things))


def _look_for_all(work: Work) -> int:
    return sum(len(find(work)) for find, _ in DUE)


def _settled_and_received(work: Work) -> tuple[int, int]:
    effects, requests = tables.effects, tables.requests
    settled = select(func.count()).select_from(effects).where(effects.c.state == EffectState.DONE)
    received = select(func.count()).select_from(requests)
    return work.conn.execute(settled).scalar_one(), work.conn.execute(received).scalar_one()


def _waiting(work: Work) -> int:
    effects = tables.effects
    waits = effects.c.state.in_((EffectState.WAITING, EffectState.BEGUN))
    return int(work.conn.execute(select(func.count()).select_from(effects).where(waits)).scalar_one())


def sizes(url: str) -> list[tuple[str, float]]:
    """Megabytes of the database and of its greatest tables, indexes included."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as record:
        whole = record.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        tables_ = record.execute(
            text(
                "SELECT schemaname || '.' || relname, pg_total_relation_size(relid) FROM pg_stat_user_tables "
                "ORDER BY 2 DESC LIMIT 6"
            )
        ).all()
    engine.dispose()
    return [("database", whole / 2**20), *((name.removeprefix("public."), size / 2**20) for name, size in tables_)]


@asynccontextmanager
async def england(
    folder: Path, database_url: str, postmaster: int, volumes: Volumes, tell: Callable[[str, float], None]
) -> AsyncIterator[England]:
    """The product and its tenant, running."""
    tenant_port = free_port()
    url = f"http://127.0.0.1:{tenant_port}"
    tenant = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "service", "tenant", "--port", str(tenant_port), "--no-traffic",
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    settings = Settings(
        local=True, data_dir=folder, database_url=database_url, graph_url=f"{url}/v1.0", port=free_port(),
        queue_poll_s=0.1, sharepoint_units=NO_LIMIT, mail_recipients_a_day=NO_LIMIT,
        pupil_keys=Fernet.generate_key().decode(),
    )  # fmt: skip
    clock = ManualClock(at_london(BEGINS, wall(7, 0)))
    office = await asyncio.to_thread(open_office, settings, clock)
    try:
        async with ClientSession() as session:
            await answering(session, url)
            hand = TenantHand(session, url)
            await hand.call("POST", "behaviours", json={"10000-recipients-a-day": False})  # docs/scaling.md: a wall
            async with serving(office):
                yield England(
                    volumes=volumes, office=office, clock=clock, hand=hand, tell=tell,
                    pids={"service": os.getpid(), "tenant": tenant.pid, "PostgreSQL": postmaster},
                    directory=invent_directory(volumes),
                )  # fmt: skip
    finally:
        await office.close()
        tenant.terminate()
        await tenant.wait()


async def run(volumes: Volumes, days: int, minutes: float, tell: Callable[[str, float], None]) -> None:
    """Set up and live, then say what it took."""
    begin(volumes)
    with tempfile.TemporaryDirectory(prefix="england-") as name, postgres() as server:
        folder = Path(name)
        async with england(folder, server.url, server.pid, volumes, tell) as world:
            until = time.monotonic() + 60 * minutes
            await world.set_up()
            sent = invent_requests(volumes, world.directory, world.slots, BEGINS)
            calendar = [d for n in range(days * 2) if is_working_day(d := BEGINS + timedelta(days=n))][:days]
            await world.live(calendar, sent, until)
            await world.measured("the sweep and status, after these days", world.look())
            await world.measured("the rest of the year's requests, received at once", world.the_rest(sent))
            await world.measured("the sweep and status, with all of them", world.look())
            await world.measured("a backup of all of it", world.back_up(folder / "backup.zip"))
            backup = ("backup", (folder / "backup.zip").stat().st_size / 2**20)
            end(world, [*sizes(server.url), backup], len(await world.office.desk.look(stuck_effects)))


def begin(v: Volumes) -> None:
    """What is run, and the head of the table."""
    print(
        f"{v.councils} councils: {v.communities:,} communities, {v.schools:,} schools, {v.requests:,} requests a year\n"
    )
    print(f"| {' | '.join(TITLES)} |\n|{' --- |' * len(TITLES)}", flush=True)


def end(world: England, sized: list[tuple[str, float]], stuck: int) -> None:
    """Memory, sizes, and what could not be done."""
    most, tenant = memory_mb(os.getpid(), "VmHWM"), memory_mb(world.pids["tenant"])
    print(f"\nMemory: service {most:.0f} MB at most, tenant {tenant:.0f} MB.")
    print("Megabytes: " + ", ".join(f"{name} {size:,.0f}" for name, size in sized))
    print(f"Stuck: {stuck}.")


def main() -> None:
    """Read the options, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--councils", type=int, default=150)
    parser.add_argument("--days", type=int, default=30, help="Working days, from 24 August on.")
    parser.add_argument("--minutes", type=float, default=90, help="No day begins after so many.")
    options = parser.parse_args()
    with progress() as bar:
        task = bar.add_task("England", total=1.0)

        def tell(what: str, part: float) -> None:
            bar.update(task, description=what, completed=part)

        asyncio.run(run(Volumes(councils=options.councils), options.days, options.minutes, tell))


if __name__ == "__main__":
    main()
