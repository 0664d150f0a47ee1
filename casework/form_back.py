"""Responses to the smaller forms that cannot be taken: kept as refused, and sent back to who wrote them, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.effects import effect
from casework.intake_mail import from_desk
from casework.letters import bullets, letter
from casework.ports import MailDraft, Ports
from communities.intake import Outcome
from communities.requests import ANONYMOUS

WHAT: Mapping[str, str] = {"questions": "question to KCC", "case-study": "case study", "evaluation": "evaluation"}
"""A form's name in a response's key, and what a response is."""

NAMES_A_CHILD = (
    "It seems to name a child or to hold a date of birth. Write it again without: others read it than those who know "
    "the child."
)
"""Said in place of the text and of the name in it."""


def is_known(work: Work, taken: Any, source_key: str) -> bool:
    """Whether a response was taken (`taken` is the column of its key) or refused before."""
    columns = (taken, tables.responses.c.source_key)
    return any(work.conn.execute(select(c).where(c == source_key)).first() is not None for c in columns)


def send_back(work: Work, source_key: str, sender: str, problems: Sequence[str]) -> Outcome:
    """Keep it as refused; whoever sent it is told why."""
    row = {
        "source_key": source_key, "outcome": Outcome.REFUSED.value, "problems": list(problems), "mended": [],
        "community": "", "sender": sender, "request_id": None, "received_at": work.now,
    }  # fmt: skip
    work.conn.execute(insert(tables.responses).values(row))
    work.journal("refused response", source_key, problems=len(problems))
    work.effect("mail.form-back", source_key)
    return Outcome.REFUSED


@effect("mail.form-back")
async def mail_back(desk: Desk, ports: Ports, source_key: str) -> None:
    """Say why it was not taken; who did not sign in cannot be told."""
    draft = await desk.run(SYSTEM, _back, source_key)
    if draft is not None:
        await ports.mail.send(draft)


def _back(work: Work, source_key: str) -> MailDraft | None:
    responses = tables.responses
    row = work.conn.execute(select(responses).where(responses.c.source_key == source_key)).one()
    if row.sender == ANONYMOUS:
        return None
    what = WHAT[source_key.partition("/")[0]]
    back = letter(
        f"Your {what} needs mending", f"Thank you for your {what}. It could not be taken yet:", bullets(row.problems),
        "Then submit the form again.",
    )  # fmt: skip
    return from_desk(work, f"form-back:{source_key}", [row.sender], back)
