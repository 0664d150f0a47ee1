"""A closed year's agreed balance never moves: what a command would change of it goes to the next year or is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest
from sqlalchemy import select

from casework import tables
from casework.budget_moves import record_correction, record_return, record_transfer
from casework.budget_record import import_budget, position
from casework.decide import decide, decision_post
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of
from casework.errors import AlreadyDone, InputRefused
from casework.moderate import moderate
from casework.request_moves import pay_request, reopen_request
from casework.schedule import MeetingState
from casework.year_end import agree_balance, close_year, year_standing
from communities.directory import Directory
from communities.lifecycle import State
from communities.overrides import Override
from tests.conftest import Bench
from tests.test_moves import KCC, R1
from tests.test_overrides import LOWERS, RAISES
from tests.test_record import MEETING, a_budget, approve, chair, on_agenda, set_up

YEAR, NEXT = "2026-27", "2027-28"
AGREED, NEW = 300_000, 500_000
"""£3,000 of £5,000 are left and agreed, £2,000 approved for R1 are carried over; the next year begins with £5,000."""

PROCESSED, PAID_ON = MEETING, date(2026, 12, 1)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A command given after the year was closed, and what the next year has by it; None: it is refused."""

    command: str
    does: Callable[[Work, str], object]
    state: str = "Decided"
    """Of R1, when the year is closed."""
    next_year: int | None = None
    says: str = "is closed"


def _decide_another(work: Work, community: str) -> None:
    decide(work, "R-2026-0002", approve(1_000, review_on=date(2028, 2, 1)), chair(directory_of(work)))


CASES = {
    "decide": Case(command="decide", does=_decide_another, next_year=NEW - 100_000),
    "less is processed": Case(
        command="moderate",
        does=lambda work, _: moderate(work, R1, 50_000, "Morgan Vale", work.today, KCC),
        next_year=NEW + 150_000,
    ),
    "all is processed": Case(
        command="moderate",
        does=lambda work, _: moderate(work, R1, 200_000, "Morgan Vale", work.today, KCC),
        next_year=NEW,
    ),
    "reopened once decided": Case(
        command="reopen_request",
        does=lambda work, _: reopen_request(work, R1, "Once more", chair(directory_of(work))),
        next_year=NEW + 200_000,
    ),
    "reopened once processed": Case(
        command="reopen_request",
        does=lambda work, _: reopen_request(work, R1, "Once more", chair(directory_of(work))),
        state="Moderated",
        next_year=NEW + 200_000,
    ),
    "less is processed, then reopened": Case(
        command="reopen_request",
        does=lambda work, _: (
            moderate(work, R1, 50_000, "Morgan Vale", work.today, KCC),
            reopen_request(work, R1, "Once more", chair(directory_of(work))),
        ),
        next_year=NEW + 200_000,
    ),
    "less is paid": Case(
        command="pay_request",
        does=lambda work, _: pay_request(work, R1, 180_000, work.today, KCC),
        state="Moderated",
        next_year=NEW + 20_000,
    ),
    "more is paid": Case(
        command="pay_request",
        does=lambda work, _: pay_request(work, R1, 240_000, work.today, KCC, Override(allowed_by=KCC, reason="Agreed")),
        state="Moderated",
        next_year=NEW - 40_000,
    ),
    "more is paid than the next year has": Case(
        command="pay_request",
        does=lambda work, _: pay_request(work, R1, 700_100, work.today, KCC),
        state="Moderated",
        says="£7,001 is more than the final amount of £2,000. Record at most £2,000 as paid",
    ),
    "more is paid than the next year has, and allowed": Case(
        command="pay_request",
        does=lambda work, _: pay_request(work, R1, 700_100, work.today, KCC, Override(allowed_by=KCC, reason="Agreed")),
        state="Moderated",
        next_year=-100,
    ),
    "some comes back": Case(
        command="record_return",
        does=lambda work, _: record_return(work, R1, 10_000, "Not used", KCC),
        state="Paid",
        next_year=NEW + 10_000,
    ),
    "corrected": Case(
        command="record_correction",
        does=lambda work, community: record_correction(work, community, 100, "Late", CONSOLE, YEAR),
    ),
    "moved out": Case(
        command="record_transfer",
        does=lambda work, community: record_transfer(work, (community, YEAR), (community, NEXT), 100, "x", CONSOLE),
    ),
    "moved in": Case(
        command="record_transfer",
        does=lambda work, community: record_transfer(work, (community, NEXT), (community, YEAR), 100, "x", CONSOLE),
    ),
    "another budget": Case(
        command="import_budget", does=lambda work, community: import_budget(work, a_budget(community, 6_000))
    ),
    "agreed again": Case(
        command="agree_balance", does=lambda work, community: agree_balance(work, community, YEAR, AGREED, CONSOLE)
    ),
}
"""Every command that writes to the ledger, and what the year's end does."""

GOES_ON = [name for name, case in CASES.items() if case.next_year not in (None, NEW)]
"""Those whose money needs the next year."""


def closed(bench: Bench, directory: Directory, state: str, today: date = date(2027, 9, 20)) -> str:
    """The year is closed with R1 in that state, and it is that day; a second request is on the agenda."""
    community = set_up(bench, directory)
    on_agenda(bench, directory)
    on_agenda(bench, directory, id=2, solution="Another one")
    with bench.desk.work() as work:
        decide(work, R1, approve(2_000), chair(directory))
    bench.at(PAID_ON)
    with bench.desk.work() as work:
        if state != "Decided":
            moderate(work, R1, 200_000, "Morgan Vale", PROCESSED, KCC)
        if state == "Paid":
            pay_request(work, R1, 200_000, PAID_ON, KCC)
    bench.at(date(2027, 7, 26))
    with bench.desk.work() as work:
        work.conn.execute(tables.meetings.update().values(state=MeetingState.HELD.value))
        agree_balance(work, community, YEAR, AGREED, CONSOLE)
        close_year(work, community, YEAR, CONSOLE, carry=True)
        requests = tables.requests
        work.conn.execute(requests.update().where(requests.c.id == "R-2026-0002").values(state=State.ON_AGENDA))
    bench.at(today)
    return community


def balance(bench: Bench, community: str, year: str) -> int:
    with bench.desk.work() as work:
        stands = position(work, community, year)
    assert stands is not None
    return stands.balance_pence


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("name", CASES)
def test_an_agreed_balance_stands_whatever_is_done_after_it_was_closed(
    bench: Bench, directory: Directory, name: str
) -> None:
    case = CASES[name]
    community = closed(bench, directory, case.state)
    with bench.desk.work() as work:
        import_budget(work, replace(a_budget(community, 5_000), academic_year=NEXT))
    if case.next_year is None:
        with pytest.raises((InputRefused, AlreadyDone), match=case.says), bench.desk.work() as work:
            case.does(work, community)
    else:
        with bench.desk.work() as work:
            case.does(work, community)
    assert balance(bench, community, YEAR) == AGREED
    assert balance(bench, community, NEXT) == (NEW if case.next_year is None else case.next_year)
    with bench.desk.work() as work:
        stands = year_standing(work, community, YEAR)
    assert stands.balance_pence == stands.agreed_pence


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", GOES_ON)
def test_without_a_budget_of_the_next_year_it_is_refused_and_nothing_moves(
    bench: Bench, directory: Directory, name: str
) -> None:
    case, ledger = CASES[name], tables.ledger
    community = closed(bench, directory, case.state)
    with bench.desk.work() as work:
        before = work.conn.execute(select(ledger)).all()
    with pytest.raises(InputRefused, match="is closed, its balance agreed with KCC"), bench.desk.work() as work:
        case.does(work, community)
    with bench.desk.work() as work:
        assert work.conn.execute(select(ledger)).all() == before


def test_the_next_years_ledger_says_which_command_its_money_came_from(bench: Bench, directory: Directory) -> None:
    community, ledger, journal = closed(bench, directory, "Decided"), tables.ledger, tables.journal
    with bench.desk.work() as work:
        import_budget(work, replace(a_budget(community, 5_000), academic_year=NEXT))
        moderate(work, R1, 50_000, "Morgan Vale", work.today, KCC)
        lines = select(ledger.c.amount_pence, journal.c.subject).join(journal, journal.c.number == ledger.c.entry)
        (line,) = work.conn.execute(lines.where(ledger.c.academic_year == NEXT, ledger.c.kind == "Transfer")).all()
        assert tuple(line) == (150_000, R1)
        after = decision_post(work, R1).after
    assert after is not None
    assert after.balance_pence == AGREED


def test_a_year_closed_in_july_gives_what_comes_free_to_the_next_one_at_once(
    bench: Bench, directory: Directory
) -> None:
    """In August the academic year is still the closed one."""
    community = closed(bench, directory, "Decided", date(2027, 8, 3))
    with bench.desk.work() as work:
        import_budget(work, replace(a_budget(community, 5_000), academic_year=NEXT))
        moderate(work, R1, 50_000, "Morgan Vale", work.today, KCC)
    assert (balance(bench, community, YEAR), balance(bench, community, NEXT)) == (AGREED, NEW + 150_000)


def test_the_cases_hold_every_command_that_writes_to_the_ledger() -> None:
    assert {case.command for case in CASES.values()} == set(LOWERS) | set(RAISES)
