"""Three people in Microsoft's client: a SENCO asks, the clerk makes the agenda, the chair approves, all see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page, async_playwright, expect

from casework.desk import Work
from casework.schedule import meetings_of
from communities.calendars import at_london, london
from local_tenant.card_text import card_as_text
from service.clocks import ManualClock
from service.demo import Span
from service.local import living_world, moment_of
from service.office import Office
from service.playground import Persona, start_playground
from service.sample_part import SamplePart
from service.settings import NO_LIMIT, Settings
from service.tenant_hand import TenantHand
from tests.browser import CHROMIUM, CLI, FLAGS, SCREENS, SHOWN_MS, opened
from tests.conftest import KEY
from tests.part_of_county import COMMUNITIES
from tests.patience import PATIENCE_S
from tests.ports import free_port
from tests.test_card_pictures import DRAW, PAGE, RENDERER
from tests.test_playground import chaired_by

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CLI is None or RENDERER is None, reason="needs chromium and Node (`make test` says which)"),
]
BEGINS = "2026-10-19T09:00"
PART = SamplePart(COMMUNITIES)
SPAN = Span(date(2026, 10, 16), date(2026, 10, 19))


@dataclass
class Client:
    """One person's chat window."""

    page: Page
    who: str

    async def say(self, sentence: str) -> None:
        """Write to the bot."""
        box = self.page.get_by_role("textbox", name="Type a message")
        box = box if await box.count() else self.page.get_by_role("textbox").last
        await box.fill(sentence)
        await box.press("Enter")

    async def press(self, button: str) -> None:
        """Press the latest button of that name."""
        found = self.page.get_by_role("button", name=button, exact=True).last
        await expect(found).to_be_visible(timeout=SHOWN_MS)
        await found.click()

    async def fill(self, label: str, text: str) -> None:
        """Write into the latest field of that label."""
        field = self.page.get_by_label(label).last
        await expect(field).to_be_visible(timeout=SHOWN_MS)
        await field.fill(text)

    async def tick(self, choice: str) -> None:
        """Tick the latest box of that name."""
        await self.page.get_by_text(choice, exact=True).last.click()

    async def sees(self, text: str) -> None:
        """Wait until it is there."""
        await expect(self.page.get_by_text(text).last).to_be_visible(timeout=SHOWN_MS)

    async def keep(self, name: str) -> None:
        """A picture of the window."""
        await self.page.screenshot(path=SCREENS / f"{name}.png")


@asynccontextmanager
async def chatting(browser: Browser, folder: Path, me: Persona, cast: list[Persona], bot: str) -> AsyncIterator[Client]:
    """Microsoft's client as one person."""
    assert CLI is not None
    port = free_port()
    process = await start_playground(
        CLI, folder, me, [p for p in cast if p is not me], tenant_id="local", bot_url=bot, port=port
    )
    try:
        page = await browser.new_page(viewport={"width": 1200, "height": 1100}, locale="en-GB")
        await opened(page, f"http://localhost:{port}/")
        await expect(page.get_by_text("Connected.")).to_be_visible(timeout=SHOWN_MS)
        yield Client(page, me.name)
    finally:
        process.terminate()
        await process.wait()


async def until(found: Callable[[], Any], what: str) -> Any:
    """Look again and again: the whole county catches up when the clock moves."""
    for _ in range(int(PATIENCE_S / 0.5)):
        if result := await found():
            return result
        await asyncio.sleep(0.5)
    raise AssertionError(f"{what} never came")


async def move_to(office: Office, hand: TenantHand, moment: datetime) -> None:
    assert isinstance(office.desk.clock, ManualClock)
    await hand.set_clock(moment)
    office.desk.clock.set(moment)


async def writes_a_request(senco: Client) -> str:
    """Card by card; returns the request's number."""
    await senco.say("I want to submit a request for support")
    await senco.fill("School contact", "Sam Field, 01234 567890")
    await senco.keep("1-senco-begins")
    await senco.press("Next")
    await senco.fill("Solution required (at most 250 words)", "How can we make lunchtimes calmer for one pupil?")
    await senco.fill("Expected outcomes (at most 200 words)", "Fewer incidents after lunch, counted each week.")
    await senco.tick("Financial contribution")
    await senco.press("Next")
    await senco.fill("Names of pupils supported & Date of Birth, one a line", "Zebedee Quill 03/04/2015")
    await senco.fill("Number of pupils on SEN Support", "1")
    await senco.fill("Number of pupils with an EHCP", "0")
    await senco.fill("Number Looked After Child", "0")
    await senco.tick("KS2")
    await senco.press("Next")
    await senco.fill("Total funding request (£), if you ask for money", "900")
    await senco.fill(
        "How will the funding be used? (at most 200 words, if you ask for money)", "An assistant, ten weeks."
    )
    await senco.fill("How have you already supported the pupils? (at most 200 words)", "Small groups from our budget.")
    await senco.press("Next")
    await senco.sees("Everything is there.")
    await senco.keep("2-senco-checks")
    await senco.fill("e Signature", "Sam Field")
    await senco.press("Send the request")
    sent = senco.page.locator("text=/^R-\\d{4}-\\d{4} was sent$/").last
    await expect(sent).to_be_visible(timeout=SHOWN_MS)
    await senco.keep("3-senco-receipt")
    assert await senco.page.get_by_text("Zebedee").count() == 0, "a pupil's name is never shown back"
    return (await sent.inner_text()).removesuffix(" was sent")


async def approves(chair: Client, request_id: str) -> None:
    await chair.say("what is waiting for my decision")
    await expect(chair.page.get_by_role("button", name="Record the decision").last).to_be_visible(timeout=SHOWN_MS)
    await chair.sees(request_id)
    await chair.keep("5-chair-decides")
    await chair.press("Record the decision")
    await chair.sees(f"Decided: {request_id}")
    await chair.keep("6-chair-decided")


async def draws_channel(browser: Browser, posts: list[dict[str, Any]]) -> None:
    """The channel's cards as Microsoft's renderer draws them."""
    assert RENDERER is not None
    page = await browser.new_page(viewport={"width": 600, "height": 900})
    shown = []
    for post in posts:
        await page.set_content(PAGE)
        await page.add_script_tag(path=RENDERER)
        await page.evaluate(DRAW, post["activity"]["attachments"][0]["content"])
        shown.append(await page.locator("#card").inner_html())
    await page.set_content(PAGE.replace('<div id="card"></div>', "".join(f"<p>{card}</p>" for card in shown)))
    await page.screenshot(path=SCREENS / "7-channel.png", full_page=True)


async def test_three_people_carry_a_request_from_the_chat_to_the_channel(tenant_url: str, tmp_path: Path) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        local=True, data_dir=tmp_path, graph_url=f"{tenant_url}/v1.0", port=free_port(), queue_poll_s=0.02, poll_s=0.5,
        sharepoint_units=NO_LIMIT, pupil_keys=KEY.decode(),
    )  # fmt: skip
    bot = f"http://127.0.0.1:{settings.port}/api/messages"
    async with AsyncExitStack() as stack:
        office, cast = await stack.enter_async_context(
            living_world(settings, tenant_url, moment_of(BEGINS), lambda *_: None, SPAN, PART)
        )
        hand = TenantHand(await stack.enter_async_context(ClientSession()), tenant_url)
        browsers = await stack.enter_async_context(async_playwright())
        browser = await browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.push_async_callback(browser.close)
        chair, clerk, senco = [
            await stack.enter_async_context(chatting(browser, tmp_path / p.what.split()[0], p, cast, bot))
            for p in cast[:3]
        ]
        community = await office.desk.look(chaired_by, cast[0].mail)
        request_id = await writes_a_request(senco)
        meeting = await office.desk.run("test", _meeting, community)

        await move_to(office, hand, meeting.submissions_close_at.at + timedelta(hours=9))
        await until(lambda: office.desk.run("test", _is_closed, community), "the end of submissions")
        await clerk.say(f"what is due in {community}")
        await clerk.press("Make and circulate it now")
        await clerk.sees("The agenda is being made")
        await clerk.keep("4-clerk-makes-the-agenda")

        async def agenda() -> bool:
            files = (await hand.call("GET", "counts"))["files"]
            return f"{community}/Agendas/Agenda {london(meeting.starts_at):%Y-%m-%d} {community}.docx" in files

        await until(agenda, "the agenda in the library")
        await move_to(office, hand, at_london(london(meeting.starts_at).date(), time(8, 5)))
        await approves(chair, request_id)

        async def channel() -> list[dict[str, Any]]:
            posts = await hand.call("GET", f"channels/{community}")
            texts = [card_as_text(p["activity"]["attachments"][0]["content"]) for p in posts]
            return (
                list(posts)
                if any(f"Decision on {request_id}" in t and "After this decision | " in t for t in texts)
                else []
            )

        await draws_channel(browser, await until(channel, "the decision in the channel"))
        await senco.say(f"what happened to {request_id}?")
        await senco.sees("Financial contribution: £900")
        await senco.keep("8-senco-asks")


def _meeting(work: Work, community: str) -> Any:
    return next(m for m in meetings_of(work, community) if not m.submissions_close_at.is_over(work.now))


def _is_closed(work: Work, community: str) -> bool:
    return any(m.state == "Submissions closed" for m in meetings_of(work, community))
