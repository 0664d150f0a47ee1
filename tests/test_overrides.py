"""No command takes a balance below zero unless somebody at KCC allowed it, with the reason on the record."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

import casework
from casework import tables
from casework.budget_moves import record_correction, record_return, record_transfer
from casework.budget_record import import_budget, position
from casework.decide import decide
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.journal import entry_of
from casework.moderate import moderate
from casework.request_moves import pay_request, reopen_request
from casework.year_end import agree_balance, close_year
from communities.directory import Directory
from communities.overrides import ABOVE_FINAL, BELOW_ZERO, Override
from tests.conftest import Bench, begun
from tests.console import cos
from tests.test_moves import KCC, R1
from tests.test_record import MEETING, a_budget, approve, arrive, chair, home, on_agenda, set_up

YEAR = "2026-27"
ALLOWED = Override(allowed_by="Morgan Vale", reason="Agreed with KCC finance")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A command that takes £2,500 where £2,000 are left of £5,000; £3,000 of it approved and processed for R1."""

    does: Callable[[Work, str, Override | None], object]
    says: str
    left: int = -50_000
    what: str = BELOW_ZERO


def _approve(work: Work, _: str, override: Override | None) -> None:
    decide(work, "R-2026-0002", approve(2_500, override=override), chair(directory_of(work)))


def _pay(work: Work, _: str, override: Override | None) -> None:
    pay_request(work, R1, 550_000, MEETING, KCC, override)


def _transfer(work: Work, community: str, override: Override | None) -> None:
    other = directory_of(work).communities[1].name
    import_budget(work, a_budget(other, 1))
    record_transfer(work, (community, YEAR), (other, YEAR), 250_000, "Shared adviser", CONSOLE, override)


LOWERS = {
    "decide": Case(
        does=_approve,
        says="£2,500 is more than the balance of £2,000. Approve at most £2,000, or name who at KCC "
        "allows more, and why.",
    ),
    "record_correction": Case(
        does=lambda work, community, override: record_correction(
            work, community, -250_000, "KCC's books", CONSOLE, "", override
        ),
        says="£2,500 is more than the balance of £2,000. Take off at most £2,000, or name who at KCC "
        "allows more, and why.",
    ),
    "record_transfer": Case(does=_transfer, says="Move at most £2,000 from "),
    "pay_request": Case(
        does=_pay,
        says="£5,500 is more than the final amount of £3,000. Record at most £3,000 as paid, or name who",
        what=ABOVE_FINAL,
    ),
    "import_budget": Case(
        does=lambda work, community, override: import_budget(work, a_budget(community, 2_500), override),
        says="Import an opening balance of at least £3,000, or",
    ),
}
"""Every command that can lower a balance."""

RAISES: dict[str, Callable[[Work, str], object]] = {
    "moderate": lambda work, community: None,  # done before: from £3,000 at most to £3,000
    "record_return": lambda work, community: (
        pay_request(work, R1, 300_000, MEETING, KCC),
        record_return(work, R1, 100_000, "Less was needed", KCC),
    ),
    "reopen_request": lambda work, community: reopen_request(work, R1, "Once more", chair(directory_of(work))),
    "agree_balance": lambda work, community: agree_balance(work, community, YEAR, 200_000, CONSOLE),
}
"""Every other command that writes a line of the ledger, and what the year's end does."""


@begun
def two_thousand(bench: Bench, directory: Directory) -> None:
    """£2,000 left: £3,000 of £5,000 are approved and processed."""
    two_requests(bench, directory)


@begun
def plenty(bench: Bench, directory: Directory) -> None:
    """£97,000 left."""
    two_requests(bench, directory, 100_000)


def two_requests(bench: Bench, directory: Directory, pounds: int = 5_000) -> None:
    """Of that much £3,000 are approved and processed; the second request waits for its decision."""
    set_up(bench, directory, pounds)
    arrive(bench)
    on_agenda(bench, directory, id=2, solution="Another one")
    with bench.desk.work() as work:
        decide(work, R1, approve(3_000), chair(directory))
        moderate(work, R1, 300_000, "Morgan Vale", MEETING, KCC)


def left(bench: Bench, community: str) -> int:
    with bench.desk.work() as work:
        stands = position(work, community, YEAR)
    assert stands is not None
    return stands.balance_pence


@pytest.mark.parametrize("command", LOWERS)
def test_a_balance_goes_below_zero_with_a_recorded_override_alone(
    two_thousand: Bench, directory: Directory, command: str
) -> None:
    bench, community, case = two_thousand, home(directory), LOWERS[command]
    for override, said in (
        (None, case.says),
        (Override(allowed_by="Nobody Known", reason="x"), "'Nobody Known' is no KCC moderator or administrator"),
        (Override(allowed_by=KCC, reason=" "), f"{case.what} needs a reason"),
    ):
        with pytest.raises(InputRefused) as refused, bench.desk.work() as work:
            case.does(work, community, override)
        assert said in str(refused.value)
        assert left(bench, community) == 200_000
    with bench.desk.work() as work:
        case.does(work, community, ALLOWED)
        journal = tables.journal
        last = [entry_of(r).sentence for r in work.conn.execute(select(journal).order_by(journal.c.number))]
    assert left(bench, community) == case.left
    assert any(s.endswith("Spending below zero was allowed by Morgan Vale: Agreed with KCC finance") for s in last)


@pytest.mark.parametrize("command", LOWERS)
def test_an_override_that_is_not_needed_is_not_recorded(plenty: Bench, directory: Directory, command: str) -> None:
    """The same commands where there is enough."""
    community = home(directory)
    with plenty.desk.work() as work:
        if command != "import_budget":
            LOWERS[command].does(work, community, ALLOWED)
        else:
            import_budget(work, a_budget(community, 50_000), ALLOWED)
        journal = tables.journal
        said = [entry_of(r).sentence for r in work.conn.execute(select(journal))]
    assert not any("below zero" in s for s in said)


@pytest.mark.parametrize("command", RAISES)
def test_the_other_commands_lower_no_balance(two_thousand: Bench, directory: Directory, command: str) -> None:
    with two_thousand.desk.work() as work:
        RAISES[command](work, home(directory))
    assert left(two_thousand, home(directory)) >= 200_000


def test_the_tables_hold_every_command_that_writes_to_the_ledger() -> None:
    writes = set()
    for path in Path(casework.__file__).parent.glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef) and function.name != "add_request_lines":
                names = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
                writes |= {function.name} if names & {"add_line", "add_request_lines"} else set()
    assert writes == (set(LOWERS) | set(RAISES)) - {"decide", "agree_balance"} | {"_record"}, "_record is decide's"


def test_a_balance_below_zero_may_be_raised_without_anybodys_leave(two_thousand: Bench, directory: Directory) -> None:
    bench, community = two_thousand, home(directory)
    with bench.desk.work() as work:
        record_correction(work, community, -250_000, "KCC's books", CONSOLE, "", ALLOWED)
        record_correction(work, community, 10_000, "KCC's books", CONSOLE)
    assert left(bench, community) == -40_000
    with pytest.raises(InputRefused, match="Take off at most £0"), bench.desk.work() as work:
        record_correction(work, community, -1, "KCC's books", CONSOLE)


def test_a_closed_year_takes_no_other_budget_of_kccs(bench: Bench, directory: Directory) -> None:
    community = set_up(bench, directory)
    with bench.desk.work() as work:
        meetings = tables.meetings
        work.conn.execute(meetings.update().values(state="Held"))
        agree_balance(work, community, YEAR, 500_000, CONSOLE)
        close_year(work, community, YEAR, CONSOLE)
    with pytest.raises(InputRefused, match=f"The year {YEAR} of {community} is closed"), bench.desk.work() as work:
        import_budget(work, a_budget(community, 6_000))


def test_a_correction_below_zero_is_refused_and_overridden_at_the_console(tmp_path: Path) -> None:
    """ABC has £52,308; -£60,000 was taken without a word."""
    now = {"COS_LOCAL": "true", "COS_NOW": "2026-10-05T08:00:00+01:00"}
    for kind, file in (
        ("directory", "directory.xlsx"), ("people", "people.xlsx"), ("budget", "community-budget-summary.xlsx"),
    ):  # fmt: skip
        done = cos("import", kind, SAMPLES / file, folder=tmp_path, **now)
        assert done.returncode == 0, done.stderr
    correct = ("budget", "correct", "--community", "ABC", "--amount=-60000", "--reason", "KCC's books")
    refused = cos(*correct, folder=tmp_path, **now)
    assert refused.returncode != 0
    assert "£60,000 is more than the balance of £52,308. Take off at most £52,308" in refused.stderr
    allowed = ("--override-by", KCC, "--override-reason", "Agreed with KCC finance")
    done = cos(*correct, *allowed, folder=tmp_path, **now)
    assert done.returncode == 0, done.stderr


SAMPLES = Path(__file__).parent.parent / "sample_world"
