"""A shorter `make torture`: a fifth of all requests fail, the service is killed four times, all comes to the same."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.torture import A_FIFTH, compared, live

KILLS = 4
pytestmark = pytest.mark.process


async def test_killed_and_faulted_again_and_again_nothing_is_lost_doubled_or_different(tmp_path: Path) -> None:
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # whose client was killed in the middle
    calm = await live(tmp_path / "calm", faults="", kills=0)
    storm = await live(tmp_path / "storm", faults=A_FIFTH, kills=KILLS)
    assert not any(calm.faults.values())
    assert min(storm.faults[k] for k in ("429", "503", "502", "504", "423", "reset", "lost", "gone")) > 0, storm.faults
    assert storm.kills == KILLS
    assert compared(calm, storm) == []
