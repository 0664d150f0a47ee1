"""A request's row in the record, and the one way it moves: by the lifecycle's table."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update

from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import AlreadyDone, InputRefused, NotReadable
from casework.masking import masked_of_request
from casework.permissions import check_may
from casework.reading import Reader, Thing, may_read_request, readers, unreadable
from communities.calendars import academic_year, london
from communities.lifecycle import BY_MOVE, OPEN, Move, State, When, after

REASON_CHARACTERS = 500


def request_row(work: Work, request_id: str) -> Any:
    """The request's row; `InputRefused` where there is none of that number."""
    row = work.conn.execute(select(tables.requests).where(tables.requests.c.id == request_id)).one_or_none()
    if row is None:
        raise InputRefused(f"There is no request '{request_id[:60]}'.")
    return row


def request_for(work: Work, request_id: str, by: str, thing: Thing = Thing.STATUS) -> Any:
    """The row of a request for somebody who wants to read or to change it. Raises `NotReadable`, in the same words for
    a number of no request; those who read every request are told that there is none (`InputRefused`).
    """
    row = work.conn.execute(select(tables.requests).where(tables.requests.c.id == request_id)).one_or_none()
    if row is None and Reader.COUNTY in readers(directory_of(work), by):
        return request_row(work, request_id)
    if row is None or not may_read_request(work, Thing.STATUS, row, by):
        raise unreadable(request_id)
    if not may_read_request(work, thing, row, by):
        raise NotReadable(f"Only its school, its community's chair and clerk, and KCC can read all of {row.id}.")
    return row


def is_current(row: Any, today: date) -> bool:
    """Whether people still look at it: it is open, or it was sent in this school year."""
    return row.state in OPEN or academic_year(london(row.submitted_at).date()) == academic_year(today)


def request_of(subject: str) -> str:
    """The request's number in an effect's subject, `R-2026-0001#3`."""
    return subject.partition("#")[0]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What a move left: the request's new version and the id of the journal entry."""

    version: int
    entry: int


def perform(
    work: Work,
    request_id: str,
    move: Move,
    by: str,
    *,
    reason: str = "",
    when: Collection[When] = (),
    **details: Any,
) -> Moved:
    """Make a move by the lifecycle's table: who, from where, with a reason, journaled, with its effects.

    `when` names the conditions that hold, `details` go into the journal. Raises `AlreadyDone`, `NotAllowed` or
    `InputRefused`; then nothing was changed.
    """
    row, rule = request_for(work, request_id, by), BY_MOVE[move]
    check_may(work, row, rule, by)
    state = after(State(row.state), move)
    if state is None:
        raise AlreadyDone(f"{request_id} is '{row.state}': it cannot be {move} now. Nothing was changed.")
    if rule.needs_reason:
        details["reason"] = _kept_reason(work, request_id, move, reason)
    requests = tables.requests
    version = work.conn.execute(
        update(requests)
        .where(requests.c.id == request_id, requests.c.version == row.version)
        .values(state=state.value, version=row.version + 1)
        .returning(requests.c.version)
    ).scalar_one_or_none()
    if version is None:
        raise AlreadyDone(f"{request_id} was changed by somebody else just now. Look at it again.")
    entry = work.acting(by).journal(rule.command, request_id, version=version, **details)
    for kind, condition in rule.effects:
        if condition is When.ALWAYS or condition in when:
            work.effect(kind, f"{request_id}#{version}")
    return Moved(version=int(version), entry=entry)


def _kept_reason(work: Work, request_id: str, move: Move, reason: str) -> str:
    """The reason as it may stand in the journal and in mails: short, and without a pupil's name."""
    said = " ".join(reason.split())
    if not said:
        raise InputRefused(f"Say why {request_id} is {move}: the school reads it, and it stands in the record.")
    if len(said) > REASON_CHARACTERS:
        raise InputRefused(
            f"The reason has {len(said)} characters; the limit is {REASON_CHARACTERS}. Shorten it and try again."
        )
    return masked_of_request(work, request_id, said)
