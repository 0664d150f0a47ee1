"""The demo's patience with a tenant that is busy: time stands still there, so there is no next round to leave it to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from casework.errors import Conflict, TryLater

R = TypeVar("R")
PATIENCE = 20


async def through(act: Callable[[], Awaitable[R]]) -> R:
    """Do it, again where the tenant is busy: the service would in its next round."""
    for _ in range(PATIENCE):
        try:
            return await act()
        except (TryLater, Conflict) as error:
            await asyncio.sleep(min(getattr(error, "retry_after_s", 0.0), 1.0))
    return await act()
