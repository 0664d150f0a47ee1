"""`cos stuck`: what could not be done, why, and what becomes of it."""

from __future__ import annotations

from typing import Annotated

import typer

from casework.desk import CONSOLE
from service.console import As, Column, out, print_table, record

stuck_app = typer.Typer(no_args_is_help=True, help="Effects that are stuck: list, retry, drop.")

Effect = Annotated[str, typer.Argument(help="As `cos stuck list` shows it.")]


@stuck_app.command("list")
def stuck_list() -> None:
    """What is stuck, since when, why, and what to do about it. Exit status 1 where anything is."""
    from casework.stuck_mail import stuck_lines

    with record() as work:
        lines = stuck_lines(work)
    if not lines:
        out.print("Nothing is stuck.")
        return
    print_table(
        (Column("Effect", is_typed=True), "What", "Since", "Why, and what to do"),
        [(x.id, x.what, x.since, f"{x.problem} It goes on by itself then." if x.goes_on else x.problem) for x in lines],
    )
    raise typer.Exit(1)


@stuck_app.command("retry")
def stuck_retry(effect: Effect, by: As = CONSOLE) -> None:
    """Begin it again, once what stood against it is mended. Look first whether a post in doubt arrived."""
    from casework.stuck import retry

    with record() as work:
        retry(work, effect, by)
    out.print(f"{effect} is begun again.", markup=False)


@stuck_app.command("drop")
def stuck_drop(effect: Effect, reason: Annotated[str, typer.Option(help="Why.")], by: As = CONSOLE) -> None:
    """Have it not done any more; the reason stands in the journal."""
    from casework.stuck import drop

    with record() as work:
        drop(work, effect, reason, by)
    out.print(f"{effect} is dropped.", markup=False)
