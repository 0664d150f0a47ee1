"""Anybody posts 256 KB of list entries to the bot, again and again; three seconds of the event loop each, once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientSession
from botbuilder.schema import Activity

from bot.incoming import DEPTH, LIST_ENTRIES
from service.connections import CONNECTIONS
from service.doors import STRANGERS
from tests.attack.conftest import Service
from tests.test_callers import activity, token

HEAVY = {"membersAdded": [{}] * 60_000}


def nested(depth: int) -> Any:
    """Lists within lists."""
    inner: Any = "x"
    for _ in range(depth):
        inner = [inner]
    return inner


async def test_who_has_no_token_is_answered_before_the_body_is_read(service: Service) -> None:
    head = (
        b"POST /api/messages HTTP/1.1\r\nHost: desk.example\r\nContent-Type: application/json\r\n"
        b"Content-Length: 250000\r\n%s\r\n"
    )
    for header in (b"", b"Authorization: Bearer a.b.c\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(head % header)
        async with asyncio.timeout(3):
            assert (await reader.readline()).startswith(b"HTTP/1.1 401")
        writer.close()


@pytest.mark.parametrize(
    ("more", "status"),
    [(HEAVY, 400), ({"value": {"a": nested(DEPTH)}}, 400), ({"value": [{"a": [0] * (LIST_ENTRIES + 1)}]}, 400),
     ({"channelData": {"tenant": {"id": "our-tenant"}, "x": [0] * LIST_ENTRIES}, "type": "typing"}, 201)],
)  # fmt: skip
async def test_what_is_larger_than_an_activity_never_reaches_the_sdk(
    service: Service, more: dict[str, Any], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    own = Activity.deserialize.__func__

    def counted(_kind: Any, data: Any, *args: Any) -> Any:
        read.append(data)
        return own(Activity, data, *args)

    monkeypatch.setattr(Activity, "deserialize", classmethod(counted))
    body = json.dumps({**activity(), **more}).encode()
    headers = {b"Content-Type": b"application/json", b"Authorization": f"Bearer {token()}".encode()}
    assert len(body) < 256 * 1024
    assert await service.status("POST", b"/api/messages", headers, body) == status
    assert bool(read) is (status == 201)


async def test_a_flood_is_told_to_come_less_often_and_who_has_a_token_is_let_in_all_the_same(service: Service) -> None:
    url, typing = f"{service.url}/api/messages", {**activity(), "type": "typing"}
    async with ClientSession() as session:

        async def post(address: str, header: str) -> int:
            headers = {"X-Forwarded-For": address, "Authorization": header}
            async with session.post(url, json=typing, headers=headers) as response:
                return response.status

        statuses = [await post("6.6.6.6", "Bearer x") for _ in range(STRANGERS.at_once + 30)]
        assert set(statuses[: STRANGERS.at_once]) == {401}
        assert 429 in statuses[STRANGERS.at_once :]
        assert await post("6.6.6.6", f"Bearer {token()}") == 201
        assert await post("6.6.6.7", "Bearer x") == 401


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ten seconds are half of one."""
    assert CONNECTIONS["keepalive_timeout"] == 10
    monkeypatch.setitem(CONNECTIONS, "keepalive_timeout", 0.5)


@pytest.mark.parametrize(
    "sent", [[b""], [b"GET /healthz HTTP/1.1\r\nHost: x\r\n"], [b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /"]]
)
async def test_a_request_whose_headers_do_not_come_is_closed(
    sent: list[bytes], impatient: None, service: Service
) -> None:
    answer = await service.ask(*sent)
    assert answer.count(b"HTTP/1.1 200") == len(sent) - 1
