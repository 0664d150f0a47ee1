"""Ports for tests: from a range that no outgoing connection is given, each taken by one run of pytest at a time.

A port the system hands out may be taken by any connection before the test listens on it; another run of the tests on
the same machine takes its own, since a lock on a file says whose a port is.
"""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from itertools import count
from pathlib import Path
from typing import TextIO

FIRST, LAST = 20_000, 32_000
"""Below what Linux (32768) and macOS (49152) use for connections."""

LOCKS = Path(tempfile.gettempdir()) / f"cos-desk-test-ports-{os.getuid()}"

_numbers = count(os.getpid() * 37)
_ours: list[TextIO] = []
"""Open until this process ends, so that the locks hold."""


def free_port() -> int:
    """A port nobody uses; nobody else is given it while this process lives."""
    LOCKS.mkdir(exist_ok=True)
    for _ in range(LAST - FIRST):
        port = FIRST + next(_numbers) % (LAST - FIRST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        lock = (LOCKS / str(port)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _ours.append(lock)
        return port
    raise AssertionError("no port is free")
