"""What a conversation was about, for half an hour: the last intent, what it named, and what was offered.

Never what somebody typed: an intent, names out of the directory, numbers of requests, and sentences of our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, select

from casework import tables
from casework.desk import Work, insert_or_replace

KEPT = timedelta(minutes=30)
"""A choice: a pause longer than this begins a new conversation."""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """The last turn of a conversation."""

    intent: str
    entities: Mapping[str, Any]
    options: Sequence[str] = ()
    """What was offered, as the sentences that ask for it, in the order shown."""
    pending: Mapping[str, Any] = msgspec.field(default_factory=dict)
    """What a 'yes' would do: the card action's `verb` with its values."""


def recall(work: Work, conversation: str, mail: str) -> Memory | None:
    """What that person and the bot last spoke of there; None after `KEPT`."""
    talks = tables.talks
    row = work.conn.execute(
        select(talks.c.said).where(
            talks.c.conversation == conversation, talks.c.mail == mail.casefold(), talks.c.at > work.now - KEPT
        )
    ).scalar_one_or_none()
    return msgspec.convert(row, Memory) if row else None


def remember(work: Work, conversation: str, mail: str, memory: Memory) -> None:
    """Keep this turn in place of the one before."""
    row = {
        "conversation": conversation, "mail": mail.casefold(), "said": msgspec.to_builtins(memory), "at": work.now,
    }  # fmt: skip
    work.conn.execute(insert_or_replace(work.conn, tables.talks, row, ("conversation", "mail")))


def forget(work: Work, conversation: str, mail: str) -> None:
    """Start over."""
    talks = tables.talks
    work.conn.execute(delete(talks).where(talks.c.conversation == conversation, talks.c.mail == mail.casefold()))
