"""A shorter `make torture`: a fifth of all requests fail, the service is killed four times, all comes to the same."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

import pytest

from service.demo import Span
from tests.torture import A_FIFTH, compared, live

KILLS = 4
SHORT = Span(date(2026, 10, 12), date(2026, 11, 6))
"""Papers go out, a week's meetings decide, and what they decided is forwarded and moderated."""

pytestmark = [pytest.mark.process, pytest.mark.long]


async def test_killed_and_faulted_again_and_again_nothing_is_lost_doubled_or_different(tmp_path: Path) -> None:
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # whose client was killed in the middle
    calm = await live(tmp_path / "calm", faults="", kills=0, span=SHORT)
    storm = await live(tmp_path / "storm", faults=A_FIFTH, kills=KILLS, span=SHORT)
    assert not any(calm.faults.values())
    assert all(calm.record[table].total() for table in ("papers", "decisions", "moderations"))
    assert min(storm.faults[k] for k in ("429", "503", "502", "504", "423", "reset", "lost", "gone")) > 0, storm.faults
    assert storm.kills == KILLS
    assert compared(calm, storm) == []
