"""What the commands of the console share: how amounts, days and people are written, and the record's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from casework.desk import Work
from communities.money import NotAnAmount, read_pence
from service.settings import Settings

out = Console(highlight=False, soft_wrap=True)

As = Annotated[str, typer.Option("--as", help="Mail of the person in whose name it is done.")]
Community = Annotated[str, typer.Option("--community", help="The community's name.")]


@contextmanager
def record(settings: Settings | None = None) -> Iterator[Work]:
    """A transaction of the record, in the name of whoever runs the command. Raises `NoDatabase` where there is none."""
    from service.record import opened, require_database
    from service.record_commands import actor

    settings = settings or Settings()
    require_database(settings)
    with opened(settings) as desk, desk.work(actor()) as work:
        yield work


def read_amount(written: str) -> int:
    """Pence of an amount in pounds; a usage error where it is none."""
    try:
        return read_pence(written)
    except NotAnAmount:
        raise typer.BadParameter(f"'{written}' is not an amount in pounds, for example 3,250.00.") from None


def read_day(written: str) -> date:
    """A day written as 2026-11-03; a usage error where it is none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise typer.BadParameter(f"'{written}' is not a date like 2026-11-03.") from None
