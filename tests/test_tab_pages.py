"""The tab in Chromium: axe finds no barrier on any page in any theme, and without JavaScript everything is there."""

from __future__ import annotations

from datetime import date, time
from itertools import product
from typing import Any

import pytest
from playwright.async_api import async_playwright

from bot.tab.routes import COOKIE, THEMES
from communities.calendars import at_london
from communities.directory import Directory, Role
from tests.browser import CHROMIUM, FLAGS, SCREENS
from tests.left_out import node_tool
from tests.test_chat import senco
from tests.test_confirming_headings import unclear
from tests.test_moves import R1, clerk
from tests.test_record import home
from tests.test_stuck import LETTER, administrator, make_stuck
from tests.test_surgeries import booked, published, sencos
from tests.test_tab import Site, pages_record, sign_in_of, site

AXE = node_tool("axe") if CHROMIUM else None
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "community": "/tab", "desk": "/tab/desk", "request": f"/tab/request/{R1}", "refused": "/tab/request/R-1",
    "privacy": "/privacy", "terms": "/terms",
}  # fmt: skip
SCHOOLS_PAGES = {"surgeries": "/tab/surgeries"}
ADMINISTRATORS_PAGES = {"stuck": "/tab/stuck", "headings": "/tab/headings"}
WIDTHS = {"phone": 360, "wide": 1100}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(AXE is None, reason="needs chromium and Node (`make test` says which)"),
]
__all__ = ["pages_record", "site"]


@pytest.mark.parametrize("at_length", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_axe_finds_no_barrier_on_any_page_in_any_theme(site: Site, directory: Directory, at_length: bool) -> None:
    """At length each look at both widths, else at one of them."""
    folder = SCREENS / "tab"
    folder.mkdir(parents=True, exist_ok=True)
    looks = {clerk(directory): PAGES, senco(directory): SCHOOLS_PAGES, administrator(directory): ADMINISTRATORS_PAGES}
    with site.bench.desk.work() as work:
        make_stuck(work, LETTER, "agenda.upload:M-0001")
        unclear(work)
    adviser = directory.people_with(Role.SEN_IA, home(directory))[0].mail
    surgery_id = published(site.bench, adviser, slots=6)
    published(site.bench, adviser, slots=3, at=at_london(date(2026, 11, 25), time(9, 0)))
    booked(site.bench, surgery_id, 2, sencos(directory, 1)[0])
    barriers: dict[str, list[str]] = {}
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for (mail, pages), (width, px) in product(looks.items(), WIDTHS.items()):
            session = sign_in_of(dict).session_for(mail.casefold(), site.bench.clock.now())
            context = await browser.new_context(viewport={"width": px, "height": 900}, bypass_csp=True)
            await context.add_cookies([{"name": COOKIE, "value": session, "url": f"{site.url}/tab"}])
            page = await context.new_page()
            half = slice(list(WIDTHS).index(width), None, len(WIDTHS))
            for (name, path), theme in list(product(pages.items(), THEMES))[slice(None) if at_length else half]:
                await page.goto(f"{site.url}{path}?theme={theme}")
                await page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=True)
                if found := await violations(page):
                    barriers[f"{name} {theme} {width}"] = found
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= px, f"{name} is {wide} px wide"
            await context.close()
        await browser.close()
    assert barriers == {}


async def violations(page: Any) -> list[str]:
    """What axe-core has against the page."""
    await page.add_script_tag(path=AXE)
    run = "(rules) => axe.run({runOnly: {type: 'tag', values: rules}})"
    found = (await page.evaluate(run, RULES))["violations"]
    return [f"{v['id']}: {v['help']} ({v['nodes'][0]['html'][:120]})" for v in found]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_without_javascript_every_page_works(site: Site, directory: Directory) -> None:
    session = sign_in_of(dict).session_for(clerk(directory).casefold(), site.bench.clock.now())
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(java_script_enabled=False)
        await context.add_cookies([{"name": COOKIE, "value": session, "url": f"{site.url}/tab"}])
        page = await context.new_page()
        await page.goto(f"{site.url}/tab")
        options = await page.locator("option").all_inner_texts()
        assert len(options) > 1, "a clerk of several communities"
        await page.select_option("#community", options[-1])
        await page.get_by_role("button", name="Show").click()
        assert options[-1] in await page.locator("h1").inner_text()
        await page.goto(f"{site.url}/tab")
        await page.get_by_role("link", name=R1).click()
        assert R1 in await page.locator("h1").inner_text()
        await page.get_by_role("link", name="My tasks").click()
        assert "My tasks" in await page.locator("h1").inner_text()
        await browser.close()
