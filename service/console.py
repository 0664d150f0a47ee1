"""What the commands of the console share: how amounts and days are written, tables, the record's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from casework.desk import Work
from casework.errors import InputRefused
from communities.money import NotAnAmount, read_pence
from communities.overrides import Override
from service.settings import Settings

out = Console(highlight=False, soft_wrap=True)

As = Annotated[str, typer.Option("--as", help="Mail of the person in whose name it is done.")]
Community = Annotated[str, typer.Option("--community", help="The community's name.")]


OverrideBy = Annotated[
    str, typer.Option("--override-by", help="Who at KCC allows a balance below £0: mail or name as in the directory.")
]
OverrideReason = Annotated[str, typer.Option("--override-reason", help="Why a balance below £0 is allowed.")]


def read_override(allowed_by: str, reason: str) -> Override | None:
    """Spending below zero as the two options name it; None where nobody is named."""
    if reason and not allowed_by:
        raise InputRefused("--override-reason needs --override-by: name who at KCC allows a balance below £0.")
    return Override(allowed_by=allowed_by, reason=reason) if allowed_by else None


@contextmanager
def record(settings: Settings | None = None) -> Iterator[Work]:
    """A transaction of the record, in the name of whoever runs the command. Raises `NoDatabase` where there is none."""
    from service.record import opened, require_database
    from service.record_commands import actor

    settings = settings or Settings()
    require_database(settings)
    with opened(settings) as desk, desk.work(actor()) as work:
        yield work


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    head: str
    is_typed: bool = False
    """Somebody has to type or copy what stands in it: it stays in one piece."""
    is_number: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether its cells are never folded."""
        return self.is_typed or self.is_number


FOLDS_FROM = 12
"""Text in a column narrower than that cannot be read: a table that needs it is printed as two lines a row instead."""


def print_table(
    heads: Sequence[str | Column], rows: Iterable[Sequence[str]], *, title: str = "", to: Console = out
) -> None:
    """On a terminal a table that fits it, with nothing cut; anywhere else a line a row, its cells separated by tabs."""
    columns = [Column(head) if isinstance(head, str) else head for head in heads]
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    if title:
        to.print(title, markup=False)
    if not to.file.isatty():
        for line in ([c.head for c in columns], *cells):
            to.file.write("\t".join(line) + "\n")  # rich would make spaces of the tabs
        return
    widths = [_least(column, [row[n] for row in cells]) for n, column in enumerate(columns)]
    if sum(widths) + 3 * len(widths) + 1 > to.width:
        for first, *rest in cells:
            to.print(first, markup=False)
            said = "; ".join(f"{c.head}: {cell}" for c, cell in zip(columns[1:], rest, strict=True))
            to.print(f"    {said}", markup=False)
        return
    table = Table()
    for column, width in zip(columns, widths, strict=True):
        table.add_column(Text(column.head, overflow="fold"), min_width=width, no_wrap=column.is_whole, overflow="fold",
                         justify="right" if column.is_number else "left")  # fmt: skip
    for row in cells:
        table.add_row(*map(Text, row))
    to.print(table, soft_wrap=False, crop=False)


def _least(column: Column, cells: Sequence[str]) -> int:
    """The narrowest it may be."""
    widest = max(map(cell_len, cells), default=1)
    whole = widest if column.is_whole else min(widest, FOLDS_FROM)
    return max(whole, *(cell_len(word) for word in column.head.split()), 1)


def read_amount(written: str) -> int:
    """Pence of an amount in pounds; a usage error where it is none."""
    try:
        return read_pence(written)
    except NotAnAmount as error:
        raise typer.BadParameter(str(error)) from None


def read_day(written: str) -> date:
    """A day written as 2026-11-03; a usage error where it is none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise typer.BadParameter(f"'{written}' is not a date like 2026-11-03.") from None


def read_year(written: str) -> str:
    """An academic year written as 2026-27, or nothing; a usage error where it is none. The callback of every option
    that takes a year.
    """
    from communities.calendars import NotAYear, read_academic_year

    try:
        return read_academic_year(written) if written else ""
    except NotAYear as error:
        raise typer.BadParameter(str(error)) from None


def read_moment(written: str) -> datetime:
    """A moment of London's clock written as 2026-11-12T13:30; a usage error where it is none, or of another clock."""
    from communities.calendars import LONDON, london

    with suppress(ValueError):
        day = date.fromisoformat(written)
        raise typer.BadParameter(f"'{written}' has no time. Write it as well, for example {day}T13:30.")
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise typer.BadParameter(f"'{written}' is not a moment like 2026-11-12T13:30.") from None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=LONDON)
    there = london(moment)
    if there.utcoffset() != moment.utcoffset():
        raise typer.BadParameter(
            f"'{written}' is not London time; in London that is {there:%Y-%m-%dT%H:%M}. Write it in London time."
        )
    return there
