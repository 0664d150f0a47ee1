"""`cos budget show|check|export`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.budget_check import differences
from casework.budget_record import budget_year, position, summary_of
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.status import budgets
from communities.budget import LineKind, split_by_financial_year
from communities.calendars import financial_years
from communities.money import whole_pounds
from papers.balance_workbook import LedgerRow, write_balance
from papers.budget_workbook import read_budgets
from papers.sheets import read_bytes
from service.record import open_desk
from service.record_commands import actor, known_community
from service.settings import Settings


def show(settings: Settings, community: str) -> Iterator[tuple[str, ...]]:
    """A row a community: name, year, opening, committed, moderated, balance, and the balance in both years."""
    with open_desk(settings)[0].work(actor()) as work:
        wanted = known_community(work, community) if community else ""
        rows: list[dict[str, Any]] = [b for b in budgets(work) if not wanted or b["community"] == wanted]
    for row in rows:
        split = split_by_financial_year(row["balance_pence"])
        money = (row[f"{k}_pence"] for k in ("opening", "committed", "moderated", "balance"))
        years = financial_years(row["academic_year"])
        yield (
            row["community"],
            row["academic_year"],
            *map(whole_pounds, money),
            f"{whole_pounds(split.first_pence)} ({years[0]})",
            f"{whole_pounds(split.second_pence)} ({years[1]})",
        )


def check(settings: Settings, file: Path) -> list[str]:
    """Where KCC's workbook and the ledger differ, in sentences; its refused sheets are named too."""
    content = read_bytes(file)
    with open_desk(settings)[0].work(actor()) as work:
        summaries, refused = read_budgets(content, file.name, directory_of(work))
        return [*map(str, refused), *(d for s in summaries for d in differences(work, s))]


def export(settings: Settings, community: str) -> bytes:
    """The community's balance sheet as a workbook with live formulas."""
    ledger, journal, requests = tables.ledger, tables.journal, tables.requests
    with open_desk(settings)[0].work(actor()) as work:
        name = known_community(work, community)
        year = budget_year(work, name)
        summary = summary_of(work, name, year)
        if summary is None or position(work, name, year) is None:
            raise InputRefused(f"No budget of {name} was imported yet: run `cos import budget FILE`.")
        rows = work.conn.execute(
            select(ledger, journal.c.at, requests.c.school)
            .join(journal, journal.c.number == ledger.c.entry)
            .outerjoin(requests, requests.c.id == ledger.c.request_id)
            .where(
                ledger.c.community == name,
                ledger.c.academic_year == year,
                ledger.c.kind != LineKind.OPENING.value,
            )
            .order_by(ledger.c.id)
        ).all()
    listed = [
        LedgerRow(at=r.at, kind=r.kind, request=r.request_id or "", school=r.school or "", amount_pence=r.amount_pence)
        for r in rows
    ]
    return write_balance(summary, listed)
