"""Trouble with the form's way in: a workbook that cannot be read, or that lags behind. Its headings: `form_headings`.

The desk's mailbox is told once for each state of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

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

WHICH_ONE = (
    "Open the form in Microsoft Forms and choose 'Open in Excel' to see which one Microsoft Forms writes to. Keep that "
    "one, and delete the others: a workbook may be renamed instead, a sheet moved to another workbook."
)


@effect("mail.workbook")
async def mail_workbook(desk: Desk, ports: Ports, content: str) -> None:
    """Say which file, what is wrong and what to do."""
    await ports.mail.send(await desk.run(SYSTEM, _draft, content))


def _draft(work: Work, content: str) -> MailDraft:
    letter = workbook_letter(str(_details(work, "workbook unreadable", None)["said"]))
    return from_desk(work, f"workbook:{content}", [work.desk.mailboxes.desk], letter)


def tell_of_form(work: Work, said: str, key: str, *, clerks: bool = False) -> None:
    """Administrators, or clerks as well, look at something about the form; the same `key` says nothing again."""
    subject = hashlib.sha256(key.encode()).hexdigest()[:16]
    told = select(tables.effects.c.id).where(tables.effects.c.id == f"mail.form:{subject}")
    if work.conn.execute(told).first() is None:
        work.journal("form needs a look", subject, said=said, clerks=clerks)
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


def tell_of_copies(work: Work, title: str, read: Sequence[str], apart: Sequence[str], mark: str) -> None:
    """A form's answers are in several places, and Microsoft Forms writes to one only. `mark` tells the files."""
    said = [f"We found responses to the form {title} in more than one place: {', '.join((*read, *apart))}."]
    if len(read) > 1:
        said.append(f"We read them all and take each response once. Where they differ, {read[0]} counts.")
    said += [
        f"We do not read {one}: it has other responses under the same numbers, as an earlier form would."
        for one in apart
    ]
    said.append(WHICH_ONE)
    key = f"copies {title} {mark} {sorted(read)} {sorted(apart)}"
    tell_of_form(work, " ".join(said), key, clerks=True)


def tell_of_lost(work: Work, title: str, instead: str, lost: str) -> None:
    """The workbook that was read is not there any more; `instead` is what is read now, if anything."""
    now = f" We now read {instead}. Microsoft Forms may not write to it." if instead else ""
    tell_of_form(
        work,
        f"The workbook with the responses to the form {title} is not there any more.{now} If it was deleted by "
        "mistake, restore it from the recycle bin of the site, and we will read it again. Otherwise open the form in "
        "Microsoft Forms and choose 'Open in Excel', which makes it again. No response is lost meanwhile.",
        key=f"lost {lost} {work.now.isoformat()}",
        clerks=True,
    )


@effect("mail.form")
async def mail_form(desk: Desk, ports: Ports, subject: str) -> None:
    """Say what about the form needs a look."""
    await ports.mail.send(await desk.run(SYSTEM, _form_draft, subject))


def _form_draft(work: Work, subject: str) -> MailDraft:
    details, people = _details(work, "form needs a look", subject), directory_of(work)
    administrators = {str(p.mail) for p in people.people_with(Role.ADMINISTRATOR)}
    clerks = set(map(str, people.clerks.values())) if details.get("clerks") else set()
    told = dict.fromkeys((work.desk.mailboxes.desk, *sorted(administrators), *sorted(clerks)))
    return from_desk(work, f"form:{subject}", list(told), form_letter(str(details["said"])))


def _details(work: Work, command: str, subject: str | None) -> Mapping[str, Any]:
    journal = tables.journal
    entries = select(journal.c.details).where(journal.c.command == command)
    if subject is not None:
        entries = entries.where(journal.c.subject == subject)
    details: Mapping[str, Any] = work.conn.execute(entries.order_by(journal.c.number.desc()).limit(1)).scalar_one()
    return details


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
