"""The tests' own PostgreSQL: nothing is added to the system for it, and nothing of it is left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.postgres import postgres, user

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.process


def test_as_root_it_runs_as_a_user_that_is_there_with_no_tool_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with postgres() as server:
        who = user()
        assert Path(f"/proc/{server.pid}").stat().st_uid == (os.getuid() if who is None else who.pw_uid)
        engine = create_engine(server.url.replace("postgresql://", "postgresql+psycopg://", 1))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1
        engine.dispose()
    assert not server.folder.exists()


def test_after_a_crash_it_goes_on_with_its_data() -> None:
    with postgres() as server:
        engine = create_engine(server.url.replace("postgresql://", "postgresql+psycopg://", 1))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE kept AS SELECT 7 AS seven"))
        engine.dispose()
        server.crash()
        server.start()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT seven FROM kept")).scalar() == 7
        engine.dispose()


def test_whoever_started_it_is_killed_and_nothing_is_left() -> None:
    code = (
        "import time, tests.postgres as p\nwith p.postgres() as s: print(s.pid, s.folder, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        assert starter.stdout is not None
        pid, folder = starter.stdout.readline().split()
        starter.send_signal(signal.SIGKILL)
    until = time.monotonic() + 20
    while time.monotonic() < until and (Path(f"/proc/{pid}").exists() or Path(folder).exists()):
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    assert not Path(folder).exists()


def test_nothing_else_starts_one() -> None:
    files = [f for folder in ("tests", "benchmarks") for f in (ROOT / folder).glob("*.py")]
    found = [f.name for f in files if re.search(r"pixeltable_pg" + "server", f.read_text("utf-8"))]
    assert found == ["postgres.py"]
