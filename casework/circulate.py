"""Before a meeting: submissions close, the agenda is made, filed, mailed and posted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from casework import tables
from casework.budget_record import budget_year, position, summary_of
from casework.desk import SYSTEM, Desk, Work, insert_once
from casework.directory_record import directory_of
from casework.effects import effect, mark_begun
from casework.intake_mail import clerk_mail
from casework.letters import papers_letter, spoken_day
from casework.moderate import moderation_row
from casework.ports import AgendaPost, Attachment, MailDraft, Ports
from casework.request_record import move
from casework.request_view import circulated_view
from casework.schedule import MeetingState, meeting_row
from communities.budget import BudgetSummary, Position, split_by_financial_year
from communities.calendars import at_london, financial_years, london
from communities.lifecycle import Move, State
from communities.meetings import MEETING_MINUTES, STARTS, agenda_items
from communities.money import pounds, whole_pounds
from papers.agenda import AgendaPaper, AgendaRequest, BalanceLine, PreviousDecision, render_agenda
from papers.word import DOCX

KIND = "agenda"


def close_submissions(work: Work, meeting_id: str) -> int:
    """Put the accepted requests on the agenda; returns how many. Later ones go to the next meeting."""
    meetings, requests = tables.meetings, tables.requests
    work.conn.execute(update(meetings).where(meetings.c.id == meeting_id).values(state=MeetingState.CLOSED.value))
    waiting = work.conn.execute(
        select(requests.c.id).where(requests.c.meeting_id == meeting_id, requests.c.state == State.ACCEPTED)
    ).scalars()
    moved = 0
    for request_id in waiting.all():
        version = move(work, request_id, Move.PUT_ON_AGENDA)
        work.effect("list.write", f"{request_id}#{version}")
        moved += 1
    work.journal("close submissions", meeting_id, requests=moved)
    return moved


def make_papers(work: Work, meeting_id: str) -> None:
    """Ask for the agenda: from now on the meeting takes no more requests."""
    meetings = tables.meetings
    work.conn.execute(update(meetings).where(meetings.c.id == meeting_id).values(state=MeetingState.CIRCULATED.value))
    work.journal("make agenda", meeting_id)
    work.effect("agenda.upload", meeting_id)


def requests_of(work: Work, meeting_id: str) -> list[Any]:
    """The requests to be heard, in the order of their numbers."""
    requests = tables.requests
    heard = (State.ON_AGENDA, State.DECIDED, State.FORWARDED, State.MODERATED)
    return list(
        work.conn.execute(
            select(requests)
            .where(requests.c.meeting_id == meeting_id, requests.c.state.in_(heard))
            .order_by(requests.c.id)
        )
    )


def agenda_paper(work: Work, meeting_id: str) -> AgendaPaper:
    """What the agenda says, from the record. No pupil's name or date of birth is in it."""
    meeting = meeting_row(work, meeting_id)
    return _paper(work, meeting.community, meeting.starts_at, requests_of(work, meeting_id))


def unbooked_agenda(work: Work, community: str, day: date) -> AgendaPaper:
    """The agenda of a meeting that is not booked: standard times, no requests, the balance as it stands."""
    return _paper(work, community, at_london(day, STARTS[0]), [])


def _paper(work: Work, community: str, starts_at: datetime, requests: Sequence[Any]) -> AgendaPaper:
    year = budget_year(work, community)
    starts, ends = london(starts_at), london(starts_at + timedelta(minutes=MEETING_MINUTES))
    return AgendaPaper(
        community=community,
        date=spoken_day(starts.date()),
        time=f"{starts:%H:%M} to {ends:%H:%M}",
        venue="Microsoft Teams",
        items=agenda_items(starts_at),
        requests=tuple(_agenda_request(work, row) for row in requests),
        previous=tuple(_previous_decisions(work, community, starts_at)),
        academic_year=year,
        financial_years=financial_years(year),
        balance=balance_sheet(summary_of(work, community, year), position(work, community, year)),
    )


def _agenda_request(work: Work, row: Any) -> AgendaRequest:
    view = circulated_view(work, row, "to keep names out of the circulated agenda")
    return AgendaRequest(
        number=view.id,
        school=view.school,
        support=", ".join(view.support),
        requested=pounds(view.requested_pence) if view.requested_pence else "–",
        pupils=f"{view.sen_support} on SEN Support, {view.ehcp} with an EHCP, {view.looked_after} looked after",
        key_stages=", ".join(view.key_stages),
        solution=view.solution,
        outcomes=view.outcomes,
        funding_use=view.funding_use or "–",
        already_supported=view.already_supported,
    )


def _previous_decisions(work: Work, community: str, starts_at: datetime) -> list[PreviousDecision]:
    requests, decisions, meetings = tables.requests, tables.decisions, tables.meetings
    before = work.conn.execute(
        select(meetings.c.id)
        .where(meetings.c.community == community, meetings.c.starts_at < starts_at)
        .order_by(meetings.c.starts_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    rows = work.conn.execute(
        select(requests.c.id, requests.c.school, requests.c.state, decisions)
        .join(decisions, decisions.c.request_id == requests.c.id)
        .where(requests.c.meeting_id == before)
        .order_by(requests.c.id)
    )
    return [
        PreviousDecision(
            number=r.id,
            school=r.school,
            decision=", ".join(r.responses) + (f": {pounds(r.amount_pence)}" if r.amount_pence else ""),
            since=_since(work, r.id, r.state),
            review=f"{r.review_on:%-d %B %Y}" if r.review_on else "–",
        )
        for r in rows
    ]


def _since(work: Work, request_id: str, state: str) -> str:
    if final := moderation_row(work, request_id):
        return f"KCC processed {pounds(final.final_pence)}; paid {final.pays_on:%B %Y}"
    return "Forwarded to the HNFO" if state == State.FORWARDED else "–"


def balance_sheet(summary: BudgetSummary | None, stands: Position | None) -> tuple[BalanceLine, ...]:
    """The slide's lines with both financial years, then what the community has agreed since."""
    if summary is None or stands is None:
        return ()
    figures = (
        ("Community budget before STLS / chair and clerking", summary.before_top_slices_pence, False),
        ("STLS top-slice", summary.stls_top_slice_pence, False),
        ("Chair and clerking", summary.chair_and_clerking_pence, False),
        ("Community budget after STLS and chair and clerking", summary.after_top_slices_pence, True),
        ("Estimated protected payments (75% of eligible existing payments)", -summary.protected_payments_pence, True),
        ("Community budget after protected payments", stands.opening_pence, True),
        ("Payments agreed by the community", -stands.committed_pence, True),
        ("Difference after KCC moderation", -stands.moderated_pence, True),
        ("Balance", stands.balance_pence, True),
    )
    return tuple(_balance_line(label, pence, is_split) for label, pence, is_split in figures)


def _balance_line(label: str, pence: int, is_split: bool) -> BalanceLine:
    split = split_by_financial_year(pence)
    return BalanceLine(
        label=label,
        year=whole_pounds(pence),
        first=whole_pounds(split.first_pence) if is_split else "",
        second=whole_pounds(split.second_pence) if is_split else "",
    )


@effect("agenda.upload")
async def upload_agenda(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Make the agenda once, keep it, file it in the community's library, then ask for mail and post."""
    community, name, content = await _agenda_content(desk, meeting_id)
    stored = await ports.files.put(community, f"Agendas/{name}", content)
    await desk.run(SYSTEM, _filed, meeting_id, stored.web_url)


async def _agenda_content(desk: Desk, meeting_id: str) -> tuple[str, str, bytes]:
    kept = await desk.run(SYSTEM, _kept_paper, meeting_id)
    if kept is None:
        paper = await desk.run(SYSTEM, agenda_paper, meeting_id)
        content = await asyncio.to_thread(render_agenda, paper)
        kept = await desk.run(SYSTEM, _keep_paper, meeting_id, content)
    return kept.community, kept.name, kept.content


def _kept_paper(work: Work, meeting_id: str) -> Any:
    papers, meetings = tables.papers, tables.meetings
    return work.conn.execute(
        select(papers, meetings.c.community)
        .join(meetings, meetings.c.id == papers.c.meeting_id)
        .where(papers.c.meeting_id == meeting_id, papers.c.kind == KIND)
    ).one_or_none()


def _keep_paper(work: Work, meeting_id: str, content: bytes) -> Any:
    meeting = meeting_row(work, meeting_id)
    name = f"Agenda {london(meeting.starts_at):%Y-%m-%d} {meeting.community}.docx"
    row = {"meeting_id": meeting_id, "kind": KIND, "name": name, "content": content}
    work.conn.execute(insert_once(work.conn, tables.papers, row))
    return _kept_paper(work, meeting_id)


def _filed(work: Work, meeting_id: str, web_url: str) -> None:
    papers = tables.papers
    work.conn.execute(
        update(papers).where(papers.c.meeting_id == meeting_id, papers.c.kind == KIND).values(web_url=web_url)
    )
    work.journal("file agenda", meeting_id)
    work.effect("agenda.mail", meeting_id)
    work.effect("agenda.post", meeting_id)


@effect("agenda.mail")
async def mail_agenda(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Circulate the agenda to chair, clerk, link SEN IA and the schools' SENCOs."""
    await ports.mail.send(await desk.run(SYSTEM, _papers_mail, meeting_id))


def _papers_mail(work: Work, meeting_id: str) -> MailDraft:
    meeting, kept = meeting_row(work, meeting_id), _kept_paper(work, meeting_id)
    count = len(requests_of(work, meeting_id))
    letter = papers_letter(meeting.community, meeting.starts_at, meeting.join_url or "", kept.web_url, count)
    clerk = clerk_mail(work, meeting.community)
    others = [p.mail for p in directory_of(work).attendees_of(meeting.community) if p.mail != clerk]
    return MailDraft(
        key=f"agenda:{meeting_id}",
        sender=work.desk.mailboxes.desk,
        to=[clerk, *others],
        subject=letter.subject,
        html=letter.html,
        attachments=[Attachment(name=kept.name, content_type=DOCX, content=kept.content)],
        hide_recipients=True,
    )


@effect("agenda.post")
async def post_agenda(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Say in the channel that the papers are out."""
    post = await desk.run(SYSTEM, _agenda_post, meeting_id)
    await desk.run(SYSTEM, mark_begun, f"agenda.post:{meeting_id}")
    await ports.channels.post(post.community, post)


def _agenda_post(work: Work, meeting_id: str) -> AgendaPost:
    meeting, kept = meeting_row(work, meeting_id), _kept_paper(work, meeting_id)
    starts = london(meeting.starts_at)
    return AgendaPost(
        community=meeting.community,
        meeting_on=f"{spoken_day(starts.date())}, {starts:%H:%M}",
        venue="Microsoft Teams",
        web_url=kept.web_url,
        requests=[
            (r.id, r.school, pounds(r.requested_pence) if r.requested_pence else ", ".join(r.submission["support"]))
            for r in requests_of(work, meeting_id)
        ],
    )
