"""`cos request`, `cos clocks`, `cos action`: what clerks and administrators do with the record from the console.

`--as` names the person in whose name it is done; without it, it is done as an administrator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from casework.desk import CONSOLE, Work
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
    read_day,
    read_override,
    record,
)

request_app = typer.Typer(no_args_is_help=True, help="Return, withdraw, defer, let in, reopen, pay or close a request.")
action_app = typer.Typer(no_args_is_help=True, help="A community's actions: agreed, open until they are closed.")

Number = Annotated[str, typer.Argument(help="The request's number.")]
Reason = Annotated[str, typer.Option("--reason", help="Why: the school reads it, and it stands in the record.")]


def _moved(move: Callable[[Work, str, str, str], None], number: str, reason: str, by: str, said: str) -> None:
    with record() as work:
        move(work, number, reason, by)
    out.print(f"{number} {said}.", markup=False)


@request_app.command("return")
def request_return(number: Number, reason: Reason, by: As = CONSOLE) -> None:
    """Send it back to the school to be mended; the school submits it again in the form."""
    from casework.request_moves import return_request

    _moved(return_request, number, reason, by, "was returned for correction")


@request_app.command("withdraw")
def request_withdraw(number: Number, reason: Reason, by: As = CONSOLE) -> None:
    """The school asks no more; it stays in the record."""
    from casework.request_moves import withdraw_request

    _moved(withdraw_request, number, reason, by, "was withdrawn")


@request_app.command("defer")
def request_defer(number: Number, reason: Reason, by: As = CONSOLE) -> None:
    """Put it off to the meeting after."""
    from casework.request_moves import defer_request

    _moved(defer_request, number, reason, by, "was deferred to the next meeting")


@request_app.command("let-in")
def request_let_in(number: Number, reason: Reason, by: As = CONSOLE) -> None:
    """The chair lets a late request onto the coming meeting."""
    from casework.request_moves import let_in_late

    _moved(let_in_late, number, reason, by, "was let in late")


@request_app.command("reopen")
def request_reopen(number: Number, reason: Reason, by: As = CONSOLE) -> None:
    """Take a decision back before it is paid; it is heard once more."""
    from casework.request_moves import reopen_request

    _moved(reopen_request, number, reason, by, "was reopened")


@request_app.command("close")
def request_close(number: Number, by: As = CONSOLE) -> None:
    """Nothing more is to be done."""
    from casework.request_moves import close_request

    with record() as work:
        close_request(work, number, by)
    out.print(f"{number} was closed.", markup=False)


@request_app.command("pay")
def request_pay(
    number: Number,
    amount: Annotated[str, typer.Option(help="What was paid, in pounds, for example 3,250.00.")],
    on: Annotated[str, typer.Option("--on", help="The day it was paid, YYYY-MM-DD.")],
    by: As = CONSOLE,
    override_by: OverrideBy = "",
    override_reason: OverrideReason = "",
) -> None:
    """Record KCC's payment."""
    from casework.request_moves import pay_request

    pence, day = read_amount(amount), read_day(on)
    with record() as work:
        pay_request(work, number, pence, day, by, read_override(override_by, override_reason))
    out.print(f"{number}: {pounds(pence)} was paid.", markup=False)


@action_app.command("list")
def action_list(community: Community) -> None:
    """The community's open actions, by due day."""
    from casework.meeting_record import actions_of
    from service.record_commands import known_community

    with record() as work:
        today, found = work.today, actions_of(work, known_community(work, community))
    for a in found:
        late = " (overdue)" if a.is_overdue(today) else ""
        out.print(f"{a.id}  {a.due_on:%-d %B %Y}{late}  {a.owner}: {a.what}", markup=False)


@action_app.command("add")
def action_add(
    community: Community,
    what: Annotated[str, typer.Option(help="What is to be done.")],
    owner: Annotated[str, typer.Option(help="Who does it.")],
    due: Annotated[str, typer.Option(help="By when, YYYY-MM-DD.")],
    by: As = CONSOLE,
) -> None:
    """Agree an action; it stands on each agenda until it is closed."""
    from casework.meeting_record import add_action
    from service.record_commands import known_community

    day = read_day(due)
    with record() as work:
        number = add_action(work, known_community(work, community), what, owner, day, by)
    out.print(f"{number} was added.", markup=False)


@action_app.command("close")
def action_close(
    number: Annotated[str, typer.Argument(help="The action's number.")],
    outcome: Annotated[str, typer.Option(help="What became of it.")],
    by: As = CONSOLE,
) -> None:
    """It is done, or given up."""
    from casework.meeting_record import close_action

    with record() as work:
        close_action(work, number, outcome, by)
    out.print(f"{number} was closed.", markup=False)


def clocks(
    request: Annotated[str, typer.Option("--request", help="One request's clocks, met or not.")] = "",
    community: Annotated[str, typer.Option("--community", help="A community's running clocks.")] = "",
) -> None:
    """Show the clocks of a request or of a community: the rule, when it is due, whether it was met."""
    from casework.clock_record import clocks_of_request, running_clocks
    from service.record_commands import known_community

    if bool(request) == bool(community):
        raise typer.BadParameter("name either --request or --community.")
    with record() as work:
        found = (
            [(request, c) for c in clocks_of_request(work, request)]
            if request
            else list(running_clocks(work, known_community(work, community)))
        )
        rows = [(of, c.name, f"{c.due_on:%a %-d %b %Y}", c.standing(work.today), c.rule) for of, c in found]
    print_table((Column("Of", is_typed=True), "Clock", "Due", "Stands", "Rule"), rows)
