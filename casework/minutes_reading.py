"""Minutes edited in Word are read back: the record follows the clerk's file, which itself is never overwritten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from typing import Any

from sqlalchemy import select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.effects import effect
from casework.errors import AlreadyDone, InputRefused
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import Letter, bullets, letter, spoken_day
from casework.meeting_record import TEXT_CHARACTERS, add_action, day_of, mark_attendance, minutes_row, register_of
from casework.ports import MailDraft, Ports
from casework.schedule import MeetingState, meeting_row, runs_meetings
from communities.meetings import ITEMS, Attendee, Mark, Template
from papers.minutes_reading import WrittenMinutes
from papers.wording import wording_hash

READ_AGAIN = "Once it is mended and saved, it is read again by itself."


@dataclass(frozen=True, kw_only=True)
class WordFile:
    """The Word file as it lies in the library: its tag, and what it says. SharePoint changes the tag by itself."""

    etag: str
    wording: str


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Minutes that may be edited: those of each community's last held meeting, as they were filed and last read."""

    meeting_id: str
    community: str
    name: str
    titles: Sequence[str]
    etag: str


def watched_minutes(work: Work) -> list[Watched]:
    """The minutes of each community's last meeting; once the next one is held, they stand."""
    meetings, minutes, papers = tables.meetings, tables.minutes, tables.papers
    rows = work.conn.execute(
        select(meetings.c.id, meetings.c.community, meetings.c.template, papers.c.name, minutes.c.word_etag)
        .join(minutes, minutes.c.meeting_id == meetings.c.id)
        .join(papers, (papers.c.meeting_id == meetings.c.id) & (papers.c.kind == "minutes"))
        .where(meetings.c.state == MeetingState.HELD, papers.c.web_url.is_not(None))
        .order_by(meetings.c.starts_at)
    )
    last = {r.community: r for r in rows}
    return [
        Watched(meeting_id=r.id, community=r.community, name=r.name, etag=r.word_etag,
                titles=tuple(title for title, _ in ITEMS[Template(r.template)]))
        for r in last.values()
    ]  # fmt: skip


def says_nothing_new(work: Work, meeting_id: str, file: WordFile) -> bool:
    """Whether it says what it said when it was last read, or filed: then its tag is noted, and nobody is told."""
    known = minutes_row(work, meeting_id)
    kept = tables.papers
    filed = select(kept.c.content).where(kept.c.meeting_id == meeting_id, kept.c.kind == "minutes")
    said = known.word_wording or wording_hash(work.conn.execute(filed).scalar_one())
    if said == file.wording:
        _seen(work, meeting_id, WordFile(etag=file.etag, wording=known.word_wording))
    return bool(said == file.wording)


def not_read(work: Work, meeting_id: str, file: WordFile, reason: str) -> None:
    """The file cannot be read, or somebody edited it who may not: the clerk is told why, once a version."""
    _seen(work, meeting_id, file)
    work.journal("minutes not read", meeting_id, reason=reason)
    work.effect("mail.minutes-unread", f"{meeting_id}#{work.change(meeting_id)}")


def take_minutes(work: Work, meeting_id: str, written: WrittenMinutes, by: str, file: WordFile) -> None:
    """Take what stands in the file: notes and matters as they are, marks that were changed, actions that were added.
    What was taken already, by another worker that read the same file, is not taken again.
    """
    meeting = meeting_row(work, meeting_id)
    hold = select(tables.minutes.c.word_etag).where(tables.minutes.c.meeting_id == meeting_id).with_for_update()
    if work.conn.execute(hold).scalar_one() == file.etag:
        return
    if not runs_meetings(work, meeting.community, by):
        not_read(work, meeting_id, file, f"It was edited by {by or 'somebody unknown'}, who is neither the chair nor "
                                         "the clerk. Save it once yourself to take it over.")  # fmt: skip
        return
    known = minutes_row(work, meeting_id)
    long = [n for n, text in written.notes.items() if len(text) > TEXT_CHARACTERS]
    if long:
        not_read(work, meeting_id, file, f"The note to item {long[0]} is longer than {TEXT_CHARACTERS:,} characters.")
        return
    notes = {str(n): text for n, text in sorted(written.notes.items())}
    changed = sum(notes.get(n) != known.notes.get(n) for n in {*notes, *known.notes})
    minutes = tables.minutes
    work.conn.execute(
        update(minutes)
        .where(minutes.c.meeting_id == meeting_id)
        .values(notes=notes, matters=list(written.matters), written_by=by, version=known.version + 1)
    )
    _seen(work, meeting_id, file)
    marks = _take_register(work, meeting_id, written.register, by)
    added, problems = _take_actions(work, meeting, written, by)
    work.acting(by).journal("read minutes back", meeting_id, notes=changed, marks=marks, actions=added)
    if problems:
        not_read(work, meeting_id, file, " ".join(problems))


def _seen(work: Work, meeting_id: str, file: WordFile) -> None:
    minutes, seen = tables.minutes, {"word_etag": file.etag, "word_wording": file.wording}
    work.conn.execute(update(minutes).where(minutes.c.meeting_id == meeting_id).values(seen))


def _take_register(work: Work, meeting_id: str, register: Sequence[tuple[str, str, str]], by: str) -> int:
    known = {a.of: a for a in register_of(work, meeting_id)}
    marks = {m.value.casefold(): m for m in Mark}
    changed = [
        Attendee(of=of, person=person, mark=marks[mark.casefold()])
        for of, person, mark in register
        if of in known and mark.casefold() in marks
        and (marks[mark.casefold()], person) != (known[of].mark, known[of].person)
    ]  # fmt: skip
    if changed:
        mark_attendance(work, meeting_id, changed, by)
    return len(changed)


def _take_actions(work: Work, meeting: Any, written: WrittenMinutes, by: str) -> tuple[int, list[str]]:
    """Rows without a number are new; the same one read again is not. A problem names the row, not what stands in it."""
    actions = tables.actions
    known = set(work.conn.execute(select(actions.c.what).where(actions.c.community == meeting.community)).scalars())
    added, problems = 0, []
    for number, row in enumerate(written.actions, 1):
        if row.number or row.what in known:
            continue
        due = _day(row.due)
        if due is None:
            problems.append(f"Action in row {number}: it needs a day by which it is due, like 4 December 2026.")
            continue
        try:
            add_action(work, meeting.community, row.what, row.owner, due, by, meeting.id)
            added += 1
        except (InputRefused, AlreadyDone) as error:
            problems.append(f"Action in row {number}: {error}")
    return added, problems


def _day(written: str) -> date | None:
    return next(_days(written), None)


def _days(written: str) -> Iterator[date]:
    for form in ("%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%Y-%m-%d"):
        try:
            yield datetime.strptime(written.strip(), form).replace(tzinfo=UTC).date()
        except ValueError:
            continue


@effect("mail.minutes-unread")
async def mail_unread(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk what in the minutes was not taken."""
    await ports.mail.send(await desk.run(SYSTEM, _unread, subject))


def _unread(work: Work, subject: str) -> MailDraft:
    meeting, journal = meeting_row(work, subject.rpartition("#")[0]), tables.journal
    rows = select(journal).where(journal.c.subject == meeting.id, journal.c.command == "minutes not read")
    row = work.conn.execute(rows.order_by(journal.c.number.desc()).limit(1)).one()
    said = unread_letter(meeting.community, day_of(meeting), str(row.details["reason"]))
    return from_desk(work, f"minutes-unread:{subject}", [clerk_mail(work, meeting.community)], said)


def unread_letter(community: str, day: date, reason: str) -> Letter:
    """The minutes in Word and the record differ."""
    return letter(
        f"The minutes of {community}, {day:%-d %B %Y}, could not be read in full",
        f"The minutes of <b>{escape(community)}</b> of {spoken_day(day)} were edited in Word. The file stays as it is, "
        "but this could not be taken into the record:",
        bullets([reason]),
        READ_AGAIN,
    )
