"""A link practitioner changes: the schools it concerns are told, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect
from casework.intake_mail import from_desk
from casework.letters import Letter, letter, spoken_day
from casework.ports import MailDraft, Ports
from communities.directory import Directory, Role


@effect("mail.practitioner")
async def mail_practitioner(desk: Desk, ports: Ports, entry: str) -> None:
    """Tell the SENCOs, each hidden from the others."""
    draft = await desk.run(SYSTEM, _draft, entry)
    if draft is not None:
        await ports.mail.send(draft)


def _draft(work: Work, entry: str) -> MailDraft | None:
    journal, directory = tables.journal, directory_of(work)
    details = work.conn.execute(select(journal.c.details).where(journal.c.number == int(entry))).scalar_one()
    to = concerned(directory, str(details["of"]), Role(details["role"]))
    if not to:
        return None
    return from_desk(
        work, f"practitioner:{entry}", to, practitioner_letter(details), hide_recipients=True, can_wait=True
    )


def concerned(directory: Directory, of: str, role: Role) -> list[str]:
    """The SENCOs of a school, or of a community's schools that have no practitioner of that role of their own."""
    schools = directory.schools_of(of) or directory.schools_named(of)
    is_community = directory.community(of) is not None
    held = (s for s in schools if not (is_community and directory.people_with(role, str(s.name))))
    mails = (p.mail.casefold() for s in held for p in directory.people_with(Role.SENCO, str(s.name)))
    return list(dict.fromkeys(mails))


def practitioner_letter(details: Mapping[str, Any]) -> Letter:
    """Who it was and who it is now."""
    of, role, before, now = details["of"], details["role"], details["before"], details["now"]
    on = spoken_day(date.fromisoformat(str(details["on"])))
    after = f"From {on}, it is <b>{escape(', '.join(now))}</b>." if now else f"From {on}, nobody is named yet."
    was = f"It was {escape(', '.join(before))}." if before else ""
    return letter(
        f"Your {role} changes",
        f"The link {escape(role)} of <b>{escape(of)}</b> changes. {after} {was}",
        "To see all of yours and how to reach them, write <i>who are our link practitioners</i> to CoS Desk in Teams.",
    )
