"""Our own words for what happens in Teams. Everything past `adapter` speaks in these; no SDK type is here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Card = dict[str, Any]
Reference = dict[str, Any]
"""A conversation reference as JSON: where the bot can post."""


class Kind(StrEnum):
    """What a turn is."""

    MESSAGE = "message"
    CARD_ACTION = "card action"
    INSTALLED = "installed"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One thing somebody did. What a card sends back (`verb`, `values`) is untrusted."""

    kind: Kind
    object_id: str
    """The person in Entra ID; '' where Teams does not say."""
    text: str = ""
    verb: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    team: str = ""
    is_personal: bool = False
    reference: Reference = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The answer: cards and a text; on a card action the first card replaces the one that was used."""

    text: str = ""
    cards: tuple[Card, ...] = ()


Handler = Callable[[Turn], Awaitable[Reply]]
