"""The calendar of surgeries: a Teams meeting for each session, an entry of its own for each booked slot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.effects import EffectState, effect
from casework.errors import TryLater
from casework.ports import EventDraft, Ports
from casework.surgery_letters import session_text, slot_text
from casework.surgery_record import adviser_name, offered, surgery_row
from communities.surgeries import BookingState, SurgeryState

WAIT_S = 2.0


@effect("surgery.book")
async def book_session(desk: Desk, ports: Ports, surgery_id: str) -> None:
    """Put the session into the calendar with its Teams meeting; `transactionId` makes a second try harmless."""
    row, draft = await desk.run(SYSTEM, _session_draft, surgery_id)
    if row.event_id is None and row.state == SurgeryState.PUBLISHED:
        made = await ports.calendar.create(draft)
        await desk.run(SYSTEM, _session_booked, surgery_id, made.id, made.join_url)


def _session_draft(work: Work, surgery_id: str) -> tuple[Row[Any], EventDraft]:
    row = surgery_row(work, surgery_id)
    return row, EventDraft(
        key=f"surgery:{surgery_id}",
        organiser=work.desk.mailboxes.desk,
        subject=f"SEN IA surgery: {adviser_name(work, row.adviser)}",
        body_html=session_text(row.starts_at, row.slots, row.slot_minutes),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        attendees=[row.adviser],
    )


def _session_booked(work: Work, surgery_id: str, event_id: str, join_url: str) -> None:
    surgeries = tables.surgeries
    work.conn.execute(
        update(surgeries).where(surgeries.c.id == surgery_id).values(event_id=event_id, join_url=join_url)
    )


@effect("surgery.cancel")
async def cancel_session(desk: Desk, ports: Ports, surgery_id: str) -> None:
    """Cancel the session's meeting; one that was never made needs nothing."""
    row, is_booking = await desk.run(SYSTEM, _session_to_cancel, surgery_id)
    if row.event_id is not None:
        await ports.calendar.cancel(desk.mailboxes.desk, row.event_id, "The surgery was called off.")
    elif is_booking:
        raise TryLater("The session is just being put into the calendar.", WAIT_S)


def _session_to_cancel(work: Work, surgery_id: str) -> tuple[Row[Any], bool]:
    effects = tables.effects
    state = work.conn.execute(select(effects.c.state).where(effects.c.id == f"surgery.book:{surgery_id}")).scalar()
    return surgery_row(work, surgery_id), state == EffectState.WAITING


@effect("surgery.slot")
async def follow_slot(desk: Desk, ports: Ports, subject: str) -> None:
    """Bring a booking's calendar entry to where the booking stands: made, moved with it, or cancelled."""
    booking_id = int(subject.partition("#")[0])
    booking, draft = await desk.run(SYSTEM, _slot_draft, booking_id)
    if draft is None:
        if booking.event_id is not None:
            await ports.calendar.cancel(desk.mailboxes.desk, booking.event_id, "This slot was given back.")
            await desk.run(SYSTEM, _slot_booked, booking_id, None)
        return
    if booking.event_id is not None:
        if await ports.calendar.move(booking.event_id, draft):
            return
        draft = replace(draft, key=f"surgery-slot:{subject}")  # a person deleted it: another one is made
    made = await ports.calendar.create(draft)
    await desk.run(SYSTEM, _slot_booked, booking_id, made.id)


def _slot_draft(work: Work, booking_id: int) -> tuple[Row[Any], EventDraft | None]:
    bookings = tables.bookings
    booking = work.conn.execute(select(bookings).where(bookings.c.id == booking_id)).one()
    if booking.state != BookingState.BOOKED:
        return booking, None
    row = surgery_row(work, booking.surgery_id)
    if row.join_url is None:
        raise TryLater("The session is not in the calendar yet.", WAIT_S)
    surgery, adviser = offered(row), adviser_name(work, row.adviser)
    return booking, EventDraft(
        key=f"surgery-slot:{booking_id}",
        organiser=work.desk.mailboxes.desk,
        subject=f"SEN IA surgery: {booking.school} with {adviser}",
        body_html=slot_text(adviser, booking.school, booking.theme, row.join_url),
        starts_at=surgery.slot_at(booking.slot),
        ends_at=surgery.slot_at(booking.slot + 1),
        attendees=[booking.mail, row.adviser],
        is_online=False,
    )


def _slot_booked(work: Work, booking_id: int, event_id: str | None) -> None:
    bookings = tables.bookings
    work.conn.execute(update(bookings).where(bookings.c.id == booking_id).values(event_id=event_id))
