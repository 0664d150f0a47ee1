"""`cos local`: the sample world, lived up to a moment and left running to click in."""

from __future__ import annotations

from pathlib import Path

from service.demo import Tell


async def run_local(url: str, data: Path, until: str, tell: Tell, say: object) -> None:
    """To be cut."""
    raise SystemExit(2)
