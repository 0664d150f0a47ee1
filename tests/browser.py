"""The browser that tests drive, and Microsoft's chat client in it; both may be absent."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from tests.left_out import playground_cli
from tests.patience import PATIENCE_S

CHROMIUM = shutil.which("chromium")
CLI = playground_cli() if CHROMIUM else None
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SHOWN_MS = 1_000 * PATIENCE_S
SCREENS = Path(__file__).parent.parent / "demo-out" / "screens"

NEEDS_CLIENT = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None or CLI is None, reason="needs chromium and Node (`make test` says which)"),
]


async def opened(page: Page, url: str) -> None:
    """The client needs a moment to listen."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await page.goto(url)
            except PlaywrightError:
                await asyncio.sleep(0.1)
            else:
                return
