"""What the `cos budget` commands find out; `budget_cli` prints it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from casework import tables
from casework.budget_check import differences
from casework.budget_record import budget_year, position, summary_of, waiting_pence
from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.financial_years import movements, positions, waiting_split
from casework.school_funding import school_money
from casework.school_funding_lines import difference, notional_lines, template_lines, top_up_lines
from casework.school_lines import school_lines
from communities.budget import (
    TOTAL_FUNDING,
    BudgetSummary,
    FinancialYearSplit,
    SchoolLine,
    rounded_note,
    split_by_financial_year,
)
from communities.calendars import financial_years
from communities.financial_years import PositionByYear
from communities.matching import find_school
from communities.money import pounds, whole_pounds
from papers.balance_workbook import LedgerRow, write_balance
from papers.budget_workbook import read_sheets
from papers.sheets import read_bytes
from service.console import record
from service.record_commands import known_community

Row = tuple[str, ...]


def show_all() -> Iterator[Row]:
    """A row a community: name, year, opening, spent, balance, what is waited for, forecast."""
    with record() as work:
        budgets = tables.budgets
        for name in work.conn.execute(select(budgets.c.community).distinct().order_by(budgets.c.community)).scalars():
            year = budget_year(work, name)
            stands = position(work, name, year)
            if stands is not None:
                waits = waiting_pence(work, name)
                money = (stands.opening_pence, stands.spent_pence, stands.balance_pence, waits,
                         stands.forecast_pence(waits))  # fmt: skip
                yield name, year, *map(pounds, money)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One community's budget as the console prints it."""

    community: str
    academic_year: str
    financial_years: tuple[str, str]
    lines: tuple[Row, ...]
    schools: tuple[Row, ...]


def show_one(written: str, year: str) -> Shown:
    """The lines in both financial years, then the schools."""
    with record() as work:
        name = known_community(work, written)
        year = year or budget_year(work, name)
        summary, stands = _known(work, name, year)
        total = (TOTAL_FUNDING, pounds(summary.total_funding_pence), "", "")
        lines = (*_in_both_years(summary, stands, waiting_split(work, name, year)), total)
        schools = tuple(_school(line) for line in school_lines(work, name, year))
    return Shown(
        community=name, academic_year=year, financial_years=financial_years(year), lines=lines, schools=schools
    )


def _known(work: Work, name: str, year: str) -> tuple[BudgetSummary, PositionByYear]:
    summary, stands = summary_of(work, name, year), positions(work, name, year)
    if summary is None or stands is None:
        raise InputRefused(f"No budget of {name} for {year} was imported yet: run `cos import budget FILE`.")
    return summary, stands


def _in_both_years(summary: BudgetSummary, stands: PositionByYear, waits: FinancialYearSplit) -> Iterator[Row]:
    protected = -summary.protected_payments_pence
    lines = (
        ("Community budget after STLS and chair and clerking", split_by_financial_year(summary.after_top_slices_pence)),
        ("Estimated protected payments", split_by_financial_year(protected)),
        ("Opening balance", stands.split(lambda p: p.opening_pence)),
        ("Committed, not paid yet", stands.split(lambda p: -p.outstanding_pence)),
        ("Paid", stands.split(lambda p: -p.paid_pence)),
        ("Returned or released", stands.split(lambda p: p.returned_pence)),
        ("Transfers", stands.split(lambda p: p.transferred_pence)),
        ("Corrections", stands.split(lambda p: p.corrected_pence)),
        ("Balance", stands.balance),
        ("Requests that wait for a decision", -waits),
        ("Forecast", stands.balance + -waits),
    )
    for label, split in lines:
        yield label, pounds(split.pence), whole_pounds(split.first_pence), whole_pounds(split.second_pence)
    if note := rounded_note(*(split for _, split in lines)):
        yield note, "", "", ""


def _school(line: SchoolLine) -> Row:
    a = line.allocation
    return (
        a.school,
        *map(pounds, (a.notional_budget_pence, a.notional_top_up_pence, a.automatic_payments_pence,
                            a.protected_payments_pence, a.agreed_payments_pence)),
        str(a.agreed_pupils),
        *map(pounds, (line.paid_pence, line.waiting_pence)),
    )  # fmt: skip


def show_school(written: str, year: str, by: str) -> tuple[str, list[Row], str]:
    """A school's money: a title, its lines, and a sentence where KCC's figures differ. Raises `NotAllowed`."""
    with record() as work:
        match = find_school(written, directory_of(work))
        if match.school is None:
            near = f" Did you mean '{match.near[0].name}'?" if match.near else ""
            raise InputRefused(f"There is no school '{written}' in the directory.{near}")
        school, home = str(match.school.name), str(match.school.community)
        money = school_money(work, school, home, year or budget_year(work, home), by)
    lines: list[Row] = [*notional_lines(money), *top_up_lines(money), *template_lines(money)]
    if not lines:
        raise InputRefused(
            f"Nothing is known of {school} for {money.academic_year}: run `cos import school-funding FILE`."
        )
    return f"{school}, {money.academic_year}", lines, difference(money)


def check(file: Path) -> list[str]:
    """Where KCC's workbook and the ledger differ, in sentences; its refused sheets are named too."""
    content = read_bytes(file)
    with record() as work:
        sheets, refused = read_sheets(content, file.name, directory_of(work))
        return [*map(str, refused), *(d for sheet in sheets for d in differences(work, sheet))]


def export(written: str, year: str) -> bytes:
    """The community's balance sheet as a workbook with live formulas."""
    with record() as work:
        name = known_community(work, written)
        year = year or budget_year(work, name)
        summary, _ = _known(work, name, year)
        return write_balance(summary, _movements(work, name, year), school_lines(work, name, year))


def _movements(work: Work, community: str, year: str) -> list[LedgerRow]:
    return [
        LedgerRow(
            at=m.at,
            kind=m.line.kind,
            request=m.request,
            school=m.school,
            amount_pence=m.line.amount_pence,
            counts_on=m.line.counts_on,
        )
        for m in movements(work, community, year)
        if m.line.counts_on is not None
    ]
