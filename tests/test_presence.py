"""Who is there, who is silent, who may still write: decided without comparing clocks."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from casework.lease import Lease, LeaseLost, begin_under, check_lease
from casework.presence import Duty, Watch, give_sign, leave, strike_off, take_duties
from service.notices import Notices
from tests.conftest import Bench


def looks(watch: Watch, *seen: tuple[float, dict[str, int]]) -> list[list[str]]:
    return [watch.look(beats, at) for at, beats in seen]


def test_who_gives_no_sign_for_fifteen_seconds_is_silent() -> None:
    said = looks(Watch(), *((float(at), {"a": at, "b": 1}) for at in range(0, 18, 3)))
    assert said == [[], [], [], [], [], ["b"]]


def test_after_a_gap_in_looking_nobody_looks_dead() -> None:
    """The watcher was frozen, or the database was away."""
    assert looks(Watch(), (0.0, {"a": 1}), (3.0, {"a": 1}), (600.0, {"a": 1}), (603.0, {"a": 1}))[-2:] == [[], []]


def test_a_lease_that_ran_out_ends_the_life_it_was_of() -> None:
    now = [0.0]
    lease = Lease(10.0, lambda: now[0])
    begin_under(lease)
    now[0] = 9.0
    check_lease()
    now[0] = 11.0
    with pytest.raises(LeaseLost):
        check_lease()
    lease.renew(11.0)
    with pytest.raises(LeaseLost):  # it is fresh again, but what was begun before is not gone on with
        check_lease()
    begin_under(lease)
    check_lease()
    begin_under(None)


def test_a_duty_has_one_holder_until_that_one_is_gone(bench: Bench) -> None:
    with bench.desk.work() as work:
        for name in ("a", "b"):
            give_sign(work, name)
        assert take_duties(work, "a") == set(Duty)
        assert take_duties(work, "b") == set()
        assert not strike_off(work, "a", beat=7), "it gave a sign since"
        assert strike_off(work, "a", beat=1)
        assert take_duties(work, "b") == set(Duty)
        assert give_sign(work, "a") == {"a": 1, "b": 1}
        assert take_duties(work, "a") == set()
        leave(work, "b")
        assert take_duties(work, "a") == set(Duty)


async def test_what_could_not_be_noted_is_noted_by_whoever_waited_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one whose write failed is answered with an error and Graph sends it again; the others lose nothing."""
    noted: list[set[str]] = []

    class Desk:
        async def run(self, _actor: str, _command: object, what: set[str]) -> None:
            await asyncio.sleep(0)
            noted.append(what)
            if len(noted) == 1:
                raise OSError("the record is away")

    notices = Notices(SimpleNamespace(desk=Desk()), None)  # type: ignore[arg-type]  # what is used of an office
    said = await asyncio.gather(*(notices._note({name}) for name in "abc"), return_exceptions=True)
    assert [type(s).__name__ for s in said] == ["OSError", "NoneType", "NoneType"]
    assert noted == [{"a"}, {"a", "b", "c"}]
