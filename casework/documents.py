"""Making a Word document: the community's own template first, the standard one where that does not work.

A document of a meeting is made once and kept in the record, so that a retry files the very same one.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work, insert_once
from casework.directory_record import directory_of
from casework.effects import effect
from casework.errors import FileTooLarge
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import beside_letter, template_letter
from casework.ports import Kept, MailDraft, Ports, StoredFile
from casework.schedule import meeting_row, runs_meetings
from communities.directory import Role
from papers.apart import render_apart
from papers.word import TEMPLATE_BYTES, TemplateBroken, template

P = TypeVar("P")

FOLDER = "Templates"
"""Where a clerk keeps the community's own templates, in its library."""


async def restricted(name: str, render: Callable[[P, bytes], bytes], paper: P) -> bytes:
    """A document that names pupils: from the product's template alone, whatever somebody put into the library."""
    return await asyncio.to_thread(render, paper, template(name))


async def written(
    desk: Desk, ports: Ports, community: str, name: str, render: Callable[[P, bytes], bytes], paper: P
) -> bytes:
    """The document from the template of that name. One of the community's own, if its chair, its clerk or an
    administrator saved it last, is filled in apart, with limits; one that cannot be used is told to its clerk.
    """
    own = await _own_template(desk, ports, community, name)
    if own is not None:
        try:
            return await asyncio.to_thread(render_apart, render, paper, own)
        except TemplateBroken as error:
            await desk.run(SYSTEM, _tell, community, name, own, str(error))
    return await asyncio.to_thread(render, paper, template(name))


async def _own_template(desk: Desk, ports: Ports, community: str, name: str) -> bytes | None:
    path = f"{FOLDER}/{name}"
    try:
        own = await ports.files.read(community, path, TEMPLATE_BYTES)
    except FileTooLarge as error:
        await desk.run(SYSTEM, _tell, community, name, str(error).encode(), str(error))
        return None
    if own is None:
        return None
    saved = await ports.files.saved(community, path)
    said = await desk.look(_not_by, community, saved.by if saved is not None else "")
    if said:
        await desk.run(SYSTEM, _tell, community, name, said.encode() + own, said)
    return None if said else own


def _not_by(work: Work, community: str, saved_by: str) -> str:
    """Why a template saved by that person does not count; '' where it does. Whoever may write into the library could
    otherwise say what the community's papers say.
    """
    if runs_meetings(work, community, saved_by) or directory_of(work).holds(saved_by, Role.ADMINISTRATOR):
        return ""
    who = saved_by or "somebody who cannot be named"
    return (
        f"It was last saved by {who}. The templates of {community} are its chair's, its clerk's and administrators': "
        "open it, look through it and save it yourself."
    )


def _tell(work: Work, community: str, name: str, state: bytes, said: str) -> None:
    subject = f"{community}#{name}#{hashlib.sha256(state).hexdigest()[:16]}"
    if _told(work, subject) is None:
        work.journal("template broken", subject, name=name, said=said)
        work.effect("mail.template", subject)


def _told(work: Work, subject: str) -> Any:
    journal = tables.journal
    return work.conn.execute(
        select(journal.c.details).where(journal.c.subject == subject, journal.c.command == "template broken").limit(1)
    ).scalar_one_or_none()


@effect("mail.template")
async def mail_template(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk which tag of which template is wrong, once for each state of the file."""
    await ports.mail.send(await desk.run(SYSTEM, _template_mail, subject))


def _template_mail(work: Work, subject: str) -> MailDraft:
    community, name, _ = subject.split("#")
    letter = template_letter(name, community, _told(work, subject)["said"])
    return from_desk(work, f"template:{subject}", [clerk_mail(work, community)], letter)


def kept_paper(work: Work, meeting_id: str, kind: str) -> Any:
    """A meeting's document as it was made, with its community; None before it is."""
    papers, meetings = tables.papers, tables.meetings
    return work.conn.execute(
        select(papers, meetings.c.community)
        .join(meetings, meetings.c.id == papers.c.meeting_id)
        .where(papers.c.meeting_id == meeting_id, papers.c.kind == kind)
    ).one_or_none()


def keep_paper(work: Work, meeting_id: str, kind: str, name: str, content: bytes) -> Any:
    """Keep a document that was made, unless another worker was faster; returns the one that counts."""
    meeting_row(work, meeting_id)
    row = {"meeting_id": meeting_id, "kind": kind, "name": name, "content": content}
    work.conn.execute(insert_once(work.conn, tables.papers).values(row))
    return kept_paper(work, meeting_id, kind)


def filed_at(work: Work, meeting_id: str, kind: str, stored: StoredFile) -> bool:
    """Remember where the document lies; where it stands beside one that a person edited, tell the clerk. Whether that
    is news: an effect that was killed after it had filed does so once more, and one a newer version has overtaken
    has nothing to tell.
    """
    papers = tables.papers
    same = (papers.c.meeting_id == meeting_id) & (papers.c.kind == kind)
    before = work.conn.execute(select(papers.c.web_url).where(same).with_for_update()).one_or_none()
    if before is None:
        return False
    work.conn.execute(papers.update().where(same).values(web_url=stored.web_url))
    if stored.kept is not None:
        work.journal("keep an edited paper", meeting_id, kind=kind, why=stored.kept.value)
        work.effect("mail.beside", f"{meeting_id}#{kind}#{work.change(meeting_id)}")
    return before.web_url is None


@effect("mail.beside")
async def mail_beside(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk that a paper was kept as it is, why, and where the new version stands."""
    draft = await desk.run(SYSTEM, _beside_mail, subject)
    if draft is not None:
        await ports.mail.send(draft)


def _beside_mail(work: Work, subject: str) -> MailDraft | None:
    meeting_id, kind, entry = subject.split("#")
    kept = kept_paper(work, meeting_id, kind)
    if kept is None:
        return None
    journal = tables.journal
    said = work.conn.execute(select(journal.c.details).where(journal.c.number == int(entry))).scalar_one_or_none()
    why = Kept((said or {}).get("why", Kept.EDITED))
    letter = beside_letter(kept.community, kept.name, kept.web_url or "", why)
    return from_desk(work, f"beside:{subject}", [clerk_mail(work, kept.community)], letter)
