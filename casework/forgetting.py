"""Retention: pupils' data is deleted on time, and it can be shown that it was.

A choice, to be set by the county: the pupils of a request that is over are forgotten twelve months after the end of the
academic year it was submitted in; a draft nobody sent, and what was written about a surgery's slot, after ninety days.
The request itself stays for the ledger and the statistics, whose texts were masked when they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, update

from casework import tables
from casework.desk import Work
from casework.pupils import read_pupils
from casework.sealing import PupilData
from communities.calendars import at_london
from communities.lifecycle import OPEN

NOTES_AND_DRAFTS = timedelta(days=90)
AT_ONCE = 50
GRACE = timedelta(days=2)
"""What is due for longer than that was not done on time."""


def forgotten_before(work: Work) -> datetime:
    """Requests submitted before this moment are due: the end of an academic year, so many months ago."""
    day = work.today
    for _ in range(work.desk.keep_months):
        day = day.replace(day=1) - timedelta(days=1)
    first = day.year if day.month >= 9 else day.year - 1
    return at_london(date(first, 9, 1), time(0))


def forget_due(work: Work) -> list[str]:
    """The sweep's question: what is to be forgotten now, a portion."""
    return [
        *(f"request {r}" for r in work.conn.execute(_requests(work).limit(AT_ONCE)).scalars()),
        *(f"draft {d}" for d in work.conn.execute(_drafts(work).limit(AT_ONCE)).scalars()),
        *(f"note {b}" for b in work.conn.execute(_notes(work).limit(AT_ONCE)).scalars()),
    ]


def _requests(work: Work) -> Select[Any]:
    requests, pupils = tables.requests, tables.pupils
    return (
        select(requests.c.id)
        .join(pupils, pupils.c.request_id == requests.c.id)
        .where(pupils.c.forgotten_at.is_(None), _is_over(work))
        .order_by(requests.c.id)
    )


def _is_over(work: Work) -> ColumnElement[bool]:
    requests = tables.requests
    return requests.c.state.not_in(OPEN) & (requests.c.submitted_at < forgotten_before(work))


def _drafts(work: Work) -> Select[Any]:
    drafts = tables.drafts
    return select(drafts.c.id).where(drafts.c.saved_at < work.now - NOTES_AND_DRAFTS).order_by(drafts.c.id)


def _notes(work: Work) -> Select[Any]:
    bookings, surgeries = tables.bookings, tables.surgeries
    return (
        select(bookings.c.id)
        .join(surgeries, surgeries.c.id == bookings.c.surgery_id)
        .where(bookings.c.note.is_not(None), surgeries.c.ends_at < work.now - NOTES_AND_DRAFTS)
        .order_by(bookings.c.id)
    )


def forget(work: Work, subject: str) -> None:
    """Forget one thing that `forget_due` found."""
    kind, _, key = subject.partition(" ")
    if kind == "request":
        _forget_pupils(work, key)
    elif kind == "draft":
        work.conn.execute(delete(tables.drafts).where(tables.drafts.c.id == int(key)))
        work.journal("forget draft", subject)
    else:
        work.conn.execute(update(tables.bookings).where(tables.bookings.c.id == int(key)).values(note=None))
        work.journal("forget note", f"booking {key}")


def _forget_pupils(work: Work, request_id: str) -> None:
    """Let go of them, of the texts that name them and of what amendments replaced; what is left was masked before."""
    pupils, amendments = tables.pupils, tables.amendments
    known = read_pupils(work, request_id, "to forget them").pupils
    nothing = work.desk.sealer.seal(PupilData(pupils=[], written=""))
    same = pupils.c.request_id == request_id
    work.conn.execute(update(pupils).where(same).values(sealed=nothing, forgotten_at=work.now))
    gone = work.conn.execute(delete(amendments).where(amendments.c.request_id == request_id)).rowcount
    work.journal("forget pupils' data", request_id, pupils=len(known), amendments=int(gone))


@dataclass(frozen=True, kw_only=True)
class Retained:
    """How one kind of data stands against its rule."""

    what: str
    rule: str
    kept: int
    forgotten: int
    overdue: int


def retention(work: Work) -> Sequence[Retained]:
    """What is kept, what was forgotten, and what should have been and was not."""
    pupils, journal = tables.pupils, tables.journal

    def count(query: Select[Any]) -> int:
        return int(work.conn.execute(query).scalar_one())

    def forgotten(command: str) -> int:
        return count(select(func.count()).select_from(journal).where(journal.c.command == command))

    def overdue(query: Select[Any]) -> int:
        return count(select(func.count()).select_from(query.subquery()))

    later = _later(work)
    is_kept = pupils.c.forgotten_at.is_(None)
    return (
        Retained(
            what="pupils of requests", rule=f"{work.desk.keep_months} months after the academic year, once it is over",
            kept=count(select(func.count()).select_from(pupils).where(is_kept)),
            forgotten=count(select(func.count()).select_from(pupils).where(~is_kept)),
            overdue=overdue(_requests(later)),
        ),
        Retained(
            what="drafts that were not sent", rule=f"{NOTES_AND_DRAFTS.days} days",
            kept=count(select(func.count()).select_from(tables.drafts)), forgotten=forgotten("forget draft"),
            overdue=overdue(_drafts(later)),
        ),
        Retained(
            what="notes to surgeries' slots", rule=f"{NOTES_AND_DRAFTS.days} days after the surgery",
            kept=count(select(func.count()).select_from(tables.bookings).where(tables.bookings.c.note.is_not(None))),
            forgotten=forgotten("forget note"), overdue=overdue(_notes(later)),
        ),
    )  # fmt: skip


def _later(work: Work) -> Work:
    """The same record some days ago by the clock: what was due then is overdue now."""
    return replace(work, now=work.now - GRACE)


def proof(work: Work) -> tuple[int, list[str]]:
    """Open what should be empty: how many requests were looked at, and those in which something is left."""
    requests, pupils, amendments = tables.requests, tables.pupils, tables.amendments
    rows = select(
        requests.c.id, pupils.c.sealed, exists().where(amendments.c.request_id == requests.c.id).label("more")
    )
    due = rows.join(pupils, pupils.c.request_id == requests.c.id).where(_is_over(_later(work)))
    looked, left = 0, []
    for row in work.conn.execute(due.execution_options(yield_per=500)):
        looked += 1
        data = work.desk.sealer.open(row.sealed)
        if data.pupils or data.written or data.attachments or data.texts or row.more:
            left.append(row.id)
    work.journal("prove what was forgotten", "retention", opened=looked, left=len(left))
    return looked, left
