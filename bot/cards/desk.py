"""The clerk's desk: what is due, by clock, with a button on each line that can be acted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from microsoft_teams.cards import ActionSet, AdaptiveCard, CardElement, Container, ExecuteAction

from bot.cards.parts import finish, heading, line, literal
from bot.turns import Card
from communities.dues import OVERDUE, Due, Task, by_when

VERB = "desk"
"""A line's button; `task` says which."""

SHOWN = 12
"""Lines on one card: more is no desk but a list, and a phone shows four at a time."""

BUTTONS: Mapping[Task, str] = MappingProxyType(
    {
        Task.REMIND: "Remind the schools",
        Task.CIRCULATE: "Make and circulate it now",
        Task.BY_HAND: "I sent the papers myself",
        Task.DECIDE: "Record the decisions",
        Task.ATTENDANCE: "Mark attendance",
        Task.MINUTES: "Enter the minutes",
        Task.FORWARD: "Forward it again",
        Task.CHASE: "Ask the HNFO",
        Task.SIGN: "Sign the report",
        Task.PROPOSED: "Read the changes",
        Task.HELD: "Say what it is",
    }
)


def desk_card(title: str, lines: Sequence[Due], today: date, note: str = "") -> Card:
    """What is overdue, due today and due later, each under its heading."""
    body: list[CardElement] = [heading(title)]
    if note:
        body.append(line(f"✓ {literal(note)}", color="Good"))
    if not lines:
        body.append(line("No deadline falls, and no meeting is booked, within a week."))
    for name, found in by_when(lines[:SHOWN], today).items():
        late = name == OVERDUE
        body.append(line(f"**{name}**", color="Attention" if late else None))
        body += [_line(due, today, is_late=late) for due in found]
    if len(lines) > SHOWN:
        body.append(line(f"And {len(lines) - SHOWN} more; they move up as these are done.", subtle=True))
    said = "; ".join(f"{d.what}, {d.community}, {d.by(f'{d.due_on:%-d %b}')}" for d in lines[:SHOWN])
    return finish(AdaptiveCard(body=body, lang="en", fallback_text=f"{title}: {said or 'nothing is due'}."))


def _line(due: Due, today: date, *, is_late: bool) -> Container:
    when = f"since {due.due_on:%a %-d %b}" if is_late else due.by(f"{due.due_on:%a %-d %b}")
    items: list[CardElement] = [
        line(literal(due.what)),
        line(f"{literal(due.community)} · {when}", subtle=True),
    ]
    if title := BUTTONS.get(due.task):
        data = {"task": due.task.name, "subject": due.subject}
        items.append(ActionSet(actions=[ExecuteAction(title=title, verb=VERB, data=data)]))
    return Container(items=items, separator=True, spacing="Small")
