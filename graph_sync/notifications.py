"""Change notifications as they arrive: which of our sources changed, and what became of the subscriptions.

They carry no data and prove nothing but their `clientState`: each only says 'pull'. Nothing is done here.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

MOST_BYTES = 1_000_000
"""One delivery carries many notifications of a few hundred bytes each."""


class Lifecycle(StrEnum):
    """What Graph says about a subscription (change-notifications-lifecycle-events)."""

    REAUTHORIZE = "reauthorizationRequired"
    REMOVED = "subscriptionRemoved"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class Known:
    """A subscription of ours: what it watches and the secret its notifications carry."""

    source: str
    client_state: str = field(repr=False)


@dataclass(kw_only=True)
class Heard:
    """What a delivery said."""

    changed: set[str] = field(default_factory=set)
    """Sources to pull."""
    to_renew: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    """Sources whose subscription is gone: it is made anew and the source is pulled."""
    refused: int = 0
    """Notifications of a subscription that is not ours, or without its secret."""


class NotificationsUnreadable(ValueError):
    """The body is no delivery of change notifications."""


class _One(msgspec.Struct):
    subscriptionId: str = ""
    clientState: str | None = None
    lifecycleEvent: str | None = None


class _Delivery(msgspec.Struct):
    value: list[_One]


_DECODER = msgspec.json.Decoder(_Delivery)


def read_delivery(body: bytes, known: Mapping[str, Known]) -> Heard:
    """Sort a delivery by what is to be done. `known` is by subscription id. Raises `NotificationsUnreadable`."""
    try:
        delivery = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotificationsUnreadable("The body holds no change notifications.") from error
    heard = Heard()
    for one in delivery.value:
        own = known.get(one.subscriptionId)
        if own is None or not is_secret(one.clientState or "", own.client_state):
            heard.refused += 1
        elif one.lifecycleEvent is None or one.lifecycleEvent == Lifecycle.MISSED:
            heard.changed.add(own.source)
        elif one.lifecycleEvent == Lifecycle.REMOVED:
            heard.removed.add(own.source)
        elif one.lifecycleEvent == Lifecycle.REAUTHORIZE:
            heard.to_renew.add(own.source)
    return heard


def is_secret(written: str, expected: str) -> bool:
    """Whether both are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(written.encode("utf-8", "replace"), expected.encode())
