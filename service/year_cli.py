"""`cos year`: how a year stands, its balance agreed with KCC, its closing, and the opening of the next."""

from __future__ import annotations

from typing import Annotated

import typer

from casework.desk import CONSOLE
from service.console import As, Column, Community, out, print_table, read_amount, read_year, record

year_app = typer.Typer(no_args_is_help=True, help="The year's end and start: standing, agree, close, open.")

Year = Annotated[
    str, typer.Option("--year", help="Academic year, for example 2026-27; the one that runs.", callback=read_year)
]


@year_app.command("standing")
def standing(year: Year = "") -> None:
    """How every community's year stands: what is open, what KCC agreed, which are closed."""
    from casework.directory_record import directory_of
    from casework.year_end import year_standing
    from communities.calendars import academic_year
    from communities.money import pounds

    counts = [
        Column(head, is_number=True) for head in ("Meetings to come", "Undecided", "Unpaid", "Reports", "Balance")
    ]
    rows = []
    with record() as work:
        wanted = year or academic_year(work.today)
        for community in directory_of(work).communities:
            s = year_standing(work, community.name, wanted)
            agreed = "closed" if s.is_closed else "agreed" if s.agreed_pence is not None else "open"
            balance = pounds(s.balance_pence) if s.balance_pence is not None else "no budget"
            rows.append((s.community, str(s.meetings_left), str(len(s.undecided)), str(len(s.unpaid)),
                         str(len(s.unsent)), balance, agreed))  # fmt: skip
    print_table((Column("Community", is_typed=True), *counts, "Stands"), rows)


@year_app.command("agree")
def agree(
    community: Community,
    balance: Annotated[str, typer.Option(help="What KCC's books say, in pounds.")],
    year: Year = "",
    by: As = CONSOLE,
) -> None:
    """KCC agrees the balance; one that differs from the record's is named and refused."""
    from casework.year_end import agree_balance
    from communities.calendars import academic_year
    from communities.money import pounds
    from service.record_commands import known_community

    pence = read_amount(balance)
    with record() as work:
        name, wanted = known_community(work, community), year or academic_year(work.today)
        agree_balance(work, name, wanted, pence, by)
    out.print(f"The balance of {name} {wanted} is agreed: {pounds(pence)}.", markup=False)


@year_app.command("close")
def close(
    community: Community,
    year: Year = "",
    carry: Annotated[bool, typer.Option("--carry", help="Carry over what is open; each thing is named.")] = False,
    by: As = CONSOLE,
) -> None:
    """Close a community's year: everything decided, paid or carried over, the balance agreed."""
    from casework.year_end import close_year
    from communities.calendars import academic_year
    from service.record_commands import known_community

    with record() as work:
        name, wanted = known_community(work, community), year or academic_year(work.today)
        carried = close_year(work, name, wanted, by, carry=carry)
    out.print(f"The year {wanted} of {name} is closed; {len(carried)} carried over.", markup=False)
    for number in carried:
        out.print(f"  {number}", markup=False)


@year_app.command("open")
def open_(
    year: Annotated[str, typer.Option("--year", help="Academic year, for example 2027-28.", callback=read_year)],
) -> None:
    """Open a year: book its meetings, and name what each community still lacks."""
    from casework.directory_record import directory_of
    from casework.year_start import open_year, year_before
    from service.record_commands import school_year

    with record() as work:
        booked, openings = open_year(work, school_year(year), [c.name for c in directory_of(work).communities])
    out.print(f"{year}: {booked} meetings booked; `cos serve` puts them into the calendar.", markup=False)
    for opening in openings:
        if lacks := opening.lacks(year_before(year)):
            out.print(f"{opening.community}: {'; '.join(lacks)}.", markup=False)
