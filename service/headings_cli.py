"""`cos headings`: which heading of a form's workbook or list is which question."""

from __future__ import annotations

from typing import Annotated

import typer

from casework.desk import CONSOLE
from service.console import As, Column, out, print_table, record

headings_app = typer.Typer(no_args_is_help=True, help="Headings of the forms that are not as we know them.")


@headings_app.command("list")
def headings_list() -> None:
    """Which heading was read as which question, and what is not clear. Exit status 1 where responses wait for it."""
    from casework.form_headings import form_states

    with record() as work:
        states = form_states(work)
    for state in states:
        how = "read" if state.is_settled else "NOT READ until the headings are clear"
        out.print(f"{state.title} (--form {state.form}), '{state.where}': {how}.", markup=False)
        for sentence in state.said:
            out.print(f"    {sentence}", markup=False)
    confirmed = {(s.form, c.heading): c for s in states for c in s.confirmed}
    if confirmed:
        print_table(
            ("Form", Column("Heading", is_typed=True), "Question", "Confirmed by"),
            [(form, h, c.question or "none of the form's", c.by) for (form, h), c in confirmed.items()],
        )
    if not states:
        out.print("No form has been read yet.")
    if not all(s.is_settled for s in states):
        raise typer.Exit(1)


@headings_app.command("confirm")
def headings_confirm(
    heading: Annotated[str, typer.Argument(help="The heading as the workbook or list shows it.")],
    question: Annotated[str, typer.Option(help="The question it is, as the form prints it.")] = "",
    none: Annotated[bool, typer.Option("--none", help="It is none of the form's questions.")] = False,
    form: Annotated[str, typer.Option(help="The form, as `cos headings list` shows it.")] = "request-for-support",
    by: As = CONSOLE,
) -> None:
    """Say which question a heading is. Every response is then read again; nobody has to send one again."""
    from casework.form_headings import confirm_heading

    if bool(question.strip()) == none:
        raise typer.BadParameter("Give either --question or --none.")
    with record() as work:
        sentence = confirm_heading(work, form, heading, question, by)
    out.print(sentence, markup=False)
