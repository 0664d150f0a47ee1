"""What a press on a card does, by the action's verb. What the card sends back is untrusted.

Each behaviour names its verbs in its own file; here they come together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.asking import Answer
from casework.desk import Work

Pressing = Callable[[Work, str, Mapping[str, Any]], Answer]
"""(work, the person's mail, the card's values) to what is said about it."""

VERBS: Mapping[str, Pressing] = {}
"""Verb to what it does."""


def carried_out(work: Work, mail: str, pending: Mapping[str, Any]) -> Answer:
    """Do what was asked about in chat, as the button would."""
    return VERBS[str(pending["verb"])](work, mail, pending)
