"""Microsoft's own chat client in Chromium: a chair opens the card, approves an amount, and sees the result."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from playwright.async_api import Locator, Page, async_playwright, expect

from casework.desk import Work
from casework.directory_record import directory_of
from casework.working_list import LIST
from communities.directory import Role
from local_tenant.card_text import card_as_text
from service.demo import Span
from service.local import living_world, moment_of
from service.playground import start_playground
from service.settings import NO_LIMIT, Settings
from service.tenant_hand import TenantHand
from tests.browser import CHROMIUM, CLI, FLAGS, NEEDS_CLIENT, SCREENS, SHOWN_MS, opened
from tests.conftest import KEY
from tests.patience import PATIENCE_S
from tests.ports import free_port

pytestmark = NEEDS_CLIENT


BEGINS = moment_of("2026-11-05T08:10")
SPAN = Span(date(2026, 10, 20), date(2026, 11, 6))
"""From the day before submissions close to the meeting: all that the card needs."""


def chaired_by(work: Work, mail: str) -> str:
    """The community somebody chairs."""
    return next(p.of for p in directory_of(work).roles_of(mail) if p.role is Role.CHAIR)


async def landed(hand: TenantHand, community: str, request_id: str) -> tuple[dict[str, Any], str]:
    """The list item and the channel's text, once the decision has reached both."""
    for _ in range(int(PATIENCE_S / 0.1)):
        item = next(i["fields"] for i in await hand.items(LIST) if i["fields"]["Title"] == request_id)
        posts = await hand.call("GET", f"channels/{community}")
        text = "\n".join(card_as_text(p["activity"]["attachments"][0]["content"]) for p in posts)
        if item["Status"] in ("Decided", "Forwarded") and f"Decision on {request_id}" in text:
            return item, text
        await asyncio.sleep(0.1)
    raise AssertionError("the decision did not reach the list and the channel")


async def test_the_chair_approves_on_the_card_and_list_and_channel_show_it(tenant_url: str, tmp_path: Path) -> None:
    settings = Settings(
        local=True, data_dir=tmp_path, graph_url=f"{tenant_url}/v1.0", port=free_port(), queue_poll_s=0.02, poll_s=0.5,
        sharepoint_units=NO_LIMIT, pupil_keys=KEY.decode(),
    )  # fmt: skip
    async with (
        living_world(settings, tenant_url, BEGINS, lambda *_: None, SPAN) as (office, cast),
        async_playwright() as browsers,
    ):
        chair, port = cast[0], free_port()
        bot_url = f"http://127.0.0.1:{settings.port}/api/messages"
        assert CLI is not None
        client = await start_playground(
            CLI, tmp_path / "client", chair, cast[1:], tenant_id="local", bot_url=bot_url, port=port
        )
        browser = await browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = await browser.new_page(viewport={"width": 1100, "height": 1700}, locale="en-GB")
            await opened(page, f"http://localhost:{port}/")
            request_id = await decide_in(page)
            async with ClientSession() as session:
                community = await office.desk.look(chaired_by, chair.mail)
                item, text = await landed(TenantHand(session, tenant_url), community, request_id)
        finally:
            await browser.close()
            client.terminate()
            await client.wait()
    assert item["AmountApproved"] == 1234.5
    assert item["DecisionMadeBy"] == "Chair"
    assert "Amount approved: £1,234.50" in text
    assert "After this decision | " in text


async def first_that_asks(amounts: Locator) -> int:
    """Which of the cards is the first that asks for money; they are drawn one after the other."""
    async with asyncio.timeout(SHOWN_MS / 1_000):
        while True:
            asked = [float(await amount.input_value() or 0) for amount in await amounts.all()]
            if any(asked):
                return next(n for n, amount in enumerate(asked) if amount)
            await asyncio.sleep(0.1)


async def decide_in(page: Page) -> str:
    """Ask, fill in the card, press, and see it replaced; returns the request's number."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    box = page.get_by_role("textbox").first
    await expect(page.get_by_text("Connected.")).to_be_visible(timeout=SHOWN_MS)
    await box.fill("what is waiting for my decision")
    await box.press("Enter")
    buttons = page.get_by_role("button", name="Record the decision")
    await expect(buttons.first).to_be_visible(timeout=SHOWN_MS)
    amounts = page.get_by_label("Final amount approved (£)")
    number = await first_that_asks(amounts)
    heading = page.locator("text=/R-2026-\\d{4}: /").nth(number)
    request_id = (await heading.inner_text()).partition(":")[0]
    await amounts.nth(number).fill("1234.50")
    await page.get_by_label("Chair", exact=True).nth(number).check()
    await page.screenshot(path=SCREENS / "decision-asked.png")
    await buttons.nth(number).click()
    await expect(page.get_by_text(f"Decided: {request_id}")).to_be_visible(timeout=SHOWN_MS)
    await expect(page.get_by_text("£1,234.50").first).to_be_visible(timeout=SHOWN_MS)
    await page.screenshot(path=SCREENS / "decision-recorded.png")
    return request_id
