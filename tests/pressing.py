"""Microsoft's chat client in Chromium, with whoever is to press at the keyboard: cards are shown and their buttons
pressed one by one, each on the record as it was when its card came.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiohttp import ClientSession, web
from playwright.async_api import Page, async_playwright, expect

from bot.action_items import COMMAND
from bot.cards.action import action_card
from bot.router import REFUSED
from bot.turns import ASK, Card, Kind, Reply, Turn
from casework.directory_record import directory_of, object_id_of
from casework.errors import TryLater
from local_tenant.card_text import card_as_text
from service.playground import OTHERS, Persona, start_playground
from tests.browser import CHROMIUM, FLAGS, SHOWN_MS, opened
from tests.conftest import World, listening
from tests.patience import PATIENCE_S
from tests.ports import free_port

WRONG = (
    *REFUSED.values(), "did not understand", "That cannot be done", "Did you mean one of these", "is out of date",
    "You are not known here", "Nothing was done", "⚠",
)  # fmt: skip
"""What an answer says that did not do what its button promises."""

KEEPS_OPENED = "window.asked = []; window.open = (address) => { window.asked.push(address); return null; };"
"""An address is asked for by the client and looked at here: what lies outside this machine is not to be reached."""

NOTHING_S = 30.0
"""After so long without a word to the bot, nothing came of a press."""

MOST_SHOWN = 30
"""Messages in the client before it begins with an empty page: it draws all of them again with each."""


@dataclass(frozen=True, kw_only=True)
class Button:
    """A button of a card; `what` is its verb with its data, its sentence or its address."""

    action: str
    title: str
    what: str
    nth: int
    """Among those of its title."""

    @property
    def kind(self) -> str:
        """Its action, and the verb where it has one."""
        return f"{self.action} {self.what.partition(' ')[0]}" if self.action == "Action.Execute" else self.action

    @property
    def name(self) -> str:
        """Kind and title, without the numbers of requests and the like."""
        return f"{self.kind}: " + re.sub(r"\d+", "#", self.title)


def buttons_of(card: Card) -> list[Button]:
    """In the order they are drawn. Raises `AssertionError` for an action that is none of the pressed kinds."""
    found: list[Button] = []
    seen: Counter[str] = Counter()
    for action in _actions(card):
        match action:
            case {"type": "Action.Execute", "verb": verb}:
                what = f"{verb} {json.dumps(action.get('data'), sort_keys=True)}"
            case {"type": "Action.Submit"}:
                what = str((action.get("data") or {}).get(ASK, ""))
            case {"type": "Action.OpenUrl", "url": url}:
                what = str(url)
            case _:
                raise AssertionError(f"Nobody presses {action.get('type')} here yet.")
        title = str(action["title"])
        found.append(Button(action=action["type"], title=title, what=what, nth=seen[title]))
        seen[title] += 1
    return found


def _actions(node: Any) -> Iterator[dict[str, Any]]:
    """All but the refresh, which Teams presses by itself."""
    if isinstance(node, list):
        for one in node:
            yield from _actions(one)
    elif isinstance(node, dict):
        if str(node.get("type")).startswith("Action."):
            yield node
        for name, value in node.items():
            if name not in ("refresh", "data"):
                yield from _actions(value)


def filled_in(card: Card, written: Mapping[str, str]) -> Card:
    """The card with something in each input that is empty, as if the person had written or chosen it."""
    card = deepcopy(card)
    for node in _inputs(card) if written else ():
        known = written.get(re.sub(r"\d+", "#", str(node["id"])))
        if known is None and node["type"] == "Input.ChoiceSet" and not node.get("isMultiSelect"):
            known = str(node["choices"][0]["value"])
        if known is not None and node.get("value") in (None, "", "false"):
            node["value"] = float(known) if node["type"] == "Input.Number" else known
    return card


def _inputs(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for one in node:
            yield from _inputs(one)
    elif isinstance(node, dict):
        if str(node.get("type")).startswith("Input."):
            yield node
        for value in node.values():
            yield from _inputs(value)


@contextmanager
def builders_noted(modules: Sequence[ModuleType], patch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Which function built a card, by the card's JSON, for as long as this lasts."""
    noted: dict[str, str] = {}
    for module in modules:
        if finish := vars(module).get("finish"):

            def note(card: Any, finish: Any = finish) -> Card:
                frame = sys._getframe(1)
                while frame.f_code.co_name.startswith("_") and frame.f_back:
                    frame = frame.f_back
                made: Card = finish(card)
                noted[json.dumps(made, sort_keys=True)] = frame.f_code.co_name
                return made

            patch.setattr(module, "finish", note)
    yield noted


class Kept:
    """The record and what is remembered of conversations, as they were; the clock stays."""

    def __init__(self, world: World) -> None:
        self._world, self._copy = world, sqlite3.connect(":memory:", check_same_thread=False)
        with _record(world) as record:
            record.backup(self._copy)
        self._memories = dict(world.office.notebook._memories)

    def put_back(self) -> None:
        """Everything since is undone."""
        with _record(self._world) as record:
            self._copy.backup(record)
        kept = self._world.office.notebook._memories
        kept.clear()
        kept.update(self._memories)


@contextmanager
def _record(world: World) -> Iterator[sqlite3.Connection]:
    record = sqlite3.connect(world.office.settings.data_dir / "record.db", timeout=30)
    try:
        yield record
    finally:
        record.close()


@dataclass
class Tally:
    """What was shown and pressed."""

    pressed: Counter[str] = field(default_factory=Counter)
    """Buttons by what they are called and do."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Cards that were shown, by the function that builds them."""
    wrong: list[str] = field(default_factory=list)

    @property
    def by_action(self) -> Counter[str]:
        """Presses by the card's kind of action."""
        found: Counter[str] = Counter()
        for name, count in self.pressed.items():
            found[re.split(r"[ :]", name)[0]] += count
        return found


@dataclass
class Keyboard:
    """One client and one page; `who` is the object id of the person who sits at it."""

    page: Page
    heard: list[tuple[Turn, Reply]]
    noted: Mapping[str, str]
    tally: Tally = field(default_factory=Tally)
    world: World = None  # type: ignore[assignment]  # set before anything is pressed
    who: str = ""
    place: dict[str, Any] = field(default_factory=dict)
    done: set[tuple[str, ...]] = field(default_factory=set)
    is_sample: bool = False
    """One press of each kind of button is enough, and what a suggestion brings is not looked at further."""

    async def answer(self, turn: Turn) -> Reply:
        """The product's answer to the person at the keyboard. The client installs the app with every page it opens: no
        greeting then, which would come between the cards.
        """
        self.place = self.place or turn.reference
        if turn.kind is Kind.INSTALLED:
            return Reply()
        reply = await self.world.office.router(replace(turn, object_id=self.who))
        self.heard.append((turn, reply))
        return reply

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """The bot's endpoint, for whichever world is open."""
        return await self.world.office.adapter.receive(request, self.answer)

    async def connect(self, url: str) -> None:
        """Open the client; it installs the bot."""
        await opened(self.page, url)
        await expect(self.page.get_by_text("Connected.")).to_be_visible(timeout=SHOWN_MS)
        await self._until(lambda: bool(self.place))

    def be(self, mail: str) -> None:
        """Somebody else sits down."""
        with self.world.desk.work() as work:
            self.who = object_id_of(work, mail) or ""
        assert self.who, f"{mail} has no account"

    async def say(self, sentence: str) -> Reply:
        """Type it and press Enter."""
        before, cards = len(self.heard), await self._cards()
        box = self.page.get_by_role("textbox").last  # below all the cards
        await box.fill(sentence)
        await box.press("Enter")
        await self._until(lambda: len(self.heard) > before)
        reply = self.heard[-1][1]
        await self._drawn(cards + len(reply.cards))
        self._saw(*reply.cards)
        return reply

    async def show(self, card: Card, written: Mapping[str, str]) -> None:
        """The bot posts it, with something written into what is empty."""
        if (cards := await self._cards()) > MOST_SHOWN:
            await self._empty()
            cards = 0
        await self._post(filled_in(card, written))
        await self._drawn(cards + 1)
        self._saw(card)

    async def _post(self, card: Card) -> None:
        """As the service does: what Teams would not take just now is posted a little later."""
        while True:
            try:
                await self.world.office.adapter.post(self.place, card)
            except TryLater as error:
                await asyncio.sleep(error.retry_after_s)
            else:
                return

    async def press(
        self, card: Card, button: Button, written: Mapping[str, str], *, may_refuse: bool = False
    ) -> Reply | None:
        """Press it on a card that is shown for that; None where it leads to an address or nothing came of it."""
        await self.show(card, written)
        before, cards = len(self.heard), await self._cards()
        panel = self.page.locator(".ac-preview-panel").last
        is_link = button.action == "Action.OpenUrl"
        role = panel.get_by_role("link" if is_link else "button", name=button.title, exact=True)
        await role.nth(button.nth).click()
        self.tally.pressed[button.name] += 1
        if is_link:
            await self._follow(button.what)
            return None
        if not await self._until(lambda: len(self.heard) > before, NOTHING_S):
            self.tally.wrong.append(f"{button}: nothing came of it")
            return None
        turn, reply = self.heard[-1]
        if turn.kind is Kind.CARD_ACTION:
            title = card_as_text(reply.cards[0]).partition("\n")[0] if reply.cards else reply.text
            await expect(panel.get_by_role("heading").first).to_contain_text(_plain(title)[:40], timeout=SHOWN_MS)
        else:
            await self._drawn(cards + len(reply.cards))
        self._saw(*reply.cards)
        said = "\n".join((reply.text, *(card_as_text(c) for c in reply.cards)))
        if not said.strip() or (not may_refuse and any(w in said for w in WRONG)):
            self.tally.wrong.append(f"{button}: {said[:400] or 'an empty answer'}")
        return reply

    async def press_all(
        self, cards: Sequence[Card], written: Mapping[str, str], *, said: str = "", may_refuse: bool = False
    ) -> None:
        """Every button of these cards that this person has not pressed, and of the cards that come of it.

        The same button is another on a card with another heading, with nothing written into it, or, as the answer to a
        question back, after another sentence that was `said`.
        """
        waiting = [(card, Kept(self.world)) for card in cards]
        while waiting:
            card, kept = waiting.pop(0)
            heading = re.sub(r"\d+", "#", card_as_text(card).partition("\n")[0])
            about = (self.who, heading, said if heading.endswith("?") else "", str(bool(written)))
            for button in buttons_of(card):
                is_asking = button.action == "Action.Submit"
                key: tuple[str, ...] = (*about, button.kind, button.title, button.what)
                if self.is_sample:
                    key = (button.name if is_asking else button.kind,)
                if key in self.done:
                    continue
                self.done.add(key)
                kept.put_back()
                reply = await self.press(card, button, written, may_refuse=may_refuse)
                if reply and not (self.is_sample and is_asking):
                    after = Kept(self.world)
                    waiting += [(c, after) for c in reply.cards]

    async def _follow(self, url: str) -> None:
        """Whether the client asked for the address; ours answer."""
        asked = await self.page.evaluate("window.asked.splice(0)")
        if asked != [url]:
            self.tally.wrong.append(f"{url}: the client asked for {asked}")
        ours = (self.world.tenant_url, self.world.office.settings.public_url)
        if url.startswith(ours):
            async with ClientSession() as session, session.get(url) as response:
                if response.status != 200:
                    self.tally.wrong.append(f"{url}: {response.status}")
        elif not re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]+/\S*", url):
            self.tally.wrong.append(f"{url}: no address")

    def _saw(self, *cards: Card) -> None:
        self.tally.kinds.update(self.noted.get(json.dumps(card, sort_keys=True), "?") for card in cards)

    async def _cards(self) -> int:
        return await self.page.locator(".ac-preview-panel").count()

    async def _drawn(self, count: int) -> None:
        await expect(self.page.locator(".ac-preview-panel")).to_have_count(count, timeout=SHOWN_MS)

    async def keep_as_action(self, what: str, owner: str) -> str:
        """Use the app's command from the client's own menu, fill in its dialog and press; returns the closing word."""
        menu, dialog = self.page.get_by_role("menuitem"), self.page.get_by_role("dialog")
        await self.page.get_by_role("button", name="Trigger Message Extension App").click()
        await menu.filter(has_text="Action Command").click()
        await dialog.get_by_role("textbox").first.fill(COMMAND)
        await dialog.get_by_role("button", name="Create").click()
        await dialog.get_by_label("What is to be done").fill(what)
        await dialog.get_by_label("Who does it").fill(owner)
        before, button = len(self.heard), "Keep the action"
        await dialog.get_by_role("button", name=button).click()
        self.tally.kinds[action_card.__name__] += 1
        self.tally.pressed[f"Action.Submit: {button}"] += 1
        await self._until(lambda: len(self.heard) > before, NOTHING_S)
        return self.heard[-1][1].text

    async def _empty(self) -> None:
        """The client keeps no message over a reload."""
        await self.page.reload()
        await expect(self.page.get_by_text("Connected.")).to_be_visible(timeout=SHOWN_MS)
        await self._drawn(0)

    async def _until(self, comes: Any, within_s: float = PATIENCE_S) -> bool:
        for _ in range(int(within_s / 0.02)):
            if comes():
                return True
            await asyncio.sleep(0.02)
        return False


def _plain(title: str) -> str:
    return re.sub(r"\\(.)", r"\1", title).strip()


@asynccontextmanager
async def at_the_keyboard(cli: Path, folder: Path, world: World, noted: Mapping[str, str]) -> AsyncIterator[Keyboard]:
    """A client in a browser that speaks to the world's bot."""
    heard: list[tuple[Turn, Reply]] = []
    with world.desk.work() as work:
        people = list({p.mail: p for p in directory_of(work).people if object_id_of(work, p.mail)}.values())[
            : OTHERS + 1
        ]
        cast = [Persona(name=p.name, mail=p.mail, object_id=object_id_of(work, p.mail) or "", what="") for p in people]
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1100, "height": 1700}, locale="en-GB")
        await page.add_init_script(KEEPS_OPENED)
        keyboard = Keyboard(page=page, heard=heard, noted=noted, world=world, who=cast[0].object_id)
        page.on("pageerror", lambda error: keyboard.tally.wrong.append(f"the page failed: {str(error)[:300]}"))
        app, port = web.Application(), free_port()
        app.router.add_post("/api/messages", keyboard.receive)
        async with listening(app, free_port()) as bot_url:
            client = await start_playground(
                cli, folder, cast[0], cast[1:], tenant_id="local", bot_url=f"{bot_url}/api/messages", port=port
            )
            try:
                await keyboard.connect(f"http://localhost:{port}/")
                yield keyboard
            finally:
                await browser.close()
                client.terminate()
                await client.wait()
