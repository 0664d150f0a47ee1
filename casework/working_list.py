"""The SharePoint list 'Requests for Support': where clerks and KCC see the record and fill in their sections.

The record writes it with If-Match; an edit there is a command by whoever made it, or is put back with the reason.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from casework import tables
from casework.decide import decision_row
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of
from casework.effects import effect, is_overtaken
from casework.errors import Conflict
from casework.etags import is_later_state
from casework.kcc_section import KCC_FIELDS, section_fields, take_section
from casework.list_values import check_whole, day_value, is_same, marks_of
from casework.moderate import moderation_row
from casework.ports import LastSeen, ListItem, Person, Ports
from casework.request_record import request_row
from casework.schedule import meeting_row
from communities.calendars import london
from communities.lifecycle import DECIDED

LIST = "Requests for Support"
KEY = "Title"


@effect("list.write")
async def write_list(desk: Desk, ports: Ports, subject: str) -> None:
    """Bring the item up to date; somebody else's edit in between is read and decided first, never overwritten."""
    if await desk.run(SYSTEM, is_overtaken, "list.write", subject):
        return
    request_id = subject.partition("#")[0]
    fields, item, seen = await desk.run(SYSTEM, _to_write, request_id)
    if item is None:
        item = await ports.lists.ensure(LIST, KEY, {KEY: request_id, **fields})
        await desk.run(SYSTEM, _keep_item, request_id, item)
        if all(is_same(item.fields.get(k), v) for k, v in fields.items()):
            return
    try:
        written = await ports.lists.patch(LIST, item, fields)
    except Conflict:
        current = await ports.lists.read(LIST, item.id, seen)
        await desk.run(SYSTEM, take_edit, current)
        fields, item, _ = await desk.run(SYSTEM, _to_write, request_id)
        assert item is not None
        written = await ports.lists.patch(LIST, item, fields)
    await desk.run(SYSTEM, _keep_written, request_id, written)
    check_whole(written)


def _to_write(work: Work, request_id: str) -> tuple[dict[str, Any], ListItem | None, LastSeen | None]:
    items = tables.list_items
    row = work.conn.execute(select(items).where(items.c.request_id == request_id)).one_or_none()
    fields = fields_of(work, request_id)
    if row is None:
        return fields, None, None
    seen = LastSeen(etag=row.etag, version=row.version, marks=row.marks)
    return fields, ListItem(id=row.item_id, etag=row.etag, fields={}), seen


def _keep_item(work: Work, request_id: str, item: ListItem) -> None:
    row = {
        "request_id": request_id, "item_id": item.id, "etag": item.etag, "version": item.version,
        "marks": marks_of(item.fields),
    }  # fmt: skip
    work.conn.execute(insert_or_replace(work.conn, tables.list_items, row, ("request_id",)))


def _keep_written(work: Work, request_id: str, item: ListItem) -> None:
    """Our own write, known again by its eTag: what it did not write says what it said before."""
    items = tables.list_items
    marks = work.conn.execute(select(items.c.marks).where(items.c.item_id == item.id)).scalar_one()
    marks = {n: mark for n, mark in marks.items() if n not in item.fields} | marks_of(item.fields)
    work.conn.execute(update(items).where(items.c.item_id == item.id).values(etag=item.etag, marks=marks))


def fields_of(work: Work, request_id: str) -> dict[str, Any]:
    """The item's fields from the record: never pupils' names or dates of birth."""
    row = request_row(work, request_id)
    meeting = meeting_row(work, row.meeting_id) if row.meeting_id else None
    fields: dict[str, Any] = {
        "Community": row.community,
        "School": row.school,
        "SchoolContact": row.submission["contact"],
        "SupportRequested": ", ".join(row.submission["support"]),
        "Requested": _money(row.requested_pence),
        "Submitted": _moment(row.submitted_at),
        "Status": row.state,
        "Meeting": _moment(meeting.starts_at) if meeting else None,
        "Verified": row.is_verified,
        "DeskNote": row.note,
        **section_fields(work, request_id),
    }
    if clerk := directory_of(work).clerk_of(row.community):
        fields["Clerk"] = Person(clerk.mail)
    if row.state in DECIDED:
        fields |= _decision_fields(decision_row(work, request_id))
    elif row.round > 1:
        fields |= dict.fromkeys((*_DECISION_FIELDS, "PaymentMonth"))
    if final := moderation_row(work, request_id):
        fields |= {"PaymentMonth": f"{final.pays_on:%B %Y}"}
    return fields


_DECISION_FIELDS = (
    "RequestResponse", "DetailsAgreed", "Conditions", "ReviewDate", "AmountApproved", "DateApproved", "DecisionMadeBy",
)  # fmt: skip


def _decision_fields(known: Any) -> dict[str, Any]:
    return {
        "RequestResponse": ", ".join(known.responses),
        "DetailsAgreed": known.details,
        "Conditions": known.conditions,
        "ReviewDate": day_value(known.review_on) if known.review_on else None,
        "AmountApproved": _money(known.amount_pence),
        "DateApproved": day_value(london(known.decided_at).date()),
        "DecisionMadeBy": known.made_by,
    }


def _money(pence: int | None) -> float | None:
    return None if pence is None else pence / 100


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def take_edit(work: Work, item: ListItem) -> bool:
    """An item as it came back from the list: each edit since is a section filled in by whoever made it, or is put back.

    Returns whether it was somebody's edit.
    """
    items = tables.list_items
    known = work.conn.execute(select(items).where(items.c.item_id == item.id)).one_or_none()
    if known is None or not is_later_state(item.etag, known.etag):
        return False
    request_id = known.request_id
    _keep_item(work, request_id, item)
    said = _changed(work, request_id, item)  # before the record moves on
    theirs = [edit for edit in item.edits if not edit.is_ours]
    wrote = {name for edit in theirs for name in edit.changed}  # else a column made anew, or a write on its way
    changed = [n for n in said if n in wrote and n not in KCC_FIELDS]
    reasons = [reason for edit in theirs for reason in take_section(work, request_id, edit)]
    if changed:
        reasons.append(f"{', '.join(sorted(changed))} can be changed in CoS Desk only.")
    if reasons:
        _put_back(work, request_id, f"Put back: {' '.join(dict.fromkeys(reasons))}")
    elif not _is_behind(work, request_id) and _changed(work, request_id, item):
        _write_again(work, request_id)
    return bool(theirs)


def known_items(work: Work) -> dict[str, LastSeen]:
    """Every item the record has in the list, by its id, as it was last seen."""
    rows = work.conn.execute(select(tables.list_items))
    return {r.item_id: LastSeen(etag=r.etag, version=r.version, marks=r.marks) for r in rows}


def put_back_deleted(work: Work, deleted: Set[str]) -> int:
    """Items somebody deleted are written anew, with the reason: the record is not in the list. Returns how many."""
    items = tables.list_items
    known = work.conn.execute(select(items).order_by(items.c.request_id)).all() if deleted else ()
    gone = [r for r in known if r.item_id in deleted]
    for row in gone:
        work.conn.execute(items.delete().where(items.c.item_id == row.item_id))
        _put_back(work, row.request_id, "Put back: a request is withdrawn in CoS Desk, not deleted from the list.")
    return len(gone)


def _changed(work: Work, request_id: str, item: ListItem) -> list[str]:
    """The columns of ours that say something else than the record."""
    return [k for k, v in fields_of(work, request_id).items() if not is_same(item.fields.get(k), v)]


def _is_behind(work: Work, request_id: str) -> bool:
    """Whether a write of ours is still on its way, which mends any difference."""
    effects = tables.effects
    waiting = select(effects.c.id).where(
        effects.c.kind == "list.write", effects.c.subject.like(f"{request_id}#%"), effects.c.state == "waiting"
    )
    return work.conn.execute(waiting.limit(1)).first() is not None


def _put_back(work: Work, request_id: str, note: str) -> None:
    work.conn.execute(update(tables.requests).where(tables.requests.c.id == request_id).values(note=note))
    work.journal("put back a list edit", request_id, note=note)
    _write_again(work, request_id)


def _write_again(work: Work, request_id: str) -> None:
    requests, version = tables.requests, request_row(work, request_id).version + 1
    work.conn.execute(update(requests).where(requests.c.id == request_id).values(version=version))
    work.effect("list.write", f"{request_id}#{version}")
