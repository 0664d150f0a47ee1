"""A report as a document: drafted into the library, completed by people in Word, sent as both signed it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.documents import written
from casework.effects import effect
from casework.errors import NeedsAttention
from casework.intake_mail import clerk_mail, from_desk
from casework.ports import Attachment, MailDraft, Ports
from casework.report_letters import draft_letter, sent_letter, sign_again_letter
from casework.report_paper import community_report
from casework.reporting import (
    Signature,
    drafted_on,
    is_signed_by_both,
    keep_draft,
    keep_seal,
    report_filed,
    report_row,
    report_sent,
    spoken_report,
)
from communities.directory import Role
from communities.reports import Period, ReportKind, title_of
from papers.encrypted import ENCRYPTED, is_encrypted
from papers.reports import REPORT_TEMPLATE, Report, render_report, with_charts
from papers.word import DOCX
from papers.wording import wording_changes, wording_hash

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


@effect("report.seal")
async def seal_report(desk: Desk, ports: Ports, subject: str) -> None:
    """Note what was signed; once both signed the same, that is sent, whatever becomes of the file meanwhile."""
    wanted, name, _ = subject.split("#")
    row = await desk.run(SYSTEM, report_row, wanted)
    if getattr(row, f"{name}_at") is None:
        return
    if is_signed_by_both(row) or await _sealed(desk, ports, row, name):
        await ports.mail.send(await desk.run(SYSTEM, _sending, wanted))
        await desk.run(SYSTEM, report_sent, wanted)


async def _sealed(desk: Desk, ports: Ports, row: Any, name: str) -> bool:
    """Whether that is what both signed. What counts is what the file said when the button was pressed.

    Not by its bytes: SharePoint writes into it by itself. The present content is read first, so that a save in
    between counts as one that came after it.
    """
    there, signed_at = await _present(ports, row), getattr(row, f"{name}_at")
    signed = await ports.files.read_before(row.community, path_of(row), signed_at)
    now = await asyncio.to_thread(wording_hash, there)
    seal = await asyncio.to_thread(wording_hash, signed) if signed is not None else ""
    signature = Signature(name=name, at=signed_at, seal=seal)
    return await desk.run(SYSTEM, keep_seal, row.id, signature, now, there)


async def _present(ports: Ports, row: Any) -> bytes:
    content = await ports.files.read(row.community, path_of(row))
    if content is None:
        raise NeedsAttention(GONE.format(report=spoken_report(row), path=path_of(row)))
    if is_encrypted(content):
        raise NeedsAttention(f"The Word file of the {spoken_report(row)} cannot be signed. {ENCRYPTED} Then retry.")
    return content


def _sending(work: Work, wanted: str) -> MailDraft:
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
        [Attachment(name=name, content_type=DOCX, content=row.content)],
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
    """Ask whoever signed to sign what lies there now, and say what changed since."""
    wanted, _, signed_at = subject.split("#")
    row = await desk.run(SYSTEM, report_row, wanted)
    there = await _present(ports, row)
    signed = await ports.files.read_before(row.community, path_of(row), datetime.fromisoformat(signed_at))
    changes = await asyncio.to_thread(wording_changes, signed, there) if signed is not None else None
    await ports.mail.send(await desk.run(SYSTEM, _sign_again, subject, changes))


def _sign_again(work: Work, subject: str, changes: Sequence[tuple[str, str]] | None) -> MailDraft:
    wanted, name, _ = subject.split("#")
    row, directory = report_row(work, wanted), directory_of(work)
    chair = directory.chair_of(row.community)
    to = chair.mail if name == "chair" and chair else clerk_mail(work, row.community)
    return from_desk(work, f"sign-again:{subject}", [to], sign_again_letter(row, changes))
