"""`make fuzz`: every door many thousand times, and a table of what was tried (docs/evidence.md)."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

TRIES = "20000"


def main() -> None:
    """Run the fuzz tests with many tries, then say how many, how slow the slowest was and how much memory it took."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        os.environ |= {"COS_FUZZ": os.environ.get("COS_FUZZ", TRIES), "COS_FUZZ_OUT": str(out)}
        status = pytest.main(["-q", "-p", "no:xdist", str(Path(__file__).parent / "test_fuzz.py")])
        told = json.loads(out.read_text("utf-8"))
    print("| door | tries | slowest answer |\n| --- | --- | --- |")
    for door, tries in told["tries"].items():
        slowest = told["slowest_s"].get(door)
        print(f"| {door} | {tries:,} | {f'{slowest:.2f} s' if slowest is not None else '–'} |")
    print(f"\nMemory of the whole run, tests and local tenant included: {told['peak_mb']:.0f} MB at most.")
    print("Every door answered every time." if status == 0 else "Something failed; see above.")
    sys.exit(int(status))


if __name__ == "__main__":
    main()
