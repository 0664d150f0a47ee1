"""What each address of the service takes at most: how often, how large, how slowly; what is refused is journaled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict
from sqlalchemy import select

from casework import tables
from casework.desk import Work
from service.addresses import address_of
from service.doors import DOORS, MOST_ADDRESSES, Door, Rates, door_of
from service.web import make_app
from tests.conftest import World
from tests.ports import free_port

ONE = Door(name="x", prefix="/", most_bytes=1, a_second=2.0, at_once=3)


def test_some_may_come_at_once_then_so_many_a_second_and_each_address_has_its_own() -> None:
    at = [0.0]
    rates = Rates(clock=lambda: at[0])
    assert [rates.take(ONE, "a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert rates.take(ONE, "b") == 0
    at[0] = 0.5
    assert rates.take(ONE, "a") == 0
    assert rates.take(ONE, "a") > 0
    at[0] = 100.0
    assert [rates.take(ONE, "a") > 0 for _ in range(4)] == [False, False, False, True]


def test_a_million_addresses_take_no_more_memory_than_some() -> None:
    rates = Rates(clock=lambda: 0.0)
    for number in range(3 * MOST_ADDRESSES):
        rates.take(ONE, str(number))
    assert len(rates._buckets) == MOST_ADDRESSES


@pytest.mark.parametrize(
    ("path", "name"),
    [("/api/messages", "bot"), ("/graph/notifications", "graph"), ("/tab/desk", "tab"), ("/healthz", "rest"),
     ("/", "rest"), ("/x" * 900, "rest")],
)  # fmt: skip
def test_every_address_is_some_door(path: str, name: str) -> None:
    assert door_of(path).name == name


FOR, FORWARDED = "X-Forwarded-For", "Forwarded"


@pytest.mark.parametrize(
    ("proxies", "lines", "address"),
    [
        (0, [(FOR, "6.6.6.6")], ""),
        (1, [(FOR, "6.6.6.6, 1.2.3.4")], "1.2.3.4"),
        (1, [(FOR, "6.6.6.6"), (FOR, "1.2.3.4")], "1.2.3.4"),
        (1, [(FOR, "6.6.6.6,"), (FOR, "1.2.3.4:51234")], "1.2.3.4"),
        (2, [(FOR, "6.6.6.6, 1.2.3.4, 5.6.7.8")], "1.2.3.4"),
        (2, [(FOR, "6.6.6.6"), (FOR, "1.2.3.4"), (FOR, "5.6.7.8")], "1.2.3.4"),
        (2, [(FOR, "1.2.3.4")], ""),
        (1, [(FOR, "")], ""),
        (1, [(FOR, "2001:db8:1:2:3:4:5:6")], "2001:db8:1:2::"),
        (1, [(FOR, "[2001:db8:1:2::9]:443")], "2001:db8:1:2::"),
        (1, [(FOR, "::ffff:1.2.3.4")], "1.2.3.4"),
        (1, [(FORWARDED, "for=6.6.6.6"), (FORWARDED, "for=1.2.3.4;proto=https")], "1.2.3.4"),
        (1, [(FORWARDED, 'for=6.6.6.6, for="1.2.3.4:51234";by=_x')], "1.2.3.4"),
        (1, [(FORWARDED, 'for="[2001:db8:1:2::9]:443"')], "2001:db8:1:2::"),
        (1, [(FORWARDED, 'for="6.6.6.6'), (FORWARDED, "for=1.2.3.4")], "1.2.3.4"),
        (2, [(FORWARDED, "for=1.2.3.4"), (FORWARDED, "for=5.6.7.8")], "1.2.3.4"),
        (1, [(FORWARDED, "for=6.6.6.6"), (FOR, "1.2.3.4")], ""),
        (1, [(FORWARDED, "for=1.2.3.4"), (FOR, "6.6.6.6")], ""),
        (1, [(FORWARDED, "for=1.2.3.4"), (FOR, "1.2.3.4")], "1.2.3.4"),
    ],
)
def test_who_asks_is_what_our_own_proxies_saw_and_nothing_anybody_can_say(
    proxies: int, lines: list[tuple[str, str]], address: str
) -> None:
    request = make_mocked_request("GET", "/", headers=CIMultiDict(lines))
    assert (address_of(request, proxies) or "") == address


@pytest.fixture
async def served(world: World) -> AsyncIterator[str]:
    runner = web.AppRunner(make_app(world.office, works=False))
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


def refused(work: Work) -> set[tuple[str, str]]:
    journal = tables.journal
    rows = select(journal.c.details).where(journal.c.command == "refuse at the door")
    return {(d["door"], d["reason"]) for d in work.conn.execute(rows).scalars()}


async def slowly() -> AsyncIterator[bytes]:
    yield b"{"
    await asyncio.sleep(30)


async def test_too_often_too_large_and_too_slow_are_refused_at_every_door(
    served: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.doors.BODY_S", 0.2)
    json = {"Content-Type": "application/json"}
    async with ClientSession() as session:
        for path in ("/api/messages", "/graph/notifications", "/tab/sign-in", "/tab/stuck"):
            door = door_of(path)
            large = b"x" * (door.most_bytes + 1)
            async with session.post(served + path, data=large, headers=json) as response:
                assert response.status == 413, path
            async with session.post(served + path, data=slowly(), headers=json) as response:
                assert response.status == 408, path
        for path in ("/api/messages", "/tab/sign-in"):
            async with session.post(
                served + path, data=chunked(door_of(path).most_bytes + 1), headers=json
            ) as response:
                assert response.status == 413, path
        statuses = [await status(session, f"{served}/healthz") for _ in range(DOORS[-1].at_once + 20)]
        assert statuses[0] == 200
        assert statuses[-1] == 429
    said = await world.desk.look(refused)
    assert {("bot", "too large"), ("graph", "too slow"), ("tab", "too slow"), ("rest", "too often")} <= said


async def chunked(size: int) -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(size // 1000 + 1):
        yield b"x" * 1000


async def status(session: ClientSession, url: str) -> int:
    async with session.get(url) as response:
        return response.status
