"""Surgeries for the SEN IA who holds them: publish, see who comes, call off, sum up; load and themes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from bot.asking import Answer, Asker, asker_of
from bot.cards.advising import (
    CALL_OFF,
    PUBLISH,
    PUBLISH_FORM,
    SUM_UP,
    SUM_UP_FORM,
    OwnSession,
    own_sessions_card,
    publish_card,
    sum_up_card,
)
from bot.verbs import Press, Pressing
from casework.booking import note_of
from casework.desk import Work
from casework.errors import InputRefused, NotAllowed
from casework.letters import spoken_moment
from casework.surgery_feedback import load_of, sum_up, to_sum_up
from casework.surgery_record import (
    adviser_name,
    bookings_of,
    call_off,
    coming,
    is_adviser,
    offered,
    publish,
    surgery_row,
)
from communities.calendars import academic_year, at_london, london
from communities.surgeries import SLOT_MINUTES, BookingState, Surgery
from papers.charts import counts_chart

NOTE_SHOWN = 200
"""Characters of a note on the card with all sessions."""


def overview(work: Work, asker: Asker, note: str = "") -> Answer:
    """An adviser's own sessions, those to sum up first, and what the school year came to."""
    waiting = [_own(work, r, is_over=True) for r in to_sum_up(work, asker.mail)]
    own = [_own(work, r, is_over=False) for r in coming(work) if r.adviser == asker.mail.casefold()]
    first = date(int(academic_year(work.today)[:4]), 9, 1)
    load = load_of(work, asker.mail, first, date(first.year + 1, 9, 1))
    said = [note] if note else []
    if load.sessions:
        rated = f"; {load.useful:.1f} of 5 for usefulness" if load.useful is not None else ""
        said.append(
            f"This school year: {load.sessions} sessions, {load.came} of {load.slots} slots used, "
            f"{load.missed} did not come{rated}."
        )
    themes = counts_chart(dict(load.themes), "slots", on_a_card=True) if load.themes else None
    sessions = [*waiting, *own]
    title = "Your surgeries" if sessions else "You have no surgery published"
    card = own_sessions_card(title, sessions, said, themes)
    facts = [(s.when, s.said) for s in sessions]
    return Answer(title=title, sentences=said, facts=facts, cards=(card,), is_card=True)


def _own(work: Work, row: Any, *, is_over: bool) -> OwnSession:
    surgery, held = offered(row), bookings_of(work, row.id)
    wanted = (BookingState.CAME,) if is_over else (BookingState.BOOKED,)
    booked = sorted((b for b in held if b.state in wanted), key=lambda b: b.slot)
    waits = sum(b.state == BookingState.WAITING for b in held)
    lines = []
    for b in booked:
        note = note_of(work, b)
        lines.append(
            f"{london(surgery.slot_at(b.slot)):%H:%M} {b.school}: {b.theme}" + (f" – {_short(note)}" if note else "")
        )
    said = f"{len(booked)} of {row.slots} slots booked" + (f", {waits} waiting" if waits else "")
    begins, ends = london(surgery.starts_at), london(surgery.ends_at)
    return OwnSession(
        surgery_id=row.id, when=f"{begins:%A %-d %B, %H:%M} to {ends:%H:%M}", is_over=is_over,
        said="Held; to be summed up" if is_over else said, bookings=lines,
    )  # fmt: skip


def _short(note: str) -> str:
    return note if len(note) <= NOTE_SHOWN else note[: NOTE_SHOWN - 1] + "…"


def publish_answer(typed: Mapping[str, str], problem: str = "") -> Answer:
    """The form of a session."""
    card = publish_card(typed, problem)
    return Answer(title="Publish a surgery", cards=(card,), is_card=True, is_of_now=False)


def open_form(press: Press) -> Answer:
    """The empty form; nothing changes yet."""
    _check_adviser(press)
    return publish_answer({})


def _check_adviser(press: Press) -> None:
    if not is_adviser(press.work, press.mail):
        raise NotAllowed("Surgeries are published by SEN Inclusion Advisers. Nothing was changed.")


def do_publish(press: Press) -> Answer:
    """Publish it; what stands against it is said on the form."""
    _check_adviser(press)
    typed = {name: press.text(name, 20) for name in ("day", "at", "slots", "minutes")}
    try:
        surgery = _read(typed)
        press.attempt(publish, press.mail, surgery, press.mail)
    except InputRefused as error:
        return publish_answer(typed, str(error))
    note = f"Published: {spoken_moment(surgery.starts_at)}, {surgery.slots} slots of {surgery.slot_minutes} minutes."
    return overview(press.work, asker_of(press.work, press.mail), note)


def _read(typed: Mapping[str, str]) -> Surgery:
    try:
        day, at = date.fromisoformat(typed["day"]), time.fromisoformat(typed["at"])
        slots, minutes = int(typed["slots"]), int(typed["minutes"] or SLOT_MINUTES)
    except ValueError:
        raise InputRefused("Day, time, slots and minutes are all needed, the last two as whole numbers.") from None
    moment: datetime = at_london(day, at.replace(tzinfo=None))
    return Surgery(starts_at=moment, slots=slots, slot_minutes=minutes)


def do_call_off(press: Press) -> Answer:
    """Call a session off."""
    surgery_id = press.text("surgery_id", 40)
    count = press.attempt(call_off, surgery_id, press.mail)
    told = "Nobody had booked." if not count else f"{count} who had booked or waited are told by mail."
    return overview(press.work, asker_of(press.work, press.mail), f"{surgery_id} is called off. {told}")


def open_sum_up(press: Press) -> Answer:
    """The form: who came, and the summary."""
    return _sum_up_answer(press, {}, "")


def _sum_up_answer(press: Press, typed: Mapping[str, str], problem: str) -> Answer:
    row = surgery_row(press.work, press.text("surgery_id", 40))
    if row.adviser != press.mail.casefold():
        raise NotAllowed(f"{row.id} is summed up by {adviser_name(press.work, row.adviser)}. Nothing was changed.")
    came = [
        (b.id, f"{london(offered(row).slot_at(b.slot)):%H:%M} {b.school}")
        for b in bookings_of(press.work, row.id)
        if b.state in (BookingState.CAME, BookingState.MISSED)
    ]
    title = f"Surgery on {spoken_moment(row.starts_at)}"
    card = sum_up_card(row.id, title, came, typed, problem)
    return Answer(title=title, cards=(card,), is_card=True, is_of_now=False)


def do_sum_up(press: Press) -> Answer:
    """Share it; a summary that names a child is asked for again."""
    surgery_id = press.text("surgery_id", 40)
    typed = {"summary": press.text("summary", 5_000), "came": press.text("came", 500)}
    came = {int(n) for n in typed["came"].split(",") if n.isdecimal()}
    held = [b for b in bookings_of(press.work, surgery_id) if b.state in (BookingState.CAME, BookingState.MISSED)]
    missed = {b.id for b in held} - came
    try:
        press.attempt(sum_up, surgery_id, typed["summary"], missed, press.mail)
    except InputRefused as error:
        return _sum_up_answer(press, typed, str(error))
    count = len(held) - len(missed)
    said = "One school gets it by mail." if count == 1 else f"{count} schools get it by mail."
    return overview(press.work, asker_of(press.work, press.mail), f"The summary of {surgery_id} is shared. {said}")


VERBS: Mapping[str, Pressing] = {
    PUBLISH_FORM: open_form,
    PUBLISH: do_publish,
    CALL_OFF: do_call_off,
    SUM_UP_FORM: open_sum_up,
    SUM_UP: do_sum_up,
}
