"""The register out of Teams' attendance report, some time after the meeting. What a person marked is never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from casework import tables
from casework.bulk import insert_many
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of
from casework.effects import EffectState, effect
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import register_letter
from casework.meeting_record import is_marked, register_of
from casework.ports import MailDraft, Ports
from casework.schedule import MeetingState, meeting_row, runs_meetings
from communities.attendance import LEAST_S, Seen, register_from
from communities.meetings import Mark

READ_AFTER = (timedelta(minutes=20), timedelta(hours=2), timedelta(hours=24))
"""A choice: Teams writes a report minutes after each session ends, and a meeting may run late or be opened again."""

BEFORE, AFTER = timedelta(hours=1), timedelta(hours=3)
"""A session counts that touches the meeting's time, from an hour before until three hours after."""

TEAMS = "Microsoft Teams"


def attendance_due(work: Work) -> list[str]:
    """The sweep's question: which meetings' reports are to be read now, and for which time."""
    meetings = tables.meetings
    held = work.conn.execute(
        select(meetings.c.id, meetings.c.ends_at).where(
            meetings.c.state == MeetingState.HELD,
            meetings.c.ends_at <= work.now - READ_AFTER[0],
            meetings.c.ends_at > work.now - 3 * READ_AFTER[-1],
            meetings.c.join_url.is_not(None),
        )
    )
    due = {m.id: sum(m.ends_at + wait <= work.now for wait in READ_AFTER) for m in held}
    subjects = {f"{meeting_id}#{time}": meeting_id for meeting_id, last in due.items() for time in range(1, last + 1)}
    effects = tables.effects
    ids = [f"attendance.read:{s}" for s in subjects]
    asked = {r.subject: r.state for r in work.conn.execute(select(effects).where(effects.c.id.in_(ids)))}
    broken = {subjects[s] for s, state in asked.items() if state == EffectState.STUCK}
    return [f"{m}#{last}" for m, last in due.items() if f"{m}#{last}" not in asked and m not in broken]


def ask_attendance(work: Work, subject: str) -> None:
    """Have the report read."""
    work.effect("attendance.read", subject)


@effect("attendance.read")
async def read_attendance(desk: Desk, ports: Ports, subject: str) -> None:
    """Read who was there; where Teams has no report by the last time, the clerk is asked to take the register."""
    meeting_id, _, time = subject.partition("#")
    meeting = await desk.run(SYSTEM, meeting_row, meeting_id)
    begins, ends = meeting.starts_at - BEFORE, meeting.ends_at + AFTER
    seen = await ports.meetings.attendance(desk.mailboxes.desk, meeting.join_url, begins, ends)
    if seen is not None:
        await desk.run(TEAMS, keep_attendance, meeting_id, seen, time)
    elif int(time) == len(READ_AFTER):
        await desk.run(SYSTEM, _ask_for_register, meeting_id)


def keep_attendance(work: Work, meeting_id: str, seen: Sequence[Seen], time: str) -> None:
    """Write the register's lines no person has marked; where that changed it, the clerk is told.

    `time` is which of the readings this is.
    """
    meeting, attendance = meeting_row(work, meeting_id), tables.attendance
    register, others = register_from(seen, directory_of(work), meeting.community)
    rows = work.conn.execute(select(attendance).where(attendance.c.meeting_id == meeting_id))
    before = {r.of: r for r in rows}
    changed = 0
    for line in register:
        known = before.get(line.of)
        row = {"meeting_id": meeting_id, "of": line.of, "person": line.person[:200], "mark": line.mark.value}
        is_new = known is None or (
            _is_open(work, meeting, known, line.mark) and (known.person, known.mark) != (row["person"], row["mark"])
        )
        if is_new:
            work.conn.execute(
                insert_or_replace(work.conn, attendance, {**row, "marked_by": TEAMS}, ("meeting_id", "of"))
            )
            changed += 1
    if not _keep_others(work, meeting_id, others) and not changed:
        return
    present = sum(line.mark is Mark.PRESENT for line in register)
    work.journal("read attendance", meeting_id, present=present, others=len(others), changed=changed)
    work.effect("mail.register", f"{meeting_id}#{time}")


def _is_open(work: Work, meeting: Any, line: Any, mark: Mark) -> bool:
    """Written by Teams before, or apologies of a school that came after all; never the clerk's or the chair's line."""
    is_own = line.marked_by != TEAMS and not runs_meetings(work, meeting.community, line.marked_by)
    return line.marked_by == TEAMS or (is_own and mark is Mark.PRESENT)


def _keep_others(work: Work, meeting_id: str, others: Sequence[Seen]) -> bool:
    """Keep who was seen and is no school's; whether that changed."""
    also, rows = tables.also_there, []
    for number, one in enumerate(sorted(others, key=lambda s: (s.name, tuple(s.mails))), 1):
        mail = one.mails[0] if one.mails else ""
        rows.append(
            {"meeting_id": meeting_id, "number": number, "name": one.name[:200], "mail": mail, "seconds": one.seconds}
        )
    if rows == [dict(r._mapping) for r in others_there(work, meeting_id)]:
        return False
    work.conn.execute(delete(also).where(also.c.meeting_id == meeting_id))
    insert_many(work.conn, also, rows)
    return True


def others_there(work: Work, meeting_id: str) -> Sequence[Any]:
    """Whom Teams saw who stands for no school and no role: `name`, `mail`, `seconds`."""
    also = tables.also_there
    return work.conn.execute(select(also).where(also.c.meeting_id == meeting_id).order_by(also.c.number)).all()


def _ask_for_register(work: Work, meeting_id: str) -> None:
    if not is_marked(work, meeting_id):
        work.journal("no attendance report", meeting_id)
        work.effect("mail.register", f"{meeting_id}#none")


@effect("mail.register")
async def mail_register(desk: Desk, ports: Ports, subject: str) -> None:
    """Show the clerk the register as it stands now, and who could not be matched."""
    await ports.mail.send(await desk.run(SYSTEM, _draft, subject))


def _draft(work: Work, subject: str) -> MailDraft:
    meeting = meeting_row(work, subject.partition("#")[0])
    lines = (
        [(a.of, a.person, a.mark.value) for a in register_of(work, meeting.id)] if is_marked(work, meeting.id) else []
    )
    others = [(o.name, o.mail, _minutes(o.seconds)) for o in others_there(work, meeting.id)]
    letter = register_letter(meeting.community, meeting.starts_at, lines, others)
    return from_desk(work, f"register:{subject}", [clerk_mail(work, meeting.community)], letter)


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds >= LEAST_S else "under five minutes"
