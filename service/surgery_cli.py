"""`cos surgery`: what a SEN IA does with surgeries, for whoever sits at the console."""

from __future__ import annotations

from typing import Annotated

import typer

from casework.desk import CONSOLE
from communities.surgeries import SLOT_MINUTES, Surgery
from service.console import As, Column, out, print_table, read_moment, read_year, record

surgery_app = typer.Typer(no_args_is_help=True, help="SEN IA surgeries: publish, list, call-off, sum-up, load.")

Adviser = Annotated[str, typer.Option("--adviser", help="Mail of the SEN IA.")]
Number = Annotated[str, typer.Argument(help="The session's number, for example S-2026-0003.")]


@surgery_app.command("publish")
def surgery_publish(
    adviser: Adviser,
    at: Annotated[str, typer.Option(help="The moment in London time, for example 2026-11-12T14:00.")],
    slots: Annotated[int, typer.Option(help="How many slots.")] = 6,
    minutes: Annotated[int, typer.Option(help="Minutes a slot.")] = SLOT_MINUTES,
    by: As = CONSOLE,
) -> None:
    """Publish a session; it gets a Teams meeting, and schools can book at once."""
    from casework.surgery_record import publish

    starts_at = read_moment(at)
    with record() as work:
        surgery_id = publish(work, adviser, Surgery(starts_at=starts_at, slots=slots, slot_minutes=minutes), by)
    out.print(f"{surgery_id} is published.", markup=False)


@surgery_app.command("list")
def surgery_list() -> None:
    """The sessions to come: when, with whom, how many slots are free, how many wait."""
    from casework.surgery_record import adviser_name, bookings_of, coming, free_slots
    from communities.calendars import london
    from communities.surgeries import BookingState

    rows = []
    with record() as work:
        for row in coming(work):
            waiting = sum(b.state == BookingState.WAITING for b in bookings_of(work, row.id))
            when, free = f"{london(row.starts_at):%a %-d %b %Y %H:%M}", f"{len(free_slots(work, row))} of {row.slots}"
            rows.append((row.id, when, adviser_name(work, row.adviser), free, str(waiting)))
    print_table((Column("Session", is_typed=True), "When", "With", "Free", Column("Waiting", is_number=True)), rows)


@surgery_app.command("call-off")
def surgery_call_off(number: Number, by: As = CONSOLE) -> None:
    """Call a session off; whoever booked or waited is told."""
    from casework.surgery_record import call_off

    with record() as work:
        count = call_off(work, number, by)
    out.print(f"{number} is called off; {count} bookings are cancelled and told.", markup=False)


@surgery_app.command("sum-up")
def surgery_sum_up(
    number: Number,
    summary: Annotated[str, typer.Option(help="What was discussed, without naming any child.")],
    missed: Annotated[
        list[int] | None, typer.Option(help="Slot of a school that did not come; may be repeated.")
    ] = None,
    by: As = CONSOLE,
) -> None:
    """Share the summary of a held session with those who came."""
    from casework.surgery_feedback import sum_up
    from casework.surgery_record import bookings_of

    with record() as work:
        absent = {b.id for b in bookings_of(work, number) if b.slot in (missed or ())}
        sum_up(work, number, summary, absent, by)
    out.print(f"The summary of {number} is shared with those who came.", markup=False)


@surgery_app.command("load")
def surgery_load(
    adviser: Adviser,
    year: Annotated[str, typer.Option(help="School year, for example 2026-27.", callback=read_year)] = "",
) -> None:
    """An adviser's load and themes in a school year."""
    from datetime import date

    from casework.surgery_feedback import load_of
    from communities.calendars import academic_year

    with record() as work:
        first = int((year or academic_year(work.today))[:4])
        load = load_of(work, adviser, date(first, 9, 1), date(first + 1, 9, 1))
    rated = f"; {load.useful:.1f} of 5 for usefulness" if load.useful is not None else ""
    out.print(
        f"{load.sessions} sessions, {load.came} of {load.slots} slots used, {load.missed} did not come{rated}.",
        markup=False,
    )
    print_table(("Theme", Column("Slots", is_number=True)), [(theme, str(count)) for theme, count in load.themes])
