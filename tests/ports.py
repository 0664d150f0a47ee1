"""Ports for tests: from a range that no outgoing connection is given, another part of it for each worker of pytest.

A port the system hands out may be taken by any connection before the test listens on it.
"""

from __future__ import annotations

import os
import socket
from itertools import count

FIRST, A_WORKER = 20_000, 3_000
"""Below what Linux (32768) and macOS (49152) use for connections."""

_numbers = count()


def free_port() -> int:
    """A port nobody uses; not given twice until thousands of others were."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    for _ in range(A_WORKER):
        port = FIRST + worker * A_WORKER + (os.getpid() + next(_numbers)) % A_WORKER
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no port is free")
