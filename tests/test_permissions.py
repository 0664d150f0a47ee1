"""The whole table of states, moves and people, held against what the one door of all moves does."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from casework import tables
from casework.desk import CONSOLE, SYSTEM
from casework.directory_record import directory_of
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.request_record import perform
from communities.directory import Directory, Role
from communities.lifecycle import BY_MOVE, Move, State, Who, after
from tests.conftest import Bench
from tests.test_moves import KCC, R1, clerk
from tests.test_record import arrive, chair, home, set_up

STRANGER = "nobody@elsewhere.example"


def persons(directory: Directory) -> dict[str, frozenset[Who]]:
    """Somebody for each thing a person can be to the request, and some who are nothing to it."""
    others = [c.name for c in directory.communities if c.name != home(directory)]
    foreign_chair = next(p.mail for n in others for p in directory.people_with(Role.CHAIR, n))
    foreign_clerk = next(p.mail for n in others for p in directory.people_with(Role.CLERK, n)
                         if not directory.holds(p.mail, Role.CLERK, home(directory)))  # fmt: skip
    return {
        "sam.field@school.example": frozenset({Who.SCHOOL}),
        chair(directory): frozenset({Who.CHAIR}),
        clerk(directory): frozenset({Who.CLERK}),
        KCC: frozenset({Who.MODERATOR}),
        CONSOLE: frozenset({Who.ADMINISTRATOR}),
        SYSTEM: frozenset({Who.DESK}),
        foreign_chair: frozenset(),
        foreign_clerk: frozenset(),
        STRANGER: frozenset(),
    }


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("move", Move)
def test_a_move_is_made_from_its_states_by_its_people_and_by_nobody_else(
    bench: Bench, directory: Directory, move: Move
) -> None:
    set_up(bench, directory)
    arrive(bench)
    rule, requests = BY_MOVE[move], tables.requests
    with bench.desk.work() as work:
        for state in State:
            work.conn.execute(update(requests).where(requests.c.id == R1).values(state=state.value))
            for mail, roles in persons(directory).items():
                allowed, leads_to = not roles.isdisjoint(rule.who), after(state, move)
                attempt = work.conn.begin_nested()
                if allowed and leads_to is not None:
                    perform(work, R1, move, mail, reason="Because")
                    found = work.conn.execute(tables.requests.select()).one().state
                    assert found == leads_to, (state, mail)
                else:
                    with pytest.raises(AlreadyDone if allowed else NotAllowed):
                        perform(work, R1, move, mail, reason="Because")
                attempt.rollback()


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("move", [m for m in Move if BY_MOVE[m].needs_reason])
def test_a_move_that_needs_a_reason_is_not_made_without(bench: Bench, directory: Directory, move: Move) -> None:
    set_up(bench, directory)
    arrive(bench)
    rule, requests = BY_MOVE[move], tables.requests
    mail = next(m for m, roles in persons(directory).items() if not roles.isdisjoint(rule.who))
    with bench.desk.work() as work:
        work.conn.execute(update(requests).where(requests.c.id == R1).values(state=rule.starts[0].value))
        for reason, said in (("  ", "Say why"), ("x" * 501, "has 501 characters; the limit is 500")):
            with pytest.raises(InputRefused, match=said):
                perform(work, R1, move, mail, reason=reason)


def test_a_chair_of_the_area_stands_in_only_where_the_chair_has_an_interest(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    arrive(bench)
    own = directory.communities[0]
    other = next(p.mail for c in directory.communities if c != own and c.community_area == own.community_area
                 for p in directory.people_with(Role.CHAIR, c.name))  # fmt: skip
    requests = tables.requests
    with bench.desk.work() as work:
        assert directory_of(work).chair_of(own.name) is not None
        work.conn.execute(update(requests).where(requests.c.id == R1).values(state=State.ON_AGENDA.value))
        with pytest.raises(NotAllowed):
            perform(work, R1, Move.DECIDE, other)
        work.conn.execute(
            tables.interests.insert().values(request_id=R1, mail=chair(directory), reason="My sister's school")
        )
        perform(work, R1, Move.DECIDE, other)
