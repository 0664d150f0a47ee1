"""Mails that could not be delivered: whoever can mend the address is told, once a week as long as it lasts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import undelivered_letter
from casework.ports import MailDraft, Ports
from communities.calendars import london

SUBJECT = 120


@dataclass(frozen=True, kw_only=True)
class Returned:
    """A report that a mail of ours did not arrive: when it came, our subject, whom it missed (without case)."""

    at: datetime
    subject: str
    addresses: Sequence[str]


def take_returned(work: Work, returned: Sequence[Returned]) -> int:
    """Tell of each address we write to that a report names; returns how many were new this week."""
    new = 0
    for report in returned:
        for address in report.addresses:
            community = _community_of(work, address)
            if community is None:
                continue
            year, week, _ = london(report.at).isocalendar()
            subject = hashlib.sha256(f"{address} {year} {week}".encode()).hexdigest()[:16]
            effect_id = f"mail.undelivered:{subject}"
            if work.conn.execute(select(tables.effects.c.id).where(tables.effects.c.id == effect_id)).first() is None:
                said = report.subject[:SUBJECT]
                work.journal("mail came back", subject, address=address, community=community, said=said)
                work.effect("mail.undelivered", subject)
                new += 1
    return new


def _community_of(work: Work, address: str) -> str | None:
    """The community whose clerk can mend it; '' where only the administrator can; None for who is none of ours."""
    directory = directory_of(work)
    for person in directory.roles_of(address):
        if directory.community(person.of):
            return person.of
        if schools := directory.schools_named(person.of):
            return schools[0].community
        return ""
    requests = tables.requests
    asked = select(requests.c.community).where(func.lower(requests.c.sender) == address).limit(1)
    return work.conn.execute(asked).scalar_one_or_none()


@effect("mail.undelivered")
async def mail_undelivered(desk: Desk, ports: Ports, subject: str) -> None:
    """Say which address, which mail, and where it is mended."""
    await ports.mail.send(await desk.run(SYSTEM, _draft, subject))


def _draft(work: Work, subject: str) -> MailDraft:
    journal = tables.journal
    details = work.conn.execute(
        select(journal.c.details)
        .where(journal.c.subject == subject, journal.c.command == "mail came back")
        .order_by(journal.c.number.desc())
        .limit(1)
    ).scalar_one()
    address, clerk = str(details["address"]), clerk_mail(work, str(details["community"]))
    to = work.desk.mailboxes.desk if clerk.casefold() == address else clerk
    return from_desk(work, f"undelivered:{subject}", [to], undelivered_letter(address, str(details["said"])))
