"""Texts kept by an earlier version, which stored them as they came: masked once, and what they said is sealed, before
anything else is done with the record.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select, update

from casework import tables
from casework.amend import kept_answers, submission_of
from casework.desk import SYSTEM, Desk, Work
from casework.masking import masked_of_request, masker_in
from casework.sealing import pupil_data

AT_ONCE = 50


def mask_kept(desk: Desk) -> int:
    """Mask what is kept in the open; returns how many requests were looked at. It may be stopped and goes on.

    Raises `NeedsAttention` where the pupils' key is missing.
    """
    looked = 0
    while True:
        with desk.reading() as work:  # every command comes by here: it waits for nobody who writes
            if not (found := _portion(work)):
                return looked
        with desk.work(SYSTEM) as work:
            communities = {_mask_request(work, request_id) for request_id in found}
            _mask_communities(work, communities)
        looked += len(found)


def _portion(work: Work) -> list[str]:
    pupils = tables.pupils
    rows = select(pupils.c.request_id).where(~pupils.c.is_masked).order_by(pupils.c.request_id).limit(AT_ONCE)
    return list(work.conn.execute(rows).scalars())


def _mask_request(work: Work, request_id: str) -> str:
    submission = submission_of(work, request_id, "to mask what was kept in the open")
    kept, requests, pupils = kept_answers(submission), tables.requests, tables.pupils
    here = requests.c.id == request_id
    if submission.pupils:
        work.conn.execute(update(requests).where(here).values(submission=kept))
    sealed = work.desk.sealer.seal(pupil_data(submission, kept))
    work.conn.execute(update(pupils).where(pupils.c.request_id == request_id).values(sealed=sealed, is_masked=True))
    for table, columns in ((tables.decisions, ("details", "conditions", "override_reason")),
                           (tables.interests, ("reason",))):  # fmt: skip
        for row in work.conn.execute(select(table).where(table.c.request_id == request_id)).all():
            said = {c: masked_of_request(work, request_id, getattr(row, c)) for c in columns if getattr(row, c)}
            _replace(work, table, row, said)
    return str(work.conn.execute(select(requests.c.community).where(here)).scalar_one())


def _mask_communities(work: Work, communities: set[str]) -> None:
    actions, minutes, meetings = tables.actions, tables.minutes, tables.meetings
    for community in sorted(communities):
        mask = masker_in(work, [community])
        for row in work.conn.execute(select(actions).where(actions.c.community == community)).all():
            _replace(work, actions, row, {"what": mask(row.what), "outcome": mask(row.outcome)})
        of_it = select(minutes).join(meetings).where(meetings.c.community == community)
        for row in work.conn.execute(of_it).all():
            notes = {n: mask(text) for n, text in row.notes.items()}
            _replace(work, minutes, row, {"notes": notes, "matters": [mask(m) for m in row.matters]})


def _replace(work: Work, table: Table, row: Any, said: dict[str, Any]) -> None:
    changed = {column: value for column, value in said.items() if value != getattr(row, column)}
    if changed:
        same = [key == getattr(row, key.name) for key in table.primary_key.columns]
        work.conn.execute(update(table).where(*same).values(changed))
