"""`cos status --json`, the whole command, over 100,000 requests against over 1,000.

`python -m benchmarks.status` prints the ratio of the two (aim: at most 1.5).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert, select

from benchmarks.ingest import NOW, desk_in, workbook
from casework import tables
from casework.directory_record import directory_of
from casework.entering import Arrival
from casework.receive import receive
from communities.lifecycle import State
from forms_ingest.columns import load_mapping
from forms_ingest.request_for_support import FORM, read_response
from forms_ingest.workbook import read_answers

SMALL, LARGE, ROUNDS = 1_000, 100_000, 7
STATES = [s.value for s in State if s is not State.DRAFT]


def fill(folder: Path, count: int) -> None:
    """One real request, and copies of it in every state, each with its response and three effects done."""
    (folder / ".cos").mkdir(parents=True)
    desk = desk_in(folder / ".cos")
    with desk.work() as work:
        rows = read_answers(workbook(1), "benchmark.xlsx", load_mapping(FORM))
        readings = (read_response(a, directory_of(work), arrived_at=NOW) for _, a in rows)
        list(receive(work, (Arrival(form=FORM, route="workbook", reading=r) for r in readings if r)))
        request, response, effect = (
            dict(work.conn.execute(select(t).limit(1)).one()._mapping)
            for t in (tables.requests, tables.responses, tables.effects)
        )
        for start in range(1, count, 10_000):
            numbers = [f"R-2025-{n:06d}" for n in range(start, min(start + 10_000, count))]
            made = [request | {"id": n, "source_key": n, "state": STATES[i % len(STATES)]}
                    for i, n in enumerate(numbers)]  # fmt: skip
            work.conn.execute(insert(tables.requests), made)
            work.conn.execute(
                insert(tables.responses), [response | {"source_key": n, "request_id": n} for n in numbers]
            )
            done = [effect | {"id": f"{kind}:{n}", "kind": kind, "subject": n, "state": "done"}
                    for n in numbers for kind in ("list.write", "mail.receipt", "mail.told")]  # fmt: skip
            work.conn.execute(insert(tables.effects), done)
    desk.engine.dispose()


def seconds(folder: Path) -> float:
    """One run of the command."""
    environment = {**os.environ, "COS_LOCAL": "1", "COS_DATA_DIR": str(folder / ".cos")}
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-P", "-m", "service", "status", "--json"], env=environment, check=True, capture_output=True
    )
    return time.perf_counter() - began


def main() -> None:
    """In turns, so that a noisy machine hits both; the best of each counts."""
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
        for folder, count in ((small, SMALL), (large, LARGE)):
            fill(Path(folder), count)
        pairs = [(seconds(Path(small)), seconds(Path(large))) for _ in range(ROUNDS)]
    few, many = (min(p[i] for p in pairs) for i in (0, 1))
    print(f"{SMALL:,} requests {few:.2f} s, {LARGE:,} requests {many:.2f} s: ratio {many / few:.2f} (aim: at most 1.5)")


if __name__ == "__main__":
    main()
