"""Every card drawn by Microsoft's own renderer in Chromium, as wide as a phone shows it; the pictures are kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.browser import FLAGS
from tests.card_gallery import GALLERY
from tests.left_out import node_tool

CHROMIUM = shutil.which("chromium")
RENDERER = node_tool("adaptivecards") if CHROMIUM else None
SCREENS = Path(__file__).parent.parent / "demo-out" / "screens" / "cards"
PHONE_PX = 360

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(RENDERER is None, reason="needs chromium and Node (`make test` says which)"),
]

PAGE = """<!doctype html><html lang="en-GB"><style>
body { margin: 0; font-family: "Segoe UI", Carlito, sans-serif; background: #fff; }
#card { border: 1px solid #d1d1d1; border-radius: 4px; }
.ac-pushButton { padding: 6px 12px; border: 1px solid #d1d1d1; border-radius: 4px; background: #fff; font: inherit; }
.ac-pushButton.style-positive { background: #5b5fc7; color: #fff; }
.ac-pushButton.style-destructive { color: #c4314b; }
input, select, textarea { font: inherit; width: 100%; box-sizing: border-box; }
input[type=checkbox], input[type=radio] { width: auto; }
</style><div id="card"></div></html>"""
"""The renderer leaves buttons and inputs to its host: these are Teams' own looks, near enough to be judged."""

DRAW = """
(card) => {
  const said = [], drawn = new AdaptiveCards.AdaptiveCard(), context = new AdaptiveCards.SerializationContext();
  drawn.hostConfig = new AdaptiveCards.HostConfig({
    fontFamily: '"Segoe UI", Carlito, sans-serif', supportsInteractivity: true,
    actions: { maxActions: 6, actionsOrientation: 'vertical', actionAlignment: 'stretch' },
    inputs: { label: { requiredInputs: { suffix: ' *' } } },
  });
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    const made = document.createElement('span');
    made.textContent = text.replace(/\\\\([\\\\`*_\\[\\]()#>~|])/g, '$1').replace(/\\*\\*(.+?)\\*\\*/g, '$1');
    result.outputHtml = made.outerHTML; result.didProcess = true;
  };
  drawn.parse(card, context);
  for (let i = 0; i < context.eventCount; i++) said.push(context.getEventAt(i).message);
  said.push(...drawn.validateProperties().validationEvents.map((e) => e.message));
  document.getElementById('card').replaceChildren(drawn.render());
  return said;
}
"""


async def test_microsofts_renderer_draws_every_card_and_has_nothing_to_complain_of() -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    complaints: dict[str, list[str]] = {}
    assert RENDERER is not None
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": PHONE_PX, "height": 800}, device_scale_factor=1.5)
        for name, card in GALLERY.items():
            await page.set_content(PAGE)  # anew: the renderer's check of `lang` fails for every second card of a page
            await page.add_script_tag(path=RENDERER)
            if said := await page.evaluate(DRAW, json.loads(json.dumps(card))):
                complaints[name] = said
            wide = await page.evaluate("document.documentElement.scrollWidth")
            if wide > PHONE_PX:
                complaints.setdefault(name, []).append(f"is {wide} px wide on a phone of {PHONE_PX}")
            await page.locator("#card").screenshot(path=SCREENS / f"{name}.png")
        await browser.close()
    assert complaints == {}
