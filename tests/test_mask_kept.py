"""A record of an earlier version, whose texts name children in the open, is masked before anything else is done."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert, select, update

from casework import tables
from casework.amend import submission_of
from casework.desk import SYSTEM, Work
from casework.mask_kept import mask_kept
from casework.pupils import as_written, read_pupils
from casework.request_record import request_row
from casework.sealing import PupilData
from communities.directory import Directory
from communities.requests import Pupil
from tests.conftest import Bench
from tests.test_record import arrive, set_up

R1 = "R-2026-0001"
SAID = "ZEBEDEE reads with Quill’s mum; born 3.4.15. Conor too."
KEPT = "[pupil] reads with [pupil]’s mum; born [date of birth]. Conor too."


def as_it_was(work: Work, request_id: str) -> None:
    """What the version before kept: the school's texts as they came, a decision and an action as they were typed."""
    row = request_row(work, request_id)
    said = {**row.submission, "solution": SAID, "contact": "Zebedee's mum"}
    work.conn.execute(update(tables.requests).where(tables.requests.c.id == request_id).values(submission=said))
    sealed = work.desk.sealer.seal(PupilData(pupils=[Pupil(name="Zebedee Quill", born="2015-04-03")], written="x"))
    here = tables.pupils.c.request_id == request_id
    work.conn.execute(update(tables.pupils).where(here).values(sealed=sealed, is_masked=False))
    work.conn.execute(insert(tables.decisions).values(
        request_id=request_id, round=1, responses=[], details=SAID, amount_pence=0, conditions="zebedee comes",
        made_by="Consensus", decided_by="c@x.example", decided_at=work.now,
    ))  # fmt: skip
    work.conn.execute(insert(tables.actions).values(
        id="A-2026-0001", community=row.community, what="Ask Quill", owner="Clerk", due_on=date(2026, 12, 4),
    ))  # fmt: skip


def test_what_is_kept_in_the_open_is_masked_once_and_what_it_said_is_sealed(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    arrive(bench)
    with bench.desk.work(SYSTEM) as work:
        as_it_was(work, R1)
    assert mask_kept(bench.desk) == 1
    with bench.desk.work(SYSTEM) as work:
        row = request_row(work, R1)
        assert (row.submission["solution"], row.submission["contact"]) == (KEPT, "[pupil]'s mum")
        assert as_written(row, read_pupils(work, R1, "test"))["solution"] == SAID
        assert submission_of(work, R1, "test").contact == "Zebedee's mum"
        decided = work.conn.execute(select(tables.decisions)).one()
        assert (decided.details, decided.conditions) == (KEPT, "[pupil] comes")
        assert work.conn.execute(select(tables.actions.c.what)).scalar_one() == "Ask [pupil]"
    assert mask_kept(bench.desk) == 0
