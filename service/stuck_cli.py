"""`cos stuck`: what could not be done, why, and what becomes of it."""

from __future__ import annotations

from typing import Annotated

import typer

from casework.desk import CONSOLE
from casework.stuck import Retried
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
        [(x.id, x.what, x.since, x.reason) for x in lines],
    )
    raise typer.Exit(1)


@stuck_app.command("retry")
def stuck_retry(
    effect: Annotated[str, typer.Argument(help="As `cos stuck list` shows it; none with an option.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Everything that is stuck, but for posts in doubt.")] = False,
    kind: Annotated[str, typer.Option(help="Everything of a kind, for example agenda.upload.")] = "",
    reason: Annotated[str, typer.Option(help="Everything for a reason: a part of its words.")] = "",
    by: As = CONSOLE,
) -> None:
    """Begin it again, once what stood against it is corrected. Look first whether a post in doubt arrived."""
    from casework.stuck import retry, retry_all

    if bool(effect) == (every or bool(kind) or bool(reason)):
        raise typer.BadParameter("Give one effect, or one of --all, --kind and --reason.")
    if effect:
        with record() as work:
            retry(work, effect, by)
        out.print(f"{effect} is begun again.", markup=False)
        return
    with record() as work:
        found = retry_all(work, by, kind=kind, reason=reason)
    out.print(spoken_retried(found), markup=False)


def spoken_retried(found: Retried) -> str:
    """How many were begun again, and which are left."""
    said = "1 task is begun again." if found.begun == 1 else f"{found.begun:,} tasks are begun again."
    if not found.in_doubt:
        return said
    posts = "1 post may have arrived" if found.in_doubt == 1 else f"{found.in_doubt:,} posts may have arrived"
    return f"{said} {posts}: look in the channel, then retry or drop each by its id."


@stuck_app.command("drop")
def stuck_drop(effect: Effect, reason: Annotated[str, typer.Option(help="Why.")], by: As = CONSOLE) -> None:
    """Have it not done any more; the reason stands in the journal."""
    from casework.stuck import drop

    with record() as work:
        drop(work, effect, reason, by)
    out.print(f"{effect} is dropped.", markup=False)
