"""The body of a post to the bot, read within bounds before the SDK makes objects of it.

The SDK takes some thirty microseconds for each entry of a list, and longer for some texts than anybody waits.
"""

from __future__ import annotations

from typing import Any

import msgspec
from botbuilder.schema import Activity

LIST_ENTRIES = 100
"""Far above what Teams sends one bot at once."""

DEPTH = 20
"""Objects and lists within one another; a card's submit has six."""


def read_activity(raw: bytes) -> tuple[dict[str, Any], Any]:
    """The body as it came, and as the SDK reads it; None where it is no activity, or larger than one may be."""
    try:
        body = msgspec.json.decode(raw)
        if not isinstance(body, dict) or not isinstance(body.get("type"), str) or not _is_within_bounds(body):
            return {}, None
        return body, Activity().deserialize(body)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}, None


def _is_within_bounds(body: dict[str, Any]) -> bool:
    level: list[Any] = [body]
    for _ in range(DEPTH):
        if any(isinstance(value, list) and len(value) > LIST_ENTRIES for value in level):
            return False
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return True
    return False


def _inside(value: Any) -> list[Any]:
    """The objects and lists right within one."""
    inner = value.values() if isinstance(value, dict) else value
    return [each for each in inner if isinstance(each, dict | list)]


def without_mention(activity: Any) -> str:
    """The text without the places that call the bot by its name.

    The SDK looks for them with expressions that a long mention makes quadratic.
    """
    text = str(activity.text or "")
    me = getattr(activity.recipient, "id", None)
    for entity in activity.entities or ():
        more = getattr(entity, "additional_properties", None) or {}
        whom, said = more.get("mentioned"), more.get("text")
        is_me = isinstance(whom, dict) and whom.get("id") == me
        if str(getattr(entity, "type", "")).lower() == "mention" and is_me and isinstance(said, str) and said:
            text = text.replace(said, "")
    return text
