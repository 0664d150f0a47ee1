"""A meeting cycle of the county with a fifth of all requests failing in every way: the same record, the same tenant."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from casework.database import open_engine
from local_tenant.faults import FAULTS, FaultsUnreadable, read_faults
from local_tenant.odata import TENANT
from local_tenant.server import make_app
from service.demo import Span, run_demo
from service.run_commands import NO_LIMIT
from service.settings import Settings
from tests.conftest import free_port
from tests.digest import differences, record_digest, tenant_digest

CYCLE = Span(date(2026, 9, 21), date(2026, 11, 20))
"""Meetings of two terms with their minutes, surgeries, reports to the Area Board, the draft of those to KiT."""

A_FIFTH = "429=0.06,503=0.03,502=0.02,504=0.02,500=0.01,423=0.02,reset=0.02,lost=0.02,gone=0.1,slow=0.01s,seed=11"
"""Together a fifth of all requests; `gone` is a part of the deltas with a token."""


async def cycle(folder: Path, faults: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, int], dict[str, Any]]:
    """The digests of a run, how often each fault struck, and its summary."""
    app = make_app(faults=read_faults(faults))
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    settings = Settings(
        local=True, data_dir=folder, graph_url=f"http://127.0.0.1:{port}/v1.0", port=free_port(), queue_poll_s=0.02,
        sharepoint_units=NO_LIMIT,
    )  # fmt: skip
    try:
        summary = await run_demo(settings, f"http://127.0.0.1:{port}", folder / "out", lambda *_: None, CYCLE)
        engine = open_engine(settings.record_url())
        record = record_digest(engine)
        engine.dispose()
        return record, tenant_digest(app[TENANT]), dict(app[FAULTS].met), summary
    finally:
        await runner.cleanup()


async def test_a_fifth_of_all_requests_may_fail_and_nothing_is_lost_doubled_or_different(tmp_path: Path) -> None:
    for name in ("calm", "storm"):
        (tmp_path / name).mkdir()
    calm_record, calm_tenant, none, _ = await cycle(tmp_path / "calm", "")
    record, tenant, met, summary = await cycle(tmp_path / "storm", A_FIFTH)
    assert not any(none.values())
    assert min(met.get(k, 0) for k in ("429", "503", "502", "504", "423", "reset", "lost", "gone")) > 0, met
    assert (summary["lost"], summary["doubled"], summary["stuck"]) == (0, 0, [])
    assert differences(calm_record, record) == []
    assert differences(calm_tenant, tenant) == []


@pytest.mark.parametrize("written", ["429", "429=2", "late=5", "gone=x", "bang=0.1", "seed=-1"])
def test_faults_that_are_none_are_refused_in_words(written: str) -> None:
    with pytest.raises(FaultsUnreadable, match="is no fault"):
        read_faults(written)


def test_seeded_faults_strike_the_same_way_again() -> None:
    one, other = (read_faults("429=0.3,seed=5") for _ in range(2))
    assert [one.strikes("429") for _ in range(50)] == [other.strikes("429") for _ in range(50)]
