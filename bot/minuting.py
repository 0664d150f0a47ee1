"""Register and minutes, on cards; apologies and the register in chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.asking import Answer, Answering, Asker, Question, check_told, community_of, school_of
from bot.cards.minutes import MATTERS, MINUTES, NOTE_CHARACTERS, REGISTER, minutes_card, register_card
from bot.meeting_meant import meeting_meant
from bot.verbs import Press, Pressing
from casework.desk import Work
from casework.errors import InputRefused
from casework.letters import spoken_day
from casework.meeting_record import (
    day_of,
    is_marked,
    mark_attendance,
    meeting_before,
    minutes_row,
    register_of,
    send_apologies,
    write_minutes,
)
from casework.reading import Thing
from casework.schedule import MeetingState, check_runs, meeting_row, meetings_of, next_meeting, runs_meetings
from communities.meetings import ITEMS, Attendee, Mark, Template

APOLOGIES = "apologies"


def register_form(press: Press, meeting_id: str) -> Answer:
    """The register as it stands, to be filled in."""
    meeting = _of_theirs(press, meeting_id)
    return _register_answer(press.work, meeting)


def _register_answer(work: Work, meeting: Any, note: tuple[str, ...] = ()) -> Answer:
    title = _title(meeting)
    card = register_card(meeting.id, title, register_of(work, meeting.id))
    return Answer(title=f"Register of {title}", sentences=note, cards=(card,), is_card=not note, is_of_now=False)


def save_register(press: Press) -> Answer:
    """Take the register as the card says; the lines are those of the record, never the card's own."""
    meeting = _of_theirs(press, press.text("meeting_id"))
    lines = []
    for number, known in enumerate(register_of(press.work, meeting.id)):
        written = press.text(f"of.{number}", 40) or known.mark.value
        if written not in [m.value for m in Mark]:
            raise InputRefused(f"'{written}' is no mark of the register; choose Present, Apologies or Absent.")
        lines.append(Attendee(of=known.of, person=known.person, mark=Mark(written)))
    press.attempt(mark_attendance, meeting.id, lines, press.mail)
    return _register_said(meeting, lines)


def _register_said(meeting: Any, lines: list[Attendee]) -> Answer:
    counts = [(m.value, str(sum(a.mark is m for a in lines))) for m in Mark]
    return Answer(title=f"The register of {_title(meeting)} is taken", facts=counts)


def minutes_form(press: Press, meeting_id: str) -> Answer:
    """A note for each item, with what was written before."""
    return minutes_answer(press.work, _of_theirs(press, meeting_id))


def minutes_answer(work: Work, meeting: Any, note: tuple[str, ...] = ()) -> Answer:
    """The card for a meeting that was held; for those who run it."""
    known = minutes_row(work, meeting.id)
    notes = {**known.notes, MATTERS: "\n".join(known.matters)} if known else {}
    card = minutes_card(meeting.id, _title(meeting), _items(meeting), notes)
    title = f"Minutes of {_title(meeting)}"
    return Answer(title=title, sentences=note, cards=(card,), is_card=not note, is_of_now=False)


def save_minutes(press: Press) -> Answer:
    """Write the minutes; the Word document is made and filed in the library."""
    meeting = _of_theirs(press, press.text("meeting_id"))
    notes = {}
    for number, _ in enumerate(_items(meeting), 1):
        if text := press.text(f"item.{number}", NOTE_CHARACTERS):
            notes[number] = text
    matters = press.text(MATTERS, NOTE_CHARACTERS).splitlines()
    press.attempt(write_minutes, meeting.id, notes, matters, press.mail)
    sentences = ("The Word document is being filed in the community's library; edit it there as you like.",)
    return Answer(title=f"The minutes of {_title(meeting)} are written", sentences=sentences)


def attendance(work: Work, asker: Asker, question: Question) -> Answer:
    """Apologies from a school's own people; the register to take or to see for those who run the meeting."""
    community = community_of(work, asker, question)
    if not _says_apologies(question.text):
        check_told(work, asker, question, Thing.REGISTER, community)
        runs = runs_meetings(work, community, asker.mail)
        return _register(work, community, question) if runs else _who_came(work, community, question)
    meant = meeting_meant(work, community, question, next_meeting(work, community, None))
    meeting = meant.row
    if meeting is None:
        return Answer(title=f"{community} has no meeting booked", sentences=meant.note)
    school = school_of(work, asker, question)
    return Answer(
        title=f"Send apologies of {school}?",
        sentences=(*meant.note, f"For the meeting of {community} on {spoken_day(day_of(meeting))}."),
        choices=(("Yes, send apologies", "yes"), ("No", "no")),
        pending={"verb": APOLOGIES, "meeting_id": meeting.id, "school": school},
        is_of_now=False,
    )


def _says_apologies(text: str) -> bool:
    words = text.casefold()
    return any(w in words for w in ("apolog", "cannot", "can't", "cant ", "won't", "wont ", "unable", "not able",
                                    "miss the", "not be there", "not be at", "not come"))  # fmt: skip


def apologise(press: Press) -> Answer:
    """Put the apologies into the register."""
    meeting_id, school = press.text("meeting_id"), press.text("school")
    press.attempt(send_apologies, meeting_id, school, press.mail)
    return Answer(title=f"{school} sends apologies", sentences=(f"For {_title(meeting_row(press.work, meeting_id))}.",))


def _register(work: Work, community: str, question: Question) -> Answer:
    today = [m for m in meetings_of(work, community) if day_of(m) == work.today and m.state != MeetingState.CANCELLED]
    usual = today[0] if today else meeting_before(work, community, work.now)
    meant = meeting_meant(work, community, question, usual)
    meeting = meant.row
    if meeting is None:
        return Answer(title=f"{community} has not met yet", sentences=meant.note)
    if day_of(meeting) > work.today:
        said = (*meant.note, "The register is taken at the meeting or after it.")
        return Answer(title=f"{community} meets on {spoken_day(day_of(meeting))}", sentences=said)
    if question.is_personal:
        return _register_answer(work, meeting, meant.note)
    return _register_said(meeting, list(register_of(work, meeting.id)))


def _who_came(work: Work, community: str, question: Question) -> Answer:
    meant = meeting_meant(work, community, question, meeting_before(work, community, work.now))
    meeting = meant.row
    if meeting is None:
        return Answer(title=f"{community} has not met yet", sentences=meant.note)
    if not is_marked(work, meeting.id):
        return Answer(title=f"The register of {_title(meeting)} is not taken yet", sentences=meant.note)
    by_mark = [(m.value, [a.of for a in register_of(work, meeting.id) if a.mark is m]) for m in Mark]
    facts = [(f"{name} ({len(found)})", ", ".join(found)) for name, found in by_mark if found]
    return Answer(title=f"Register of {_title(meeting)}", sentences=meant.note, facts=facts)


def _of_theirs(press: Press, meeting_id: str) -> Any:
    meeting = meeting_row(press.work, meeting_id)
    check_runs(press.work, meeting.community, press.mail)
    return meeting


def _items(meeting: Any) -> list[str]:
    return [title for title, _ in ITEMS[Template(meeting.template)]]


def _title(meeting: Any) -> str:
    return f"{meeting.community}, {spoken_day(day_of(meeting))}"


ANSWERS: Mapping[str, Answering] = {"attendance": attendance}
VERBS: Mapping[str, Pressing] = {REGISTER: save_register, MINUTES: save_minutes, APOLOGIES: apologise}
