"""What people saved in the minutes' Word file, taken into the record in their own name, or proposed to the clerk.

Chair and clerk may; what anybody else wrote, or nobody can be named for, waits until one of them accepts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select, update

from casework import tables
from casework.desk import Work
from casework.errors import AlreadyDone, InputRefused
from casework.meeting_record import TEXT_CHARACTERS, add_action, mark_attendance, minutes_row, register_of
from casework.schedule import meeting_row
from communities.meetings import Attendee, Mark
from papers.minutes_changes import Change, Part, unit_key


@dataclass(frozen=True, kw_only=True)
class Save:
    """What one person changed; '' where nobody can be named."""

    by: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Carried:
    """How much was taken, and a sentence for each change that cannot be, by its unit's key."""

    notes: int
    marks: int
    actions: int
    problems: Mapping[str, str]


def record_units(work: Work, meeting_id: str) -> dict[str, tuple[str, ...]]:
    """What the record says, unit by unit; an action by its words alone."""
    known = minutes_row(work, meeting_id)
    units: dict[str, tuple[str, ...]] = {unit_key(Part.NOTE, n): (text,) for n, text in known.notes.items()}
    units[unit_key(Part.MATTERS, "")] = tuple(known.matters)
    for line in register_of(work, meeting_id):
        units[unit_key(Part.PERSON, line.of)] = (line.person,)
        units[unit_key(Part.MARK, line.of)] = (line.mark.value,)
    actions, community = tables.actions, meeting_row(work, meeting_id).community
    for what in work.conn.execute(select(actions.c.what).where(actions.c.community == community)).scalars():
        units[unit_key(Part.ACTION, what)] = (what,)
    return units


def says(record: Mapping[str, tuple[str, ...]], change: Change, value: tuple[str, ...]) -> bool:
    """Whether the record says that of the unit: of an action, whether it is there or is not."""
    known = record.get(change.key, ())
    if change.part is Part.ACTION:
        return bool(known) == bool(value)
    if change.part is Part.MARK:
        return [mark.casefold() for mark in known] == [mark.casefold() for mark in value]
    return known == value


def carry_out(work: Work, meeting_id: str, changes: Sequence[Change], by: str) -> Carried:
    """Take these changes into the record as that person's."""
    problems: dict[str, str] = {}
    notes = _write(work, meeting_id, [c for c in changes if c.part in (Part.NOTE, Part.MATTERS)], by, problems)
    marks = _mark(work, meeting_id, [c for c in changes if c.part in (Part.MARK, Part.PERSON)], by, problems)
    actions = _act(work, meeting_id, [c for c in changes if c.part is Part.ACTION and c.after], by, problems)
    return Carried(notes=notes, marks=marks, actions=actions, problems=problems)


def _write(work: Work, meeting_id: str, changes: Sequence[Change], by: str, problems: dict[str, str]) -> int:
    known, minutes = minutes_row(work, meeting_id), tables.minutes
    notes, matters, taken = dict(known.notes), known.matters, 0
    for change in changes:
        if any(len(text) > TEXT_CHARACTERS for text in change.after):
            where = f"The note to item {change.of}" if change.part is Part.NOTE else "A matter arising"
            problems[change.key] = f"{where} is longer than {TEXT_CHARACTERS:,} characters."
            continue
        if change.part is Part.MATTERS:
            matters = list(change.after)
        elif change.after:
            notes[change.of] = change.after[0]
        else:
            notes.pop(change.of, None)
        taken += change.part is Part.NOTE
    if len(problems) < len(changes):
        said = {"notes": dict(sorted(notes.items())), "matters": matters, "written_by": by}
        here = minutes.c.meeting_id == meeting_id
        work.conn.execute(update(minutes).where(here).values(**said, version=known.version + 1))
    return taken


def _mark(work: Work, meeting_id: str, changes: Sequence[Change], by: str, problems: dict[str, str]) -> int:
    known = {a.of: a for a in register_of(work, meeting_id)}
    marks = {m.value.casefold(): m for m in Mark}
    lines: dict[str, Attendee] = {}
    for change in changes:
        line, said = lines.get(change.of) or known.get(change.of), change.after[0]
        if line is None:
            problems[change.key] = f"'{change.of[:80]}' is not in the register; nobody else has a line there."
        elif change.part is Part.PERSON:
            lines[change.of] = Attendee(of=line.of, person=said, mark=line.mark)
        elif said.casefold() in marks:
            lines[change.of] = Attendee(of=line.of, person=line.person, mark=marks[said.casefold()])
        else:
            choices = ", ".join(m.value for m in Mark)
            problems[change.key] = f"'{said[:40]}' in the line of {change.of} is not one of: {choices}."
    if lines:
        mark_attendance(work, meeting_id, list(lines.values()), by)
    return len(lines)


def _act(work: Work, meeting_id: str, changes: Sequence[Change], by: str, problems: dict[str, str]) -> int:
    """A problem names the action by its owner, not by what stands in it."""
    community, added = meeting_row(work, meeting_id).community, 0
    for change in changes:
        owner, due = change.after
        where = f"Action of {owner}" if owner else "An action without an owner"
        day = next(_days(due), None)
        if day is None:
            problems[change.key] = f"{where}: it needs a day by which it is due, like 4 December 2026."
            continue
        try:
            add_action(work, community, change.of, owner, day, by, meeting_id)
            added += 1
        except (InputRefused, AlreadyDone) as error:
            problems[change.key] = f"{where}: {error}"
    return added


def _days(written: str) -> Iterator[date]:
    for form in ("%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%Y-%m-%d"):
        try:
            yield datetime.strptime(written.strip(), form).replace(tzinfo=UTC).date()
        except ValueError:
            continue


def record_taken(work: Work, meeting_id: str, carried: Carried, by: str) -> None:
    """In the journal, where anything was taken."""
    if carried.notes or carried.marks or carried.actions:
        work.acting(by).journal("read minutes back", meeting_id, notes=carried.notes, marks=carried.marks,
                                actions=carried.actions)  # fmt: skip
