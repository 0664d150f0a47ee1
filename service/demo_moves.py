"""What happens in the demo to requests beside decisions: returned, withdrawn, let in late, deferred, each with why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.meeting_record import day_of
from casework.request_moves import defer_request, let_in_late, return_request, withdraw_request
from communities.directory import Role
from communities.lifecycle import BY_MOVE, Move, State
from sample_world.texts import pick, texts


@dataclass(frozen=True)
class Played:
    """A move that somebody makes with one in `every` of the requests that stand there."""

    move: Move
    make: Callable[[Work, str, str, str], None]
    starts: State
    by: Role
    every: int
    first: int

    def is_for(self, number: int) -> bool:
        """Whether the request of that number is one of those."""
        return number % self.every == self.first


PLAYED = (
    Played(Move.RETURN, return_request, State.RECEIVED, Role.CLERK, 17, 4),
    Played(Move.WITHDRAW, withdraw_request, State.RECEIVED, Role.SENCO, 19, 6),
    Played(Move.LET_IN, let_in_late, State.RECEIVED, Role.CHAIR, 3, 1),
    Played(Move.DEFER, defer_request, State.ON_AGENDA, Role.CHAIR, 13, 7),
)
"""Put off on the day of the meeting; the others as soon as they can be made."""


def make_moves(work: Work, day: date) -> list[str]:
    """What is done with requests that day, each once, and said of it."""
    requests, meetings = tables.requests, tables.meetings
    rows = work.conn.execute(
        select(requests.c.id, requests.c.state, requests.c.school, requests.c.community, meetings.c.starts_at)
        .outerjoin(meetings, meetings.c.id == requests.c.meeting_id)
        .where(requests.c.state.in_({p.starts for p in PLAYED}))
        .order_by(requests.c.id)
    ).all()
    said = []
    for row in rows:
        number = int(row.id[-4:])
        for played in (p for p in PLAYED if p.starts == row.state and p.is_for(number)):
            of = row.school if played.by is Role.SENCO else row.community
            person = next(iter(directory_of(work).people_with(played.by, of)), None)
            is_today = row.starts_at is not None and day_of(row) == day
            if person is None or (played.move is Move.DEFER and not is_today) or _was_made(work, played, row.id):
                continue
            reason = pick([t for t in texts("reasons", "reason") if t.about["move"] == played.move], number).text
            try:
                played.make(work, row.id, reason, str(person.mail))
            except InputRefused:
                continue  # not late, or no meeting follows
            said.append(f"{row.id} was {played.move}: {reason}")
            break  # one move a day: its state is another one now
    return said


def _was_made(work: Work, played: Played, request_id: str) -> bool:
    journal, command = tables.journal, BY_MOVE[played.move].command
    made = select(journal.c.number).where(journal.c.subject == request_id, journal.c.command == command)
    return work.conn.execute(made).first() is not None
