"""The SharePoint list 'Requests for Support': where clerks and KCC see the record and fill in their sections.

The record writes it with If-Match; an edit there is a command by whoever made it, or is put back with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.decide import decision_row
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of
from casework.effects import effect
from casework.errors import AlreadyDone, Conflict, InputRefused, NotAllowed
from casework.moderate import moderate, moderation_row
from casework.ports import ListItem, Person, Ports
from casework.request_moves import pay_request
from casework.request_record import request_row
from casework.schedule import meeting_row
from communities.calendars import london
from communities.lifecycle import DECIDED, State
from communities.money import NotAnAmount, read_pence

LIST = "Requests for Support"
KEY = "Title"
KCC_FIELDS = ("FinalAmount", "KccModerated", "ModeratedBy", "DateProcessed", "AmountPaid", "DatePaid")
"""Owned by the KCC moderator; the record never writes them before it has read them."""

TEXT = 255


@effect("list.write")
async def write_list(desk: Desk, ports: Ports, subject: str) -> None:
    """Bring the item up to date; somebody else's edit in between is read and decided first, never overwritten."""
    request_id = subject.partition("#")[0]
    fields, known = await desk.run(SYSTEM, _fields_and_item, request_id)
    if known is None:
        made = await ports.lists.ensure(LIST, KEY, {KEY: request_id, **fields})
        await desk.run(SYSTEM, _keep_item, request_id, made)
        if all(_same(made.fields.get(k), v) for k, v in fields.items()):
            return
        known = made
    try:
        written = await ports.lists.patch(LIST, known, fields)
    except Conflict:
        current = await ports.lists.read(LIST, known.id)
        await desk.run(SYSTEM, take_edit, current)
        fields, known = await desk.run(SYSTEM, _fields_and_item, request_id)
        assert known is not None
        written = await ports.lists.patch(LIST, known, fields)
    await desk.run(SYSTEM, _keep_item, request_id, written)


def _fields_and_item(work: Work, request_id: str) -> tuple[dict[str, Any], ListItem | None]:
    items = tables.list_items
    row = work.conn.execute(select(items).where(items.c.request_id == request_id)).one_or_none()
    known = ListItem(id=row.item_id, etag=row.etag, fields={}) if row else None
    return fields_of(work, request_id), known


def _keep_item(work: Work, request_id: str, item: ListItem) -> None:
    row = {"request_id": request_id, "item_id": item.id, "etag": item.etag}
    work.conn.execute(insert_or_replace(work.conn, tables.list_items, row, ("request_id",)))


def fields_of(work: Work, request_id: str) -> dict[str, Any]:
    """The item's fields from the record: never pupils' names or dates of birth."""
    row = request_row(work, request_id)
    meeting = meeting_row(work, row.meeting_id) if row.meeting_id else None
    fields: dict[str, Any] = {
        "Community": row.community,
        "School": row.school,
        "SchoolContact": row.submission["contact"][:TEXT],
        "SupportRequested": ", ".join(row.submission["support"]),
        "Requested": _money(row.requested_pence),
        "Submitted": _moment(row.submitted_at),
        "Status": row.state,
        "Meeting": _moment(meeting.starts_at) if meeting else None,
        "Verified": row.is_verified,
        "DeskNote": row.note,
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
        "ReviewDate": _day(known.review_on),
        "AmountApproved": _money(known.amount_pence),
        "DateApproved": _day(london(known.decided_at).date()),
        "DecisionMadeBy": known.made_by,
    }


def _money(pence: int | None) -> float | None:
    return None if pence is None else pence / 100


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day.isoformat()}T00:00:00Z"


def take_edit(work: Work, item: ListItem) -> bool:
    """An item as it came back from the list: our own write, somebody's section filled in, or a field to put back.

    `item.fields` carries `lastModifiedByMail`. Returns whether it was somebody's edit.
    """
    items = tables.list_items
    known = work.conn.execute(select(items).where(items.c.item_id == item.id)).one_or_none()
    if known is None or known.etag == item.etag:
        return False
    _keep_item(work, known.request_id, item)
    by = str(item.fields.get("lastModifiedByMail") or "")
    changed = [] if _is_behind(work, known.request_id) else _changed(work, known.request_id, item)
    try:
        _take_kcc_section(work, known.request_id, item.fields, by)
        _take_payment(work, known.request_id, item.fields, by)
    except (NotAllowed, InputRefused, AlreadyDone) as error:
        _put_back(work, known.request_id, f"Put back: {error}")
        return True
    if changed:
        _put_back(work, known.request_id, f"Put back: {', '.join(sorted(changed))} can be changed in CoS Desk only.")
    return True


def known_items(work: Work) -> set[str]:
    """The ids of every item the record has in the list."""
    return set(work.conn.execute(select(tables.list_items.c.item_id)).scalars())


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
    return [k for k, v in fields_of(work, request_id).items() if not _same(item.fields.get(k), v)]


def _is_behind(work: Work, request_id: str) -> bool:
    """Whether a write of ours is still on its way: then a difference is no edit, and the write mends it."""
    effects = tables.effects
    waiting = select(effects.c.id).where(
        effects.c.kind == "list.write", effects.c.subject.like(f"{request_id}#%"), effects.c.state == "waiting"
    )
    return work.conn.execute(waiting.limit(1)).first() is not None


def _take_kcc_section(work: Work, request_id: str, fields: Mapping[str, Any], by: str) -> None:
    if not fields.get("KccModerated") or fields.get("FinalAmount") is None or moderation_row(work, request_id):
        return
    moderate(
        work,
        request_id,
        _pence("Final amount", fields["FinalAmount"]),
        str(fields.get("ModeratedBy") or by)[:TEXT],
        _date("Date processed", fields.get("DateProcessed")) or work.today,
        by,
    )


def _take_payment(work: Work, request_id: str, fields: Mapping[str, Any], by: str) -> None:
    if fields.get("AmountPaid") is None or request_row(work, request_id).state != State.MODERATED:
        return
    pay_request(
        work,
        request_id,
        _pence("Amount paid", fields["AmountPaid"]),
        _date("Date paid", fields.get("DatePaid")) or work.today,
        by,
    )


def _pence(column: str, written: object) -> int:
    """A currency column's value; SharePoint gives a number, a flow may have written anything."""
    try:
        return read_pence(written)
    except NotAnAmount as error:
        raise InputRefused(f"{column}: {error}") from None


def _date(column: str, written: object) -> date | None:
    """A date column's value; None where it is empty."""
    if not written:
        return None
    try:
        return date.fromisoformat(str(written)[:10])
    except ValueError:
        raise InputRefused(f"'{str(written)[:40]}' in '{column}' is not a date.") from None


def _put_back(work: Work, request_id: str, note: str) -> None:
    requests, row = tables.requests, request_row(work, request_id)
    work.conn.execute(requests.update().where(requests.c.id == request_id).values(note=note, version=row.version + 1))
    work.journal("put back a list edit", request_id, note=note)
    work.effect("list.write", f"{request_id}#{row.version + 1}")


def _same(theirs: object, ours: object) -> bool:
    """Whether a column says what we wrote, in whichever form SharePoint gives it back.

    A person comes back as the site's own number: an edit of it is overwritten by the next write, and no matter.
    """
    return isinstance(ours, Person) or _plain(theirs) == _plain(ours)


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def _plain(value: object) -> object:
    """Dates without parts of seconds, texts without doubled white space, nothing for blank."""
    if isinstance(value, str):
        return value[:19] if _MOMENT.fullmatch(value) else " ".join(value.split()) or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(float(value), 2)
    return value or None
