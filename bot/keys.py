"""Signing keys Microsoft publishes (Entra ID's, Bot Connector's): fetched when needed, kept, never fetched at a
stranger's will.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jwt import PyJWK, PyJWKSet

from casework.errors import TryLater

KEYS_KEPT_S = 3_600.0
ASKED_AGAIN_S = 60.0
"""An unknown key is looked for once a minute at most: nobody makes this service call Microsoft at will."""

Fetch = Callable[[], Mapping[str, Any]]
"""A key set as JSON; blocking. Raises `OSError`."""


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A key, and the channels it may sign for; Entra ID's name none."""

    key: PyJWK
    endorsements: tuple[str, ...] = ()


class Keys:
    """One issuer's signing keys."""

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch, self._clock = fetch, clock
        self._known: dict[str, SigningKey] = {}
        self._asked_at: float | None = None
        self._asking: asyncio.Task[None] | None = None
        """One question for everybody who waits."""

    async def find(self, key_id: str) -> SigningKey | None:
        """The key of that id; None where the issuer has none.

        Raises `TryLater` where the issuer cannot be asked and the key is not known; a known one goes on until it can.
        """
        if self._is_due(key_id):
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            try:
                await asyncio.shield(self._asking)
            except TryLater:
                if key_id not in self._known:
                    raise
        return self._known.get(key_id)

    def _is_due(self, key_id: str) -> bool:
        if self._asked_at is None:
            return True
        return self._clock() - self._asked_at >= (KEYS_KEPT_S if key_id in self._known else ASKED_AGAIN_S)

    async def _ask(self) -> None:
        try:
            found = await asyncio.to_thread(self._fetch)
        except OSError as error:
            if self._known:
                self._asked_at = self._clock() - KEYS_KEPT_S + ASKED_AGAIN_S
            raise TryLater("Microsoft's signing keys could not be fetched.", 5.0) from error
        self._known, self._asked_at = _read(found), self._clock()


def _read(found: Mapping[str, Any]) -> dict[str, SigningKey]:
    said = {str(k.get("kid")): k.get("endorsements") or () for k in found.get("keys", ()) if isinstance(k, dict)}
    return {
        k.key_id: SigningKey(key=k, endorsements=tuple(map(str, said.get(k.key_id, ()))))
        for k in PyJWKSet.from_dict(dict(found)).keys
        if k.key_id
    }
