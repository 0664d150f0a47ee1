"""The one door to pupils' names and dates of birth. Each reading is journaled: who, of what, why."""

from __future__ import annotations

from sqlalchemy import select

from casework import tables
from casework.desk import Work
from casework.sealing import PupilData


def read_pupils(work: Work, request_id: str, why: str) -> PupilData:
    """The pupils of a request, opened for a stated reason."""
    sealed = work.conn.execute(
        select(tables.pupils.c.sealed).where(tables.pupils.c.request_id == request_id)
    ).scalar_one()
    work.journal("read pupils' data", request_id, why=why)
    return work.desk.sealer.open(sealed)
