"""Lists that hide from CoS Desk what others add: administrators are told, once of each time."""

from __future__ import annotations

from html import escape

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect
from casework.intake_mail import from_desk
from casework.letters import Letter, letter
from casework.ports import MailDraft, Ports
from communities.directory import Role

KIND = "mail.hidden"
READ_ALL = (
    "An owner of the site opens that list, List settings, Advanced settings, Item-level permissions, and chooses Read "
    "access: Read all items; where that is chosen already, the items were deleted, and the next one somebody adds ends "
    "this finding."
)


def hides(name: str, missing: int) -> str:
    """That a list hides what others add."""
    return f"'{name}' shows CoS Desk none of the items that others added; {missing} are not seen."


def tell_of_hidden(work: Work, name: str, missing: int) -> None:
    """Ask for the email."""
    subject = f"{name}#{work.change(name)}"
    work.journal("items hidden", subject, list=name, said=hides(name, missing))
    work.effect(KIND, subject)


@effect(KIND)
async def mail_hidden(desk: Desk, ports: Ports, subject: str) -> None:
    """Say which list, and what an owner of the site does."""
    await ports.mail.send(await desk.run(SYSTEM, _draft, subject))


def _draft(work: Work, subject: str) -> MailDraft:
    journal = tables.journal
    asked = select(journal.c.details).where(journal.c.command == "items hidden", journal.c.subject == subject)
    details = work.conn.execute(asked.order_by(journal.c.number.desc()).limit(1)).scalar_one()
    to = sorted({str(p.mail) for p in directory_of(work).people_with(Role.ADMINISTRATOR)}) or [work.desk.mailboxes.desk]
    return from_desk(work, f"hidden:{subject}", to, hidden_letter(str(details["list"]), str(details["said"])))


def hidden_letter(name: str, said: str) -> Letter:
    """What is not seen, and the way out."""
    return letter(
        f"CoS Desk cannot see what others add to the list {name}",
        escape(said),
        f"{escape(READ_ALL)} CoS Desk then reads what it missed. `cos doctor` shows whether it worked.",
    )
