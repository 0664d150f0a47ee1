"""Two processes on one PostgreSQL that decide the same request, or spend the same last pounds, again and again."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from casework import tables
from casework.database import open_engine
from casework.decide import decide
from casework.desk import Desk, Mailboxes, Work
from casework.errors import AlreadyDone, InputRefused
from casework.sealing import Sealer
from communities.directory import Directory
from communities.lifecycle import State
from service.clocks import ManualClock
from tests.conftest import KEY, Bench
from tests.test_record import MEETING, a_budget, approve, arrive, chair, home, import_budget, schedule_meetings, slot

ROUNDS = int(os.environ.get("COS_RACES", "25"))
"""Of each kind: so often the same request, so often the same last pounds. `make test-all` runs 500."""

PRICE = 10


def number(round_: int, kind: str) -> str:
    return f"R-2026-{kind}{round_:04d}"


def press(url: str, key: bytes, chair_mail: str, now: Any, me: int, barrier: Barrier, answers: Any) -> None:
    """One of the two: decides in step with the other, and says what it was told."""
    engine = open_engine(url)
    desk = Desk(
        engine=engine, clock=ManualClock(now), sealer=Sealer([key]), mailboxes=Mailboxes(desk="d@x.example"),
        enqueue=lambda *_: None,
    )  # fmt: skip
    told: Counter[str] = Counter()
    for round_ in range(ROUNDS):
        for kind, request_id in (("same", number(round_, "S")), ("last", number(round_, "AB"[me]))):
            barrier.wait(60)
            try:
                with desk.work() as work:
                    decide(work, request_id, approve(PRICE), chair_mail)
                told[f"{kind} decided"] += 1
            except (AlreadyDone, InputRefused) as error:
                told[f"{kind} {type(error).__name__}"] += 1
            barrier.wait(60)
        if me == 0:  # the budget has just enough for the next round
            with desk.work() as work:
                import_budget(work, a_budget(chair_home(work), PRICE * 2 * (round_ + 2)))
        barrier.wait(60)
    answers.put(told)
    engine.dispose()


def chair_home(work: Work) -> str:
    return str(work.conn.execute(select(tables.budgets.c.community)).scalar_one())


@pytest.mark.process
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_of_two_processes_one_wins_and_the_other_is_told(bench: Bench, directory: Directory, county_url: str) -> None:
    community = home(directory)
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(community, MEETING, 2)])
        import_budget(work, a_budget(community, PRICE * 2))
    arrive(bench)
    bench.at(MEETING)
    with bench.desk.work() as work:
        pattern = dict(work.conn.execute(select(tables.requests)).one()._mapping)
        sealed = work.conn.execute(select(tables.pupils.c.sealed)).scalar_one()
        numbers = [number(n, kind) for n in range(ROUNDS) for kind in "SAB"]
        made = [pattern | {"id": n, "source_key": n, "state": State.ON_AGENDA.value} for n in numbers]
        work.conn.execute(insert(tables.requests), made)
        work.conn.execute(insert(tables.pupils), [{"request_id": n, "sealed": sealed} for n in numbers])
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(2), context.Queue()
    told_to = [
        context.Process(target=press, args=(county_url, KEY, chair(directory), bench.clock.now(), me, barrier, answers))
        for me in (0, 1)
    ]
    for process in told_to:
        process.start()
    told: Counter[str] = sum((answers.get(timeout=300) for _ in told_to), Counter())
    for process in told_to:
        process.join(60)
    assert told == {
        "same decided": ROUNDS, "same AlreadyDone": ROUNDS, "last decided": ROUNDS, "last InputRefused": ROUNDS,
    }  # fmt: skip
    with bench.desk.work() as work:
        decided = work.conn.execute(select(func.count()).select_from(tables.decisions)).scalar_one()
        spent = work.conn.execute(
            select(func.sum(tables.ledger.c.amount_pence)).where(tables.ledger.c.kind == "Commitment")
        ).scalar_one()
    assert (decided, spent) == (2 * ROUNDS, -2 * ROUNDS * PRICE * 100)
