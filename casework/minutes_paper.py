"""The minutes as a document: made from register, notes, decisions and actions, filed, and mailed as a link."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from casework import tables
from casework.agenda_paper import action_lines, spoken_decision, spoken_times, venue_of
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.documents import filed_at, keep_paper, kept_paper, written
from casework.effects import effect
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import minutes_letter, spoken_day
from casework.meeting_record import actions_of, day_of, minutes_row, register_of
from casework.ports import MailDraft, Ports, StoredFile
from casework.schedule import meeting_row
from communities.calendars import london
from communities.meetings import ITEMS, Template
from papers.minutes import (
    TEMPLATE,
    MinutedDecision,
    MinutedItem,
    MinutesPaper,
    RegisterLine,
    render_minutes,
)

MINUTES = "minutes"


@effect("minutes.upload")
async def upload_minutes(desk: Desk, ports: Ports, subject: str) -> None:
    """Make and file the minutes of that version, then mail where they are. An older version is not made any more."""
    meeting_id, _, version = subject.rpartition("#")
    paper = await desk.run(SYSTEM, _paper_if_current, meeting_id, int(version))
    if paper is None:
        return
    kept = await desk.run(SYSTEM, kept_paper, meeting_id, MINUTES)
    if kept is None:
        content = await written(desk, ports, paper.community, TEMPLATE, render_minutes, paper)
        kept = await desk.run(SYSTEM, _keep, meeting_id, content)
    stored = await ports.files.put(kept.community, f"Minutes/{kept.name}", kept.content)
    await desk.run(SYSTEM, _filed, subject, stored)


def _paper_if_current(work: Work, meeting_id: str, version: int) -> MinutesPaper | None:
    known = minutes_row(work, meeting_id)
    return minutes_paper(work, meeting_id) if known is not None and known.version == version else None


def minutes_paper(work: Work, meeting_id: str) -> MinutesPaper:
    """What the minutes say, from the record."""
    meeting, known = meeting_row(work, meeting_id), minutes_row(work, meeting_id)
    notes = known.notes if known else {}
    return MinutesPaper(
        community=meeting.community,
        date=spoken_day(day_of(meeting)),
        time=spoken_times(meeting.starts_at, meeting.ends_at),
        venue=venue_of(meeting.room),
        register=tuple(
            RegisterLine(of=a.of, person=a.person or "–", mark=a.mark.value) for a in register_of(work, meeting_id)
        ),
        items=tuple(
            MinutedItem(number=n, title=title, note=notes.get(str(n)) or "No note was taken.")
            for n, (title, _) in enumerate(ITEMS[Template(meeting.template)], 1)
        ),
        decisions=tuple(minuted_decisions(work, tables.requests.c.meeting_id == meeting_id)),
        actions=action_lines(actions_of(work, meeting.community), work.today),
        matters=tuple(known.matters if known else ()),
    )


def minuted_decisions(work: Work, *which: ColumnElement[bool]) -> list[MinutedDecision]:
    """The decisions that stand, as minutes and reports print them; `which` narrows requests and decisions."""
    requests, decisions = tables.requests, tables.decisions
    rows = work.conn.execute(
        select(requests.c.id, requests.c.school, decisions)
        .join(decisions, (decisions.c.request_id == requests.c.id) & (decisions.c.round == requests.c.round))
        .where(*which)
        .order_by(requests.c.id)
    )
    return [
        MinutedDecision(
            number=r.id,
            school=r.school,
            decision=spoken_decision(r),
            made_by=r.made_by,
            conditions=" ".join(
                (
                    *([f"{r.conditions.rstrip('.')}."] if r.conditions else []),
                    *([f"Review: {r.review_on:%-d %B %Y}."] if r.review_on else []),
                )
            )
            or "–",
        )
        for r in rows
    ]


def _keep(work: Work, meeting_id: str, content: bytes) -> object:
    meeting = meeting_row(work, meeting_id)
    name = f"Minutes {london(meeting.starts_at):%Y-%m-%d} {meeting.community}.docx"
    return keep_paper(work, meeting_id, MINUTES, name, content)


def _filed(work: Work, subject: str, stored: StoredFile) -> None:
    meeting_id = subject.rpartition("#")[0]
    if filed_at(work, meeting_id, MINUTES, stored):
        work.journal("file minutes", meeting_id)
        work.effect("mail.minutes", subject)


@effect("mail.minutes")
async def mail_minutes(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell everybody who gets the papers where the minutes are."""
    await ports.mail.send(await desk.run(SYSTEM, _mail, subject))


def _mail(work: Work, subject: str) -> MailDraft:
    meeting_id = subject.rpartition("#")[0]
    meeting, kept = meeting_row(work, meeting_id), kept_paper(work, meeting_id, MINUTES)
    letter = minutes_letter(meeting.community, meeting.starts_at, (kept.web_url or "") if kept else "")
    clerk = clerk_mail(work, meeting.community)
    others = [p.mail for p in directory_of(work).attendees_of(meeting.community) if p.mail != clerk]
    return from_desk(work, f"minutes:{subject}", [clerk, *others], letter, hide_recipients=True)
