"""Minutes edited in Word are read back: the record follows the file, each save in its own editor's name, or proposed.

The file itself is never overwritten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select, update

from casework import tables
from casework.desk import Work
from casework.masking import masked_minutes
from casework.meeting_record import minutes_row
from casework.minutes_proposals import propose, replace_open
from casework.minutes_saves import Save, carry_out, record_taken, record_units, says
from casework.schedule import MeetingState, meeting_row, runs_meetings
from communities.meetings import ITEMS, Template
from papers.minutes_changes import Change, Part, Units, units_of
from papers.minutes_reading import read_minutes
from papers.wording import wording_hash

GONE = "gone"
"""Instead of the file's tag: it is in the library no more, and the clerk was told."""


@dataclass(frozen=True, kw_only=True)
class LastRead:
    """What is known of a file: `file` says which and as what it was filed; version, editor, units, tag and wording
    are those of when it could be read last; `authors` wrote what the record does not say, by unit. No version: it was
    not read since it was filed.
    """

    file: str
    version: str = ""
    by: str = ""
    units: Units
    authors: Mapping[str, list[str]] = field(default_factory=dict)
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


def last_read(work: Work, minutes: Watched, item_id: str, filed_tag: str) -> LastRead:
    """What was last read of that file; as it was filed, where it was filed since."""
    known, kept = minutes_row(work, minutes.meeting_id), tables.papers
    filed = select(kept.c.content).where(kept.c.meeting_id == minutes.meeting_id, kept.c.kind == "minutes")
    content = bytes(work.conn.execute(filed).scalar_one())
    file = f"{item_id}/{hashlib.sha256(content).hexdigest()[:16]}"
    read = known.word_read
    if read.get("file") == file:
        units = {key: tuple(said) for key, said in read["units"].items()}
        return LastRead(file=file, version=read["version"], by=read["by"], units=units, authors=read["authors"],
                        etag=read["etag"], wording=known.word_wording)  # fmt: skip
    units = units_of(masked_minutes(work, minutes.community, read_minutes(content, minutes.titles)))
    return LastRead(file=file, units=units, etag=filed_tag, wording=wording_hash(content))


def not_read(work: Work, meeting_id: str, reason: str) -> None:
    """Something in the file cannot be taken: the clerk is told why, once a version."""
    work.journal("minutes not read", meeting_id, reason=reason)
    work.effect("mail.minutes-unread", f"{meeting_id}#{work.change(meeting_id)}")


def minutes_gone(work: Work, minutes: Watched) -> None:
    """The file is in its library no more: the clerk is told once, until it was there again."""
    if _held_tag(work, minutes.meeting_id) == GONE:
        return
    work.conn.execute(
        update(tables.minutes).where(tables.minutes.c.meeting_id == minutes.meeting_id).values(word_etag=GONE)
    )
    work.journal("minutes gone", minutes.meeting_id)
    work.effect("mail.minutes-gone", f"{minutes.meeting_id}#{work.change(minutes.meeting_id)}")


def _held_tag(work: Work, meeting_id: str) -> str:
    """The tag the file had when it was looked at last; another worker that looks waits."""
    tag = select(tables.minutes.c.word_etag).where(tables.minutes.c.meeting_id == meeting_id).with_for_update()
    return str(work.conn.execute(tag).scalar_one())


def take_minutes(
    work: Work, meeting_id: str, saves: Sequence[Save], now: LastRead, tag: str, problem: str = ""
) -> None:
    """Take each save in its editor's name, or propose it; `now` is what is known of the file from here on,
    and `tag` its tag as it was looked at.

    What was taken already, by another worker that read the same file, is not taken again.
    """
    if _held_tag(work, meeting_id) == tag:
        return
    community = meeting_row(work, meeting_id).community
    authors, problems, proposed = dict(now.authors), [problem] if problem else [], 0
    for save in saves:
        rest: Sequence[Change] = save.changes
        if runs_meetings(work, community, save.by):
            rest, refused = _take(work, meeting_id, save, authors)
            problems += refused
        proposed += propose(work, meeting_id, rest, save.by, authors)
    _seen(work, meeting_id, tag, replace(now, authors=authors))
    if proposed:
        work.journal("propose minutes", meeting_id, count=proposed)
        work.effect("mail.minutes-proposed", f"{meeting_id}#{work.change(meeting_id)}")
    if problems:
        not_read(work, meeting_id, " ".join(problems))


def _take(work: Work, meeting_id: str, save: Save, authors: dict[str, list[str]]) -> tuple[list[Change], list[str]]:
    """Carry out what is this person's alone, and put back what they put back; returns the rest, and why what of theirs
    cannot be taken.
    """
    record = record_units(work, meeting_id)
    back = [c for c in save.changes if says(record, c, c.after)]
    own = [c for c in save.changes if c not in back and _is_own(c, save.by, authors)]
    carried = carry_out(work, meeting_id, own, save.by)
    for change in (*back, *own):
        replace_open(work, meeting_id, change.key, save.by)
        authors.pop(change.key, None)
    authors |= {key: [save.by] for key in carried.problems}
    record_taken(work, meeting_id, carried, save.by)
    return [c for c in save.changes if c not in back and c not in own], list(carried.problems.values())


def _is_own(change: Change, by: str, authors: Mapping[str, Sequence[str]]) -> bool:
    """A mark is chosen whole; what stands in words that somebody else wrote as well is nobody's alone."""
    return change.part is Part.MARK or not change.before or set(authors.get(change.key, ())) <= {by}


def _seen(work: Work, meeting_id: str, tag: str, now: LastRead) -> None:
    read = {"file": now.file, "version": now.version, "by": now.by, "units": now.units, "authors": now.authors,
            "etag": now.etag}  # fmt: skip
    seen = {"word_etag": tag, "word_wording": now.wording, "word_read": read}
    work.conn.execute(update(tables.minutes).where(tables.minutes.c.meeting_id == meeting_id).values(seen))
