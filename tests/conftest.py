"""Fixtures: the sample directory, a record on SQLite and on PostgreSQL, a world with the tenant over HTTP."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import os
import pickle
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, wraps
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from aiohttp import ClientSession, web
from cryptography.fernet import Fernet
from sqlalchemy import Connection, select

from casework import tables
from casework.database import open_engine
from casework.desk import Desk, Mailboxes, Work
from casework.effects import EffectState, attempt
from casework.sealing import Sealer
from communities.calendars import at_london
from communities.directory import Directory
from graph_sync.permissions import is_listed
from graph_sync.subscriptions import PATHS
from local_tenant.odata import TENANT
from local_tenant.server import make_app as make_tenant
from local_tenant.state import Tenant
from papers.term_dates import load_school_years
from service.clocks import ManualClock
from service.imports import run_import
from service.logs import ENGINE
from service.notices import Notices
from service.office import Office, open_office
from service.puller import Puller
from service.sample_part import SamplePart
from service.sample_tenant import world_of
from service.settings import Settings
from service.tenant_hand import TenantHand
from service.web import NOTICES, OFFICE, PULLER, messages, notifications
from tests.databases import Begin, Filled, PostgresTemplates, SqliteTemplates, fill
from tests.ports import free_port
from tests.postgres import postgres

CONTRACT = Path(__file__).parent.parent.parent / "shared" / "graph" / "contract.py"
KEY = Fernet.generate_key()
logging.getLogger(ENGINE).addHandler(
    logging.NullHandler()
)  # else it keeps the first test's captured output for its own
START = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
SCHOOL_YEARS = tuple(load_school_years().values())


LONG = (
    "test_demo", "test_kill", "test_outages", "test_workers", "test_oracle", "test_containers", "test_scenario",
    "test_hostile_files", "test_playground", "test_buttons", "test_races", "test_sequences", "test_torture",
)  # fmt: skip
"""What takes longest, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each process begins with its part of the long ones; what is left is shared out as they finish
    (`--dist worksteal`, which gives each process one piece of the list to begin with).
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    modules = [[i for i in items if i.path.stem == name] for name in LONG]
    rest = [i for i in items if i.path.stem not in LONG]
    dealt: list[pytest.Item] = []
    for n in range(processes):
        own = [i for module in modules[n::processes] for i in module]
        room = max(len(items) * (n + 1) // processes - len(dealt) - len(own), 0)
        dealt += own + rest[:room]
        rest = rest[room:]
    items[:] = dealt + rest


@pytest.fixture(scope="session")
def directory() -> Directory:
    """The sample county with its people."""
    return SamplePart().directory


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL from a wheel."""
    with postgres(in_memory=True) as server:
        yield server.url


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory, directory: Directory) -> SqliteTemplates:
    """What a SQLite record is copied from."""

    def filled(url: str, what: Filled | Begin) -> None:
        fill_or_begin(url, what, directory)

    return SqliteTemplates(folder=tmp_path_factory.mktemp("templates"), fill=filled)


@pytest.fixture(scope="session")
def postgres_templates(postgres_url: str, directory: Directory) -> PostgresTemplates:
    """What a PostgreSQL record is copied from."""

    def filled(url: str, what: Filled | Begin) -> None:
        fill_or_begin(url, what, directory)

    return PostgresTemplates(url=postgres_url, fill=filled)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Which of the two a test runs on; most run on both."""
    kind: str = request.param
    return kind


def new_url(request: pytest.FixtureRequest, database: str, filled: Filled | Begin | None) -> Iterator[str]:
    """A database of the test's own; without a table where it is filled with nothing."""
    folder: Path = request.getfixturevalue("tmp_path")
    if database == "sqlite":
        empty = f"sqlite:///{folder / 'record.db'}"
        yield empty if filled is None else request.getfixturevalue("sqlite_templates").copy(filled, folder)
        return
    templates: PostgresTemplates = request.getfixturevalue("postgres_templates")
    url = templates.empty() if filled is None else templates.copy(filled)
    yield url
    templates.drop(url)


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    """A database without a table."""
    yield from new_url(request, database, None)


@pytest.fixture
def record_url(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    """A record with nothing in it."""
    yield from new_url(request, database, Filled.TABLES)


@pytest.fixture
def county_url(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    """A record with the sample county in it."""
    yield from new_url(request, database, Filled.COUNTY)


@pytest.fixture
def postgres_record(postgres_templates: PostgresTemplates) -> Iterator[str]:
    """A record on PostgreSQL with nothing in it."""
    url = postgres_templates.copy(Filled.TABLES)
    yield url
    postgres_templates.drop(url)


@dataclass
class Bench:
    """A desk with a clock in the hand; effects are only noted."""

    desk: Desk
    clock: ManualClock
    enqueued: list[str]

    def at(self, day: date, hour: int = 9) -> None:
        """Move to a day, London time."""
        self.clock.set(at_london(day, time(hour)))

    def effects(self, kind: str) -> list[str]:
        """The requests or meetings it was asked for, in the order they were."""
        return [e.partition(":")[2].partition("#")[0] for e in self.enqueued if e.startswith(f"{kind}:")]


@dataclass(frozen=True)
class Begun:
    """What a bench holds beside its record."""

    at: datetime = START
    enqueued: tuple[str, ...] = ()


NOTHING_BEGUN = Begun()


@pytest.fixture
def bench(county_url: str) -> Iterator[Bench]:
    """The sample county in the record, and nothing else."""
    with bench_at(county_url) as made:
        yield made


@contextmanager
def bench_at(url: str, begun: Begun = NOTHING_BEGUN) -> Iterator[Bench]:
    """A bench with the record at an address, as it was left."""
    engine, enqueued, clock = open_engine(url), list(begun.enqueued), ManualClock(begun.at)

    def note(_conn: Connection, effect_id: str, _run: int = 0) -> None:
        enqueued.append(effect_id)

    desk = Desk(
        engine=engine, clock=clock, sealer=Sealer([KEY]), mailboxes=Mailboxes(desk="desk@x.example"), enqueue=note,
        school_years=SCHOOL_YEARS,
    )  # fmt: skip
    yield Bench(desk, clock, enqueued)
    engine.dispose()


BEGUN: dict[Begin, Begun] = {}
"""How each `begun` left its bench, beside the record."""


def fill_or_begin(url: str, what: Filled | Begin, directory: Directory) -> None:
    """Make a template: of one of the fillings, or what a `begun` does to the county."""
    fill(url, what if isinstance(what, Filled) else Filled.COUNTY, directory, ManualClock(START))
    if not isinstance(what, Filled):
        with bench_at(url) as bench:
            what(bench, directory)
            BEGUN[what] = Begun(bench.clock.now(), tuple(bench.enqueued))


def begun(begin: Begin) -> Any:
    """A fixture out of what brings a bench to where tests begin: done once in a process, copied for every test."""

    @wraps(begin)
    def copied(request: pytest.FixtureRequest, database: str) -> Iterator[Bench]:
        for url in new_url(request, database, begin):
            with bench_at(url, BEGUN[begin]) as made:
                yield made

    del copied.__wrapped__  # pytest reads what a fixture needs from the innermost function
    return pytest.fixture(copied)


@cache
def _contract() -> Any:
    spec = importlib.util.spec_from_file_location("contract", CONTRACT)
    assert spec is not None
    assert spec.loader is not None
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    return checker.Contract()


def contract_violations(har: dict[str, Any]) -> list[str]:
    """What Microsoft's own metadata has against the recorded requests; nothing where that check is not beside us."""
    if not CONTRACT.exists():
        return []
    contract, said = _contract(), []
    for entry in har["log"]["entries"]:
        request = entry["request"]
        if "/v1.0/" in request["url"]:
            sent = request.get("postData", {})
            body = json.loads(sent["text"]) if "json" in sent.get("mimeType", "") else None
            said += [
                f"{request['method']} {request['url']}: {x}"
                for x in contract.check(request["method"], request["url"], body)
            ]
    return said


def calls_not_listed(har: dict[str, Any]) -> set[str]:
    """What was asked of Graph and stands in no line of manifests/permissions.toml."""
    return {f"{method} {path}" for method, path in calls_of(har) if not is_listed(method, path)}


def calls_of(har: dict[str, Any], *, with_refused: bool = False) -> set[tuple[str, str]]:
    """Method and path, below the version, of every request that found something, those within a batch included."""
    calls = set()
    for entry in har["log"]["entries"]:
        request, path = entry["request"], unquote(urlsplit(entry["request"]["url"]).path)
        if path.startswith("/v1.0/") and (with_refused or entry["response"]["status"] not in (400, 404)):
            calls.add((request["method"], path.removeprefix("/v1.0")))
    return calls


@dataclass
class World:
    """Tenant and product over real HTTP; effects are carried out when the test says so."""

    office: Office
    clock: ManualClock
    hand: TenantHand
    tenant_url: str
    bot_url: str
    puller: Puller
    tenant: Tenant
    """What is in the local tenant, to be looked at."""

    @property
    def desk(self) -> Desk:
        """The product's desk."""
        return self.office.desk

    async def set_clock(self, moment: datetime) -> None:
        """Move the product's and the tenant's time."""
        self.clock.set(moment)
        await self.hand.set_clock(moment)

    async def carry_out(self) -> int:
        """Carry out every effect that waits, those they ask for included. Returns how many."""
        done = 0
        while waiting := await self.desk.run("test", _waiting):
            for effect_id in waiting:
                wait_s = await attempt(self.desk, self.office.ports, effect_id)
                assert wait_s is None, f"{effect_id} wants another try in {wait_s} s"
                done += 1
        return done


def _waiting(work: Work) -> list[str]:
    effects = tables.effects
    return list(work.conn.execute(select(effects.c.id).where(effects.c.state == EffectState.WAITING)).scalars())


@pytest.fixture
def tenant_app() -> web.Application:
    """The local tenant's application."""
    return make_tenant()


@pytest.fixture(scope="session")
def tenant_port() -> int:
    """Where the local tenant is for every test of this process: what was made there once can be copied."""
    return free_port()


@pytest.fixture(scope="session")
def bot_port() -> int:
    """Where the product listens for every test of this process."""
    return free_port()


@pytest.fixture
async def tenant_url(tenant_app: web.Application, tenant_port: int) -> AsyncIterator[str]:
    """The local tenant, empty."""
    async with listening(tenant_app, tenant_port) as url:
        yield url


@asynccontextmanager
async def listening(app: web.Application, port: int) -> AsyncIterator[str]:
    """An application on a port of this machine; its address."""
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@dataclass(kw_only=True)
class WorldTemplate:
    """The sample county in record and tenant, as provisioned once: what each `world` is copied from."""

    folder: Path
    tenant: bytes = b""
    traffic: tuple[dict[str, Any], ...] = ()
    """What was asked meanwhile, as the entries of a HAR."""

    @property
    def record(self) -> Path:
        """The record's file."""
        return self.folder / "record.db"

    def keep(self, office: Office, tenant: Tenant) -> None:
        """Take both as they are now; the office is closed."""
        shutil.copyfile(office.settings.data_dir / "record.db", self.record)
        self.traffic = tuple(tenant.har)
        self.tenant = pickle.dumps({k: v for k, v in vars(tenant).items() if k not in ("on_change", "har")})

    def copy(self, folder: Path, tenant: Tenant) -> None:
        """Both as they were then."""
        shutil.copyfile(self.record, folder / "record.db")
        vars(tenant).update(pickle.loads(self.tenant), har=[])


@pytest.fixture(scope="session")
def world_template(tmp_path_factory: pytest.TempPathFactory) -> WorldTemplate:
    """Not filled yet: the first `world` does that."""
    return WorldTemplate(folder=tmp_path_factory.mktemp("world"))


@asynccontextmanager
async def office_in(
    settings: Settings, clock: ManualClock, tenant_url: str
) -> AsyncIterator[tuple[Office, TenantHand, Puller]]:
    """The product with its endpoints for Teams and Graph, and the hand in the tenant."""
    office = open_office(settings, clock)
    app = web.Application()
    app[OFFICE], app[PULLER] = office, Puller(office)
    app[NOTICES] = Notices(office, app[PULLER])
    app.router.add_post("/api/messages", messages)
    for path in PATHS:
        app.router.add_post(path, notifications)
    async with ClientSession() as session, listening(app, settings.port):
        yield office, TenantHand(session, tenant_url), app[PULLER]
    await office.close()


async def check_traffic(hand: TenantHand) -> None:
    """Only what the manifest lists was asked of Graph, and as Microsoft's metadata has it."""
    har = await hand.call("GET", "har")
    assert calls_not_listed(har) == set()
    assert await asyncio.to_thread(contract_violations, har) == []


async def make_world(
    template: WorldTemplate, settings: Settings, tenant_url: str, tenant: Tenant, directory: Directory
) -> None:
    """The county imported, provisioned, and the bot installed: the template of the others."""
    async with office_in(settings, ManualClock(START), tenant_url) as (office, hand, _):
        for kind, name, content in SamplePart().workbooks():
            await asyncio.to_thread(run_import, office.desk, kind, content, name, "test")
        await hand.call("POST", "world", json=world_of(directory, START))
        await office.match_people()
        await office.provision(lambda *_: None)
        await hand.call("POST", "bot", json={"endpoint": f"{settings.public_url}/api/messages"})
        await check_traffic(hand)
    template.keep(office, tenant)


@pytest.fixture
async def world(
    tenant_app: web.Application, tenant_url: str, tmp_path: Path, directory: Directory, world_template: WorldTemplate,
    bot_port: int,
) -> AsyncIterator[World]:  # fmt: skip
    """The sample county in tenant and record, provisioned, the bot installed, nothing received yet."""
    settings = Settings(
        local=True, data_dir=tmp_path, graph_url=f"{tenant_url}/v1.0", port=bot_port, pupil_keys=KEY.decode(),
        public_url=f"http://127.0.0.1:{bot_port}",
    )  # fmt: skip
    if not world_template.tenant:
        first = settings.model_copy(update={"data_dir": world_template.folder / "first"})
        await make_world(world_template, first, tenant_url, tenant_app[TENANT], directory)
    world_template.copy(tmp_path, tenant_app[TENANT])
    clock = ManualClock(START)
    async with office_in(settings, clock, tenant_url) as (office, hand, puller):
        bot_url = f"{settings.public_url}/api/messages"
        yield World(office, clock, hand, tenant_url, bot_url, puller, tenant_app[TENANT])
        await check_traffic(hand)


def submitted(directory: Directory, number: int = 1, **changed: Any) -> dict[str, Any]:
    """Answers that would be accepted, with some changed."""
    school = directory.schools_of(directory.communities[0].name)[0]
    answers: dict[str, Any] = {
        "id": number,
        "completed": datetime(2026, 10, 5, 9, 0, tzinfo=UTC),
        "sender": "sam.field@school.example",
        "sender_name": "Sam Field",
        "community": school.community,
        "school": school.name,
        "contact": "Sam Field",
        "trust": None,
        "solution": f"A quiet corner at lunch, request {number}",
        "outcomes": "Calmer afternoons",
        "support": "Financial contribution",
        "pupils": "Zebedee Quill 03/04/2015",
        "sen_support": 2,
        "ehcp": 1,
        "looked_after": 0,
        "key_stages": "KS2",
        "funding_use": "A teaching assistant for ten weeks",
        "requested_pence": 2400,
        "already_supported": "Small groups from the notional budget",
        "signature": "Sam Field",
    }
    return {**answers, **changed}
