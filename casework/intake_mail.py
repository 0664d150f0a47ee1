"""What senders and clerks are told about a response: to mend, received, held, to check, changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.amend import PUPILS_NAMED
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect
from casework.letters import Letter, held_letter, receipt_letter, refusal_letter, to_check_letter
from casework.meeting_words import late_sentence
from casework.ports import Attachment, MailDraft, Ports
from casework.request_record import request_of, request_row
from casework.schedule import meeting_row
from communities.requests import ANONYMOUS, request_doubts


def from_desk(
    work: Work, key: str, to: Sequence[str], letter: Letter, attachments: Sequence[Attachment] = (), *,
    hide_recipients: bool = False, can_wait: bool = False,
) -> MailDraft:  # fmt: skip
    """A letter as a mail from the desk's own mailbox, to be sent once; schools do not see one another's addresses where
    recipients are hidden. What can wait is spread, where the mailbox has much to send.
    """
    return MailDraft(
        key=key,
        sender=work.desk.mailboxes.desk,
        to=to,
        subject=letter.subject,
        html=letter.html,
        attachments=attachments,
        hide_recipients=hide_recipients,
        can_wait=can_wait,
    )


@effect("mail.refusal")
async def mail_refusal(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the sender what to mend; an anonymous sender cannot be told, the clerk is."""
    await ports.mail.send(await desk.run(SYSTEM, _refusal, subject, "refusal"))


@effect("mail.question")
async def mail_question(desk: Desk, ports: Ports, subject: str) -> None:
    """Ask the clerk what could not be read for certain: which school was meant, or when the form was completed."""
    await ports.mail.send(await desk.run(SYSTEM, _refusal, subject, "question"))


def _refusal(work: Work, subject: str, kind: str) -> MailDraft:
    source_key = subject.partition("#")[0]
    row = work.conn.execute(select(tables.responses).where(tables.responses.c.source_key == source_key)).one()
    clerk = clerk_mail(work, row.community)
    to_clerk = kind == "question" or row.sender == ANONYMOUS
    letter = refusal_letter(source_key.partition("/")[2], row.problems, to_clerk=to_clerk)
    return from_desk(work, f"{kind}:{subject}", [clerk if to_clerk else row.sender], letter)


def clerk_mail(work: Work, community: str) -> str:
    """The community's clerk; the desk's own mailbox where the community is not known."""
    clerk = directory_of(work).clerk_of(community)
    return clerk.mail if clerk else work.desk.mailboxes.desk


@effect("mail.receipt")
async def mail_receipt(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the sender the request's number, its meeting and what happens when."""
    draft = await desk.run(SYSTEM, _receipt, subject)
    if draft:
        await ports.mail.send(draft)


def _receipt(work: Work, subject: str) -> MailDraft | None:
    request_id = request_of(subject)
    row = request_row(work, request_id)
    if row.sender == ANONYMOUS:
        return None
    meeting = meeting_row(work, row.meeting_id) if row.meeting_id else None
    letter = receipt_letter(
        request_id, row.school, row.community, meeting.starts_at if meeting else None, late=late_sentence(work, row),
        doubts=_doubts(row.submission),
    )  # fmt: skip
    return from_desk(work, f"receipt:{subject}", [row.sender], letter)


def _doubts(kept: Mapping[str, Any]) -> list[str]:
    """What its sender may want to correct, from the numbers alone: nobody opens the pupils' names for that."""
    counts = (kept["sen_support"], kept["ehcp"], kept["looked_after"])
    return [d.sentence for d in request_doubts(kept.get(PUPILS_NAMED, 0), *counts)]


@effect("mail.held")
async def mail_held(desk: Desk, ports: Ports, subject: str) -> None:
    """Ask the clerk whether a request was sent twice."""
    await ports.mail.send(await desk.run(SYSTEM, _to_clerk, subject, "held"))


@effect("mail.to-check")
async def mail_to_check(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk what was mended or needs a look."""
    await ports.mail.send(await desk.run(SYSTEM, _to_clerk, subject, "to-check"))


def _to_clerk(work: Work, subject: str, kind: str) -> MailDraft:
    row = request_row(work, request_of(subject))
    make = held_letter if kind == "held" else to_check_letter
    letter = make(row.id, row.school, row.community, row.note)
    return from_desk(work, f"{kind}:{subject}", [clerk_mail(work, row.community)], letter)


@effect("mail.changed")
async def mail_changed(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk that an answer was changed in the form after it was accepted."""
    await ports.mail.send(await desk.run(SYSTEM, _changed, subject))


def _changed(work: Work, subject: str) -> MailDraft:
    source_key = subject.partition("#")[0]
    responses = tables.responses
    row = work.conn.execute(select(responses).where(responses.c.source_key == source_key)).one()
    request = request_row(work, row.request_id)
    note = "The answers in the form were changed after the request was accepted. The request stands as it was."
    letter = to_check_letter(request.id, request.school, request.community, note)
    return from_desk(work, f"changed:{subject}", [clerk_mail(work, request.community)], letter)
