"""Which copy of a paper an email carries: what lies in the library where chair or clerk saved it last, else ours.

Ours goes too where it says the same, or where nobody can read what lies there; the clerk is told of each but the first.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import StrEnum
from html import escape
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.attaching import linking
from casework.desk import SYSTEM, Desk, Work
from casework.documents import kept_paper
from casework.effects import effect
from casework.errors import Conflict, FileOpen, FileTooLarge
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import Letter, letter, open_part
from casework.ports import Attachment, MailDraft, Ports
from casework.schedule import runs_meetings
from papers.encrypted import is_encrypted
from papers.word import DOCX
from papers.wording import wording_hash


class Ours(StrEnum):
    """Why our copy goes and not what lies there."""

    ANOTHERS = "somebody who neither chairs nor clerks the community saved it last, or Microsoft 365 does not say who"
    ENCRYPTED = "it is protected, and the schools could not open it"
    GONE = "it is not in the library any more"


async def with_paper(
    desk: Desk, ports: Ports, draft: MailDraft, meeting_id: str, kind: str, path: str, kept: Any
) -> MailDraft:
    """The email with that paper of the meeting, which we filed under that path. What is too large is linked."""
    ours = Attachment(name=kept.name, content_type=DOCX, content=kept.content, web_url=kept.web_url or "")
    if await desk.run(SYSTEM, _is_beside, meeting_id, kind):
        return replace(draft, attachments=[*draft.attachments, ours])  # ours lies there too, and the clerk was told
    why, content = None, None
    try:
        saved = await ports.files.saved(kept.community, path)
        content = await ports.files.read(kept.community, path)
        if await ports.files.saved(kept.community, path) != saved:
            raise Conflict(f"'{path}' in {kept.community} was changed while it was read.")
        by = saved.by if saved is not None else ""
        why = await _why_ours(desk, kept, content, by)
    except FileTooLarge:
        if ours.web_url:
            return linking(draft, [ours])
    except FileOpen:  # read again and again for a few seconds: nobody waits for whoever has it open
        draft = replace(draft, html=draft.html + open_part(kept.name, ours.web_url))
    if why is not None:
        await desk.run(SYSTEM, _tell, meeting_id, kind, why)
    sent = replace(ours, content=content) if content is not None and why is None else ours
    return replace(draft, attachments=[*draft.attachments, sent])


async def _why_ours(desk: Desk, kept: Any, content: bytes | None, by: str) -> Ours | None:
    """None where what lies there goes."""
    if content is None:
        return Ours.GONE
    if is_encrypted(content):
        return Ours.ENCRYPTED
    said, filed = [await asyncio.to_thread(wording_hash, c) for c in (content, bytes(kept.content))]
    is_clerks = said == filed or (by and await desk.run(SYSTEM, runs_meetings, kept.community, by))
    return None if is_clerks else Ours.ANOTHERS


def _is_beside(work: Work, meeting_id: str, kind: str) -> bool:
    """Whether a person's file kept its name, and ours was put beside it."""
    journal = tables.journal
    kept = select(journal.c.details).where(
        journal.c.subject == meeting_id, journal.c.command == "keep an edited paper"
    )  # fmt: skip
    return any(details["kind"] == kind for details in work.conn.execute(kept).scalars())


def _tell(work: Work, meeting_id: str, kind: str, why: Ours) -> None:
    work.journal("send a paper as filed", meeting_id, kind=kind, why=why.value)
    work.effect("mail.as-filed", f"{meeting_id}#{kind}#{why.name}")


@effect("mail.as-filed")
async def mail_as_filed(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk that the copy we filed went out, and why."""
    await ports.mail.send(await desk.run(SYSTEM, _as_filed, subject))


def _as_filed(work: Work, subject: str) -> MailDraft:
    meeting_id, kind, why = subject.split("#")
    kept = kept_paper(work, meeting_id, kind)
    said = as_filed_letter(kept.community, kept.name, kept.web_url or "", Ours[why])
    return from_desk(work, f"as-filed:{subject}", [clerk_mail(work, kept.community)], said)


def as_filed_letter(community: str, name: str, url: str, why: Ours) -> Letter:
    """Another copy than the one in the library went to the schools."""
    link = f'<p><a href="{escape(url)}">Open it in the library</a></p>'
    return letter(
        f"{name} went out as CoS Desk filed it",
        f"{escape(name)} of {escape(community)} differs from what CoS Desk filed in the library, and was sent to the "
        f"community as it was filed: {why.value}.",
        "If the schools should have the other version, please send it to them yourself.",
        *([link] if url and why is not Ours.GONE else []),
    )
