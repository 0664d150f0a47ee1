"""Running until somebody says stop: Ctrl+C or the system's SIGTERM, both gracefully."""

from __future__ import annotations

import asyncio
import signal


async def until_stopped() -> None:
    """Returns when the process is asked to stop; what follows in the caller gives everything back."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
