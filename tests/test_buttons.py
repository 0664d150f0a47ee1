"""Every button of every card, pressed in Microsoft's chat client: none ends in a refusal, an error or nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.behaviours import VERBS
from bot.cards.to_decide import LIST
from bot.minuting import APOLOGIES
from tests.browser import CLI, NEEDS_CLIENT
from tests.button_scenes import SAMPLE, SCENES, Scene, mail_of_role
from tests.card_gallery import GALLERY
from tests.conftest import World
from tests.pressing import Kept, Keyboard, at_the_keyboard, builders_noted, buttons_of
from tests.test_cards import card_builders, card_modules

pytestmark = NEEDS_CLIENT

CHOOSES = {"post_card"}
"""Builds none itself."""

PRESSED_BY_NOBODY = {APOLOGIES, LIST}
"""A 'yes' sends apologies; the list is asked for again by Teams, not by a button."""


async def played(keyboard: Keyboard, scene: Scene) -> None:
    """Everybody of the scene writes their sentences and presses all that comes of it; the record is then as made."""
    await scene.make(keyboard.world)
    start = Kept(keyboard.world)
    for role, sentences in scene.sentences.items():
        keyboard.be(mail_of_role(keyboard.world, role))
        for sentence in sentences:
            start.put_back()
            reply = await keyboard.say(sentence)
            await keyboard.press_all(reply.cards, scene.written, said=sentence, may_refuse=scene.may_refuse)
    for role, card in await scene.cards(keyboard.world) if scene.cards else ():
        start.put_back()
        keyboard.be(mail_of_role(keyboard.world, role))
        await keyboard.show(card, {})
        await keyboard.press_all([card], scene.written, may_refuse=scene.may_refuse)
    start.put_back()


async def test_a_button_of_each_kind_does_what_it_says(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CLI is not None
    with builders_noted(card_modules(), monkeypatch) as noted:
        async with at_the_keyboard(CLI, tmp_path / "client", world, noted) as keyboard:
            keyboard.is_sample = True
            await played(keyboard, SAMPLE)
    tally = keyboard.tally
    assert tally.wrong == []
    assert set(tally.by_action) == {"Action.Execute", "Action.Submit", "Action.OpenUrl"}
    assert sum(tally.pressed.values()) >= 12, tally.pressed


@pytest.mark.long
async def test_every_button_of_every_card_does_what_it_says(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CLI is not None
    with builders_noted(card_modules(), monkeypatch) as noted:
        async with at_the_keyboard(CLI, tmp_path / "client", world, noted) as keyboard:
            for scene in SCENES:
                await played(keyboard, scene)
            keyboard.be(mail_of_role(world, "clerk"))
            kept = await keyboard.keep_as_action("Ask the school nurse", "Jo")
    tally = keyboard.tally
    print(f"\n{sum(tally.pressed.values())} presses of {len(tally.pressed)} kinds of button: {dict(tally.by_action)}")
    print(*tally.wrong, sep="\n")
    print(f"{sum(tally.kinds.values())} cards of {len(tally.kinds)} kinds")
    assert tally.wrong == []
    assert "is kept for Jo" in kept
    assert card_builders() - CHOOSES - set(tally.kinds) == set(), "every kind of card was shown"
    in_the_gallery = {b.name for card in GALLERY.values() for b in buttons_of(card)}
    executed = {name for name in in_the_gallery if name.startswith("Action.Execute")}
    assert executed - set(tally.pressed) == set(), "every button of the gallery was pressed"
    assert {b.action for card in GALLERY.values() for b in buttons_of(card)} == set(tally.by_action)
    verbs = {re.split("[ :]", name)[1] for name in tally.pressed if name.startswith("Action.Execute")}
    assert {*VERBS} - PRESSED_BY_NOBODY - verbs == set(), "every verb was pressed"
