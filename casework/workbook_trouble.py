"""The Forms workbook cannot be read: the desk's mailbox is told once for each state of the file."""

from __future__ import annotations

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.effects import effect
from casework.letters import workbook_letter
from casework.ports import MailDraft, Ports


@effect("mail.workbook")
async def mail_workbook(desk: Desk, ports: Ports, content: str) -> None:
    """Say which file, what is wrong and what to do."""
    await ports.mail.send(await desk.run(SYSTEM, _draft, content))


def _draft(work: Work, content: str) -> MailDraft:
    journal = tables.journal
    details = work.conn.execute(
        select(journal.c.details)
        .where(journal.c.command == "workbook unreadable")
        .order_by(journal.c.number.desc())
        .limit(1)
    ).scalar_one()
    letter = workbook_letter(details["said"])
    mailbox = work.desk.mailboxes.desk
    return MailDraft(key=f"workbook:{content}", sender=mailbox, to=[mailbox], subject=letter.subject, html=letter.html)
