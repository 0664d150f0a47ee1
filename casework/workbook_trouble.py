"""Trouble with the form's way in: a workbook that cannot be read, or that lags behind. Its headings: `form_headings`.

The desk's mailbox is told once for each state of it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect
from casework.intake_mail import from_desk
from casework.letters import form_letter, spoken_moment, workbook_letter
from casework.ports import MailDraft, Ports
from communities.calendars import is_working_day
from communities.directory import Role

BEHIND = timedelta(hours=24)
"""A choice: a response the flow delivered and the workbook still lacks after a day means the workbook lags behind."""

QUIET = timedelta(days=7)
"""A choice: where the workbook is the only way in, so long without anything new is worth a look at it."""

WORKBOOK_SOURCE = "workbook:request-for-support"
OPEN_IT = (
    "Open it once in Excel: Microsoft Forms writes what is waiting then. The flow in manifests/flows needs no workbook."
)


@effect("mail.workbook")
async def mail_workbook(desk: Desk, ports: Ports, content: str) -> None:
    """Say which file, what is wrong and what to do."""
    await ports.mail.send(await desk.run(SYSTEM, _draft, content))


def _draft(work: Work, content: str) -> MailDraft:
    letter = workbook_letter(_said(work, "workbook unreadable", None))
    return from_desk(work, f"workbook:{content}", [work.desk.mailboxes.desk], letter)


def tell_of_form(work: Work, said: str, key: str) -> None:
    """Something about the form needs a look; the same `key` again says nothing."""
    subject = hashlib.sha256(key.encode()).hexdigest()[:16]
    told = select(tables.effects.c.id).where(tables.effects.c.id == f"mail.form:{subject}")
    if work.conn.execute(told).first() is None:
        work.journal("form needs a look", subject, said=said)
        work.effect("mail.form", subject)


def tell_of_untold_answers(work: Work, name: str, count: int) -> None:
    """Answers that nothing had told of, found by the daily look: an administrator is to know that it happens."""
    answers = "one answer" if count == 1 else f"{count} answers"
    tell_of_form(
        work,
        f"Microsoft 365 did not tell us that the workbook '{name}' had changed. Our daily check found {answers} in it "
        "that we had not seen, and we have read them. Please run `cos doctor`, and tell whoever runs Microsoft 365 for "
        "you if this happens again.",
        key=f"untold {name} {work.now.isoformat()}",
    )


@effect("mail.form")
async def mail_form(desk: Desk, ports: Ports, subject: str) -> None:
    """Say what about the form needs a look."""
    await ports.mail.send(await desk.run(SYSTEM, _form_draft, subject))


def _form_draft(work: Work, subject: str) -> MailDraft:
    letter = form_letter(_said(work, "form needs a look", subject))
    administrators = {str(p.mail) for p in directory_of(work).people_with(Role.ADMINISTRATOR)}
    return from_desk(work, f"form:{subject}", [work.desk.mailboxes.desk, *sorted(administrators)], letter)


def _said(work: Work, command: str, subject: str | None) -> str:
    journal = tables.journal
    entries = select(journal.c.details).where(journal.c.command == command)
    if subject is not None:
        entries = entries.where(journal.c.subject == subject)
    details = work.conn.execute(entries.order_by(journal.c.number.desc()).limit(1)).scalar_one()
    return str(details["said"])


def watch_workbook(work: Work) -> list[str]:
    """The sweep's question: what is to be said of the workbook's age, at most one thing."""
    links = tables.sync_links
    row = work.conn.execute(select(links).where(links.c.source == WORKBOOK_SOURCE)).one_or_none()
    if row is None or row.changed_at is None or not is_working_day(work.today):
        return []
    newest = _missing_since(work)
    if newest is not None:
        said = f"behind {newest.isoformat()}"
    elif not _has_flow(work) and row.changed_at < work.now - QUIET:
        said = f"quiet {row.changed_at.isoformat()}"
    else:
        return []
    subject = hashlib.sha256(said.encode()).hexdigest()[:16]
    told = select(tables.effects.c.id).where(tables.effects.c.id == f"mail.form:{subject}")
    return [] if work.conn.execute(told).first() else [said]


def tell_of_workbook(work: Work, said: str) -> None:
    """The workbook may be missing answers: once for each response that shows it, or each silence."""
    kind, _, moment = said.partition(" ")
    when = spoken_moment(datetime.fromisoformat(moment))
    text = {
        "behind": f"The Forms workbook lags behind: a response that the flow delivered on {when} is not in it yet.",
        "quiet": f"Nothing new has come into the Forms workbook since {when}. Answers may be missing from it.",
    }[kind]
    tell_of_form(work, f"{text} {OPEN_IT}", key=said)


def _missing_since(work: Work) -> datetime | None:
    """When the newest response came that the flow delivered more than a day ago and the workbook still lacks."""
    responses, routes = tables.responses, tables.response_routes
    by_list, by_workbook = routes.alias(), routes.alias()
    found: datetime | None = work.conn.execute(
        select(func.max(responses.c.received_at))
        .join(by_list, (by_list.c.source_key == responses.c.source_key) & (by_list.c.route == "list"))
        .where(
            responses.c.received_at < work.now - BEHIND,
            ~exists().where(by_workbook.c.source_key == responses.c.source_key, by_workbook.c.route == "workbook"),
        )
    ).scalar()
    return found


def _has_flow(work: Work) -> bool:
    routes = tables.response_routes
    return work.conn.execute(select(routes.c.route).where(routes.c.route == "list").limit(1)).first() is not None
