"""Before a meeting: submissions close, agenda and papers are made, filed, mailed and posted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from casework import tables
from casework.agenda_paper import agenda_paper, agenda_request, requests_of, spoken_times, venue_of
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.documents import filed_at, keep_paper, kept_paper, restricted, written
from casework.effects import EffectState, effect
from casework.errors import TryLater
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import pack_letter, papers_letter, spoken_day
from casework.meeting_record import meeting_before
from casework.minutes_paper import MINUTES
from casework.papers_sent import with_paper
from casework.ports import AgendaPost, Attachment, MailDraft, Ports, StoredFile
from casework.posting import say_in_channel
from casework.pupils import as_written, read_pupils
from casework.request_record import perform
from casework.schedule import OVER, MeetingState, ask_chat, meeting_row
from communities.calendars import london
from communities.lifecycle import Move, State
from communities.meetings import Template
from communities.money import pounds
from papers.agenda import TEMPLATES, AgendaPaper, AgendaRequest, render_agenda
from papers.pack import TEMPLATE as PACK_TEMPLATE
from papers.pack import PapersPack, render_pack
from papers.word import DOCX

AGENDA, PACK = "agenda", "pack"
"""The documents of a meeting, as the record keeps them."""


def close_submissions(work: Work, meeting_id: str) -> int:
    """Put the accepted requests on the agenda; returns how many. Later ones go to the next meeting."""
    meetings, requests = tables.meetings, tables.requests
    work.conn.execute(
        update(meetings).where(meetings.c.id == meeting_id).values(state=MeetingState.CLOSED.value, closed_at=work.now)
    )
    waiting = work.conn.execute(
        select(requests.c.id).where(
            requests.c.meeting_id == meeting_id, requests.c.state.in_((State.RECEIVED, State.DEFERRED))
        )
    ).scalars()
    moved = [perform(work, request_id, Move.PUT_ON_AGENDA, SYSTEM) for request_id in waiting.all()]
    work.journal("close submissions", meeting_id, requests=len(moved))
    return len(moved)


def make_papers(work: Work, meeting_id: str) -> None:
    """Ask for agenda and papers: from now on the meeting takes no more requests. They are circulated once the agenda is
    filed and mailed (`papers_out`).
    """
    meetings = tables.meetings
    work.conn.execute(update(meetings).where(meetings.c.id == meeting_id).values(state=MeetingState.SENDING.value))
    work.journal("make agenda", meeting_id)
    work.effect("agenda.upload", meeting_id)
    if not meeting_row(work, meeting_id).chat_id:
        ask_chat(work, meeting_id)
    if requests_of(work, meeting_id):
        work.effect("pack.upload", meeting_id)
        work.effect("mail.pack", meeting_id)


@effect("agenda.upload")
async def upload_agenda(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Make the agenda once, keep it, file it in the community's library, then ask for mail and post."""
    kept = await desk.run(SYSTEM, kept_paper, meeting_id, AGENDA)
    if kept is None:
        paper, template = await desk.run(SYSTEM, _agenda, meeting_id)
        content = await written(desk, ports, paper.community, TEMPLATES[template], render_agenda, paper)
        kept = await desk.run(SYSTEM, _keep, meeting_id, AGENDA, "Agenda", content)
    stored = await ports.files.put(kept.community, f"Agendas/{kept.name}", kept.content)
    await desk.run(SYSTEM, _filed, meeting_id, stored)


def _agenda(work: Work, meeting_id: str) -> tuple[AgendaPaper, Template]:
    return agenda_paper(work, meeting_id), Template(meeting_row(work, meeting_id).template)


def _keep(work: Work, meeting_id: str, kind: str, word: str, content: bytes) -> Any:
    meeting = meeting_row(work, meeting_id)
    name = f"{word} {london(meeting.starts_at):%Y-%m-%d} {meeting.community}.docx"
    return keep_paper(work, meeting_id, kind, name, content)


def _filed(work: Work, meeting_id: str, stored: StoredFile) -> None:
    if filed_at(work, meeting_id, AGENDA, stored):
        work.journal("file agenda", meeting_id)
    work.effect("agenda.mail", meeting_id)
    work.effect("agenda.post", meeting_id)


@effect("pack.upload")
async def upload_pack(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Make and file the public papers pack: each request on a page, no pupil named."""
    kept = await desk.run(SYSTEM, kept_paper, meeting_id, PACK)
    if kept is None:
        pack = await desk.run(SYSTEM, papers_pack, meeting_id, False)
        content = await written(desk, ports, pack.community, PACK_TEMPLATE, render_pack, pack)
        kept = await desk.run(SYSTEM, _keep, meeting_id, PACK, "Papers", content)
    stored = await ports.files.put(kept.community, f"Papers/{kept.name}", kept.content)
    await desk.run(SYSTEM, _pack_filed, meeting_id, stored)


def _pack_filed(work: Work, meeting_id: str, stored: StoredFile) -> None:
    if filed_at(work, meeting_id, PACK, stored):
        work.journal("file pack", meeting_id)


def papers_pack(work: Work, meeting_id: str, is_restricted: bool) -> PapersPack:
    """The pack from the record; the restricted one names the pupils, and that reading is journaled."""
    meeting = meeting_row(work, meeting_id)
    rows = requests_of(work, meeting_id)
    return PapersPack(
        community=meeting.community,
        date=spoken_day(london(meeting.starts_at).date()),
        time=spoken_times(meeting.starts_at, meeting.ends_at),
        is_restricted=is_restricted,
        requests=tuple(_restricted(work, row) if is_restricted else agenda_request(work, row) for row in rows),
    )


def _restricted(work: Work, row: Any) -> AgendaRequest:
    data = read_pupils(work, row.id, "for the restricted papers of chair and clerk")
    said = as_written(row, data)
    pupils = (f"{p.name}, born {date.fromisoformat(p.born):%d/%m/%Y}" if p.born else p.name for p in data.pupils)
    return replace(
        agenda_request(work, row),
        names="; ".join(pupils) or data.written,
        solution=said["solution"],
        outcomes=said["outcomes"],
        funding_use=said["funding_use"] or "–",
        already_supported="\n".join((said["already_supported"], *data.attachments)),
    )


@effect("mail.pack")
async def mail_pack(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Mail the restricted papers pack to chair and clerk: it is made for the mail and kept nowhere else. Where the copy
    without names is just being filed, it waits, for it says whether that is there.
    """
    await desk.run(SYSTEM, _check_pack_was_tried, meeting_id)
    pack = await desk.run(SYSTEM, papers_pack, meeting_id, True)
    content = await restricted(PACK_TEMPLATE, render_pack, pack)
    await ports.mail.send(await desk.run(SYSTEM, _pack_mail, meeting_id, content))


def _check_pack_was_tried(work: Work, meeting_id: str) -> None:
    effects = tables.effects
    untried = select(effects.c.id).where(
        effects.c.id == f"pack.upload:{meeting_id}",
        effects.c.state == EffectState.WAITING,
        effects.c.problem.is_(None),
    )
    if work.conn.execute(untried).first() is not None:
        raise TryLater("The copy without names is just being filed.", 0.2)


def _pack_mail(work: Work, meeting_id: str, content: bytes) -> MailDraft:
    meeting, directory = meeting_row(work, meeting_id), directory_of(work)
    chair = directory.chair_of(meeting.community)
    to = list(dict.fromkeys([clerk_mail(work, meeting.community), *([chair.mail] if chair else [])]))
    filed = kept_paper(work, meeting_id, PACK)
    letter = pack_letter(
        meeting.community, meeting.starts_at, len(requests_of(work, meeting_id)), (filed.web_url or "") if filed else ""
    )
    name = f"Restricted papers {london(meeting.starts_at):%Y-%m-%d} {meeting.community}.docx"
    return from_desk(
        work, f"pack:{meeting_id}", to, letter, [Attachment(name=name, content_type=DOCX, content=content)]
    )


@effect("agenda.mail")
async def mail_agenda(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Circulate the agenda to chair, clerk, link SEN IA and the schools' SENCOs, with the last minutes, both as chair
    and clerk left them in Word. With this the papers are circulated.
    """
    if await desk.run(SYSTEM, _is_out_or_over, meeting_id):
        return
    draft, agenda, last, minutes = await desk.run(SYSTEM, _papers_mail, meeting_id)
    draft = await with_paper(desk, ports, draft, meeting_id, AGENDA, f"Agendas/{agenda.name}", agenda)
    if minutes is not None:
        draft = await with_paper(desk, ports, draft, last, MINUTES, f"Minutes/{minutes.name}", minutes)
    await ports.mail.send(draft)
    await desk.run(SYSTEM, papers_out, meeting_id)


def _is_over(work: Work, meeting_id: str) -> bool:
    """An agenda that could be filed only after the meeting was held or cancelled is of no use to anybody any more."""
    return meeting_row(work, meeting_id).state in OVER


def _is_out_or_over(work: Work, meeting_id: str) -> bool:
    """Nor is the email once it was sent, or the papers went by hand."""
    return meeting_row(work, meeting_id).circulated_at is not None or _is_over(work, meeting_id)


def papers_out(work: Work, meeting_id: str) -> None:
    """The agenda was filed, or it could not be mailed, and is mailed now."""
    meeting = meeting_row(work, meeting_id)
    if meeting.circulated_at is not None:  # a second run
        return
    circulated(work, meeting, work.now)
    work.journal("circulate papers", meeting_id)


def circulated(work: Work, meeting: Any, at: datetime) -> None:
    """The papers are out since then."""
    meetings = tables.meetings
    state = MeetingState.CIRCULATED.value if meeting.state == MeetingState.SENDING else meeting.state
    work.conn.execute(update(meetings).where(meetings.c.id == meeting.id).values(state=state, circulated_at=at))


def _papers_mail(work: Work, meeting_id: str) -> tuple[MailDraft, Any, str, Any]:
    """The mail, the agenda that goes with it, and the last meeting with its minutes; None where there are none."""
    meeting, kept = meeting_row(work, meeting_id), kept_paper(work, meeting_id, AGENDA)
    count = len(requests_of(work, meeting_id))
    last = meeting_before(work, meeting.community, meeting.starts_at)
    before = kept_paper(work, last.id, MINUTES) if last else None
    letter = papers_letter(
        meeting.community, meeting.starts_at, meeting.join_url, kept.web_url, count,
        with_minutes=before is not None,
    )  # fmt: skip
    clerk = clerk_mail(work, meeting.community)
    others = [p.mail for p in directory_of(work).attendees_of(meeting.community) if p.mail != clerk]
    draft = from_desk(work, f"agenda:{meeting_id}", [clerk, *others], letter, hide_recipients=True)
    return draft, kept, last.id if last else "", before


@effect("agenda.post")
async def post_agenda(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Say in the channel that the papers are out."""
    if await desk.run(SYSTEM, _is_over, meeting_id):
        return
    post = await desk.run(SYSTEM, _agenda_post, meeting_id)
    await say_in_channel(desk, ports, f"agenda.post:{meeting_id}", f"agenda:{meeting_id}", post.community, post)


def _agenda_post(work: Work, meeting_id: str) -> AgendaPost:
    meeting, kept = meeting_row(work, meeting_id), kept_paper(work, meeting_id, AGENDA)
    starts = london(meeting.starts_at)
    return AgendaPost(
        community=meeting.community,
        meeting_on=f"{spoken_day(starts.date())}, {starts:%H:%M}",
        venue=venue_of(meeting.room),
        web_url=kept.web_url,
        requests=[
            (r.id, r.school, pounds(r.requested_pence) if r.requested_pence else ", ".join(r.submission["support"]))
            for r in requests_of(work, meeting_id)
        ],
    )
