"""Subject access (UK GDPR, article 15): everything the record holds about one child, or about one adult.

A child is looked for by name in what is sealed; the search is journaled as one reading of everything, each find by
itself. An adult is looked for by mail address in every column of every table.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import msgspec
from rapidfuzz import fuzz
from sqlalchemy import JSON, LargeBinary, String, Table, Text, cast, func, or_, select

from casework import tables
from casework.booking import note_of
from casework.desk import Work
from casework.errors import InputRefused
from casework.journal import story_of
from casework.pupils import as_written, read_pupils
from communities.redaction import without_pupils
from communities.requests import FREE_TEXTS, Pupil

LIKE = 90.0
"""Per cent of likeness from which a name is taken for the one asked for: a slip of a letter."""

Found = dict[str, list[dict[str, Any]]]
"""Section to what stands there."""


def about_child(
    work: Work, name: str, born: date | None, tell: Callable[[str, int, int], None] = lambda *_: None
) -> Found:
    """Every request that names the child, with its texts, its story and who read the names; what amendments replaced,
    drafts, notes to surgeries' slots, and free texts in which both names stand. Raises `InputRefused`.
    """
    wanted = _words(name)
    if len(wanted) < 2:
        raise InputRefused("Give first name and family name: one name alone would find other children.")
    requests, amendments, drafts, notes = [], [], [], []
    texts: list[dict[str, Any]] = []
    total = int(work.conn.execute(select(func.count()).select_from(tables.pupils)).scalar_one())
    of_request = select(tables.requests, tables.pupils.c.sealed).join(tables.pupils)
    for number, row in enumerate(work.conn.execute(of_request.execution_options(yield_per=500)), 1):
        opened = work.desk.sealer.open(row.sealed)
        if any(_is_the_one(p, wanted, born) for p in opened.pupils):
            requests.append(row.id)
        else:
            said = as_written(row, opened)
            texts += (
                {"request": row.id, "school": row.school, "field": field, "text": said[field]}
                for field in FREE_TEXTS
                if _is_written_in(str(said.get(field) or ""), wanted)
            )
        if number % 500 == 0 or number == total:
            tell("pupils", number, total)
    for row in work.conn.execute(select(tables.amendments)):
        before = msgspec.json.decode(work.desk.sealer.open_bytes(row.sealed))
        if _is_written_in(str(before), wanted):
            amendments.append({"request": row.request_id, "at": row.at, "amended_by": row.amended_by, "before": before})
    for row in work.conn.execute(select(tables.drafts)):
        answers = msgspec.json.decode(work.desk.sealer.open_bytes(row.sealed))
        if _is_written_in(str(answers), wanted):
            drafts.append({"of": row.mail, "saved_at": row.saved_at, "answers": answers})
    bookings = tables.bookings
    for row in work.conn.execute(select(bookings).where(bookings.c.note.is_not(None))):
        if _is_written_in(note := note_of(work, row), wanted):
            notes.append({"surgery": row.surgery_id, "of": row.mail, "booked_at": row.booked_at, "note": note})
    work.journal("search pupils' data", "subject access", looked_at=total, found=len(requests))
    return {
        "requests": [_request(work, r, wanted, born) for r in requests],
        "amendments": amendments,
        "drafts": drafts,
        "notes_to_surgeries": notes,
        "texts_of_other_requests": texts,
    }


def _request(work: Work, request_id: str, wanted: list[str], born: date | None) -> dict[str, Any]:
    row = work.conn.execute(select(tables.requests).where(tables.requests.c.id == request_id)).one()
    opened = read_pupils(work, request_id, "for a subject access request")
    pupils, said = opened.pupils, as_written(row, opened)
    others = [p for p in pupils if not _is_the_one(p, wanted, born)]
    return {
        "request": row.id, "community": row.community, "school": row.school, "state": row.state,
        "submitted_at": row.submitted_at, "sender": row.sender,
        "child": [msgspec.to_builtins(p) for p in pupils if _is_the_one(p, wanted, born)],
        "other_children_on_it": len(others),
        "texts": {k: without_pupils(v, others) if k in FREE_TEXTS else v for k, v in said.items()},
        "story": [{"at": e.at, "by": e.actor, "what": e.sentence} for e in story_of(work.conn, row.id)],
    }  # fmt: skip


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return sorted(w for w in "".join(c if c.isalnum() else " " for c in plain.casefold()).split() if w)


def _is_the_one(pupil: Pupil, wanted: list[str], born: date | None) -> bool:
    if born is not None and pupil.born is not None and pupil.born != born.isoformat():
        return False
    words = _words(pupil.name)
    return set(wanted) <= set(words) or fuzz.ratio(" ".join(words), " ".join(wanted)) >= LIKE


def _is_written_in(text: str, wanted: list[str]) -> bool:
    return set(wanted) <= set(_words(text))


def about_adult(work: Work, mail: str) -> Found:
    """Every row that holds the address, by table: columns that are it, and documents that contain it."""
    address = mail.strip().casefold()
    if "@" not in address:
        raise InputRefused(f"'{mail[:80]}' is no mail address.")
    found: Found = {}
    for table in tables.metadata.sorted_tables:
        if rows := list(_rows_with(work, table, address)):
            found[table.name] = rows
    work.journal("export personal data", "subject access", tables=len(found), rows=sum(map(len, found.values())))
    return found


def _rows_with(work: Work, table: Table, address: str) -> Iterator[dict[str, Any]]:
    same = [func.lower(c) == address for c in table.columns if isinstance(c.type, String | Text)]
    same += [
        func.lower(c).contains(address, autoescape=True) for c in table.columns if isinstance(c.type, String | Text)
    ]
    same += [
        func.lower(cast(c, String)).contains(address, autoescape=True)
        for c in table.columns
        if isinstance(c.type, JSON)
    ]
    if not same:
        return
    for row in work.conn.execute(select(table).where(or_(*same)).order_by(*table.primary_key.columns)):
        yield {
            c.name: "sealed" if isinstance(c.type, LargeBinary) and v is not None else v
            for c, v in zip(table.columns, row, strict=True)
        }


def as_json(found: Found) -> bytes:
    """For a machine: every section with its rows."""
    return msgspec.json.format(msgspec.json.encode(found, enc_hook=_plain), indent=1)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
