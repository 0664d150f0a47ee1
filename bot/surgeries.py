"""Surgeries for schools: what is coming, a slot booked, moved, given back, waited for; feedback afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot import advising
from bot.asking import MOST_CHOICES, Answer, Answering, Asker, Question
from bot.cards.surgeries import (
    BOOK,
    CANCEL,
    FEEDBACK,
    MOVE,
    RESUME_MAILS,
    STOP_MAILS,
    SessionLine,
    book_card,
    booking_card,
    feedback_card,
    sessions_card,
)
from bot.verbs import Press, Pressing
from casework.booking import (
    WAITS,
    SlotGone,
    Wish,
    book,
    cancel_booking,
    move_booking,
    open_bookings,
    own_booking,
)
from casework.desk import Work
from casework.errors import InputRefused
from casework.letters import spoken_moment
from casework.reading import Thing, check_may_read
from casework.surgery_feedback import give_feedback, to_rate
from casework.surgery_mail import has_stopped, resume_mails, stop_mails
from casework.surgery_record import (
    adviser_name,
    advisers_of,
    coming,
    free_slots,
    is_adviser,
    offered,
    own_schools,
    surgery_row,
)
from communities.calendars import london
from communities.continuum import OTHER
from communities.surgeries import BookingState

_NAMED = re.compile(r"\b(S-20\d\d-\d{4})(?:/(\d{1,2}))?", re.IGNORECASE)
"""What our own buttons write: a session, and a slot of it."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A free slot of a coming session."""

    row: Any
    number: int
    at: datetime

    @property
    def key(self) -> str:
        """`S-2026-0003/2`."""
        return f"{self.row.id}/{self.number}"


def show(work: Work, asker: Asker, question: Question) -> Answer:
    """The coming sessions, of one's own advisers first; for an adviser their own with who comes."""
    check_may_read(work, Thing.SURGERIES, asker.mail)
    if is_adviser(work, asker.mail) and not asker.schools and question.is_personal:
        return advising.overview(work, asker)
    rows = _of_the_days(_own_first(work, asker, coming(work)), question)
    if not rows:
        return Answer(
            title="No surgery is published", sentences=("Your SEN Inclusion Adviser publishes the next ones.",)
        )
    held = open_bookings(work, asker.mail) if question.is_personal else ()
    lines = [_session_line(work, r, is_held=r.id in {b.surgery_id for b in held}) for r in rows]
    booked = [_spoken(work, b) for b in held]
    stopped = has_stopped(work, asker.mail) if question.is_personal and asker.schools else None
    title = "Coming SEN IA surgeries"
    card = sessions_card(title, lines, booked=booked, is_stopped=stopped)
    facts = [(s.when, f"{s.adviser}, {s.free}") for s in lines]
    return Answer(title=title, facts=facts, cards=(card,), is_card=True, listed=[s.ask for s in lines if s.ask])


def _session_line(work: Work, row: Any, *, is_held: bool) -> SessionLine:
    """With the button for what the asker can do: book, wait, or, where they have a booking, change that."""
    surgery, free = offered(row), len(free_slots(work, row))
    begins, ends = london(surgery.starts_at), london(surgery.ends_at)
    asks = _CHANGE if is_held else "book a surgery slot on {day} ({session})"
    return SessionLine(
        when=f"{begins:%A %-d %B, %H:%M} to {ends:%H:%M}",
        adviser=adviser_name(work, row.adviser),
        free=f"{free} of {row.slots} slots free" if free else "full",
        ask=asks.format(day=f"{begins:%-d %B %Y}", session=row.id),
        button="Move or cancel" if is_held else "Book a slot" if free else "Wait for a slot",
    )


def ask_to_book(work: Work, asker: Asker, question: Question) -> Answer:
    """The card for the one slot that is meant, or the slots there are; nothing is booked before it is pressed."""
    if not asker.schools:
        if is_adviser(work, asker.mail):
            return advising.publish_answer({})
        said = "Slots are booked by a school's SENCO or one of its leaders."
        return Answer(title="That is for schools", sentences=(said,), is_of_now=False)
    rows = _of_the_days(_own_first(work, asker, coming(work)), question)
    named = _NAMED.search(question.text)
    if named:
        rows = [r for r in rows if r.id == named[1].upper()]
    open_ones = _not_held(work, asker.mail, rows)
    if rows and not open_ones:
        return ask_to_cancel(work, asker, question)
    slots = _slots(work, open_ones)
    if named and named[2]:
        slots = [s for s in slots if s.number == int(named[2])]
    meant = [s for s in slots if _is_at(s, question)]
    if len(meant) == 1:
        return _book_answer(work, asker, meant[0])
    if open_ones and not slots:
        return _wait_answer(work, asker, open_ones[0])
    others = _slots(work, _not_held(work, asker.mail, _own_first(work, asker, coming(work))))
    return _offer(work, meant or slots or others, exact=bool(meant))


def _offer(work: Work, slots: Sequence[Slot], *, exact: bool) -> Answer:
    """The first slots of each session where there are several sessions, else all of the one."""
    if not slots:
        said = "Your SEN Inclusion Adviser publishes the next sessions; you read of them in the monthly mail."
        return Answer(title="No slot is free", sentences=(said,))
    sessions = list(dict.fromkeys(s.row.id for s in slots))
    first = [next(s for s in slots if s.row.id == i) for i in sessions]
    shown = (first if len(first) > 1 else list(slots))[:MOST_CHOICES]
    choices = [
        (f"{london(s.at):%a %-d %b, %H:%M}", f"book the surgery slot on {london(s.at):%-d %B %Y at %H:%M} ({s.key})")
        for s in shown
    ]
    facts = [(f"{london(s.at):%a %-d %b, %H:%M}", adviser_name(work, s.row.adviser)) for s in shown]
    title = "Which slot suits you?" if exact else "These slots are free"
    return Answer(title=title, facts=facts, choices=choices)


def _book_answer(
    work: Work, asker: Asker, slot: Slot, typed: Mapping[str, str] | None = None, problem: str = ""
) -> Answer:
    where = {"surgery_id": slot.row.id, "slot": slot.number}
    title = f"Book the slot on {spoken_moment(slot.at)}?"
    name = adviser_name(work, slot.row.adviser)
    card = book_card(where, title, name, asker.schools, typed or {}, problem)
    yes = {"verb": BOOK, **where, "school": asker.schools[0], "theme": OTHER} if len(asker.schools) == 1 else {}
    return Answer(title=title, sentences=(f"With {name}.",), cards=(card,), is_card=True, pending=yes, is_of_now=False)


def _wait_answer(
    work: Work, asker: Asker, row: Any, typed: Mapping[str, str] | None = None, problem: str = ""
) -> Answer:
    where = {"surgery_id": row.id, "slot": WAITS}
    title = f"The surgery on {spoken_moment(row.starts_at)} is full. Wait for a slot?"
    card = book_card(
        where, title, adviser_name(work, row.adviser), asker.schools, typed or {}, problem, is_waiting=True
    )
    return Answer(title=title, cards=(card,), is_card=True, is_of_now=False)


def do_book(press: Press) -> Answer:
    """Book it. A note that names a child is asked for again; where somebody was quicker, what is free is offered."""
    surgery_id, written = press.text("surgery_id", 40), press.text("slot", 4)
    slot = int(written) if written.isdecimal() else WAITS
    typed = {name: press.text(name, 600) for name in ("school", "theme", "note")}
    own = own_schools(press.work, press.mail)
    school = typed["school"] or (own[0] if len(own) == 1 else "")
    wish = Wish(surgery_id=surgery_id, slot=slot, school=school, theme=typed["theme"] or OTHER, note=typed["note"])
    try:
        press.attempt(book, wish, press.mail)
    except SlotGone as error:
        free = _slots(press.work, _not_held(press.work, press.mail, coming(press.work)))
        answer = _offer(press.work, free, exact=False)
        return Answer(title=str(error), facts=answer.facts, choices=answer.choices)
    except InputRefused as error:
        return _again(press, surgery_id, slot, typed, own, str(error))
    row = surgery_row(press.work, surgery_id)
    if slot == WAITS:
        said = "You are on the waiting list; when a slot comes free it is yours, and you get a mail."
        return Answer(title=f"You wait for a slot on {spoken_moment(row.starts_at)}", sentences=(said,))
    at = offered(row).slot_at(slot)
    said = f"It is put into your calendar with the link to join. With {adviser_name(press.work, row.adviser)}."
    return Answer(title=f"Booked: {spoken_moment(at)}", sentences=(said,))


def _again(
    press: Press, surgery_id: str, slot: int, typed: Mapping[str, str], own: Sequence[str], problem: str
) -> Answer:
    row = surgery_row(press.work, surgery_id)
    where, name = {"surgery_id": row.id, "slot": slot}, adviser_name(press.work, row.adviser)
    at = offered(row).slot_at(slot) if 1 <= slot <= row.slots else row.starts_at
    title = f"Surgery on {spoken_moment(at)}"
    card = book_card(where, title, name, own or ("",), typed, problem, is_waiting=slot == WAITS)
    return Answer(title=problem, cards=(card,), is_card=True, is_of_now=False)


def ask_to_cancel(work: Work, asker: Asker, question: Question) -> Answer:
    """The booking that is meant, to move or to give back."""
    held = open_bookings(work, asker.mail)
    if not held and is_adviser(work, asker.mail) and not asker.schools:
        return advising.overview(work, asker)
    if not held:
        said = "You have no slot and wait for none."
        return Answer(title="Nothing is booked", sentences=(said,), choices=(("Coming surgeries", _LIST),))
    named = [b for b in held if _is_of_the_days(london(b.starts_at).date(), question)]
    meant = named if named else held
    if len(meant) > 1:
        choices = [
            (f"{london(b.starts_at):%a %-d %b}", _CHANGE.format(day=f"{london(b.starts_at):%-d %B %Y}")) for b in meant
        ]
        return Answer(title="Which of your bookings?", choices=choices[:MOST_CHOICES])
    booking = meant[0]
    to = _not_held(work, asker.mail, _own_first(work, asker, coming(work)), but=booking.surgery_id)
    free = _slots(work, to)[:20]
    listed = [(f"{london(s.at):%a %-d %b, %H:%M}, {adviser_name(work, s.row.adviser)}", s.key) for s in free]
    title, has_slot = _spoken(work, booking), booking.state == BookingState.BOOKED
    card = booking_card(booking.id, title, ("Move it, or give it back?",), listed, has_slot=has_slot)
    pending = {"verb": CANCEL, "booking_id": booking.id}
    return Answer(title=f"{title}. Give it back?", cards=(card,), is_card=True, pending=pending, is_of_now=False)


_LIST = "when are the next SEN IA surgeries"
_CHANGE = "cancel my surgery on {day}"


def do_cancel(press: Press) -> Answer:
    """Give it back."""
    booking = own_booking(press.work, _number(press.text("booking_id")), press.mail)
    said = _spoken(press.work, booking)
    press.attempt(cancel_booking, booking.id, press.mail)
    return Answer(title="Cancelled", sentences=(said, "Whoever waited longest has the slot now."))


def do_move(press: Press) -> Answer:
    """Move it to the slot that was chosen."""
    surgery_id, _, slot = press.text("to", 40).partition("/")
    booking_id = _number(press.text("booking_id"))
    press.attempt(move_booking, booking_id, surgery_id, _number(slot), press.mail)
    at = offered(surgery_row(press.work, surgery_id)).slot_at(_number(slot))
    return Answer(title=f"Moved to {spoken_moment(at)}", sentences=("Your calendar follows.",))


def ask_feedback(work: Work, asker: Asker, question: Question) -> Answer:
    """The card that asks how useful it was."""
    sessions = _rated(work, asker.mail)
    if not sessions:
        said = "Feedback is asked of those who came, once the session is over."
        return Answer(title="There is no surgery of yours to rate", sentences=(said,))
    card = feedback_card(sessions, {})
    return Answer(title="How useful was the surgery?", cards=(card,), is_card=True, is_of_now=False)


def do_feedback(press: Press) -> Answer:
    """Keep it; a comment that names a child is asked for again."""
    typed = {name: press.text(name, 1_100) for name in ("booking_id", "useful", "comment")}
    try:
        press.attempt(give_feedback, _number(typed["booking_id"]), typed["useful"], typed["comment"], press.mail)
    except InputRefused as error:
        sessions = _rated(press.work, press.mail)
        if not sessions:
            raise
        card = feedback_card(sessions, typed, str(error))
        return Answer(title=str(error), cards=(card,), is_card=True, is_of_now=False)
    return Answer(title="Thank you", sentences=("Your adviser reads it without a name.",), is_of_now=False)


def do_stop(press: Press) -> Answer:
    """No mails about surgeries."""
    press.attempt(stop_mails, press.mail)
    said = "What concerns a booking of yours still comes. Ask for surgeries at any time, here."
    return Answer(title="No more mails about surgeries", sentences=(said,), is_of_now=False)


def do_resume(press: Press) -> Answer:
    """Mails about surgeries again."""
    press.attempt(resume_mails, press.mail)
    return Answer(title="You get the mails about surgeries again", is_of_now=False)


def _rated(work: Work, mail: str) -> list[tuple[int, str]]:
    rows = to_rate(work, mail)[:MOST_CHOICES]
    return [(b.id, f"{london(b.starts_at):%-d %B %Y}, {adviser_name(work, b.adviser)}") for b in rows]


def _own_first(work: Work, asker: Asker, rows: Iterable[Any]) -> list[Any]:
    own = set(advisers_of(work, asker.schools))
    return sorted(rows, key=lambda r: (r.adviser not in own, r.starts_at))


def _not_held(work: Work, mail: str, rows: Iterable[Any], *, but: str = "") -> list[Any]:
    """The sessions somebody is not booked into and does not wait for; `but` is left in all the same."""
    held = {b.surgery_id for b in open_bookings(work, mail)} - {but}
    return [r for r in rows if r.id not in held]


def _slots(work: Work, rows: Iterable[Any]) -> list[Slot]:
    return [Slot(row=r, number=n, at=offered(r).slot_at(n)) for r in rows for n in free_slots(work, r)]


def _of_the_days(rows: Sequence[Any], question: Question) -> list[Any]:
    return [r for r in rows if _is_of_the_days(london(r.starts_at).date(), question)]


def _is_of_the_days(day: date, question: Question) -> bool:
    said = question.entities
    first, last = said.get("from") or said.get("date"), said.get("to") or said.get("date")
    return (not first or day.isoformat() >= str(first)) and (not last or day.isoformat() <= str(last))


def _is_at(slot: Slot, question: Question) -> bool:
    wanted = question.entities.get("time")
    begins, ends = london(slot.at), london(offered(slot.row).slot_at(slot.number + 1))
    return not wanted or f"{begins:%H:%M}" <= str(wanted) < f"{ends:%H:%M}"


def _spoken(work: Work, booking: Any) -> str:
    row = surgery_row(work, booking.surgery_id)
    name = adviser_name(work, row.adviser)
    if booking.slot is None:
        return f"You wait for a slot on {spoken_moment(row.starts_at)} with {name}"
    return f"You have the slot on {spoken_moment(offered(row).slot_at(booking.slot))} with {name}"


def _number(written: str) -> int:
    if not written.isdecimal() or len(written) > 9:
        raise InputRefused(f"'{written[:20]}' is no number of a booking. Ask for it again.")
    return int(written)


ANSWERS: Mapping[str, Answering] = {
    "surgery_list": show,
    "surgery_book": ask_to_book,
    "surgery_cancel": ask_to_cancel,
    "surgery_feedback": ask_feedback,
}
VERBS: Mapping[str, Pressing] = {
    BOOK: do_book,
    CANCEL: do_cancel,
    MOVE: do_move,
    FEEDBACK: do_feedback,
    STOP_MAILS: do_stop,
    RESUME_MAILS: do_resume,
}
