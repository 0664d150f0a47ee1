"""What a conversation was about, for half an hour: the last intent, what it named, and what was offered.

Never what somebody typed: an intent, names out of the directory, numbers of requests, and sentences of our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from casework import tables
from casework.desk import Work, replace_rows

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


_talks = tables.talks
_SAID = select(_talks.c.said).where(
    _talks.c.conversation == bindparam("conversation"),
    _talks.c.mail == bindparam("mail"),
    _talks.c.at > bindparam("since"),
)


def recall(work: Work, conversation: str, mail: str) -> Memory | None:
    """What that person and the bot last spoke of there; None after `KEPT`, or where they began afresh."""
    where = {"conversation": conversation, "mail": mail.casefold(), "since": work.now - KEPT}
    row = work.conn.execute(_SAID, where).scalar_one_or_none()
    return msgspec.convert(row, Memory) if row and row["intent"] else None


def last_memory(work: Work, mail: str) -> Memory | None:
    """What that person and the bot last spoke of, in whichever chat; None after `KEPT`."""
    latest = select(_talks.c.said).where(_talks.c.mail == mail.casefold(), _talks.c.at > work.now - KEPT)
    said = work.conn.execute(latest.order_by(_talks.c.at.desc()).limit(1)).scalar_one_or_none()
    return msgspec.convert(said, Memory) if said else None


NOTHING = Memory(intent="", entities={})
"""A conversation that began afresh."""


def remember_all(work: Work, turns: Sequence[tuple[str, str, Memory, datetime]]) -> None:
    """Keep these turns in place of those before: (conversation, mail, memory, when)."""
    rows = [
        {"conversation": conversation, "mail": mail.casefold(), "said": msgspec.to_builtins(memory), "at": at}
        for conversation, mail, memory, at in turns
    ]
    if rows:
        work.conn.execute(replace_rows(work.conn, tables.talks, ("conversation", "mail")), rows)
