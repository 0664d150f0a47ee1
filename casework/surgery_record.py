"""Surgeries on the record: published by an adviser, called off, held; and what is asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from casework import tables
from casework.desk import CONSOLE, SYSTEM, Work
from casework.directory_record import directory_of
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from communities.calendars import at_london, london
from communities.directory import SCHOOL_ROLES, Role
from communities.surgeries import OPEN_BOOKINGS, BookingState, Surgery, SurgeryState, surgery_problems


def publish(work: Work, adviser: str, surgery: Surgery, by: str) -> str:
    """Publish a session, which gets a Teams meeting of its own; returns its number.

    Raises `NotAllowed` for anybody but the adviser or an administrator, `InputRefused` with every problem.
    """
    if not is_adviser(work, adviser):
        raise InputRefused(f"{adviser[:80]} is no SEN IA in the directory. Import the people first.")
    _check_theirs(work, adviser, by)
    others = [offered(r) for r in _open_of(work, adviser)]
    if problems := list(surgery_problems(surgery, work.now, others, work.desk.school_years)):
        raise InputRefused(*problems)
    year = london(work.now).year
    surgery_id = f"S-{year}-{work.next_number(f'surgery {year}'):04d}"
    work.conn.execute(
        insert(tables.surgeries).values(
            id=surgery_id, adviser=adviser.casefold(), starts_at=surgery.starts_at, ends_at=surgery.ends_at,
            slots=surgery.slots, slot_minutes=surgery.slot_minutes, state=SurgeryState.PUBLISHED.value,
        )
    )  # fmt: skip
    work.acting(by).journal("publish surgery", surgery_id, slots=surgery.slots, minutes=surgery.slot_minutes)
    work.effect("surgery.book", surgery_id)
    work.effect("list.surgery", f"{surgery_id}#{work.change(surgery_id)}")
    return surgery_id


def call_off(work: Work, surgery_id: str, by: str) -> int:
    """Call a session off: its Teams meeting is cancelled, whoever booked is told. Returns how many that are."""
    row = locked_surgery(work, surgery_id)
    _check_theirs(work, row.adviser, by)
    if row.state != SurgeryState.PUBLISHED:
        raise AlreadyDone(f"{surgery_id} was {row.state.lower()} already. Nothing was changed.")
    _set(work, surgery_id, state=SurgeryState.CANCELLED.value)
    open_ones = [b for b in bookings_of(work, surgery_id) if b.state in OPEN_BOOKINGS]
    bookings = tables.bookings
    work.conn.execute(
        update(bookings)
        .where(bookings.c.id.in_([b.id for b in open_ones]))
        .values(state=BookingState.CANCELLED.value, slot=None)
    )
    work.acting(by).journal("call surgery off", surgery_id, bookings=len(open_ones))
    work.effect("surgery.cancel", surgery_id)
    work.effect("list.surgery", f"{surgery_id}#{work.change(surgery_id)}")
    for booking in open_ones:
        work.effect("surgery.slot", f"{booking.id}#{work.change(f'booking {booking.id}')}")
        work.effect("mail.surgery-off", f"{booking.id}")
    return len(open_ones)


def close_surgery(work: Work, surgery_id: str) -> None:
    """It is over: who had a slot is taken to have come, who waited waits no more, the adviser is asked to sum up."""
    bookings = tables.bookings
    for was, now in ((BookingState.BOOKED, BookingState.CAME), (BookingState.WAITING, BookingState.LAPSED)):
        work.conn.execute(
            update(bookings).where(bookings.c.surgery_id == surgery_id, bookings.c.state == was).values(state=now.value)
        )
    _set(work, surgery_id, state=SurgeryState.HELD.value)
    work.journal("hold surgery", surgery_id)
    work.effect("list.surgery", f"{surgery_id}#{work.change(surgery_id)}")
    if any(b.state == BookingState.CAME for b in bookings_of(work, surgery_id)):
        work.effect("mail.surgery-sum-up", surgery_id)


def over_surgeries(work: Work) -> list[str]:
    """The sweep's question: which sessions have ended."""
    surgeries = tables.surgeries
    over = select(surgeries.c.id).where(surgeries.c.state == SurgeryState.PUBLISHED, surgeries.c.ends_at <= work.now)
    return list(work.conn.execute(over.order_by(surgeries.c.ends_at)).scalars())


def surgery_row(work: Work, surgery_id: str) -> Row[Any]:
    """The session's row; `InputRefused` where there is none of that number."""
    row = work.conn.execute(select(tables.surgeries).where(tables.surgeries.c.id == surgery_id)).one_or_none()
    if row is None:
        raise InputRefused(f"There is no surgery '{surgery_id[:40]}'.")
    return row


def locked_surgery(work: Work, surgery_id: str) -> Row[Any]:
    """The same, for a command that takes or frees a slot: others wait until it is done."""
    surgery_row(work, surgery_id)
    surgeries = tables.surgeries
    return work.conn.execute(select(surgeries).where(surgeries.c.id == surgery_id).with_for_update()).one()


def offered(row: Row[Any]) -> Surgery:
    """A row as the rules see it."""
    return Surgery(starts_at=row.starts_at, slots=row.slots, slot_minutes=row.slot_minutes)


def bookings_of(work: Work, surgery_id: str) -> Sequence[Row[Any]]:
    """Every booking of a session, in the order they came."""
    bookings = tables.bookings
    return work.conn.execute(select(bookings).where(bookings.c.surgery_id == surgery_id).order_by(bookings.c.id)).all()


def free_slots(work: Work, row: Row[Any]) -> tuple[int, ...]:
    """The slots of a session that can be booked now."""
    taken = {b.slot for b in bookings_of(work, row.id) if b.state == BookingState.BOOKED}
    return offered(row).free(taken, work.now) if row.state == SurgeryState.PUBLISHED else ()


def coming(work: Work, first: date | None = None, last: date | None = None) -> Sequence[Row[Any]]:
    """Published sessions that have not ended, in order of time; of some days where they are given."""
    surgeries = tables.surgeries
    rows = select(surgeries).where(surgeries.c.state == SurgeryState.PUBLISHED, surgeries.c.ends_at > work.now)
    if first is not None:
        rows = rows.where(surgeries.c.starts_at >= at_london(first, time(0)))
    if last is not None:
        rows = rows.where(surgeries.c.starts_at < at_london(last + timedelta(days=1), time(0)))
    return work.conn.execute(rows.order_by(surgeries.c.starts_at, surgeries.c.id)).all()


def slot_moment(work: Work, booking: Row[Any]) -> datetime:
    """When the booked slot begins, UTC."""
    return offered(surgery_row(work, booking.surgery_id)).slot_at(booking.slot)


def advisers_of(work: Work, schools: Sequence[str]) -> list[str]:
    """The link SEN IAs of some schools: whose sessions are offered to them first."""
    directory = directory_of(work)
    held = (s for name in schools for s in directory.schools_named(name))
    found = (p for school in held for p in directory.practitioners_of(school) if p.role is Role.SEN_IA)
    return list(dict.fromkeys(p.mail.casefold() for p in found))


def adviser_name(work: Work, mail: str) -> str:
    """The adviser's name, as the directory has it."""
    return next((p.name for p in directory_of(work).roles_of(mail) if p.role is Role.SEN_IA), mail)


def is_adviser(work: Work, mail: str) -> bool:
    """Whether the person of that mail is a SEN IA of anything."""
    return any(p.role is Role.SEN_IA for p in directory_of(work).roles_of(mail))


def own_schools(work: Work, mail: str) -> list[str]:
    """The schools somebody may book for."""
    return list(dict.fromkeys(p.of for p in directory_of(work).roles_of(mail) if p.role in SCHOOL_ROLES))


def _check_theirs(work: Work, adviser: str, by: str) -> None:
    is_theirs = by.casefold() == adviser.casefold() or by in (CONSOLE, SYSTEM)
    if not is_theirs and not directory_of(work).holds(by, Role.ADMINISTRATOR):
        raise NotAllowed(f"The surgeries of {adviser_name(work, adviser)} are their own to publish and to call off.")


def _open_of(work: Work, adviser: str) -> list[Row[Any]]:
    return [r for r in coming(work) if r.adviser == adviser.casefold()]


def _set(work: Work, surgery_id: str, **values: Any) -> None:
    surgeries = tables.surgeries
    work.conn.execute(update(surgeries).where(surgeries.c.id == surgery_id).values(**values))
