"""Trying something harmless again while Graph is busy: reads, and what looks before it makes.

Effects have the engine's durable waits for everything longer; nothing that could happen twice belongs in here.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from casework.errors import FileOpen, NeedsAttention, TryLater

R = TypeVar("R")
TRIES = 6
LONGEST_WAIT_S = 20.0
"""A longer wait is handed on to whoever can wait without holding anything."""


class NotTaken(TryLater):
    """The service refused before it did anything (429, 423): the same again is harmless, whatever it is."""


class Failed(TryLater):
    """The service answered with an error of its own (5xx): what was asked for may have been done."""


class Locked(NotTaken, FileOpen):
    """Somebody has the file open or checked out (423)."""


class Unacceptable(NeedsAttention):
    """The service refuses this request as it is, whoever sends it (4xx, but 401 and 403): another may do."""


class Forbidden(NeedsAttention):
    """The application is not let do this (401, 403): its permissions are an administrator's."""


async def patiently(operation: Callable[[], Awaitable[R]], only: type[TryLater] = TryLater) -> R:
    """Run it, waiting as long as the service says between tries; the last `TryLater` is the caller's.

    `only` narrows what is tried again: `NotTaken` for what must not happen twice.
    """
    for attempt in range(TRIES - 1):
        try:
            return await operation()
        except only as error:
            if error.retry_after_s > LONGEST_WAIT_S:
                raise
            jitter = random.uniform(0.0, 0.1 * 2**attempt)  # noqa: S311  spreads callers, guards nothing
            await asyncio.sleep(error.retry_after_s + jitter)
    return await operation()
