"""A meeting on the record: who was there, what was said, which actions were agreed and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update

from casework import tables
from casework.desk import Work, insert_or_replace
from casework.directory_record import directory_of
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.masking import masked_in, masker_in
from casework.reading import Reader, Thing, may_read, readers, unreadable
from casework.schedule import MeetingState, check_runs, meeting_row, runs_meetings
from communities.attendance import REGISTER_ROLES
from communities.calendars import london
from communities.given_days import ahead_problems
from communities.meetings import ITEMS, Action, Attendee, Mark, Template

TEXT_CHARACTERS = 10_000


def close_meeting(work: Work, meeting_id: str) -> None:
    """The meeting is over; what is left is its register, its minutes and the decisions still to be recorded."""
    meetings = tables.meetings
    work.conn.execute(
        update(meetings).where(meetings.c.id == meeting_id).values(state=MeetingState.HELD.value, held_at=work.now)
    )
    work.journal("hold meeting", meeting_id)


def mark_attendance(work: Work, meeting_id: str, register: Sequence[Attendee], by: str) -> None:
    """Write the register: one representative a school; a line written again replaces the one before.

    Raises `InputRefused` naming every line that is of no school of the community and of no role.
    """
    meeting = meeting_row(work, meeting_id)
    _check_runs(work, meeting.community, by)
    schools = {s.name for s in directory_of(work).schools_of(meeting.community)}
    known = schools | {r.value for r in REGISTER_ROLES}
    if foreign := [a.of for a in register if a.of not in known]:
        raise InputRefused(*(f"'{of}' is no school of {meeting.community}." for of in foreign))
    twice = {a.of for a in register if sum(b.of == a.of for b in register) > 1}
    if twice:
        raise InputRefused(*(f"'{of}' stands in the register twice; each school sends one." for of in sorted(twice)))
    for a in register:
        row = {"meeting_id": meeting_id, "of": a.of, "person": a.person[:200], "mark": a.mark.value,
               "marked_by": by}  # fmt: skip
        work.conn.execute(insert_or_replace(work.conn, tables.attendance, row, ("meeting_id", "of")))
    counts = {m.value.lower(): sum(a.mark is m for a in register) for m in Mark}
    work.acting(by).journal("mark attendance", meeting_id, **counts)


def send_apologies(work: Work, meeting_id: str, school: str, by: str) -> None:
    """A school says beforehand that nobody comes; its own people or the clerk may."""
    meeting, directory = meeting_row(work, meeting_id), directory_of(work)
    if meeting.state == MeetingState.CANCELLED or meeting.ends_at <= work.now:
        raise AlreadyDone(f"The meeting of {meeting.community} is over or cancelled. Nothing was changed.")
    if school not in {s.name for s in directory.schools_of(meeting.community)}:
        raise InputRefused(f"'{school[:80]}' is no school of {meeting.community}.")
    if not (directory.has_interest(by, school) or runs_meetings(work, meeting.community, by)):
        raise NotAllowed(f"Apologies of {school} are sent by its own people or by the clerk.")
    row = {"meeting_id": meeting_id, "of": school, "person": "", "mark": Mark.APOLOGIES.value, "marked_by": by}
    work.conn.execute(insert_or_replace(work.conn, tables.attendance, row, ("meeting_id", "of")))
    work.acting(by).journal("send apologies", meeting_id, school=school)


def register_of(work: Work, meeting_id: str) -> tuple[Attendee, ...]:
    """The register: chair, clerk and adviser first, then every school; absent where nothing is said."""
    meeting, attendance = meeting_row(work, meeting_id), tables.attendance
    rows = {r.of: r for r in work.conn.execute(select(attendance).where(attendance.c.meeting_id == meeting_id))}
    directory = directory_of(work)
    order = [*(r.value for r in REGISTER_ROLES), *(s.name for s in directory.schools_of(meeting.community))]
    order += sorted(set(rows) - set(order))
    found = []
    for of in order:
        row = rows.get(of)
        person = row.person if row else next((p.name for r in REGISTER_ROLES if r.value == of
                                              for p in directory.people_with(r, meeting.community)), "")  # fmt: skip
        found.append(Attendee(of=of, person=person, mark=Mark(row.mark) if row else Mark.ABSENT))
    return tuple(found)


def is_marked(work: Work, meeting_id: str) -> bool:
    """Whether the register was taken, by a person or out of Teams: apologies sent beforehand are none yet."""
    attendance = tables.attendance
    marked = (
        select(attendance.c.of)
        .where(attendance.c.meeting_id == meeting_id, attendance.c.mark == Mark.PRESENT.value)
        .limit(1)
    )
    return work.conn.execute(marked).first() is not None


def write_minutes(work: Work, meeting_id: str, notes: Mapping[int, str], matters: Sequence[str], by: str) -> None:
    """Write what was said to each item (by its number) and the matters that arise; written again, they are replaced.

    The Word file is made and filed anew; each version stays in the library's history.
    """
    meeting = meeting_row(work, meeting_id)
    _check_runs(work, meeting.community, by)
    if meeting.state != MeetingState.HELD:
        raise AlreadyDone(f"The meeting of {meeting.community} was not held yet: its minutes are written afterwards.")
    items = len(ITEMS[Template(meeting.template)])
    problems = [f"The agenda has no item {n}; it has {items}." for n in notes if not 1 <= n <= items]
    problems += [f"The note to item {n} is longer than {TEXT_CHARACTERS:,} characters." for n, text in notes.items()
                 if len(text) > TEXT_CHARACTERS]  # fmt: skip
    if problems:
        raise InputRefused(*problems)
    minutes = tables.minutes
    hold = select(minutes.c.version).where(minutes.c.meeting_id == meeting_id).with_for_update()
    known = work.conn.execute(hold).scalar() or 0  # held before anything is journaled, as where minutes are read back
    mask = masker_in(work, [meeting.community])
    row = {
        "meeting_id": meeting_id,
        "notes": {str(n): mask(text) for n, text in sorted(notes.items())},
        "matters": [mask(m) for m in matters if m.strip()],
        "written_by": by,
        "version": known + 1,
    }
    work.conn.execute(insert_or_replace(work.conn, minutes, row, ("meeting_id",)))
    work.conn.execute(
        delete(tables.papers).where(tables.papers.c.meeting_id == meeting_id, tables.papers.c.kind == "minutes")
    )
    work.acting(by).journal("write minutes", meeting_id, version=known + 1)
    work.effect("minutes.upload", f"{meeting_id}#{known + 1}")


def minutes_row(work: Work, meeting_id: str) -> Any:
    """The minutes as written, or None."""
    minutes = tables.minutes
    return work.conn.execute(select(minutes).where(minutes.c.meeting_id == meeting_id)).one_or_none()


def add_action(
    work: Work, community: str, what: str, owner: str, due_on: date, by: str, meeting_id: str | None = None
) -> str:
    """Agree an action; without a meeting it belongs to the community's own action plan. Returns its number."""
    _check_runs(work, community, by)
    problems = [
        f"An action needs {name}." for name, text in (("to say what", what), ("an owner", owner)) if not text.strip()
    ]
    problems += ahead_problems("The action's date", due_on, work.today)
    if problems:
        raise InputRefused(*problems)
    action_id = f"A-{work.today.year}-{work.next_number(f'action {work.today.year}'):04d}"
    work.conn.execute(
        insert(tables.actions).values(
            id=action_id,
            community=community,
            meeting_id=meeting_id,
            what=masked_in(work, [community], what.strip()),
            owner=owner.strip(),
            due_on=due_on,
        )
    )
    work.acting(by).journal("add action", action_id, owner=owner.strip(), due_on=due_on.isoformat())
    return action_id


def close_action(work: Work, action_id: str, outcome: str, by: str) -> None:
    """It is done, or given up: the outcome says which."""
    actions = tables.actions
    row = work.conn.execute(select(actions).where(actions.c.id == action_id)).one_or_none()
    if row is None and Reader.COUNTY in readers(directory_of(work), by):
        raise InputRefused(f"There is no action '{action_id[:40]}'.")
    if row is None or not may_read(work, Thing.ACTIONS, by, row.community):
        raise unreadable(action_id)
    _check_runs(work, row.community, by)
    if row.closed_on is not None:
        raise AlreadyDone(f"{action_id} was closed on {row.closed_on:%-d %B %Y}. Nothing was changed.")
    if not outcome.strip():
        raise InputRefused(f"Say what became of {action_id}.")
    said = masked_in(work, [row.community], outcome.strip())
    work.conn.execute(update(actions).where(actions.c.id == action_id).values(closed_on=work.today, outcome=said))
    work.acting(by).journal("close action", action_id)


def actions_of(work: Work, community: str, *, closed_since: date | None = None) -> list[Action]:
    """The open actions of a community by due day, and those closed since a day."""
    actions = tables.actions
    shown = actions.c.closed_on.is_(None) | (actions.c.closed_on >= (closed_since or date.max))
    rows = work.conn.execute(
        select(actions).where(actions.c.community == community, shown).order_by(actions.c.due_on, actions.c.id)
    )
    return [
        Action(id=r.id, what=r.what, owner=r.owner, due_on=r.due_on, closed_on=r.closed_on, outcome=r.outcome)
        for r in rows
    ]


def meeting_days(work: Work, community: str, year: str) -> list[date]:
    """The days of a community's meetings with the standard agenda in an academic year, those cancelled left out."""
    meetings = tables.meetings
    rows = select(meetings).where(
        meetings.c.community == community,
        meetings.c.academic_year == year,
        meetings.c.template == Template.STANDARD.value,
        meetings.c.state != MeetingState.CANCELLED,
    )
    return [day_of(row) for row in work.conn.execute(rows)]


def meeting_before(work: Work, community: str, starts_at: Any) -> Any:
    """The community's meeting before a moment that was not cancelled, or None."""
    meetings = tables.meetings
    return work.conn.execute(
        select(meetings)
        .where(
            meetings.c.community == community,
            meetings.c.starts_at < starts_at,
            meetings.c.state != MeetingState.CANCELLED,
        )
        .order_by(meetings.c.starts_at.desc())
        .limit(1)
    ).one_or_none()


def day_of(meeting: Any) -> date:
    """The meeting's day in London."""
    return london(meeting.starts_at).date()


def _check_runs(work: Work, community: str, by: str) -> None:
    if directory_of(work).community(community) is None:
        raise InputRefused(f"There is no community '{community[:60]}'.")
    check_runs(work, community, by)
