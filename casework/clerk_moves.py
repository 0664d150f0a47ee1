"""What a clerk sets going before its time, or again: papers, reminders, a form to the HNFO."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from casework import tables
from casework.circulate import make_papers
from casework.clock_record import clocks_of_request
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import EffectState, effect
from casework.errors import AlreadyDone, InputRefused
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import chase_letter, reminder_letter
from casework.ports import MailDraft, Ports
from casework.request_record import request_for, request_of, request_row
from casework.schedule import MeetingState, check_runs, meeting_row
from communities.directory import Role
from communities.lifecycle import State

ASKED = "was asked for already. If it could not be sent, your tasks say so."


def circulate_now(work: Work, meeting_id: str, by: str) -> None:
    """Make the agenda and send it out now, not on the morning it is due. Submissions must have closed."""
    meeting = _runs(work, meeting_id, by)
    if meeting.state == MeetingState.SCHEDULED:
        raise InputRefused("Submissions are still open: the agenda is made once they have closed.")
    if meeting.state == MeetingState.SENDING:
        raise AlreadyDone(f"The agenda of {meeting.community} is being sent already. Nothing was changed.")
    if meeting.state != MeetingState.CLOSED:
        raise AlreadyDone(f"The agenda of {meeting.community} went out already. Nothing was changed.")
    make_papers(work.acting(by), meeting_id)


def remind_schools(work: Work, meeting_id: str, by: str) -> int:
    """Mail the community's SENCOs until when requests count; once a day at most. Returns how many are written to."""
    meeting = _runs(work, meeting_id, by)
    if meeting.submissions_close_at.is_over(work.now) or meeting.state != MeetingState.SCHEDULED:
        raise AlreadyDone(f"Submissions for the meeting of {meeting.community} have closed. Nobody was reminded.")
    subject = f"{meeting_id}@{work.today.isoformat()}"
    _once(work, "mail.remind", subject, f"Today's reminder to the schools {ASKED}")
    work.acting(by).journal("remind schools", meeting_id)
    work.effect("mail.remind", subject)
    return len(_sencos(work, meeting.community))


def forward_again(work: Work, request_id: str, by: str) -> None:
    """Send the completed form to the HNFO once more where it could not be sent."""
    row = request_for(work, request_id, by)
    check_runs(work, row.community, by)
    if row.state != State.DECIDED:
        raise AlreadyDone(f"{request_id} is '{row.state}': nothing is to be forwarded.")
    if not is_forward_stuck(work, request_id):
        raise AlreadyDone(f"The form of {request_id} is on its way to the HNFO. Nothing was changed.")
    entry = work.acting(by).journal("forward again", request_id)
    work.effect("mail.forward", f"{request_id}#again{entry}")


def is_forward_stuck(work: Work, request_id: str) -> bool:
    """Whether the completed form could not be sent to the HNFO."""
    effects = tables.effects
    latest = work.conn.execute(
        select(effects.c.state)
        .where(effects.c.kind == "mail.forward", effects.c.subject.startswith(f"{request_id}#"))
        .order_by(effects.c.created_at.desc())
        .limit(1)
    ).scalar()
    return bool(latest == EffectState.STUCK)


def ask_hnfo(work: Work, request_id: str, by: str) -> None:
    """Ask the HNFO how a forwarded request stands; once a day at most."""
    row = request_for(work, request_id, by)
    check_runs(work, row.community, by)
    if row.state not in (State.FORWARDED, State.MODERATED):
        raise AlreadyDone(f"{request_id} is '{row.state}': there is nothing to ask the HNFO.")
    if directory_of(work).hnfo_for(row.community) is None:
        raise InputRefused(f"The directory names no HNFO for {row.community}.")
    subject = f"{request_id}#{work.today.isoformat()}"
    _once(work, "mail.chase", subject, f"Today's question to the HNFO about {request_id} {ASKED}")
    work.acting(by).journal("ask HNFO", request_id)
    work.effect("mail.chase", subject)


def _runs(work: Work, meeting_id: str, by: str) -> Any:
    meeting = meeting_row(work, meeting_id)
    check_runs(work, meeting.community, by)
    return meeting


def _once(work: Work, kind: str, subject: str, sentence: str) -> None:
    effects = tables.effects
    if work.conn.execute(select(effects.c.id).where(effects.c.id == f"{kind}:{subject}")).first():
        raise AlreadyDone(sentence)


def _sencos(work: Work, community: str) -> list[str]:
    directory = directory_of(work)
    found = (p.mail for s in directory.schools_of(community) for p in directory.people_with(Role.SENCO, str(s.name)))
    return list(dict.fromkeys(found))


@effect("mail.remind")
async def mail_reminder(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the SENCOs, each hidden from the others, until when requests count."""
    draft = await desk.run(SYSTEM, _reminder, subject)
    if draft is not None:
        await ports.mail.send(draft)


def _reminder(work: Work, subject: str) -> MailDraft | None:
    meeting = meeting_row(work, subject.rpartition("@")[0])
    to = _sencos(work, meeting.community)
    if not to:
        return None
    letter = reminder_letter(meeting.community, meeting.starts_at, meeting.submissions_close_at)
    return from_desk(work, f"remind:{subject}", to, letter, hide_recipients=True)


@effect("mail.chase")
async def mail_chase(desk: Desk, ports: Ports, subject: str) -> None:
    """Ask the HNFO, with the clerk to answer to."""
    await ports.mail.send(await desk.run(SYSTEM, _chase, subject))


def _chase(work: Work, subject: str) -> MailDraft:
    row, directory = request_row(work, request_of(subject)), directory_of(work)
    hnfo = directory.hnfo_for(row.community)
    if hnfo is None:
        raise InputRefused(f"The directory names no HNFO for {row.community}.")
    clock = next((c for c in clocks_of_request(work, row.id) if c.name in ("processing", "payment")), None)
    rule, due_on = (clock.rule, clock.due_on) if clock else ("", None)
    clerk = clerk_mail(work, row.community)
    return from_desk(work, f"chase:{subject}", [hnfo.mail], chase_letter(row.id, row.school, rule, due_on, clerk))
