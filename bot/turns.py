"""Our own words for what happens in Teams. Everything past `adapter` speaks in these; no SDK type is here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Card = dict[str, Any]
Reference = dict[str, Any]
"""A conversation reference as JSON: where the bot can post."""

ASK = "ask"
"""What a button's data calls the sentence it asks for the person (docs/decisions/0030)."""


class Kind(StrEnum):
    """What a turn is."""

    MESSAGE = "message"
    EDITED = "edited"
    """Somebody changed what they wrote before; or took it back, and again back."""
    CARD_ACTION = "card action"
    SEARCH = "search"
    """The message extension looks something up."""
    DIALOG = "dialog"
    """A command on a message asks for its card."""
    DIALOG_DONE = "dialog done"
    INSTALLED = "installed"
    TEAM_CHANGED = "team changed"
    """A team the bot is in, or a channel of it, was renamed, archived, deleted or restored, or somebody joined it."""
    MEETING_STARTED = "meeting started"
    REMOVED = "removed"
    """The bot was taken out of a team or chat."""
    OTHER = "other"


class TeamEvent(StrEnum):
    """What happened to a team, as Teams calls it (learn.microsoft.com, 'Conversation events in your Teams bot')."""

    RENAMED = "teamRenamed"
    ARCHIVED = "teamArchived"
    UNARCHIVED = "teamUnarchived"
    DELETED = "teamDeleted"
    HARD_DELETED = "teamHardDeleted"
    RESTORED = "teamRestored"
    CHANNEL_DELETED = "channelDeleted"
    CHANNEL_RESTORED = "channelRestored"
    OTHER = "other"


class Scope(StrEnum):
    """Where a turn happens; beyond the personal chat an answer holds nothing personal."""

    PERSONAL = "personal"
    CHANNEL = "channel"
    GROUP = "group chat"
    MEETING = "meeting chat"


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
    """The team's name, in a channel, where Teams says it. Anybody can give a team any name."""
    team_id: str = ""
    """Teams' own id of the team, in a channel."""
    channel: str = ""
    """The channel chosen when the bot was added, or the one that something happened to; '' for neither."""
    event: TeamEvent = TeamEvent.OTHER
    """What happened to the team."""
    joined: tuple[tuple[str, str], ...] = ()
    """Who came into the team: Teams' own id and object id of each."""
    scope: Scope = Scope.PERSONAL
    reference: Reference = field(default_factory=dict)

    @property
    def is_personal(self) -> bool:
        """In the person's own chat with the bot."""
        return self.scope is Scope.PERSONAL

    @property
    def conversation(self) -> str:
        """Teams' id of the chat or channel."""
        return str((self.reference.get("conversation") or {}).get("id") or "")


@dataclass(frozen=True, kw_only=True)
class Found:
    """One result of a search: what the list shows, and the card that is inserted."""

    title: str
    text: str
    card: Card


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The answer: cards and a text; on a card action the first card replaces the one that was used.

    A search answers with `found`; a dialog with one card and its title in `text`, or with a text alone when it is done.
    """

    text: str = ""
    cards: tuple[Card, ...] = ()
    found: tuple[Found, ...] = ()


Handler = Callable[[Turn], Awaitable[Reply]]
