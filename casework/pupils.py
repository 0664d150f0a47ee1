"""The one door to pupils' names and dates of birth. Each reading is journaled: who, of what, why."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import Work
from casework.sealing import PupilData
from communities.requests import Pupil


def read_pupils(work: Work, request_id: str, why: str) -> PupilData:
    """The pupils of a request, opened for a stated reason."""
    sealed = work.conn.execute(
        select(tables.pupils.c.sealed).where(tables.pupils.c.request_id == request_id)
    ).scalar_one()
    work.journal("read pupils' data", request_id, why=why)
    return work.desk.sealer.open(sealed)


def pupils_of(work: Work, community: str, why: str) -> list[Pupil]:
    """The pupils of a community's requests that are not forgotten, opened for a stated reason."""
    pupils, requests = tables.pupils, tables.requests
    here = select(pupils.c.sealed).join(requests, requests.c.id == pupils.c.request_id)
    rows = work.conn.execute(here.where(requests.c.community == community, pupils.c.forgotten_at.is_(None)))
    found = [pupil for sealed in rows.scalars() for pupil in work.desk.sealer.open(sealed).pupils]
    if found:
        work.journal("read pupils' data", community, why=why)
    return found


def as_written(row: Any, opened: PupilData) -> dict[str, Any]:
    """A request's answers with their texts as the school wrote them, pupils' names and all."""
    return {**row.submission, **opened.texts}
