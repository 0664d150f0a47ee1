"""A request's row in the record, and the one way it moves from state to state."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from casework import tables
from casework.desk import Work
from casework.errors import AlreadyDone, InputRefused
from communities.lifecycle import Move, State, after


def request_row(work: Work, request_id: str) -> Any:
    """The request's row; `InputRefused` where there is none of that number."""
    row = work.conn.execute(select(tables.requests).where(tables.requests.c.id == request_id)).one_or_none()
    if row is None:
        raise InputRefused(f"There is no request '{request_id}'.")
    return row


def move(work: Work, request_id: str, what: Move) -> int:
    """Move a request by the lifecycle's table; returns its new version. Refused moves raise `AlreadyDone`."""
    row = request_row(work, request_id)
    state = after(State(row.state), what)
    if state is None:
        raise AlreadyDone(f"{request_id} is '{row.state}': it cannot be {what.value} now. Nothing was changed.")
    requests = tables.requests
    version = work.conn.execute(
        update(requests)
        .where(requests.c.id == request_id, requests.c.version == row.version)
        .values(state=state.value, version=row.version + 1)
        .returning(requests.c.version)
    ).scalar_one_or_none()
    if version is None:
        raise AlreadyDone(f"{request_id} was changed by somebody else just now. Look at it again.")
    return int(version)
