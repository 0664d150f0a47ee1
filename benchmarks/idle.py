"""A cycle in which nothing changed: requests, and time with 100,000 items in the tenant's lists against 1,000.

`python -m benchmarks.idle` prints the requests of one round over all sources and the ratio of its times (aim: one
request a source, ratio near 1). Tenant and product run in one process over real HTTP; the record is SQLite.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import ClientSession, web
from cryptography.fernet import Fernet

from casework.desk import SYSTEM, Work
from casework.directory_record import directory_of
from casework.working_list import LIST
from graph_sync.intake import RESPONSES_LIST
from graph_sync.sources import PULLS
from local_tenant.server import make_app as make_tenant
from service.clocks import ManualClock
from service.imports import run_import
from service.office import Office, open_office
from service.run_commands import free_port
from service.sample import DIRECTORY, PEOPLE, sample
from service.sample_tenant import AUTUMN, FLOW, SampleForm, world_of
from service.settings import Settings
from service.tenant_hand import TenantHand

FEW, MANY, CYCLES, ROUNDS = 1_000, 100_000, 40, 3
NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
PORTION = 5_000


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[tuple[Office, TenantHand]]:
    """The sample county, provisioned."""
    port = free_port()
    runner = web.AppRunner(make_tenant(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    url = f"http://127.0.0.1:{port}"
    settings = Settings(local=True, data_dir=folder, graph_url=f"{url}/v1.0", pupil_keys=Fernet.generate_key().decode())
    office = open_office(settings, ManualClock(NOW))
    for kind, name in (("directory", DIRECTORY), ("people", PEOPLE)):
        run_import(office.desk, kind, sample(name), name, "benchmark")

    def directory(work: Work) -> object:
        return directory_of(work)

    async with ClientSession() as session:
        hand = TenantHand(session, url)
        await hand.call("POST", "world", json=world_of(await office.desk.run(SYSTEM, directory), NOW))  # type: ignore[arg-type]
        await office.provision(lambda *_: None)
        yield office, hand
    await office.close()
    await runner.cleanup()


async def fill(hand: TenantHand, already: int, count: int) -> None:
    """That many items in both lists; those of the responses are refused ones, so that no request comes of them."""
    form = SampleForm(AUTUMN)
    samples = form.items(form.due(NOW.replace(year=2027)))
    for start in range(already, count, PORTION):
        numbers = range(start, min(start + PORTION, count))
        blank = [
            {"Title": f"Response {n}", "ResponseId": n, "School": samples[n % len(samples)]["School"]} for n in numbers
        ]
        await hand.add_items(RESPONSES_LIST, FLOW, blank)
        await hand.add_items(LIST, FLOW, [{"Title": f"X-{n}"} for n in numbers])


async def cycles(office: Office, hand: TenantHand) -> tuple[float, float]:
    """Median seconds of a cycle over all sources, and its requests."""
    before = (await hand.call("GET", "counts"))["exchanges"]
    times = []
    for _ in range(CYCLES):
        began = time.perf_counter()
        for pull in PULLS.values():
            await pull(office.desk, office.graph)
        times.append(time.perf_counter() - began)
    after = (await hand.call("GET", "counts"))["exchanges"]
    return statistics.median(times), (after - before) / CYCLES


async def measure() -> None:
    """Both sizes in one run: few, then many, each measured in turns with a world of its own."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        async with world(Path(one)) as small, world(Path(other)) as large:
            for (office, hand), count in ((small, FEW), (large, MANY)):
                await fill(hand, 0, count)
                await office.pull()
            rounds = [(await cycles(*small), await cycles(*large)) for _ in range(ROUNDS)]
    few, many = min(r[0][0] for r in rounds), min(r[1][0] for r in rounds)
    asked = rounds[-1][1][1]
    print(
        f"a cycle without news: {asked:.1f} requests for {len(PULLS)} sources; {few * 1000:.1f} ms with {FEW:,} items, "
        f"{many * 1000:.1f} ms with {MANY:,}, ratio {many / few:.2f} (aim: one request each, ratio 1)"
    )


if __name__ == "__main__":
    asyncio.run(measure())
