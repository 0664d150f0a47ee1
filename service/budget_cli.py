"""`cos budget`: how a budget stands, held against KCC's workbook, and money that moves without a request."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from casework.desk import CONSOLE
from communities.money import pounds
from service.console import (
    As,
    Column,
    Community,
    OverrideBy,
    OverrideReason,
    out,
    print_table,
    read_amount,
    read_override,
    read_year,
    record,
)

budget_app = typer.Typer(no_args_is_help=True, help="The communities' budgets and ledgers.")

Amount = Annotated[str, typer.Option(help="In pounds, for example 3,250.00.")]
Reason = Annotated[str, typer.Option("--reason", help="Why: it stands in the ledger beside the amount.")]
Year = Annotated[
    str, typer.Option("--year", help="Academic year, for example 2026-27; the one decided in.", callback=read_year)
]


FOOTNOTE = (
    "Of KCC's budget and protected payments, 7/12 fall to the first financial year and the rest to the second.",
    "Money paid, returned, moved or corrected counts on its day; money approved or asked for in the month it is to be "
    "paid.",
)


@budget_app.command("show")
def budget_show(
    community: Annotated[str, typer.Option(help="One community, with its lines and schools.")] = "", year: Year = ""
) -> None:
    """Show every community's balance and forecast, or all lines of one in both financial years and by school."""
    from service.budget_commands import show_all, show_one

    if not community:
        _print("", ("Community", "Year", "Opening", "Spent", "Balance", "Waiting", "Forecast"), show_all(), 2)
        return
    shown = show_one(community, year)
    first, second = shown.financial_years
    _print(f"{shown.community}, {shown.academic_year}", ("", "Year", first, second), shown.lines, 1)
    titles = ("School", "Notional", "Top-up", "Automatic", "Protected", "Agreed", "Pupils", "Paid", "Waiting")
    _print("", titles, shown.schools, 1)
    for sentence in FOOTNOTE:
        out.print(sentence, markup=False)


@budget_app.command("school")
def budget_school(
    school: Annotated[str, typer.Option(help="The school's name.")], year: Year = "", by: As = CONSOLE
) -> None:
    """Show a school's money: level template, notional SEN top-up by financial year, notional SEN budget by factor."""
    from service.budget_commands import show_school

    title, lines, note = show_school(school, year, by)
    _print(title, ("", "Amount"), lines, 1)
    if note:
        out.print(note, markup=False)


def _print(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], texts: int) -> None:
    columns = [Column(head, is_typed=n < texts and head != "", is_number=n >= texts) for n, head in enumerate(heads)]
    print_table(columns, rows, title=title)


@budget_app.command("check")
def budget_check(file: Annotated[Path, typer.Argument(help="KCC's budget workbook (.xlsx).")]) -> None:
    """Compare the record with every figure KCC's workbook prints, to £1; exit 1 where they differ."""
    from service.budget_commands import check

    found = check(file)
    for sentence in found:
        out.print(sentence, markup=False)
    if found:
        raise typer.Exit(1)
    out.print("The workbook and the ledger agree.", markup=False)


@budget_app.command("export")
def budget_export(
    community: Community,
    output: Annotated[Path, typer.Option("-o", "--output", help="The workbook to write (.xlsx).")],
    year: Year = "",
) -> None:
    """Write a community's balance sheet as an Excel workbook with live formulas."""
    from service.budget_commands import export

    output.write_bytes(export(community, year))
    out.print(f"Wrote {output}.", markup=False)


@budget_app.command("return")
def budget_return(
    number: Annotated[str, typer.Argument(help="The request's number.")], amount: Amount, reason: Reason,
    by: As = CONSOLE,
) -> None:  # fmt: skip
    """Record what a school gives back of a payment."""
    from casework.budget_moves import record_return

    pence = read_amount(amount)
    with record() as work:
        record_return(work, number, pence, reason, by)
    out.print(f"{number}: {pounds(pence)} came back.", markup=False)


@budget_app.command("transfer")
def budget_transfer(
    source: Annotated[str, typer.Option("--from", help="The community that gives.")],
    target: Annotated[str, typer.Option("--to", help="The community that gets; the same one for another year.")],
    amount: Amount,
    reason: Reason,
    source_year: Annotated[
        str, typer.Option("--from-year", help="Academic year; the one decided in.", callback=read_year)
    ] = "",
    target_year: Annotated[
        str, typer.Option("--to-year", help="Academic year; the one decided in.", callback=read_year)
    ] = "",
    by: As = CONSOLE,
    override_by: OverrideBy = "",
    override_reason: OverrideReason = "",
) -> None:
    """Move money between two budgets; both sides are written at once."""
    from casework.budget_moves import record_transfer
    from casework.budget_record import budget_year
    from service.record_commands import known_community

    pence = read_amount(amount)
    with record() as work:
        giver, taker = known_community(work, source), known_community(work, target)
        years = source_year or budget_year(work, giver), target_year or budget_year(work, taker)
        override = read_override(override_by, override_reason)
        record_transfer(work, (giver, years[0]), (taker, years[1]), pence, reason, by, override)
    out.print(f"{pounds(pence)} went from {giver} {years[0]} to {taker} {years[1]}.", markup=False)


@budget_app.command("correct")
def budget_correct(
    community: Community, amount: Amount, reason: Reason, year: Year = "", by: As = CONSOLE,
    override_by: OverrideBy = "", override_reason: OverrideReason = "",
) -> None:  # fmt: skip
    """Add what KCC's books say, or take it away (a negative amount); an entry is never edited."""
    from casework.budget_moves import record_correction
    from service.record_commands import known_community

    pence = read_amount(amount)
    with record() as work:
        name = known_community(work, community)
        record_correction(work, name, pence, reason, by, year, read_override(override_by, override_reason))
    out.print(f"{name}: corrected by {pounds(pence)}.", markup=False)
