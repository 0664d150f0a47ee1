"""A report as a document: drafted into the library, completed by people in Word, sent as both signed it."""

from __future__ import annotations

import asyncio
from datetime import date
from html import escape
from typing import Any

from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.documents import written
from casework.effects import effect
from casework.errors import NeedsAttention
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import Letter, letter, spoken_day
from casework.ports import Attachment, MailDraft, Ports
from casework.report_paper import community_report
from casework.reporting import (
    keep_draft,
    keep_seal,
    report_filed,
    report_row,
    report_sent,
    spoken_report,
)
from communities.calendars import london
from communities.directory import Role
from communities.reports import Period, ReportKind, title_of
from papers.encrypted import ENCRYPTED, is_encrypted
from papers.reports import REPORT_TEMPLATE, Report, render_report, with_charts
from papers.word import DOCX
from papers.wording import wording_hash

GONE = "The Word file of the {report} is not in the library under {path}. Put it back there, then retry."


def path_of(row: Any) -> str:
    """Where a report lies in its community's library."""
    return f"Reports/{title_of(ReportKind(row.kind), row.due_on)} {row.community}.docx"


@effect("report.file")
async def file_report(desk: Desk, ports: Ports, wanted: str) -> None:
    """Draft it from the record once, and file it; then clerk and chair are told."""
    row = await desk.run(SYSTEM, report_row, wanted)
    content = row.content
    if content is None:
        paper = await desk.run(SYSTEM, _paper, wanted)
        made = await written(
            desk, ports, row.community, REPORT_TEMPLATE, render_report, await asyncio.to_thread(with_charts, paper)
        )
        content = await desk.run(SYSTEM, keep_draft, wanted, made)
    stored = await ports.files.put(row.community, path_of(row), content)
    await desk.run(SYSTEM, report_filed, wanted, stored.web_url)


def _paper(work: Work, wanted: str) -> Report:
    row = report_row(work, wanted)
    period = Period(first_day=row.first_day, due_on=drafted_on(row))
    return community_report(work, ReportKind(row.kind), row.community, row.due_on, period)


def drafted_on(row: Any) -> date:
    """The last day a report covers: the next one begins on the day after."""
    return london(row.drafted_at).date()


@effect("report.seal")
async def seal_report(desk: Desk, ports: Ports, subject: str) -> None:
    """Note what was signed, by what the Word file says as it lies there; once both signed the same, that is sent.

    Not by its bytes: SharePoint writes into it by itself.
    """
    wanted, name, _ = subject.split("#")
    row = await desk.run(SYSTEM, report_row, wanted)
    content = await ports.files.read(row.community, path_of(row))
    if content is None:
        raise NeedsAttention(GONE.format(report=spoken_report(row), path=path_of(row)))
    if is_encrypted(content):
        raise NeedsAttention(f"The Word file of the {spoken_report(row)} cannot be signed. {ENCRYPTED} Then retry.")
    seal = await asyncio.to_thread(wording_hash, content)
    if await desk.run(SYSTEM, keep_seal, wanted, name, seal):
        await ports.mail.send(await desk.run(SYSTEM, _sending, wanted, content))
        await desk.run(SYSTEM, report_sent, wanted, content)


def _sending(work: Work, wanted: str, content: bytes) -> MailDraft:
    row, directory = report_row(work, wanted), directory_of(work)
    area = next(c.community_area for c in directory.communities if c.name == row.community)
    role = Role.KIT if row.kind == ReportKind.KIT else Role.AREA_BOARD
    to = [p.mail for p in directory.people_with(role, area) or directory.people_with(Role.HNFO, area)]
    if not to:
        raise NeedsAttention(
            f"The directory names nobody with the role '{role}' for the area {area}. Add a line to the people "
            "workbook and import it, then retry."
        )
    own = [p.mail for p in (directory.clerk_of(row.community), directory.chair_of(row.community)) if p]
    name = path_of(row).rpartition("/")[2]
    return from_desk(
        work, f"report:{wanted}", list(dict.fromkeys([*to, *own])), sent_letter(row, _names(work, row)),
        [Attachment(name=name, content_type=DOCX, content=content)],
    )  # fmt: skip


def _names(work: Work, row: Any) -> str:
    """Who signed, as `Ben Ellis (clerk) and Ella Ward (chair)`."""
    people = {p.mail.casefold(): p.name for p in directory_of(work).people}
    return " and ".join(f"{people.get(getattr(row, f'{n}_by'), getattr(row, f'{n}_by'))} ({n})"
                        for n in ("clerk", "chair"))  # fmt: skip


@effect("mail.report")
async def mail_draft(desk: Desk, ports: Ports, wanted: str) -> None:
    """Ask clerk and chair to complete and sign it."""
    await ports.mail.send(await desk.run(SYSTEM, _draft_mail, wanted))


def _draft_mail(work: Work, wanted: str) -> MailDraft:
    row = report_row(work, wanted)
    chair = directory_of(work).chair_of(row.community)
    to = list(dict.fromkeys([clerk_mail(work, row.community), *([chair.mail] if chair else [])]))
    return from_desk(work, f"report-draft:{wanted}", to, draft_letter(row))


@effect("mail.sign-again")
async def mail_sign_again(desk: Desk, ports: Ports, subject: str) -> None:
    """Ask whoever signed to sign what lies there now."""
    await ports.mail.send(await desk.run(SYSTEM, _sign_again, subject))


def _sign_again(work: Work, subject: str) -> MailDraft:
    wanted, name, _ = subject.split("#")
    row, directory = report_row(work, wanted), directory_of(work)
    chair = directory.chair_of(row.community)
    to = chair.mail if name == "chair" and chair else clerk_mail(work, row.community)
    return from_desk(work, f"sign-again:{subject}", [to], sign_again_letter(row))


SIGNING = "To sign it, write <i>sign the report</i> to CoS Desk in Teams. It is sent once you have both signed."


def draft_letter(row: Any) -> Letter:
    """The draft is there."""
    title = spoken_report(row)
    return letter(
        f"To complete and sign: {title}",
        f"The {escape(title)} is drafted from the record. It is due on <b>{spoken_day(row.due_on)}</b>.",
        "Figures and charts are filled in. Please complete the key themes, what works and what does not, and the "
        "suggested improvements in Word, clerk and chair together. Name no pupil.",
        f'<p><a href="{escape(row.web_url or "")}">Open the report in Word</a></p>',
        SIGNING,
    )  # fmt: skip


def sign_again_letter(row: Any) -> Letter:
    """It was changed after it was signed."""
    title = spoken_report(row)
    return letter(
        f"Please sign again: {title}",
        f"The {escape(title)} was changed in Word after you signed it. Please look at it once more and sign it again.",
        f'<p><a href="{escape(row.web_url or "")}">Open the report in Word</a></p>',
        SIGNING,
    )  # fmt: skip


def sent_letter(row: Any, signed_by: str) -> Letter:
    """To the KiT meeting or the Area Board, with a copy for clerk and chair."""
    title = spoken_report(row)
    return letter(
        title,
        f"The {escape(title)} is attached. It covers {spoken_day(row.first_day)} to {spoken_day(drafted_on(row))}.",
        f"Signed by {escape(signed_by)}.",
        "What comes of it is reported back at the community's next meeting.",
    )
