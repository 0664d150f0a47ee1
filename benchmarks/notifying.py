"""Answering change notifications at 200 a second, against a bare aiohttp handler that reads the body and answers 202.

`python -m benchmarks.notifying [SECONDS]` prints both p99 and their ratio (aim: at most 1.5). `cos serve` runs as in
life, with its engine, its sweeps and the pulls the notifications lead to, against a local tenant; the bare handler
runs in a process of its own. Each is sent to in turns of a second, on a fixed schedule: a slow answer delays no other.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

from aiohttp import ClientError, ClientSession
from cryptography.fernet import Fernet

from casework.desk import SYSTEM, Work
from casework.directory_record import directory_of
from graph_sync.notifications import Known
from graph_sync.sources import SOURCES, WORKBOOK
from graph_sync.subscriptions import known_subscriptions
from service.imports import run_import
from service.office import open_office
from service.run_commands import free_port
from service.sample import DIRECTORY, PEOPLE, sample
from service.sample_tenant import world_of
from service.settings import Settings
from service.tenant_hand import TenantHand

RATE, SECONDS = 200, 20
NOW = datetime.now(UTC)

BARE = """
import sys
from aiohttp import web

async def take(request):
    await request.read()
    return web.Response(status=202)

app = web.Application()
app.router.add_post("/graph/notifications", take)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=lambda *_: None, access_log=None)
"""


@contextmanager
def running(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process until the end of the block; Python keeps what it compiled, as it does where a service is installed."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [sys.executable, "-P", *command], env={**kept, **environment}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


async def reached(url: str) -> None:
    """Until something answers there."""
    async with ClientSession() as session:
        for _ in range(600):
            try:
                async with session.get(url):
                    return
            except ClientError:
                await asyncio.sleep(0.05)
    raise TimeoutError(url)


def settings_of(folder: Path, tenant: str, port: int) -> dict[str, str]:
    """The service's environment."""
    return {
        "COS_LOCAL": "1", "COS_DATA_DIR": str(folder), "COS_GRAPH_URL": f"{tenant}/v1.0", "COS_PORT": str(port),
        "COS_PUBLIC_URL": f"http://127.0.0.1:{port}", "COS_PUPIL_KEYS": KEY,
    }  # fmt: skip


KEY = Fernet.generate_key().decode()


async def prepare(folder: Path, tenant: str) -> None:
    """The sample county in tenant and record."""
    settings = Settings(local=True, data_dir=folder, graph_url=f"{tenant}/v1.0", pupil_keys=KEY)
    office = open_office(settings)
    for kind, name in (("directory", DIRECTORY), ("people", PEOPLE)):
        await asyncio.to_thread(run_import, office.desk, kind, sample(name), name, "benchmark")

    def seed(work: Work) -> dict[str, object]:
        return world_of(directory_of(work), NOW)

    async with ClientSession() as session:
        await TenantHand(session, tenant).call("POST", "world", json=await office.desk.run(SYSTEM, seed))
    await office.provision(lambda *_: None)
    await office.close()


async def subscribed(folder: Path) -> dict[str, Known]:
    """The subscriptions the service has made: to all but a workbook, as there is none here."""
    office = open_office(Settings(local=True, data_dir=folder, pupil_keys=KEY))
    try:
        for _ in range(200):
            known = await known_subscriptions(office.desk)
            if {k.source for k in known.values()} == SOURCES.keys() - {WORKBOOK}:
                return known
            await asyncio.sleep(0.1)
    finally:
        await office.close()
    raise TimeoutError("the service made no subscriptions")


def deliveries(known: dict[str, Known]) -> list[bytes]:
    """What Graph would send of each subscription."""
    return [
        json.dumps({"value": [{
            "subscriptionId": key, "clientState": one.client_state, "changeType": "updated",
            "resource": "sites/x/lists/y",
            "subscriptionExpirationDateTime": "2026-11-01T00:00:00Z", "tenantId": "t", "siteUrl": "/sites/communities",
            "resourceData": {"@odata.type": "#microsoft.graph.listItem"},
        }]}).encode()
        for key, one in known.items()
    ]  # fmt: skip


async def send(session: ClientSession, url: str, bodies: list[bytes], times: list[float]) -> None:
    """A second's deliveries, on schedule."""
    began = time.perf_counter()

    async def one(number: int) -> None:
        await asyncio.sleep(began + number / RATE - time.perf_counter())
        sent = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        async with session.post(url, data=bodies[number % len(bodies)], headers=headers) as response:
            await response.read()
            assert response.status == 202
        times.append(time.perf_counter() - sent)

    await asyncio.gather(*(one(n) for n in range(RATE)))


def p99(times: list[float]) -> float:
    """Milliseconds."""
    return quantiles(times, n=100)[98] * 1_000


async def measure(seconds: int) -> None:
    """In turns of a second; the first of each is not counted."""
    with tempfile.TemporaryDirectory() as home:
        folder, tenant_port, port, bare_port = Path(home), free_port(), free_port(), free_port()
        tenant, service, bare = (f"http://127.0.0.1:{p}" for p in (tenant_port, port, bare_port))
        with running("-m", "service", "tenant", "--port", str(tenant_port)), running("-c", BARE, str(bare_port)):
            await reached(tenant)
            await prepare(folder, tenant)
            with running("-m", "service", "serve", **settings_of(folder, tenant, port)):
                await reached(f"{service}/healthz")
                bodies = deliveries(await subscribed(folder))
                floor: list[float] = []
                ours: list[float] = []
                async with ClientSession() as session:
                    for second in range(seconds + 1):
                        for url, times in ((bare, floor), (service, ours)):
                            await send(session, f"{url}/graph/notifications", bodies, times if second else [])
    print(
        f"{RATE} a second, {len(ours):,} each: bare p50 {p50(floor):.2f} ms, p99 {p99(floor):.2f} ms; "
        f"cos serve p50 {p50(ours):.2f} ms, p99 {p99(ours):.2f} ms; ratio at p99 {p99(ours) / p99(floor):.2f} (aim 1.5)"
    )


def p50(times: list[float]) -> float:
    """Milliseconds."""
    return quantiles(times, n=2)[0] * 1_000


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
