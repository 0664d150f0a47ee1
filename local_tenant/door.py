"""`python -P -m local_tenant.door FROM:TO …`: in a container, hands on what comes to a published port to loopback.

Local mode listens on loopback wherever it runs, and no setting changes that; a container's published port does not get
there. compose.yaml puts this beside it, and publishes the port on the machine's own loopback alone.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

SIGNS = ("/.dockerenv", "/run/.containerenv")
"""Files that Docker and Podman put into every container."""

LOOPBACK = "127.0.0.1"
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104  of the container, of which nothing but the published ports is reached
PIECE = 65_536


def read_ports(words: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of ports written as FROM:TO. Raises `ValueError`."""
    pairs = [tuple(map(int, word.split(":"))) for word in words]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ValueError("Write one FROM:TO or more, for example 18100:8100.")
    return [(source, target) for source, target in pairs]


async def open_door(source: int, target: int, host: str) -> asyncio.Server:
    """Listen at `host` and hand each connection on to the port `target` of loopback."""

    async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection(LOOPBACK, target)
        except OSError:
            writer.close()  # nothing listens there yet
            return
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
        for one in (inner_writer, writer):
            one.close()

    return await asyncio.start_server(hand_on, host, source)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One way, to its end; the other may go on."""
    with suppress(OSError, RuntimeError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.write_eof()


async def run(pairs: Sequence[tuple[int, int]], host: str = EVERY_ADDRESS) -> None:
    """Every door, until the process is stopped."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    doors = [await open_door(source, target, host) for source, target in pairs]
    await stop.wait()
    for door in doors:
        door.close()


def main(words: Sequence[str], signs: Sequence[str] = SIGNS) -> int:
    """Refused outside a container: there it would open local mode to other machines."""
    if not any(Path(sign).exists() for sign in signs):
        sys.stderr.write("This runs in a container only: elsewhere it would let other machines into local mode.\n")
        return 2
    try:
        pairs = read_ports(words)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    asyncio.run(run(pairs))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
