"""Random commands in random order: the balance is always its ledger, nothing is lost, nothing is decided twice.

By default the same 100 sequences of up to 30 commands; `COS_SEQUENCES=10000` runs that many new ones.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.pool import StaticPool

from casework import tables
from casework.amend import amend_request
from casework.budget_moves import record_correction, record_return
from casework.budget_record import import_budget, position
from casework.database import JSON
from casework.decide import decide
from casework.desk import CONSOLE, Desk, Mailboxes, Work
from casework.directory_record import import_directory, import_people
from casework.entering import Arrival
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.journal import broken_links
from casework.moderate import moderate
from casework.receive import discard_held, receive, release_held
from casework.request_moves import (
    close_request,
    defer_request,
    let_in_late,
    pay_request,
    reopen_request,
    return_request,
    withdraw_request,
)
from casework.schedule import schedule_meetings
from casework.sealing import Sealer
from casework.sweep import sweep
from communities.budget import BudgetSummary, LineKind
from communities.calendars import at_london
from communities.decisions import DecidedBy, Decision, Response
from communities.directory import (
    Area,
    Community,
    CommunityName,
    Directory,
    Mail,
    Person,
    Role,
    School,
    SchoolName,
)
from communities.intake import Outcome
from communities.meetings import MeetingSlot
from forms_ingest.request_for_support import FORM, read_response
from service.clocks import ManualClock
from tests.conftest import KEY, submitted

HOME = CommunityName("ABC")
CHAIR, KCC = Mail("chair@x.example"), Mail("kcc@x.example")
DIRECTORY = Directory(
    communities=(
        Community(name=HOME, primary_care_network="", district="", geographic_area=Area.WEST, community_area=Area.WEST),
    ),
    schools=tuple(School(name=SchoolName(f"School {letter}"), community=HOME) for letter in "ABC"),
    people=(
        Person(name="Chair", mail=CHAIR, role=Role.CHAIR, of=HOME),
        Person(name="KCC", mail=KCC, role=Role.MODERATOR),
    ),
)
MEETINGS = (date(2026, 11, 5), date(2026, 12, 10), date(2027, 1, 28))
REFUSALS = (AlreadyDone, InputRefused, NotAllowed)
NUMBERS = st.integers(1, 8)


class Cycle(RuleBasedStateMachine):
    """One community's autumn, in any order people and clocks may bring about."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(datetime(2026, 10, 1, 7, 0, tzinfo=UTC))
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}, **JSON)
        event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        with closing(engine.raw_connection()) as connection:
            begun().backup(connection.driver_connection)
        self.desk = Desk(
            engine=engine, clock=self.clock, sealer=Sealer([KEY]), mailboxes=Mailboxes(desk="d@x.example"),
            enqueue=lambda *_: None,
        )  # fmt: skip
        self.received: set[int] = set()

    def teardown(self) -> None:
        self.nothing_was_lost_or_entered_or_decided_twice()
        with self.desk.work() as work:
            assert list(broken_links(work.conn)) == []
        self.desk.engine.dispose()

    def attempt(self, command: Callable[..., Any], *args: Any) -> None:
        """A command that may be refused; then it must have changed nothing."""
        before = self.ledger()
        try:
            with self.desk.work() as work:
                command(work, *args)
        except REFUSALS:
            assert self.ledger() == before

    def ledger(self) -> list[Any]:
        with self.desk.work() as work:
            return list(work.conn.execute(select(tables.ledger.c.kind, tables.ledger.c.amount_pence)))

    @rule(number=NUMBERS, text=st.integers(1, 6), route=st.sampled_from(["list", "workbook"]))
    def a_response_comes_in(self, number: int, text: int, route: str) -> None:
        changed = {"school": f"School {'ABC'[number % 3]}", "solution": f"Text {text}", "community": HOME}
        answers = submitted(DIRECTORY, number, **changed, completed=self.clock.now())
        reading = read_response(answers, DIRECTORY, arrived_at=self.clock.now())
        assert reading is not None
        with self.desk.work() as work:
            next(receive(work, [Arrival(form=FORM, route=route, reading=reading)]))
        self.received.add(number)

    @rule(days=st.integers(1, 20))
    def days_go_by(self, days: int) -> None:
        self.clock.set(self.clock.now() + timedelta(days=days))
        sweep(self.desk)

    @rule(number=NUMBERS, pounds=st.integers(0, 5_000))
    def somebody_decides(self, number: int, pounds: int) -> None:
        responses = (Response.FINANCIAL,) if pounds else (Response.ADVICE,)
        decision = Decision(
            responses=responses, details="", amount_pence=pounds * 100, review_on=None, made_by=DecidedBy.CONSENSUS
        )
        self.attempt(decide, f"R-2026-{number:04d}", decision, CHAIR)

    @rule(number=NUMBERS, pence=st.integers(0, 500_000))
    def kcc_moderates(self, number: int, pence: int) -> None:
        self.attempt(moderate, f"R-2026-{number:04d}", pence, "M", date(2026, 12, 1), KCC)

    @rule(number=NUMBERS, act=st.sampled_from([release_held, discard_held]))
    def the_clerk_settles_a_held_one(self, number: int, act: Callable[[Work, str, str], None]) -> None:
        self.attempt(act, f"R-2026-{number:04d}", CONSOLE)

    @rule(number=NUMBERS, act=st.sampled_from([return_request, withdraw_request, defer_request, reopen_request]))
    def somebody_moves_it(self, number: int, act: Callable[[Work, str, str, str], None]) -> None:
        self.attempt(act, f"R-2026-{number:04d}", "Because", CHAIR)

    @rule(number=NUMBERS)
    def the_chair_lets_it_in_late(self, number: int) -> None:
        self.attempt(let_in_late, f"R-2026-{number:04d}", "It cannot wait", CHAIR)

    @rule(number=NUMBERS, pence=st.integers(0, 500_000))
    def kcc_pays(self, number: int, pence: int) -> None:
        self.attempt(pay_request, f"R-2026-{number:04d}", pence, self.clock.now().date(), KCC)

    @rule(number=NUMBERS, pence=st.integers(1, 100_000))
    def a_school_gives_money_back(self, number: int, pence: int) -> None:
        self.attempt(record_return, f"R-2026-{number:04d}", pence, "Not needed", KCC)

    @rule(number=NUMBERS)
    def it_is_closed(self, number: int) -> None:
        self.attempt(close_request, f"R-2026-{number:04d}", CHAIR)

    @rule(number=NUMBERS, text=st.integers(1, 6))
    def it_is_amended(self, number: int, text: int) -> None:
        self.attempt(amend_request, f"R-2026-{number:04d}", {"outcomes": f"Outcome {text}"}, "Clearer", CONSOLE)

    @rule(pence=st.integers(-100_000, 100_000))
    def kcc_corrects_the_balance(self, pence: int) -> None:
        self.attempt(record_correction, HOME, pence, "As in KCC's books", KCC)

    @rule(pounds=st.integers(8_000, 12_000))
    def kcc_corrects_the_budget(self, pounds: int) -> None:
        with self.desk.work() as work:
            import_budget(work, budget(pounds))

    @invariant()
    def the_balance_is_its_ledger(self) -> None:
        lines = self.ledger()
        with self.desk.work() as work:
            stands = position(work, HOME, "2026-27")
            committed = work.conn.execute(select(func.sum(tables.decisions.c.amount_pence))).scalar() or 0
        assert stands is not None
        assert stands.balance_pence == sum(amount for _, amount in lines)
        assert stands.committed_pence == committed == -sum(a for kind, a in lines if kind == LineKind.COMMITMENT)

    def nothing_was_lost_or_entered_or_decided_twice(self) -> None:
        with self.desk.work() as work:
            keys = work.conn.execute(select(tables.responses.c.source_key, tables.responses.c.outcome)).all()
            requests = work.conn.execute(select(tables.requests.c.source_key)).scalars().all()
            decided = work.conn.execute(select(tables.decisions.c.request_id, tables.decisions.c.round)).all()
        assert {k for k, _ in keys} == {f"{FORM}/{n}" for n in self.received}
        assert sorted(requests) == sorted(k for k, outcome in keys if outcome in (Outcome.ACCEPTED, Outcome.HELD))
        assert len(decided) == len(set(decided))


@cache
def begun() -> sqlite3.Connection:
    """The record every sequence begins with: directory, meetings and budget."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool, **JSON)
    tables.metadata.create_all(engine)
    clock = ManualClock(datetime(2026, 10, 1, 7, 0, tzinfo=UTC))
    desk = Desk(
        engine=engine,
        clock=clock,
        sealer=Sealer([KEY]),
        mailboxes=Mailboxes(desk="d@x.example"),
        enqueue=lambda *_: None,
    )
    with desk.work() as work:
        import_directory(work, DIRECTORY)
        import_people(work, DIRECTORY.people)
        schedule_meetings(work, [slot(day, term) for term, day in enumerate(MEETINGS, 2)])
        import_budget(work, budget(9_000))
    return connection


def slot(day: date, term: int) -> MeetingSlot:
    starts = at_london(day, time(13, 30))
    return MeetingSlot(community=HOME, term=term, starts_at=starts, ends_at=starts + timedelta(hours=2))


def budget(pounds: int) -> BudgetSummary:
    return BudgetSummary(
        community=HOME, academic_year="2026-27", before_top_slices_pence=pounds * 100, stls_top_slice_pence=0,
        chair_and_clerking_pence=0, protected_payments_pence=0, agreed_payments_pence=0, schools=(),
    )  # fmt: skip


WANTED = int(os.environ.get("COS_SEQUENCES", "0"))
SHARDS = 8 if WANTED else 1
"""Many sequences are shared out, so that every worker of the test run has some."""

for shard in range(SHARDS):
    case = type(f"Cycle{shard}", (Cycle,), {}).TestCase
    case.settings = settings(
        max_examples=WANTED // SHARDS or 100,
        derandomize=not WANTED,
        database=None,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    globals()[f"TestCycle{shard}"] = case
del case
