"""The mails about surgeries: the month's, the week's, the day before, and what became of a booking.

The month's and the week's tell every school of every session (slide 'SEN Inclusion Adviser Surgeries'), and go to each
person once, but not to those who stopped them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, select

from casework import tables
from casework.booking import instead_of
from casework.desk import SYSTEM, Desk, Work, insert_once
from casework.directory_record import directory_of
from casework.effects import EffectState, effect, not_asked_for
from casework.errors import TryLater
from casework.intake_mail import from_desk
from casework.letters import Letter
from casework.ports import MailDraft, Ports
from casework.surgery_letters import (
    SessionLine,
    called_off_letter,
    monthly_letter,
    moved_up_letter,
    reminder_letter,
    sum_up_letter,
    weekly_letter,
)
from casework.surgery_record import adviser_name, bookings_of, coming, free_slots, offered, surgery_row
from communities.directory import Directory, Person, Role
from communities.surgeries import (
    BookingState,
    SurgeryState,
    month_ahead,
    monthly_mail_at,
    reminder_at,
    spoken_months,
    spoken_session,
    spoken_week,
    week_of,
    weekly_mail_at,
)

FULL = "No slot is free; you can join the waiting list"

KIND = "surgeries"
"""What is stopped in `mails_stopped`."""


def monthly_due(work: Work) -> list[str]:
    """The sweep's question: which communities have not had this month's mail, once there is a session to tell of."""
    if monthly_mail_at(work.today, work.desk.days) > work.now or not coming(work, *month_ahead(work.today)):
        return []
    return _not_mailed(work, "mail.surgeries-month", f"{work.today:%Y-%m}")


def weekly_due(work: Work) -> list[str]:
    """The sweep's question: which communities have not had this week's mail, in a week with a session."""
    if weekly_mail_at(work.today, work.desk.days) > work.now or not coming(work, *week_of(work.today)):
        return []
    return _not_mailed(work, "mail.surgeries-week", week_of(work.today)[0].isoformat())


def reminders_due(work: Work) -> list[str]:
    """The sweep's question: whose slot is on the next working day and was not reminded of."""
    bookings, surgeries = tables.bookings, tables.surgeries
    rows = work.conn.execute(
        select(bookings.c.id, surgeries.c.id.label("of"), surgeries.c.starts_at)
        .join(surgeries, surgeries.c.id == bookings.c.surgery_id)
        .where(bookings.c.state == BookingState.BOOKED, surgeries.c.state == SurgeryState.PUBLISHED)
        .where(surgeries.c.starts_at > work.now)
    )
    due = [f"{r.id}@{r.of}" for r in rows if reminder_at(r.starts_at, work.desk.days) <= work.now]
    return not_asked_for(work, "mail.surgery-reminder", due)


def ask_monthly(work: Work, subject: str) -> None:
    """Have it sent."""
    work.effect("mail.surgeries-month", subject)


def ask_weekly(work: Work, subject: str) -> None:
    """Have it sent."""
    work.effect("mail.surgeries-week", subject)


def ask_reminder(work: Work, subject: str) -> None:
    """Have it sent."""
    work.effect("mail.surgery-reminder", subject)


def stop_mails(work: Work, by: str) -> None:
    """No more monthly and weekly mails to that person; what concerns a booking of theirs still goes."""
    row = {"kind": KIND, "mail": by.casefold(), "stopped_at": work.now}
    work.conn.execute(insert_once(work.conn, tables.mails_stopped).values(row))
    work.acting(by).journal("stop mails", KIND, what=KIND)


def resume_mails(work: Work, by: str) -> None:
    """Have them again."""
    stopped = tables.mails_stopped
    work.conn.execute(delete(stopped).where(stopped.c.kind == KIND, stopped.c.mail == by.casefold()))
    work.acting(by).journal("resume mails", KIND, what=KIND)


def has_stopped(work: Work, mail: str) -> bool:
    """Whether that person wants none."""
    stopped = tables.mails_stopped
    asked = select(stopped.c.mail).where(stopped.c.kind == KIND, stopped.c.mail == mail.casefold())
    return work.conn.execute(asked).first() is not None


def _not_mailed(work: Work, kind: str, period: str) -> list[str]:
    return not_asked_for(work, kind, [f"{period}/{c.name}" for c in directory_of(work).communities])


def readers_of(work: Work, community: str) -> list[str]:
    """Whom a community's schools are told through, but for those who stopped these mails: each school's SENCO, its
    leaders where it has none. Somebody with schools in several communities is told in the first by name.
    """
    directory, stopped = directory_of(work), tables.mails_stopped
    gone = set(work.conn.execute(select(stopped.c.mail).where(stopped.c.kind == KIND)).scalars())
    first: dict[str, str] = {}
    for school in sorted(directory.schools, key=lambda s: s.community):
        for person in _told_for(directory, str(school.name)):
            first.setdefault(person.mail.casefold(), str(school.community))
    return [mail for mail, of in first.items() if of == community and mail not in gone]


def _told_for(directory: Directory, school: str) -> tuple[Person, ...]:
    return directory.people_with(Role.SENCO, school) or directory.people_with(Role.LEADER, school)


@effect("mail.surgeries-month")
async def mail_month(desk: Desk, ports: Ports, subject: str) -> None:
    """The coming sessions of all advisers, to a community's schools."""
    await _send(desk, ports, await desk.run(SYSTEM, _month, subject))


@effect("mail.surgeries-week")
async def mail_week(desk: Desk, ports: Ports, subject: str) -> None:
    """This week's sessions with how to join, to a community's schools."""
    await _send(desk, ports, await desk.run(SYSTEM, _week, subject))


async def _send(desk: Desk, ports: Ports, draft: MailDraft | None) -> None:
    if draft is not None:
        await ports.mail.send(draft)


def _month(work: Work, subject: str) -> MailDraft | None:
    community = subject.partition("/")[2]
    first, last = month_ahead(work.today)
    rows = coming(work, first, last)
    if not rows:
        return None
    letter = monthly_letter(spoken_months(first, last), _lines(work, community, rows))
    return _to_readers(work, f"surgeries-month:{subject}", community, letter)


def _week(work: Work, subject: str) -> MailDraft | None:
    monday, _, community = subject.partition("/")
    first, last = week_of(date.fromisoformat(monday))
    rows = coming(work, first, last)
    if any(r.join_url is None and _is_being_booked(work, r.id) for r in rows):
        raise TryLater("A session of this week is just being put into the calendar.", 10.0)
    if not rows:
        return None
    letter = weekly_letter(spoken_week(first, last), _lines(work, community, rows))
    return _to_readers(work, f"surgeries-week:{subject}", community, letter)


def _is_being_booked(work: Work, surgery_id: str) -> bool:
    """Whether the calendar is still to answer; one that refused holds no other session's email up."""
    effects = tables.effects
    state = work.conn.execute(select(effects.c.state).where(effects.c.id == f"surgery.book:{surgery_id}")).scalar()
    return state in (EffectState.WAITING, EffectState.BEGUN)


def _lines(work: Work, community: str, rows: Sequence[Row[Any]]) -> list[SessionLine]:
    linked = directory_of(work).sen_ias_of(community)
    return [
        SessionLine(
            when=spoken_session(offered(row)),
            adviser=adviser_name(work, row.adviser),
            is_link=row.adviser in linked,
            free=f"{free} of {row.slots} slots free" if (free := len(free_slots(work, row))) else FULL,
            join_url=row.join_url,
        )
        for row in rows
    ]


def _to_readers(work: Work, key: str, community: str, letter: Letter) -> MailDraft | None:
    to = readers_of(work, community)
    return from_desk(work, key, to, letter, hide_recipients=True, can_wait=True) if to else None


@effect("mail.surgery-reminder")
async def mail_reminder(desk: Desk, ports: Ports, subject: str) -> None:
    """The day before a slot, unless it was given back."""
    await _send(desk, ports, await desk.run(SYSTEM, _reminder, subject))


def _reminder(work: Work, subject: str) -> MailDraft | None:
    booking, row, at = _booked(work, subject.partition("@")[0])
    if at is None or at <= work.now:
        return None
    letter = reminder_letter(adviser_name(work, row.adviser), at, booking.school, row.join_url)
    return from_desk(work, f"surgery-reminder:{subject}", [booking.mail], letter)


@effect("mail.surgery-moved-up")
async def mail_moved_up(desk: Desk, ports: Ports, subject: str) -> None:
    """To somebody who waited and has a slot now."""
    await _send(desk, ports, await desk.run(SYSTEM, _moved_up, subject))


def _moved_up(work: Work, subject: str) -> MailDraft | None:
    booking, row, at = _booked(work, subject.partition("#")[0])
    if at is None:
        return None
    letter = moved_up_letter(adviser_name(work, row.adviser), at, booking.school)
    return from_desk(work, f"surgery-moved-up:{subject}", [booking.mail], letter)


@effect("mail.surgery-off")
async def mail_off(desk: Desk, ports: Ports, subject: str) -> None:
    """To whoever had booked a session that was called off, with what is free instead."""
    await _send(desk, ports, await desk.run(SYSTEM, _off, subject))


def _off(work: Work, subject: str) -> MailDraft:
    booking, row, _ = _booked(work, subject)
    letter = called_off_letter(adviser_name(work, row.adviser), row.starts_at, instead_of(work, row))
    return from_desk(work, f"surgery-off:{subject}", [booking.mail], letter)


@effect("mail.surgery-sum-up")
async def mail_sum_up(desk: Desk, ports: Ports, surgery_id: str) -> None:
    """Ask the adviser to sum up."""
    await _send(desk, ports, await desk.run(SYSTEM, _sum_up, surgery_id))


def _sum_up(work: Work, surgery_id: str) -> MailDraft:
    row = surgery_row(work, surgery_id)
    schools = [b.school for b in bookings_of(work, surgery_id) if b.state == BookingState.CAME]
    letter = sum_up_letter(surgery_id, row.starts_at, schools)
    return from_desk(work, f"surgery-sum-up:{surgery_id}", [row.adviser], letter)


def _booked(work: Work, booking_id: str) -> tuple[Row[Any], Row[Any], datetime | None]:
    """The booking, its session, and when its slot begins where it still has one."""
    bookings = tables.bookings
    booking = work.conn.execute(select(bookings).where(bookings.c.id == int(booking_id))).one()
    row = surgery_row(work, booking.surgery_id)
    has_slot = booking.state == BookingState.BOOKED and row.state == SurgeryState.PUBLISHED
    return booking, row, offered(row).slot_at(booking.slot) if has_slot else None
