"""Slots of surgeries: booked, moved, given back; who waits moves up by itself.

Every command here locks the session first, so that of two people who take the last slot at once one gets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select, update

from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.letters import spoken_moment
from casework.naming import check_names_nobody
from casework.surgery_record import (
    adviser_name,
    bookings_of,
    coming,
    free_slots,
    locked_surgery,
    offered,
    own_schools,
    surgery_row,
)
from communities.continuum import THEMES
from communities.surgeries import NOTE_CHARACTERS, OPEN_BOOKINGS, BookingState, SurgeryState, moves_up

WAITS = 0
"""Asked for instead of a slot: a place on the waiting list."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for: the session, the slot (`WAITS` for the waiting list), for which school, about what."""

    surgery_id: str
    slot: int
    school: str
    theme: str
    note: str = ""


class SlotGone(AlreadyDone):
    """Somebody was quicker, or the session is full: the sentence says what is free instead."""


def book(work: Work, wish: Wish, by: str) -> int:
    """Book a slot, or a place on the waiting list; returns the booking's number.

    Raises `SlotGone` where somebody was quicker, `InputRefused` where the note seems to name a child.
    """
    row = locked_surgery(work, wish.surgery_id)
    _check(work, row, wish, by)
    if any(b.mail == by.casefold() and b.state in OPEN_BOOKINGS for b in bookings_of(work, row.id)):
        raise AlreadyDone("You are booked into this session already. Move or cancel that booking. Nothing was changed.")
    state = BookingState.WAITING if wish.slot == WAITS else BookingState.BOOKED
    values = {
        "surgery_id": row.id, "slot": wish.slot or None, "mail": by.casefold(), "school": wish.school,
        "theme": wish.theme, "note": work.desk.sealer.seal_bytes(wish.note.encode()) if wish.note else None,
        "state": state.value, "booked_at": work.now,
    }  # fmt: skip
    booking_id = work.conn.execute(insert(tables.bookings).values(values).returning(tables.bookings.c.id)).scalar_one()
    acting = work.acting(by)
    if wish.slot == WAITS:
        acting.journal("wait for surgery", row.id, booking=booking_id)
        return int(booking_id)
    acting.journal("book surgery", row.id, booking=booking_id, slot=wish.slot)
    _follow(work, booking_id, row.id)
    return int(booking_id)


def move_booking(work: Work, booking_id: int, surgery_id: str, slot: int, by: str) -> None:
    """Move a booking to another slot of the same or another session; its calendar entry follows."""
    booking = _locked_booking(work, booking_id, by, surgery_id)
    if booking.state != BookingState.BOOKED:
        raise AlreadyDone(f"That booking is '{booking.state}': there is no slot to move. Nothing was changed.")
    row = surgery_row(work, surgery_id)
    _check_slot(work, row, slot)
    others = [b for b in bookings_of(work, surgery_id) if b.mail == booking.mail and b.state in OPEN_BOOKINGS]
    if any(b.id != booking.id for b in others):
        raise AlreadyDone("You are booked into that session already. Nothing was changed.")
    bookings = tables.bookings
    work.conn.execute(update(bookings).where(bookings.c.id == booking_id).values(surgery_id=surgery_id, slot=slot))
    work.acting(by).journal("move booking", surgery_id, booking=booking_id, slot=slot, was=booking.surgery_id)
    _follow(work, booking_id, *sorted({booking.surgery_id, surgery_id}))
    _move_up(work, surgery_row(work, booking.surgery_id))


def cancel_booking(work: Work, booking_id: int, by: str) -> None:
    """Give a slot or a place on the waiting list back; whoever waited longest moves up."""
    booking = _locked_booking(work, booking_id, by)
    row = surgery_row(work, booking.surgery_id)
    if booking.state not in OPEN_BOOKINGS:
        raise AlreadyDone(f"That booking is '{booking.state}' already. Nothing was changed.")
    bookings = tables.bookings
    work.conn.execute(
        update(bookings).where(bookings.c.id == booking_id).values(state=BookingState.CANCELLED.value, slot=None)
    )
    work.acting(by).journal("cancel booking", row.id, booking=booking_id)
    if booking.state == BookingState.BOOKED:
        _follow(work, booking_id, row.id)
        _move_up(work, row)


def _follow(work: Work, booking_id: int, *surgeries: str) -> None:
    """Have the booking's calendar entry and the sessions' list items brought up to date."""
    work.effect("surgery.slot", f"{booking_id}#{work.change(f'booking {booking_id}')}")
    for surgery_id in surgeries:
        work.effect("list.surgery", f"{surgery_id}#{work.change(surgery_id)}")


def _locked_booking(work: Work, booking_id: int, by: str, *surgeries: str) -> Row[Any]:
    """A booking of that person's as it stands once its session (and those named) are locked."""
    before = own_booking(work, booking_id, by)
    for surgery_id in sorted({before.surgery_id, *surgeries}):
        locked_surgery(work, surgery_id)
    booking = own_booking(work, booking_id, by)
    if booking.surgery_id != before.surgery_id:
        raise AlreadyDone("That booking was moved just now. Ask for it again. Nothing was changed.")
    return booking


def own_booking(work: Work, booking_id: int, by: str) -> Row[Any]:
    """A booking of that person's; whose it is, is nobody else's to know."""
    bookings = tables.bookings
    row = work.conn.execute(select(bookings).where(bookings.c.id == booking_id)).one_or_none()
    if row is None or row.mail != by.casefold():
        raise NotAllowed("You have no such booking.")
    return row


def open_bookings(work: Work, mail: str) -> Sequence[Row[Any]]:
    """Somebody's bookings and places on waiting lists that are to come, with `starts_at` of the session."""
    bookings, surgeries = tables.bookings, tables.surgeries
    return work.conn.execute(
        select(bookings, surgeries.c.starts_at, surgeries.c.adviser)
        .join(surgeries, surgeries.c.id == bookings.c.surgery_id)
        .where(bookings.c.mail == mail.casefold(), bookings.c.state.in_(OPEN_BOOKINGS), surgeries.c.ends_at > work.now)
        .order_by(surgeries.c.starts_at)
    ).all()


def note_of(work: Work, booking: Row[Any]) -> str:
    """What was written about it; the adviser's to read."""
    return work.desk.sealer.open_bytes(booking.note).decode() if booking.note else ""


def instead_of(work: Work, row: Row[Any]) -> str:
    """What can be booked when a slot is gone: the next free one of that session, of that adviser, or of anybody."""
    later = [r for r in coming(work) if r.id != row.id]
    own = [r for r in later if r.adviser == row.adviser]
    for found in (row, *own, *later):
        if free := free_slots(work, found):
            moment = spoken_moment(offered(found).slot_at(free[0]))
            return f"The next free one is on {moment} with {adviser_name(work, found.adviser)}."
    return "No other slot is free; you can go on the waiting list."


def _check(work: Work, row: Row[Any], wish: Wish, by: str) -> None:
    if wish.school not in own_schools(work, by):
        raise NotAllowed(f"Slots of {wish.school[:80]} are booked by its SENCO or a leader of the school.")
    if wish.theme not in THEMES:
        raise InputRefused(f"'{wish.theme[:60]}' is none of the themes. Choose one from the list.")
    if len(wish.note) > NOTE_CHARACTERS:
        raise InputRefused(f"The note has {len(wish.note)} characters; the limit is {NOTE_CHARACTERS}. Shorten it.")
    check_names_nobody(work, wish.note, "note", directory_of(work).communities_of(by))
    if wish.slot != WAITS:
        _check_slot(work, row, wish.slot)
    elif row.state != SurgeryState.PUBLISHED or row.ends_at <= work.now:
        raise AlreadyDone(f"The session {row.id} is over or was called off.")
    elif free := free_slots(work, row):
        moment = spoken_moment(offered(row).slot_at(free[0]))
        raise AlreadyDone(f"There is a slot free on {moment}: book that one, nobody has to wait. Nothing was changed.")


def _check_slot(work: Work, row: Row[Any], slot: int) -> None:
    if row.state != SurgeryState.PUBLISHED:
        raise AlreadyDone(f"The session {row.id} was {row.state.lower()}. {instead_of(work, row)}")
    if not 1 <= slot <= row.slots:
        raise InputRefused(f"{row.id} has slots 1 to {row.slots}; {slot} is none of them.")
    if slot not in free_slots(work, row):
        moment = spoken_moment(offered(row).slot_at(slot))
        raise SlotGone(f"The slot on {moment} has just gone. {instead_of(work, row)}")


def _move_up(work: Work, row: Row[Any]) -> None:
    """Give free slots to those who wait, in the order they came; a slot that begins soon is left free."""
    slots = [n for n in free_slots(work, row) if moves_up(offered(row).slot_at(n), work.now)]
    waiting = [b for b in bookings_of(work, row.id) if b.state == BookingState.WAITING]
    bookings = tables.bookings
    for slot, booking in zip(slots, waiting, strict=False):
        work.conn.execute(
            update(bookings).where(bookings.c.id == booking.id).values(state=BookingState.BOOKED.value, slot=slot)
        )
        work.journal("move up", row.id, booking=booking.id, slot=slot)
        _follow(work, booking.id)
        work.effect("mail.surgery-moved-up", f"{booking.id}#{row.id}")
