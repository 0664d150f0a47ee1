"""The service at rest: how soon it answers after the start, its memory, and the part of a core it takes.

`python -m benchmarks.resting [SECONDS]` starts `cos serve` as in life (engine, sweeps, subscriptions, fall-back polls)
against a local tenant with the sample county, waits until it has settled, and then watches it do nothing
(aims: under 3 s, under 200 MB, under 1% of a core).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.notifying import KEY, prepare, reached, running, settings_of, subscribed
from benchmarks.processes import cpu_s, memory_mb
from casework.effects import EffectState
from casework.measures import measures
from service.office import open_office
from service.run_commands import free_port
from service.settings import Settings

SETTLE_S, SECONDS = 10, 120
SETTLED_WITHIN_S, QUIET_LOOKS = 180.0, 5


async def settled(folder: Path) -> None:
    """Until what the day asks for is done: reports may be due on it, and are drafted at the start."""
    office = open_office(Settings(local=True, data_dir=folder, pupil_keys=KEY))
    try:
        async with asyncio.timeout(SETTLED_WITHIN_S):
            quiet = 0
            while quiet < QUIET_LOOKS:
                effects = (await office.desk.look(measures)).effects
                quiet = 0 if any(state != EffectState.STUCK for _, state in effects) else quiet + 1
                await asyncio.sleep(1.0)
    finally:
        await office.close()


async def measure(seconds: int) -> None:
    """One start, one rest."""
    with tempfile.TemporaryDirectory() as home:
        folder, tenant_port, port = Path(home), free_port(), free_port()
        tenant = f"http://127.0.0.1:{tenant_port}"
        with running("-m", "service", "tenant", "--port", str(tenant_port)):
            await reached(tenant)
            await prepare(folder, tenant)
            began = time.perf_counter()
            with running("-m", "service", "serve", **settings_of(folder, tenant, port)) as service:
                await reached(f"http://127.0.0.1:{port}/healthz")
                started = time.perf_counter() - began
                await subscribed(folder)
                await settled(folder)
                await asyncio.sleep(SETTLE_S)
                before = cpu_s(service.pid)
                await asyncio.sleep(seconds)
                part = (cpu_s(service.pid) - before) / seconds
                memory = memory_mb(service.pid)
    print(
        f"answers {started:.1f} s after the start (aim 3); at rest {memory:.0f} MB (aim 200) and {part:.2%} of a core "
        f"over {seconds} s (aim 1%)"
    )


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
