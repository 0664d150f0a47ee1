"""A request begun and not sent: one a person, sealed, kept until it is submitted or discarded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import delete, select

from casework import tables
from casework.desk import Work, insert_or_replace


def save_draft(work: Work, mail: str, answers: Mapping[str, Any]) -> None:
    """Keep what somebody has written so far; nothing of it is journaled but that it was saved."""
    sealed = work.desk.sealer.seal_bytes(msgspec.json.encode(dict(answers)))
    row = {"mail": mail.casefold(), "sealed": sealed, "saved_at": work.now}
    work.conn.execute(insert_or_replace(work.conn, tables.drafts, row, ("mail",)))
    work.acting(mail).journal("save draft", f"draft of {mail.casefold()}")


def draft_of(work: Work, mail: str) -> dict[str, Any] | None:
    """What that person has written so far, or None; only they are shown it."""
    drafts = tables.drafts
    sealed = work.conn.execute(select(drafts.c.sealed).where(drafts.c.mail == mail.casefold())).scalar_one_or_none()
    if sealed is None:
        return None
    answers: dict[str, Any] = msgspec.json.decode(work.desk.sealer.open_bytes(sealed))
    return answers


def discard_draft(work: Work, mail: str) -> None:
    """It was submitted, or its writer wants it no more."""
    work.conn.execute(delete(tables.drafts).where(tables.drafts.c.mail == mail.casefold()))
