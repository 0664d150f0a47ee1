"""`cos meeting`: what chair and clerk do with a meeting: its date, its times, its register, its minutes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from casework.desk import CONSOLE
from communities.meetings import Attendee, Mark
from service.console import As, Column, Community, out, print_table, read_day, read_moment, record

if TYPE_CHECKING:
    from casework.desk import Work

meeting_app = typer.Typer(
    no_args_is_help=True,
    help="A community's meetings: list, propose, move, room, papers-sent, cancel, times, register, minutes.",
)

Day = Annotated[str, typer.Option("--date", help="The meeting's date, YYYY-MM-DD; its name where two are on one day.")]


@meeting_app.command("list")
def meeting_list(community: Community) -> None:
    """The meetings of a community: when, how they stand, when submissions close, when papers are due."""
    from casework.schedule import meetings_of
    from communities.calendars import london
    from service.record_commands import known_community

    rows = []
    with record() as work:
        for m in meetings_of(work, known_community(work, community)):
            last, papers = m.submissions_close_at.last_day, m.papers_due_on
            rows.append((m.id, f"{london(m.starts_at):%a %-d %b %Y %H:%M}", m.state, f"{last:%a %-d %b %Y}",
                         f"{papers:%a %-d %b %Y}"))  # fmt: skip
    print_table((Column("Meeting", is_typed=True), "When", "Stands", "Last day to submit", "Papers due"), rows)


@meeting_app.command("move")
def meeting_move(
    community: Community,
    day: Day,
    to: Annotated[str, typer.Option(help="The new moment in London time, for example 2026-11-12T13:30.")],
    by: As = CONSOLE,
    anyway: Annotated[
        str, typer.Option(help="Why, where submissions have closed for that day or it isn't in term.")
    ] = "",
) -> None:
    """Move it; its clocks and its event in the calendar follow."""
    from casework.letters import spoken_moment
    from casework.schedule import move_meeting

    starts_at = read_moment(to)
    with record() as work:
        meeting_id = _meeting(work, community, day)
        move_meeting(work, meeting_id, starts_at, by, anyway=anyway)
    out.print(f"{meeting_id} was moved to {spoken_moment(starts_at)}.", markup=False)


@meeting_app.command("room")
def meeting_room(
    community: Community,
    day: Day,
    room: Annotated[str, typer.Option(help="The room's mail address in Outlook; empty for Teams alone.")],
    by: As = CONSOLE,
) -> None:
    """Invite a room beside Teams; agenda and calendar name it."""
    from casework.schedule import set_room

    with record() as work:
        meeting_id = _meeting(work, community, day)
        set_room(work, meeting_id, room.strip(), by)
    out.print(f"The room of {meeting_id} is {room.strip() or 'none: it is held in Teams'}.", markup=False)


@meeting_app.command("papers-sent")
def meeting_papers_sent(
    community: Community,
    day: Day,
    on: Annotated[str, typer.Option(help="The day they were sent, YYYY-MM-DD.")],
    by: As = CONSOLE,
) -> None:
    """Record that chair or clerk sent the papers by hand, where CoS Desk could not send them."""
    from casework.letters import spoken_day
    from casework.papers_by_hand import papers_sent_by_hand

    sent_on = read_day(on)
    with record() as work:
        meeting_id = _meeting(work, community, day)
        papers_sent_by_hand(work, meeting_id, sent_on, by)
    out.print(f"The papers of {meeting_id} were sent by hand on {spoken_day(sent_on)}.", markup=False)


@meeting_app.command("cancel")
def meeting_cancel(
    community: Community,
    day: Day,
    reason: Annotated[str, typer.Option(help="Why; everybody who was invited reads it.")],
    by: As = CONSOLE,
) -> None:
    """Call it off: Outlook tells who was invited, its requests go on to the next meeting."""
    from casework.cancel import cancel_meeting

    with record() as work:
        meeting_id = _meeting(work, community, day)
        moved = cancel_meeting(work, meeting_id, reason, by)
    went = "1 request goes" if moved == 1 else f"{moved} requests go"
    out.print(f"{meeting_id} is cancelled; {went} on to the next meeting.", markup=False)


@meeting_app.command("propose")
def meeting_propose(
    community: Community,
    first: Annotated[str, typer.Option("--from", help="The first day, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="The last day, YYYY-MM-DD; at most 60 days on.")],
) -> None:
    """Propose moments by the calendars of those who come: chair, clerk and adviser first, then the most schools."""
    import asyncio

    from communities.calendars import london
    from service.proposing import proposals

    found = asyncio.run(proposals(community, read_day(first), read_day(last)))
    print_table(
        ("When", "Cannot come"),
        [(f"{london(p.starts_at):%a %-d %b %Y %H:%M}", ", ".join(p.busy) or "–") for p in found.moments],
    )
    if found.unknown:
        out.print(f"Nothing is known of {len(found.unknown)} people outside this Microsoft 365.", markup=False)


@meeting_app.command("times")
def meeting_times(
    community: Community,
    day: Day,
    minutes: Annotated[str, typer.Option(help="Minutes of each item in order, for example 10,15,10,10,60,15.")],
    by: As = CONSOLE,
) -> None:
    """Set how long each item of its agenda takes."""
    from casework.schedule import set_agenda_times

    if not all(part.strip().lstrip("-").isdecimal() for part in minutes.split(",")):
        raise typer.BadParameter(f"'{minutes}' are not numbers of minutes like 10,15,10,10,60,15.")
    with record() as work:
        meeting_id = _meeting(work, community, day)
        set_agenda_times(work, meeting_id, [int(part) for part in minutes.split(",")], by)
    out.print(f"The times of {meeting_id} are set.", markup=False)


@meeting_app.command("register")
def meeting_register(
    community: Community,
    day: Day,
    line: Annotated[
        list[str] | None, typer.Option(help="'Abbey School, The = Sam Field = Present'; once a school or role.")
    ] = None,
    by: As = CONSOLE,
) -> None:
    """Write lines of the register of attendance, and print it."""
    from casework.meeting_record import mark_attendance, register_of

    marked = [_attendee(written) for written in line or ()]
    with record() as work:
        meeting_id = _meeting(work, community, day)
        if marked:
            mark_attendance(work, meeting_id, marked, by)
        for a in register_of(work, meeting_id):
            out.print(f"{a.of}: {a.mark}" + (f" ({a.person})" if a.person else ""), markup=False)


def _attendee(written: str) -> Attendee:
    parts = [part.strip() for part in written.split("=")]
    with suppress(ValueError):
        if len(parts) == 3:
            return Attendee(of=parts[0], person=parts[1], mark=Mark(parts[2].capitalize()))
    marks = ", ".join(Mark)
    raise typer.BadParameter(f"'{written}' is not a line like 'School = Person = Present'; the marks are {marks}.")


@meeting_app.command("minutes")
def meeting_minutes(
    community: Community,
    day: Day,
    note: Annotated[list[str] | None, typer.Option(help="'5=What was said to item 5'; once an item.")] = None,
    matter: Annotated[list[str] | None, typer.Option(help="A matter that arises at the next meeting.")] = None,
    by: As = CONSOLE,
) -> None:
    """Write its minutes; the Word file is made, filed and mailed by the service."""
    from casework.meeting_record import write_minutes

    notes: dict[int, str] = {}
    for written in note or ():
        number, _, said = written.partition("=")
        if not (number.strip().isdecimal() and said.strip()):
            raise typer.BadParameter(f"'{written}' is not a note like '5=What was said to item 5'.")
        notes[int(number)] = said.strip()
    with record() as work:
        meeting_id = _meeting(work, community, day)
        write_minutes(work, meeting_id, notes, matter or (), by)
    out.print(f"The minutes of {meeting_id} are written.", markup=False)


def _meeting(work: Work, community: str, written: str) -> str:
    """The id of a community's meeting by its date, or its name where two are on one day (`meeting_on`)."""
    from service.record_commands import known_community, meeting_on

    name = known_community(work, community)
    return str(meeting_on(work, name, written).id)
