"""The page of surgeries: what is coming, a slot to book, one's own bookings to move or to give back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row

from bot.asking import asker_of
from casework.booking import WAITS, Wish, book, cancel_booking, move_booking, open_bookings
from casework.desk import Work
from casework.errors import InputRefused
from casework.letters import spoken_moment
from casework.reading import Thing, check_may_read
from casework.surgery_mail import has_stopped, resume_mails, stop_mails
from casework.surgery_record import adviser_name, advisers_of, coming, free_slots, offered, surgery_row
from communities.calendars import london
from communities.continuum import OTHER, THEMES
from communities.surgeries import NOTE_CHARACTERS, BookingState

DONE: Mapping[str, str] = MappingProxyType(
    {
        "book": "The slot is booked. It is in your calendar within a minute, with the link to join.",
        "wait": "You are on the waiting list. When a slot comes free it is yours, and you get a mail.",
        "move": "The booking is moved. Your calendar follows.",
        "cancel": "The booking is cancelled.",
        "stop": "You get no more mails about surgeries; what concerns a booking of yours still comes.",
        "resume": "You get the mails about surgeries again.",
    }
)
"""What is said after each form."""


TYPED = ("slot", "school", "theme", "note")
"""The fields of the form, kept where it is shown again."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A coming session."""

    id: str
    when: str
    day: str
    """`Thu 12 Nov`."""
    adviser: str
    is_own: bool
    """Of one's own link adviser."""
    slots: Sequence[tuple[int, str]]
    """The free ones: number and time."""


@dataclass(frozen=True, kw_only=True)
class Booked:
    """A booking, or a place on a waiting list, of one's own."""

    id: int
    what: str
    has_slot: bool


@dataclass(frozen=True, kw_only=True)
class SurgeryPage:
    """Everything on the page; `key` stands in each form, so that no other site can send one."""

    sessions: Sequence[Session]
    bookings: Sequence[Booked]
    free: Sequence[tuple[str, str]]
    """Where a booking can be moved to: `SURGERY/SLOT` and what that is."""
    schools: Sequence[str]
    themes: Sequence[str]
    has_stopped: bool
    most: int
    key: str = field(repr=False)
    done: str
    problem: str
    typed: Mapping[str, str]


def surgery_page(
    work: Work, mail: str, key: str, done: str = "", problem: str = "", typed: Mapping[str, str] | None = None
) -> SurgeryPage:
    """The page of whoever looks."""
    check_may_read(work, Thing.SURGERIES, mail)
    asker = asker_of(work, mail)
    own = set(advisers_of(work, asker.schools))
    rows = sorted(coming(work), key=lambda r: (r.adviser not in own, r.starts_at))
    sessions = [
        Session(
            id=r.id, when=_when(r), day=f"{london(r.starts_at):%a %-d %b}",
            adviser=adviser_name(work, r.adviser), is_own=r.adviser in own,
            slots=[(n, f"{london(offered(r).slot_at(n)):%H:%M}") for n in free_slots(work, r)],
        )
        for r in rows
    ]  # fmt: skip
    return SurgeryPage(
        sessions=sessions,
        bookings=[_booked(work, b) for b in open_bookings(work, mail)],
        free=[(f"{s.id}/{n}", f"{s.day}, {at}, {s.adviser}") for s in sessions for n, at in s.slots],
        schools=asker.schools, themes=THEMES, has_stopped=has_stopped(work, mail), most=NOTE_CHARACTERS, key=key,
        done=DONE.get(done, ""), problem=problem, typed={name: (typed or {}).get(name, "") for name in TYPED},
    )  # fmt: skip


def act(work: Work, mail: str, form: Mapping[str, str]) -> str:
    """What a form asks for, as one command; returns which it was. Raises what the commands raise."""
    doing, acting = form.get("do", ""), work.acting(mail)
    match doing:
        case "book":
            surgery_id, _, slot = form.get("slot", "").partition("/")
            own = asker_of(work, mail).schools
            wish = Wish(
                surgery_id=surgery_id[:40], slot=_number(slot),
                school=form.get("school") or (own[0] if len(own) == 1 else ""),
                theme=form.get("theme") or OTHER, note=form.get("note", "").strip(),
            )  # fmt: skip
            book(acting, wish, mail)
            return "wait" if wish.slot == WAITS else "book"
        case "cancel":
            cancel_booking(acting, _number(form.get("booking_id", "")), mail)
        case "move":
            surgery_id, _, slot = form.get("to", "").partition("/")
            move_booking(acting, _number(form.get("booking_id", "")), surgery_id[:40], _number(slot), mail)
        case "stop":
            stop_mails(work, mail)
        case "resume":
            resume_mails(work, mail)
        case _:
            raise InputRefused("The page has changed meanwhile. Load it again.")
    return doing


def _when(row: Row[Any]) -> str:
    surgery = offered(row)
    begins, ends = london(surgery.starts_at), london(surgery.ends_at)
    return f"{begins:%A %-d %B}, {begins:%H:%M} to {ends:%H:%M}"


def _booked(work: Work, booking: Row[Any]) -> Booked:
    row, has_slot = surgery_row(work, booking.surgery_id), booking.state == BookingState.BOOKED
    at = offered(row).slot_at(booking.slot) if has_slot else row.starts_at
    said = f"{spoken_moment(at)} with {adviser_name(work, row.adviser)}"
    return Booked(id=booking.id, what=said if has_slot else f"Waiting for a slot on {said}", has_slot=has_slot)


def _number(written: str) -> int:
    if not written.isdecimal() or len(written) > 9:
        raise InputRefused("Choose a slot first.")
    return int(written)
