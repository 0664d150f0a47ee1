"""A card as a message of Teams: its size, and what a phone's notification says of it."""

from __future__ import annotations

import json
import re

from bot.turns import Card

MOST_BYTES = 80 * 1024
"""Of a message as UTF-16, pictures in base64 not counted. Teams refuses from 100 KB and says to stay below 80
(learn.microsoft.com, 'Format your bot messages').
"""

ENVELOPE_BYTES = 2 * 1024
"""A choice: what an activity has around its card."""

NOTIFIED = 120
"""A choice: characters of a notification, which a lock screen shows whole."""

_PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]*")


def message_bytes(card: Card) -> int:
    """How much of Teams' limit a message with this card takes."""
    text = _PICTURE.sub("", json.dumps(card, ensure_ascii=False))
    return len(text.encode("utf-16-le", "surrogatepass")) + ENVELOPE_BYTES


def notification_of(card: Card) -> str:
    """What the notification says, where Teams would say 'Sent a card': the card in one line."""
    first = str(card.get("fallbackText", "")).partition("\n")[0].strip()
    return first if len(first) <= NOTIFIED else f"{first[:NOTIFIED].rsplit(' ', 1)[0]}…"


def too_large(card: Card) -> str:
    """Which card does not fit into a message, and how large it is; '' where it fits."""
    size = message_bytes(card)
    if size <= MOST_BYTES:
        return ""
    return (
        f"The card '{notification_of(card)}' is too large for Teams: {size // 1024} KB, and at most "
        f"{MOST_BYTES // 1024} KB are sent."
    )
