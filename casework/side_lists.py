"""Items of lists where people add things of their own: known by eTag, taken as commands, or answered with a note.

What a list's items mean is `surgery_list`'s and `question_list`'s; here is how an item is known again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, delete, select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.errors import AlreadyDone, Conflict, InputRefused, NotAllowed
from casework.etags import is_later_state
from casework.form_back import NAMES_A_CHILD
from casework.list_values import check_whole, is_same, marks_of
from casework.naming import NamesAChild
from casework.ports import Fields, LastSeen, ListEdit, ListItem, Ports

KEY, NOTE = "Title", "DeskNote"


@dataclass(frozen=True, kw_only=True)
class SideList:
    """A list beside the working list: its name, its fields out of the record, and what an item or an edit asks for."""

    name: str
    effect: str
    """The kind of effect that writes an item: its subject is a subject, or `item:ID` for one without."""
    fields_of: Callable[[Work, str], Fields]
    add: Callable[[Work, ListItem, str], str]
    """Take an item somebody added; returns its subject, or raises why not."""
    change: Callable[[Work, str, ListItem, str], bool]
    """Take what somebody changed of a subject's item; whether the item is to be written again."""
    copy_of: Callable[[Work, str, Fields], str] = lambda work, item_id, fields: ""
    """The subject that an item (its id, its fields) the record does not know is a copy of; '' for none."""


COPY = (
    "This is a copy of {0}. Nothing written here counts: please use the item with the title {0}, and delete this one."
)


def titles_in(title: object) -> list[str]:
    """The numbers of requests, questions or sessions a title has in it."""
    return re.findall(r"\b[A-Z]-\d{4}-\d{4,}\b", str(title or ""))


UNKNOWN = (
    "Microsoft 365 did not tell us who made this change, so nothing was changed. Please make it again, and ask an "
    "administrator to switch on versions for this list."
)
SEVERAL = "More than one person filled in this item. Please delete it and add a new one with everything in it."


def known_items(work: Work, name: str) -> dict[str, LastSeen]:
    """Every item known of a list, by its id, as it was last seen."""
    items = tables.side_items
    return {r.item_id: _seen(r) for r in work.conn.execute(select(items).where(items.c.list == name))}


def _seen(row: Row[Any]) -> LastSeen:
    return LastSeen(etag=row.etag, version=row.version, marks=row.marks)


def take_edit(work: Work, side: SideList, item: ListItem) -> bool:
    """An item as it came back: our own write, one somebody added, or edits, each by whoever made it.

    Returns whether it was somebody's.
    """
    known = _known(work, side.name, item.id)
    if known is not None and not is_later_state(item.etag, known.etag):
        return False
    subject = known.subject if known else None
    keep_item(work, side.name, item, subject)
    theirs = [e for e in item.edits if not e.is_ours and (e.by or e.changed.keys() - {NOTE})]  # we write the note
    if subject is None and (original := side.copy_of(work, item.id, item.fields)):
        _answer(work, side, item.id, None, COPY.format(original))
        return bool(theirs)
    later = {name for edit in item.edits for name in edit.changed}
    fields = {name: value for name, value in item.fields.items() if name not in later}
    notes = []
    for edit in theirs:
        fields |= edit.changed
        try:
            if subject is None:
                subject = _add(work, side, replace(item, fields=fields), edit)
                keep_item(work, side.name, item, subject)
            elif not _change(work, side, subject, item, edit):
                continue
            notes.append("")
        except NamesAChild:
            notes.append(f"Not taken: {NAMES_A_CHILD}")
        except (InputRefused, NotAllowed, AlreadyDone) as error:
            notes.append(f"Not taken: {error}")
    if notes:
        said = [n for n in dict.fromkeys(notes) if n]
        _answer(work, side, item.id, subject, " ".join(said))
    elif subject is not None and theirs and not _says_the_record(work, side, subject, item):
        _write(work, side, subject)
    return bool(theirs)


def _add(work: Work, side: SideList, item: ListItem, edit: ListEdit) -> str:
    """Take an item that is about nothing yet, as it was after this save of one person; returns its subject."""
    items = tables.side_items
    here = (items.c.list == side.name, items.c.item_id == item.id)
    authors = {*work.conn.execute(select(items.c.authors).where(*here)).scalar_one(), edit.by.casefold()}
    work.conn.execute(update(items).where(*here).values(authors=sorted(authors)))
    if not edit.by:
        raise InputRefused(UNKNOWN)
    if len(authors) > 1:
        raise InputRefused(SEVERAL)
    return side.add(work, item, edit.by)


def _change(work: Work, side: SideList, subject: str, item: ListItem, edit: ListEdit) -> bool:
    """Take what one save changed; what others changed and the record did not take is not there for this one."""
    ours = side.fields_of(work, subject)
    wanted = {n: v for n, v in edit.changed.items() if n in ours and not is_same(v, ours[n])}
    if not wanted:
        return False
    if not edit.by:
        raise InputRefused(UNKNOWN)
    return side.change(work, subject, replace(item, fields={**ours, **wanted}), edit.by)


def _says_the_record(work: Work, side: SideList, subject: str, item: ListItem) -> bool:
    return all(is_same(item.fields.get(n), v) for n, v in side.fields_of(work, subject).items())


def _answer(work: Work, side: SideList, item_id: str, subject: str | None, note: str) -> None:
    """Write the item as the record has it, with the reason where something was not taken."""
    _note(work, side, item_id, note)
    target = subject or f"item:{item_id}"
    work.journal("answer a list edit", target, list=side.name, note=note)
    _write(work, side, target)


def _write(work: Work, side: SideList, target: str) -> None:
    work.effect(side.effect, f"{target}#{work.change(target)}")


def put_back_deleted(work: Work, side: SideList, deleted: Set[str]) -> int:
    """Items somebody deleted are written anew where the record has what they are about. Returns how many."""
    items, count = tables.side_items, 0
    for item_id in sorted(deleted):
        known = _known(work, side.name, item_id)
        if known is None:
            continue
        work.conn.execute(delete(items).where(items.c.list == side.name, items.c.item_id == item_id))
        if known.subject is not None:
            work.journal("put back a list item", known.subject, list=side.name)
            _write(work, side, known.subject)
            count += 1
    return count


async def write_item(desk: Desk, ports: Ports, side: SideList, subject: str) -> None:
    """Bring an item up to date; somebody's edit in between is read and decided first, never overwritten. Where a later
    write of the same item waits, that one does it.
    """
    target = subject.partition("#")[0]
    if await desk.run(SYSTEM, _is_overtaken, side, subject):
        return
    fields, item, seen = await desk.run(SYSTEM, _to_write, side, target)
    if item is None:
        if target.startswith("item:"):
            return  # it was deleted meanwhile, and there was nothing but a note to say
        made = await ports.lists.ensure(side.name, KEY, {KEY: target, **fields})
        await desk.run(SYSTEM, keep_item, side.name, made, target)
        check_whole(made)
        return
    try:
        written = await ports.lists.patch(side.name, item, fields)
    except Conflict:
        current = await ports.lists.read(side.name, item.id, seen)
        await desk.run(SYSTEM, take_edit, side, current)
        fields, again, _ = await desk.run(SYSTEM, _to_write, side, target)
        assert again is not None
        written = await ports.lists.patch(side.name, again, fields)
    await desk.run(SYSTEM, _keep_written, side.name, written)
    check_whole(written)


def _is_overtaken(work: Work, side: SideList, subject: str) -> bool:
    effects, (target, _, entry) = tables.effects, subject.partition("#")
    waiting = select(effects.c.subject).where(
        effects.c.kind == side.effect, effects.c.state == "waiting", effects.c.subject.startswith(f"{target}#")
    )
    return any(int(s.partition("#")[2]) > int(entry) for s in work.conn.execute(waiting).scalars())


def keep_item(work: Work, name: str, item: ListItem, subject: str | None) -> None:
    """An item as it stands now."""
    row = {
        "list": name, "item_id": item.id, "etag": item.etag, "subject": subject, "version": item.version,
        "marks": marks_of(item.fields),
    }  # fmt: skip
    work.conn.execute(insert_or_replace(work.conn, tables.side_items, row, ("list", "item_id")))


def _keep_written(work: Work, name: str, item: ListItem) -> None:
    """Our own write, known again by its eTag. What the item is about stays: it may have been taken meanwhile."""
    items = tables.side_items
    here = (items.c.list == name, items.c.item_id == item.id)
    before = work.conn.execute(select(items.c.marks).where(*here)).scalar_one_or_none() or {}
    marks = {n: mark for n, mark in before.items() if n not in item.fields} | marks_of(item.fields)
    work.conn.execute(update(items).where(*here).values(etag=item.etag, marks=marks))


def _to_write(work: Work, side: SideList, target: str) -> tuple[dict[str, Any], ListItem | None, LastSeen | None]:
    items = tables.side_items
    is_item = target.startswith("item:")
    where = items.c.item_id == target.removeprefix("item:") if is_item else items.c.subject == target
    row = work.conn.execute(select(items).where(items.c.list == side.name, where)).one_or_none()
    fields: dict[str, Any] = {} if is_item else {KEY: target, **side.fields_of(work, target)}
    fields[NOTE] = row.note if row else ""
    return (fields, ListItem(id=row.item_id, etag=row.etag, fields={}), _seen(row)) if row else (fields, None, None)


def _known(work: Work, name: str, item_id: str) -> Row[Any] | None:
    items = tables.side_items
    return work.conn.execute(select(items).where(items.c.list == name, items.c.item_id == item_id)).one_or_none()


def _note(work: Work, side: SideList, item_id: str, note: str) -> None:
    items = tables.side_items
    work.conn.execute(update(items).where(items.c.list == side.name, items.c.item_id == item_id).values(note=note))
