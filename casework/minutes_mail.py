"""What the clerk is told of minutes in Word: what could not be read of them, and that the file is gone."""

from __future__ import annotations

from datetime import date
from html import escape

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.effects import effect
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import Letter, bullets, letter, spoken_day
from casework.meeting_record import day_of
from casework.ports import MailDraft, Ports
from casework.schedule import meeting_row

READ_AGAIN = "Once it is mended and saved, it is read again by itself."


@effect("mail.minutes-unread")
async def mail_unread(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk what in the minutes was not taken."""
    await ports.mail.send(await desk.run(SYSTEM, _unread, subject))


def _unread(work: Work, subject: str) -> MailDraft:
    meeting, journal = meeting_row(work, subject.rpartition("#")[0]), tables.journal
    rows = select(journal).where(journal.c.subject == meeting.id, journal.c.command == "minutes not read")
    row = work.conn.execute(rows.order_by(journal.c.number.desc()).limit(1)).one()
    said = unread_letter(meeting.community, day_of(meeting), str(row.details["reason"]))
    return from_desk(work, f"minutes-unread:{subject}", [clerk_mail(work, meeting.community)], said)


def unread_letter(community: str, day: date, reason: str) -> Letter:
    """The minutes in Word and the record differ."""
    return letter(
        f"The minutes of {community}, {day:%-d %B %Y}, could not be read in full",
        f"The minutes of <b>{escape(community)}</b> of {spoken_day(day)} were edited in Word. The file stays as it is, "
        "but this could not be taken into the record:",
        bullets([reason]),
        READ_AGAIN,
    )


@effect("mail.minutes-gone")
async def mail_gone(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk that the minutes' file is not there any more."""
    await ports.mail.send(await desk.run(SYSTEM, _gone, subject))


def _gone(work: Work, subject: str) -> MailDraft:
    meeting, papers = meeting_row(work, subject.rpartition("#")[0]), tables.papers
    name = select(papers.c.name).where(papers.c.meeting_id == meeting.id, papers.c.kind == "minutes")
    said = gone_letter(meeting.community, day_of(meeting), str(work.conn.execute(name).scalar_one()))
    return from_desk(work, f"minutes-gone:{subject}", [clerk_mail(work, meeting.community)], said)


def gone_letter(community: str, day: date, name: str) -> Letter:
    """The minutes' file was deleted."""
    return letter(
        f"The minutes of {community}, {day:%-d %B %Y}, are not in the library any more",
        f"The minutes of <b>{escape(community)}</b> of {spoken_day(day)} were filed as <b>{escape(name)}</b> in the "
        "folder Minutes of the community's library. That file was deleted. The record keeps what it said.",
        "If that was a mistake, restore it from the library's recycle bin, or upload it again under that name: "
        "it is read again by itself.",
    )
