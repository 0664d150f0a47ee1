"""Several things pulled one after the other: one that is open, refused or broken stops none of the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from casework.errors import Conflict, NeedsAttention, TryLater

T = TypeVar("T", bound=Hashable)
R = TypeVar("R")

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Pulled(Generic[T, R]):
    """What each thing brought, in the order asked for, and why the others brought nothing."""

    brought: dict[T, R]
    failed: dict[T, Exception]

    def complain(self) -> None:
        """Raise what one of them failed of, once the others are taken: whoever pulls comes again for it."""
        for error in self.failed.values():
            raise error


async def each(things: Iterable[T], take: Callable[[T], Awaitable[R]]) -> Pulled[T, R]:
    """Take each by itself."""
    brought: dict[T, R] = {}
    failed: dict[T, Exception] = {}
    for thing in things:
        try:
            brought[thing] = await take(thing)
        except Exception as error:
            failed[thing] = error
            bug = None if isinstance(error, TryLater | NeedsAttention | Conflict) else error
            log.warning("one of several was left for the next round", error=type(error).__name__, exc_info=bug)
    return Pulled(brought=brought, failed=failed)
