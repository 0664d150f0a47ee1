"""What is logged: a line of JSON an entry, whoever says it, and a flood of the same in one."""

from __future__ import annotations

import json
import subprocess
import sys

SAID = """
import logging, warnings
import structlog
from service.logs import start_logs
start_logs()
structlog.get_logger().warning("ours", effect="list.write")
from dbos import DBOS, DBOSConfig
DBOS(config=DBOSConfig(name="test", system_database_url="sqlite:///:memory:", log_level="WARNING"))
logging.getLogger("dbos").warning("the engine's")
logging.getLogger("aiohttp.server").info("not worth a line")
try:
    raise ValueError("why")
except ValueError:
    logging.getLogger("aiohttp.server").exception("a library's, with %d line", 2)
warnings.warn("Python's")
"""


def test_every_entry_is_a_line_of_json_whoever_says_it() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-W", "default", "-c", SAID], capture_output=True, text=True, check=True
    )
    entries = [json.loads(line) for line in done.stderr.splitlines()]
    assert [e["event"].splitlines()[0][-30:] for e in entries if e.get("logger") != "py.warnings"] == [
        "ours", "the engine's", "a library's, with 2 line",
    ]  # fmt: skip
    assert all({"event", "level", "timestamp"} <= e.keys() for e in entries)
    assert "ValueError: why" in entries[2]["exception"]
    assert any("Python's" in e["event"] for e in entries if e.get("logger") == "py.warnings")
    assert done.stdout == ""
