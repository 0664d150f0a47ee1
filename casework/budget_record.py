"""The ledger: opening lines from KCC's summary, then every movement with the command that made it."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, insert, select

from casework import tables
from casework.desk import Work, insert_or_replace
from casework.errors import InputRefused
from casework.overrides import check_balance
from casework.year_record import check_open, is_closed
from communities.budget import BudgetSummary, LedgerLine, LineKind, Position, position_of
from communities.calendars import academic_year
from communities.lifecycle import BEFORE_DECISION
from communities.money import pounds
from communities.overrides import Override


def import_budget(work: Work, summary: BudgetSummary, override: Override | None = None) -> str:
    """Record KCC's summary; a corrected one adds the difference to the ledger, never edits it.

    Raises `InputRefused` where it changes a closed year, or takes what was spent below zero without an override.
    """
    key = (summary.community, summary.academic_year)
    hold_budget(work, *key)
    known = position(work, *key)
    allowed = _check_lowered(work, known, summary, override) if known else {}
    row = {"community": key[0], "academic_year": key[1], "summary": msgspec.to_builtins(summary)}
    work.conn.execute(insert_or_replace(work.conn, tables.budgets, row, ("community", "academic_year")))
    difference = summary.balance_pence - (known.opening_pence if known else 0)
    said = f"'{summary.community}' {summary.academic_year}: balance {pounds(summary.balance_pence)}"
    if known is None or difference:
        entry = work.journal(
            "import budget", summary.community, year=key[1], opening_pence=summary.balance_pence, **allowed
        )
        add_line(work, *key, LineKind.OPENING, difference, entry)
        return said + ("" if known is None else f" (opening changed by {pounds(difference)})")
    return said + " (unchanged)"


def _check_lowered(work: Work, known: Position, summary: BudgetSummary, override: Override | None) -> dict[str, str]:
    lowered_by = known.opening_pence - summary.balance_pence
    if lowered_by:
        check_open(work, summary.community, summary.academic_year)
    remedy = f"Import an opening balance of at least {pounds(known.opening_pence - max(known.balance_pence, 0))}"
    return check_balance(work, [summary.community], lowered_by, known.balance_pence, override, remedy=remedy)


def add_line(
    work: Work,
    community: str,
    year: str,
    kind: LineKind,
    pence: int,
    entry: int,
    of: tuple[str, int] | None = None,
) -> None:
    """Append a movement; spending is negative. `of` is the request and its round, where it is one's."""
    request_id, round_ = of or (None, None)
    work.conn.execute(
        insert(tables.ledger).values(
            community=community,
            academic_year=year,
            kind=kind.value,
            amount_pence=pence,
            request_id=request_id,
            round=round_,
            entry=entry,
        )
    )


def add_request_lines(
    work: Work, community: str, year: str, of: tuple[str, int], entry: int, *lines: tuple[LineKind, int]
) -> None:
    """Append what became of a request's money, in the year it was committed in.

    A closed year's agreed balance never moves (docs/decisions/0043): what these lines change of
    it goes to the year that runs, or comes from there, as a transfer. Raises `InputRefused` where that has no budget.
    """
    change = position_of(LedgerLine(kind=kind, amount_pence=pence) for kind, pence in lines).balance_pence
    hold_budget(work, community, year)
    takes = balance_year(work, community, year) if change else year
    if takes != year:  # before the request's own lines, after which its balance is read (`balances_of`)
        hold_budget(work, community, takes)
        add_line(work, community, year, LineKind.TRANSFER, -change, entry)
        add_line(work, community, takes, LineKind.TRANSFER, change, entry)
    for kind, pence in lines:
        add_line(work, community, year, kind, pence, entry, of)


def balance_year(work: Work, community: str, year: str) -> str:
    """The year whose balance changes with what becomes of money of `year`: that year, or once it is closed the one
    that runs, or the first open one after it. Raises `InputRefused` where no budget of such a year was imported.
    """
    if not is_closed(work, community, year):
        return year
    runs = budget_year(work, community)
    later = (y for y in sorted({runs, *_years(work, community)}, key=lambda y: (y != runs, y)) if y > year)
    for one in later:
        if not is_closed(work, community, one):
            return one
    raise InputRefused(
        f"The year {year} of {community} is closed, its balance agreed with KCC, and what changes of it goes to the "
        "next year. Import the budget of the next year first."
    )


def _years(work: Work, community: str) -> list[str]:
    budgets = tables.budgets
    rows = work.conn.execute(select(budgets.c.academic_year).where(budgets.c.community == community))
    return list(rows.scalars())


def request_lines(work: Work, request_id: str, round_: int) -> list[LedgerLine]:
    """The movements of a request in one round."""
    ledger = tables.ledger
    rows = work.conn.execute(
        select(ledger.c.kind, ledger.c.amount_pence)
        .where(ledger.c.request_id == request_id, ledger.c.round == round_)
        .order_by(ledger.c.id)
    )
    return [LedgerLine(kind=LineKind(r.kind), amount_pence=r.amount_pence) for r in rows]


def position(work: Work, community: str, year: str) -> Position | None:
    """Where the community's budget stands; None where no budget was imported."""
    ledger = tables.ledger
    rows = work.conn.execute(
        select(ledger.c.kind, ledger.c.amount_pence).where(
            ledger.c.community == community, ledger.c.academic_year == year
        )
    ).all()
    if not any(r.kind == LineKind.OPENING for r in rows):
        return None
    return position_of(LedgerLine(kind=LineKind(r.kind), amount_pence=r.amount_pence) for r in rows)


def hold_budget(work: Work, community: str, year: str) -> None:
    """Let nobody else spend from this budget until the command is done (on SQLite every command has that already)."""
    budgets = tables.budgets
    work.conn.execute(
        select(budgets.c.community)
        .where(budgets.c.community == community, budgets.c.academic_year == year)
        .with_for_update()
    )


def budget_year(work: Work, community: str) -> str:
    """The year money is decided in: today's, or the latest one that was imported."""
    current, years = academic_year(work.today), _years(work, community)
    return current if current in years or not years else max(years)


def summary_of(work: Work, community: str, year: str) -> BudgetSummary | None:
    """KCC's summary as it was imported."""
    budgets = tables.budgets
    raw = work.conn.execute(
        select(budgets.c.summary).where(budgets.c.community == community, budgets.c.academic_year == year)
    ).scalar_one_or_none()
    return msgspec.convert(raw, BudgetSummary) if raw else None


def waiting_pence(work: Work, community: str) -> int:
    """What the requests that wait for a decision ask for, in all."""
    return sum(waiting_by_school(work, community).values())


def waiting_by_school(work: Work, community: str) -> dict[str, int]:
    """What each school's requests ask for that wait for a decision."""
    requests = tables.requests
    rows = work.conn.execute(
        select(requests.c.school, func.sum(func.coalesce(requests.c.requested_pence, 0)))
        .where(requests.c.community == community, requests.c.state.in_(BEFORE_DECISION))
        .group_by(requests.c.school)
    )
    return {school: int(total) for school, total in rows}
