"""The `cos` commands that run something: demo, local, tenant, serve, provision."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import time
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from communities.calendars import at_london
from graph_sync.people import KnownPeople, known_people
from graph_sync.provision import NotAllMade
from local_tenant.faults import read_faults
from local_tenant.odata import TENANT
from local_tenant.server import make_app as make_tenant
from service.demo import TERM, YEAR, Tell, run_demo
from service.demo_report import LEFT
from service.local import run_local
from service.office import Office, open_office
from service.pauses import shorten_pauses
from service.record import make_folder
from service.sample_folder import claim
from service.sample_part import SamplePart
from service.sample_tenant import world_of
from service.settings import NO_LIMIT, Settings, SettingsIncomplete
from service.stopping import until_stopped
from service.telemetry import start_telemetry
from service.tenant_hand import TenantHand
from service.web import make_app, make_worker

Say = Callable[[str], None]
LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port nobody uses just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


async def start_tenant(port: int, faults: str, *, keeps_traffic: bool = True) -> tuple[web.AppRunner, str]:
    """The local tenant on loopback; its runner and address. Raises `FaultsUnreadable`."""
    app = make_tenant(faults=read_faults(faults))
    app[TENANT].keeps_traffic = keeps_traffic
    runner = web.AppRunner(app)
    await runner.setup()
    port = port or free_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    return runner, f"http://{LOOPBACK}:{port}"


async def tenant(port: int, faults: str, say: Say, *, keeps_traffic: bool, is_sample: bool = False) -> None:
    """The local tenant, until it is stopped; empty, or with the people, teams and site of the sample county."""
    runner, url = await start_tenant(port, faults, keeps_traffic=keeps_traffic)
    if is_sample:
        async with ClientSession() as session:
            world = world_of(SamplePart().directory, at_london(TERM.first, time(7, 0)))
            await TenantHand(session, url).call("POST", "world", json=world)
    say(f"The local tenant runs at {url} (Graph at {url}/v1.0). Press Ctrl+C to stop.")
    try:
        await until_stopped()
    finally:
        await runner.cleanup()


async def demo(
    out_dir: Path, tenant_url: str, faults: str, tell: Tell, *, a_term: bool, communities: int
) -> dict[str, Any]:  # fmt: skip
    """The demo against a tenant that runs, or one of its own in a process of its own: two cores do more than one."""
    claim(out_dir, LEFT, "--out")
    async with AsyncExitStack() as stack:
        if not tenant_url:
            tenant_url = await stack.enter_async_context(tenant_process(faults))
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(
                local=True,
                data_dir=Path(folder),
                database_url="",
                graph_url=f"{tenant_url.rstrip('/')}/v1.0",
                port=free_port(),
                queue_poll_s=0.05,
                sharepoint_units=NO_LIMIT,
                pupil_keys="",
            )
            span, part = TERM if a_term else YEAR, SamplePart(communities)
            return await run_demo(settings, tenant_url, out_dir, tell, span, part)


STARTS_WITHIN_S = 60.0


@asynccontextmanager
async def tenant_process(faults: str) -> AsyncIterator[str]:
    """A local tenant in a process of its own, for as long as it is needed; its address."""
    read_faults(faults)
    port = free_port()
    command = ("-m", "service", "tenant", "--port", str(port), *(("--faults", faults) if faults else ()))
    process = await asyncio.create_subprocess_exec(sys.executable, "-P", *command, stdout=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(STARTS_WITHIN_S):
            while not await _answers(port):
                if process.returncode is not None:
                    raise RuntimeError(f"The local tenant ended with status {process.returncode}; see above.")
                await asyncio.sleep(0.05)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True


def spoken_summary(summary: dict[str, Any], out_dir: Path) -> str:
    """The figures in sentences."""
    held, clocks = summary["duplicates_held"], summary["clocks"]
    return (
        f"{summary['received']} responses: {summary['accepted']} accepted, {summary['refused']} refused, {held} held.\n"
        f"{summary['meetings']} meetings booked, {summary['agendas']} agendas, {summary['decisions']} decisions "
        f"({summary['moderated']} moderated by KCC).\n"
        f"{summary['minutes']} minutes, {summary['reports_sent']} reports signed and sent, {summary['evaluations']} "
        f"evaluations, {summary['surgeries']} surgeries, {summary['years_closed']} years closed.\n"
        f"Clocks: {clocks['met']:,} met, {len(clocks['breaches'])} not; summary.json names those.\n"
        f"{summary['mails']} mails, {summary['posts']} posts, {summary['list_writes']} list writes, "
        f"{summary['exchanges']:,} exchanges.\n"
        f"Lost: {summary['lost']}. Doubled: {summary['doubled']}. Took {summary['seconds']} s.\n"
        f"Look in {out_dir}: timeline.md, summary.json, traffic.har, tenant/."
    )


async def local(port: int, data: Path, until: str, faults: str, tell: Tell, say: Say) -> None:
    """The sample world, left running."""
    runner, url = await start_tenant(port, faults)
    try:
        await run_local(url, data, until, tell, say)
    finally:
        await runner.cleanup()


async def serve(settings: Settings, say: Say, *, works: bool | None = None) -> None:
    """What answers over HTTP, until it is stopped; with `works` (on SQLite in any case) what a worker does as well."""
    if settings.is_one_process and works is False:
        raise SettingsIncomplete("On SQLite one process does everything: leave --web-only out, or use PostgreSQL.")
    settings.check()
    does_work = settings.is_one_process or bool(works)
    rest = "" if does_work else " It carries out no effects: run `cos worker` beside it."
    said = f"CoS Desk serves at http://{settings.host}:{settings.port} (bot endpoint /api/messages).{rest}"
    with sole_process(settings):
        office = open_office(settings)
        await _run(office, make_app(office, works=does_work), said, say)


async def worker(settings: Settings, say: Say) -> None:
    """A worker, until it is stopped."""
    if settings.is_one_process:
        raise SettingsIncomplete("On SQLite `cos serve` does a worker's work. Set COS_DATABASE_URL to a PostgreSQL.")
    office = open_office(settings)
    said = f"CoS Desk works as {office.presence.name} (health at http://{settings.host}:{settings.port}/healthz)."
    await _run(office, make_worker(office), said, say)


STOPS_WITHIN_S = 2.0
"""What is asked when the process is told to stop gets this long for its answer."""


async def _run(office: Office, app: web.Application, said: str, say: Say) -> None:
    settings, runner = office.settings, web.AppRunner(app, shutdown_timeout=STOPS_WITHIN_S)
    telemetry = start_telemetry(office.presence.name)
    try:
        await runner.setup()
        await _listen(runner, settings)
        shorten_pauses()
        say(said)
        await until_stopped()
    finally:
        await runner.cleanup()
        await office.close()
        if telemetry is not None:
            telemetry.shutdown()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except socket.gaierror:
        raise SettingsIncomplete(
            f"COS_HOST is '{settings.host}'; expected: an address of this machine, for example 127.0.0.1."
        ) from None


@contextmanager
def sole_process(settings: Settings) -> Iterator[None]:
    """On SQLite: this process alone serves the record. Raises `SettingsIncomplete` where another does."""
    if not settings.is_one_process:
        yield
        return
    make_folder(settings)
    with Path(settings.record_url().removeprefix("sqlite:///") + ".serving").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise SettingsIncomplete(
                f"Another `cos serve` (process {file.read() or 'unknown'}) works on this record. Stop it first; "
                "several processes need PostgreSQL (docs/settings.md)."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


UNKNOWN_NAMED = 20
"""Addresses in one sentence; the rest is counted."""


def spoken_known(known: KnownPeople) -> str:
    """How many of the directory's people Entra ID knows, and who the others are."""
    count = known.found + len(known.unknown)
    if not known.unknown:
        return f"All {count:,} people of the directory are in Entra ID."
    named = ", ".join(known.unknown[:UNKNOWN_NAMED])
    more = f" and {len(known.unknown) - UNKNOWN_NAMED:,} more" if len(known.unknown) > UNKNOWN_NAMED else ""
    return (
        f"{known.found:,} of the directory's {count:,} people are in Entra ID. Teams does not know the others, so they "
        f"are told by email only: {named}{more}."
    )


async def provision(settings: Settings, tell: Callable[[int, int], None], say: Say) -> None:
    """Lists and libraries, and who is who. Raises `NotAllMade` once everything else is done and said."""
    office, wrong = open_office(settings), None
    try:
        try:
            said: Sequence[str] = await office.provision(tell)
        except NotAllMade as error:
            said, wrong = error.made, error
        await office.match_people()
        known = await office.desk.look(known_people)
    finally:
        await office.close()
    for sentence in said or ([] if wrong else ["Everything was there already; nothing was changed."]):
        say(sentence)
    say(spoken_known(known))
    if wrong is not None:
        raise wrong
