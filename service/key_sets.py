"""Key sets over HTTP: Entra ID's and Bot Connector's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

FETCH_S = 5.0


def fetch_keys(url: str) -> Mapping[str, Any]:
    """A key set; blocking. Raises `OSError` for whatever goes wrong on the way."""
    try:
        answer = httpx.get(url, timeout=FETCH_S).raise_for_status()
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise OSError(f"{url}: {error}") from error
    return found
