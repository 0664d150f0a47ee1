"""A card that only says something: help, a refusal, nothing to do."""

from __future__ import annotations

from microsoft_teams.cards import AdaptiveCard

from bot.cards.parts import finish, heading, line
from bot.turns import Card


def notice(title: str, *sentences: str) -> Card:
    """A heading and sentences of ours under it."""
    return finish(
        AdaptiveCard(
            body=[heading(title), *(line(s) for s in sentences)],
            lang="en",
            fallback_text=" ".join((title, *sentences)),
        )
    )
