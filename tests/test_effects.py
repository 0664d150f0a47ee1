"""Effects: tried again when the service is busy, stuck when a person is needed, in doubt after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from sqlalchemy import select

from casework import tables
from casework.desk import CONSOLE, Desk, Work
from casework.effects import BUG_ATTEMPTS, CONFLICT_ATTEMPTS, HANDLERS, attempt, effect, mark_begun
from casework.errors import AlreadyDone, Conflict, InputRefused, NeedsAttention, NotAllowed, TryLater
from casework.ports import Ports
from casework.status import status
from casework.stuck import drop, retry, retry_waiting_for, stuck_effects
from tests.conftest import Bench

PORTS = cast(Ports, None)


@pytest.fixture
def outcome() -> Iterator[list[Exception | None]]:
    """What the test effect does at each try; None is success."""
    plan: list[Exception | None] = []

    @effect("test.effect")
    async def handle(_desk: Desk, _ports: Ports, _subject: str) -> None:
        if error := plan.pop(0):
            raise error

    yield plan
    del HANDLERS["test.effect"]


def asked(bench: Bench) -> str:
    with bench.desk.work() as work:
        work.effect("test.effect", "1")
        work.effect("test.effect", "1")
    assert bench.enqueued == ["test.effect:1"]
    return "test.effect:1"


def row(bench: Bench) -> Any:
    with bench.desk.work() as work:
        return work.conn.execute(select(tables.effects)).one()


async def test_an_effect_that_succeeds_is_done_and_not_done_again(
    bench: Bench, outcome: list[Exception | None]
) -> None:
    outcome += [None]
    effect_id = asked(bench)
    assert await attempt(bench.desk, PORTS, effect_id) is None
    assert await attempt(bench.desk, PORTS, effect_id) is None
    assert (row(bench).state, row(bench).attempts) == ("done", 1)


async def test_a_busy_service_is_tried_again_when_it_said(bench: Bench, outcome: list[Exception | None]) -> None:
    outcome += [TryLater("busy", 7.5), Conflict("changed"), None]
    effect_id = asked(bench)
    assert await attempt(bench.desk, PORTS, effect_id) == 7.5
    assert await attempt(bench.desk, PORTS, effect_id) is not None
    assert await attempt(bench.desk, PORTS, effect_id) is None
    assert row(bench).state == "done"


async def test_what_others_change_again_and_again_is_shown_at_last(
    bench: Bench, outcome: list[Exception | None]
) -> None:
    outcome += [Conflict("The item was changed.")] * CONFLICT_ATTEMPTS
    effect_id = asked(bench)
    waits = [await attempt(bench.desk, PORTS, effect_id) for _ in range(CONFLICT_ATTEMPTS)]
    assert waits[-1] is None
    assert max(w or 0 for w in waits) == 5.0
    assert row(bench).state == "stuck"


async def test_what_a_person_must_mend_is_stuck_with_the_reason(bench: Bench, outcome: list[Exception | None]) -> None:
    outcome += [NeedsAttention("Add the bot to the team.")]
    effect_id = asked(bench)
    assert await attempt(bench.desk, PORTS, effect_id) is None
    with bench.desk.work() as work:
        assert status(work)["stuck"] == [{"effect": effect_id, "problem": "Add the bot to the team."}]


async def test_an_unforeseen_error_is_tried_a_few_times_and_then_shown(
    bench: Bench, outcome: list[Exception | None]
) -> None:
    outcome += [ValueError("a secret")] * BUG_ATTEMPTS
    effect_id = asked(bench)
    waits = [await attempt(bench.desk, PORTS, effect_id) for _ in range(BUG_ATTEMPTS)]
    assert waits[-1] is None
    assert all(waits[:-1])
    assert row(bench).state == "stuck"
    assert "a secret" not in row(bench).problem


async def test_a_post_in_doubt_after_a_crash_is_marked_and_not_repeated(
    bench: Bench, outcome: list[Exception | None]
) -> None:
    outcome += [AssertionError("posted a second time")]
    effect_id = asked(bench)
    await bench.desk.run("test", mark_begun, effect_id)
    assert await attempt(bench.desk, PORTS, effect_id) is None
    assert row(bench).state == "stuck"
    assert "does not say whether it arrived" in row(bench).problem


async def test_an_error_in_the_middle_of_a_post_is_in_doubt_and_not_repeated(bench: Bench) -> None:
    posted: list[str] = []

    @effect("test.effect")
    async def post(desk: Desk, _ports: Ports, subject: str) -> None:
        await desk.run("test", mark_begun, f"test.effect:{subject}")
        posted.append(subject)
        raise ValueError("the connection broke in a way nobody foresaw")

    try:
        effect_id = asked(bench)
        assert [await attempt(bench.desk, PORTS, effect_id) for _ in range(2)] == [None, None]
    finally:
        del HANDLERS["test.effect"]
    assert posted == ["1"]
    assert row(bench).state == "stuck"


def test_an_effect_of_a_command_that_failed_does_not_exist(bench: Bench) -> None:
    def ask_and_fail(work: Work) -> None:
        work.effect("test.effect", "1")
        raise RuntimeError

    with pytest.raises(RuntimeError), bench.desk.work() as work:
        ask_and_fail(work)
    with bench.desk.work() as work:
        assert work.conn.execute(select(tables.effects)).all() == []


async def test_what_is_stuck_is_begun_again_or_dropped_with_a_reason(
    bench: Bench, outcome: list[Exception | None]
) -> None:
    outcome += [NeedsAttention("The mailbox is gone."), None]
    effect_id = asked(bench)
    await attempt(bench.desk, PORTS, effect_id)
    with bench.desk.work() as work:
        assert [r.id for r in stuck_effects(work)] == [effect_id]
        with pytest.raises(NotAllowed, match="administrator"):
            retry(work, effect_id, "somebody@x.example")
        with pytest.raises(InputRefused, match="There is no effect"):
            retry(work, "mail.x:1", CONSOLE)
        with pytest.raises(InputRefused, match="Say why"):
            drop(work, effect_id, " ", CONSOLE)
        retry(work, effect_id, CONSOLE)
        with pytest.raises(AlreadyDone, match="is not stuck"):
            drop(work, effect_id, "twice", CONSOLE)
    assert bench.enqueued == [effect_id, effect_id]
    assert await attempt(bench.desk, PORTS, effect_id) is None
    assert (row(bench).state, row(bench).runs) == ("done", 1)


async def test_what_is_dropped_is_not_done(bench: Bench, outcome: list[Exception | None]) -> None:
    outcome += [NeedsAttention("The mailbox is gone.")]
    effect_id = asked(bench)
    await attempt(bench.desk, PORTS, effect_id)
    with bench.desk.work() as work:
        drop(work, effect_id, "Nobody needs it any more.", CONSOLE)
    assert await attempt(bench.desk, PORTS, effect_id) is None
    assert row(bench).state == "dropped"


async def test_what_waits_for_something_goes_on_when_it_is_there(bench: Bench, outcome: list[Exception | None]) -> None:
    outcome += [NeedsAttention("No bot in the team.", "team:ABC"), None]
    effect_id = asked(bench)
    await attempt(bench.desk, PORTS, effect_id)
    with bench.desk.work() as work:
        assert retry_waiting_for(work, "team:XYZ") == 0
        assert retry_waiting_for(work, "team:ABC") == 1
        assert retry_waiting_for(work, "team:ABC") == 0
    assert await attempt(bench.desk, PORTS, effect_id) is None
    assert row(bench).state == "done"
