"""Whether CoS Desk can be set up with this Python. `make` asks before anything is there, so that only Python's own
library is imported, and nothing of it that a distribution may have left out.
"""

from __future__ import annotations

import sys
from importlib import import_module

OLDEST_SQLITE = (3, 35)
"""Since then an INSERT or UPDATE answers with what it wrote; the record and the queue of effects live by that."""

DEBIAN = "(Debian, Ubuntu: apt-get install python3-venv)"
PARTS = {
    "ensurepip": f"the module ensurepip, which environments are made with {DEBIAN}",
    "venv": f"the module venv, which environments are made with {DEBIAN}",
    "ssl": "the module ssl, without which nothing can be fetched",
    "sqlite3": "the module sqlite3, which the record is kept with",
}
"""What a Python may lack, in words."""


def reasons() -> list[str]:
    """A sentence for everything that stands against this Python."""
    absent = [name for name in PARTS if not _can_import(name)]
    found = [f"This Python ({sys.executable}) lacks {PARTS[name]}." for name in absent]
    return found if "sqlite3" in absent else [*found, *_against_sqlite()]


def _can_import(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def _against_sqlite() -> list[str]:
    sqlite3 = import_module("sqlite3")
    version, oldest = sqlite3.sqlite_version, ".".join(map(str, OLDEST_SQLITE))
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return [f"SQLite {oldest} or newer is needed; this Python ({sys.executable}) brings {version}."]
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(word)")
    except sqlite3.Error:
        return [f"SQLite with full-text search (FTS5) is needed; that of this Python ({sys.executable}) has none."]
    finally:
        connection.close()
    return []


if __name__ == "__main__":
    sys.exit("\n".join(reasons()) or 0)
