"""The benchmarks still measure what they say: each at its smallest, for its figures alone and never for their size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SMALL = {
    "england --councils 1 --days 1": "Stuck: 0.",
    "flood 2": "ratio",
    "ingest 500": "ratio",
    "notifying 1": "ratio at p99",
    "reading 300": "ratio",
    "resting 1": "answers",
}
"""Those that can be made small, and what they print at the end. The others take minutes."""

pytestmark = [pytest.mark.process, pytest.mark.long]


@pytest.mark.parametrize("words", SMALL)
def test_it_runs_to_its_figures(words: str) -> None:
    name, *options = words.split()
    command = [sys.executable, "-P", "-m", f"benchmarks.{name}", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert SMALL[words] in done.stdout
