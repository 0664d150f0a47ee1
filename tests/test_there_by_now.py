"""What an effect was stuck for and came while it was failing: it goes on. On the first day no clerk is told of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from casework import tables
from casework.desk import Work
from casework.not_done import untold
from casework.sweep import sweep
from communities.directory import Directory
from tests.conftest import Bench
from tests.test_record import home, set_up
from tests.test_stuck import make_stuck

LETTER = "mail.letter:R-2027-0001#1"
CAME: dict[str, tuple[Any, dict[str, Any]]] = {
    "place:drive:ABC": (tables.places, {"key": "drive:ABC", "value": "b!1"}),
    "place:list:Surgeries": (tables.places, {"key": "list:Surgeries", "value": "1"}),
    "team:ABC": (
        tables.teams, {"id": "19:1", "name": "ABC", "community": "ABC", "state": "open", "reference": {}},
    ),
    "person:a@x.example": (tables.conversations, {"key": "person:a@x.example", "reference": {}}),
}  # fmt: skip
"""What is waited for, and the row that says that it is there."""


def stuck_for(work: Work, needs: str, effect_id: str = LETTER) -> None:
    make_stuck(work, effect_id)
    work.conn.execute(update(tables.effects).where(tables.effects.c.id == effect_id).values(needs=needs))


def state_of(bench: Bench, effect_id: str = LETTER) -> str:
    with bench.desk.work() as work:
        found = select(tables.effects.c.state).where(tables.effects.c.id == effect_id)
        return str(work.conn.execute(found).scalar_one())


@pytest.mark.parametrize("needs", CAME)
def test_what_waits_for_something_that_is_there_by_now_goes_on(bench: Bench, needs: str) -> None:
    with bench.desk.work() as work:
        stuck_for(work, needs)
    sweep(bench.desk)
    assert state_of(bench) == "stuck"
    table, row = CAME[needs]
    with bench.desk.work() as work:
        work.conn.execute(insert(table).values(**row))
    sweep(bench.desk)
    assert state_of(bench) == "waiting"


def test_what_waits_for_nothing_or_for_a_team_that_is_closed_stays_stuck(bench: Bench) -> None:
    with bench.desk.work() as work:
        stuck_for(work, "")
        stuck_for(work, "team:ABC", "mail.letter:R-2027-0002#1")
        closed = {"id": "19:1", "name": "ABC", "community": "ABC", "state": "archived", "reference": {}}
        work.conn.execute(insert(tables.teams).values(**closed))
    sweep(bench.desk)
    assert state_of(bench) == state_of(bench, "mail.letter:R-2027-0002#1") == "stuck"


def test_while_the_site_is_set_up_clerks_are_told_of_nothing_that_waits_for_it(
    bench: Bench, directory: Directory
) -> None:
    community = set_up(bench, directory)
    effect_id = f"agenda.upload:{community} 2026-27 T2"
    with bench.desk.work() as work:
        stuck_for(work, f"place:drive:{community}", effect_id)
        assert untold(work) == []
    bench.clock.set(bench.clock.now() + timedelta(days=1, minutes=1))
    with bench.desk.work() as work:
        assert untold(work) == [home(directory)]
