"""Telling the school and the clerk what was done with a request, and reminding them of a review."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from casework import tables
from casework.decide import decision_row
from casework.desk import SYSTEM, Desk, Work
from casework.effects import effect
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import review_letter, told_letter
from casework.ports import MailDraft, Ports
from casework.request_record import request_of, request_row
from casework.schedule import meeting_row
from communities.lifecycle import RULES
from communities.requests import ANONYMOUS


@effect("mail.told")
async def mail_told(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the school and the clerk of a move, but not whoever made it."""
    draft = await desk.run(SYSTEM, _told, subject)
    if draft is not None:
        await ports.mail.send(draft)


def _told(work: Work, subject: str) -> MailDraft | None:
    row, version = request_row(work, request_of(subject)), int(subject.partition("#")[2])
    journal = tables.journal
    entries = work.conn.execute(select(journal).where(journal.c.subject == row.id).order_by(journal.c.number.desc()))
    entry = next(e for e in entries if e.details.get("version") == version)
    to = [m for m in _concerned(work, row) if m.casefold() != entry.actor.casefold()]
    if not to:
        return None
    rule = next(r for r in RULES if r.command == entry.command)
    meeting = meeting_row(work, row.meeting_id) if row.meeting_id else None
    letter = told_letter(
        row.id, row.school, rule.move, entry.details, meeting.starts_at if meeting else None, community=row.community
    )
    return from_desk(work, f"told:{subject}", to, letter)


def _concerned(work: Work, row: Any) -> list[str]:
    clerk = clerk_mail(work, row.community)
    return [clerk] if row.sender == ANONYMOUS else list(dict.fromkeys((row.sender, clerk)))


@effect("mail.review")
async def mail_review(desk: Desk, ports: Ports, subject: str) -> None:
    """On the review date, ask the school and remind the clerk."""
    await ports.mail.send(await desk.run(SYSTEM, _review, subject))


def _review(work: Work, subject: str) -> MailDraft:
    row = request_row(work, request_of(subject))
    known = decision_row(work, row.id)
    letter = review_letter(row.id, row.school, row.community, known.details, known.conditions, known.amount_pence)
    return from_desk(work, f"review:{subject}", _concerned(work, row), letter)
