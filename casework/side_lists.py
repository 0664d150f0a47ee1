"""Items of lists where people add things of their own: known by eTag, taken as commands, or answered with a note.

What a list's items mean is `surgery_list`'s and `question_list`'s; here is how an item is known again.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.errors import AlreadyDone, Conflict, InputRefused, NotAllowed
from casework.form_back import NAMES_A_CHILD
from casework.naming import NamesAChild
from casework.ports import Fields, ListItem, Ports

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


def known_items(work: Work, name: str) -> set[str]:
    """The ids of every item known of a list."""
    items = tables.side_items
    return set(work.conn.execute(select(items.c.item_id).where(items.c.list == name)).scalars())


def take_edit(work: Work, side: SideList, item: ListItem) -> bool:
    """An item as it came back: our own write, one somebody added, or an edit. Returns whether it was somebody's."""
    known = _known(work, side.name, item.id)
    if known is not None and known.etag == item.etag:
        return False
    by, subject = str(item.fields.get("lastModifiedByMail") or ""), known.subject if known else None
    keep_item(work, side.name, item, subject)
    if known is not None and not by:
        return False  # an application wrote it, no person: a write of ours whose answer is still on its way
    try:
        if subject is None:
            subject = side.add(work, item, by)
            keep_item(work, side.name, item, subject)
            is_to_write = True
        else:
            is_to_write = side.change(work, subject, item, by)
        note = ""
    except NamesAChild:
        note, is_to_write = f"Not taken: {NAMES_A_CHILD}", True
    except (InputRefused, NotAllowed, AlreadyDone) as error:
        note, is_to_write = f"Not taken: {error}", True
    if is_to_write:
        _note(work, side, item.id, note)
        target = subject or f"item:{item.id}"
        work.journal("answer a list edit", target, list=side.name, note=note)
        work.effect(side.effect, f"{target}#{work.change(target)}")
    return True


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
            work.effect(side.effect, f"{known.subject}#{work.change(known.subject)}")
            count += 1
    return count


async def write_item(desk: Desk, ports: Ports, side: SideList, subject: str) -> None:
    """Bring an item up to date; somebody's edit in between is read and decided first, never overwritten. Where a later
    write of the same item waits, that one does it.
    """
    target = subject.partition("#")[0]
    if await desk.run(SYSTEM, _is_overtaken, side, subject):
        return
    fields, known = await desk.run(SYSTEM, _to_write, side, target)
    if known is None:
        if target.startswith("item:"):
            return  # it was deleted meanwhile, and there was nothing but a note to say
        made = await ports.lists.ensure(side.name, KEY, {KEY: target, **fields})
        await desk.run(SYSTEM, keep_item, side.name, made, target)
        return
    try:
        written = await ports.lists.patch(side.name, known, fields)
    except Conflict:
        current = await ports.lists.read(side.name, known.id)
        await desk.run(SYSTEM, take_edit, side, current)
        fields, again = await desk.run(SYSTEM, _to_write, side, target)
        assert again is not None
        written = await ports.lists.patch(side.name, again, fields)
    await desk.run(SYSTEM, _keep_etag, side.name, written)


def _is_overtaken(work: Work, side: SideList, subject: str) -> bool:
    effects, (target, _, entry) = tables.effects, subject.partition("#")
    waiting = select(effects.c.subject).where(
        effects.c.kind == side.effect, effects.c.state == "waiting", effects.c.subject.startswith(f"{target}#")
    )
    return any(int(s.partition("#")[2]) > int(entry) for s in work.conn.execute(waiting).scalars())


def keep_item(work: Work, name: str, item: ListItem, subject: str | None) -> None:
    """An item as it stands now."""
    row = {"list": name, "item_id": item.id, "etag": item.etag, "subject": subject}
    work.conn.execute(insert_or_replace(work.conn, tables.side_items, row, ("list", "item_id")))


def _keep_etag(work: Work, name: str, item: ListItem) -> None:
    """Our own write, known again by its eTag. What the item is about stays: it may have been taken meanwhile."""
    items = tables.side_items
    work.conn.execute(update(items).where(items.c.list == name, items.c.item_id == item.id).values(etag=item.etag))


def _to_write(work: Work, side: SideList, target: str) -> tuple[dict[str, Any], ListItem | None]:
    items = tables.side_items
    is_item = target.startswith("item:")
    where = items.c.item_id == target.removeprefix("item:") if is_item else items.c.subject == target
    row = work.conn.execute(select(items).where(items.c.list == side.name, where)).one_or_none()
    fields: dict[str, Any] = {} if is_item else {KEY: target, **side.fields_of(work, target)}
    fields[NOTE] = row.note if row else ""
    return fields, ListItem(id=row.item_id, etag=row.etag, fields={}) if row else None


def _known(work: Work, name: str, item_id: str) -> Row[Any] | None:
    items = tables.side_items
    return work.conn.execute(select(items).where(items.c.list == name, items.c.item_id == item_id)).one_or_none()


def _note(work: Work, side: SideList, item_id: str, note: str) -> None:
    items = tables.side_items
    work.conn.execute(update(items).where(items.c.list == side.name, items.c.item_id == item_id).values(note=note))
