"""The one way to Graph: waits as told, keeps its token to itself, and turns answers into what must happen next."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web
from azure.core.credentials import AccessToken
from kiota_abstractions.method import Method

from casework.errors import Conflict, NeedsAttention, TryLater
from graph_sync.graph import Graph, retry_after_s
from graph_sync.patience import TRIES
from tests.ports import free_port


class Token:
    """A credential that always has the same token."""

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken("secret-token", int(time.time()) + 3600)

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> Token:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


@pytest.fixture
async def served() -> AsyncIterator[tuple[Graph, dict[str, Any], list[web.Request]]]:
    """A Graph whose server answers with what the test put into the dict (path -> (status, headers, body))."""
    answers: dict[str, Any] = {}
    seen: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request)
        await request.read()
        status, headers, body = answers[request.path]
        return web.json_response(body, status=status, headers=headers)

    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    graph = Graph(Token(), f"http://127.0.0.1:{port}/v1.0")
    yield graph, answers, seen
    await graph.close()
    await runner.cleanup()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "5"}, 5.0),
        ({"retry-after": "2.128"}, 2.128),
        ({"retry-after": "3", "ratelimit-reset": "9"}, 9.0),
        ({"retry-after": "nonsense"}, 1.0),
        ({}, 1.0),
    ],
)
def test_the_wait_is_what_the_service_says_the_greater_of_two(headers: dict[str, str], seconds: float) -> None:
    assert retry_after_s(headers) == seconds


def test_the_wait_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 27 < retry_after_s({"retry-after": later}) <= 30


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, TryLater), (500, TryLater), (502, TryLater), (503, TryLater), (504, TryLater), (423, TryLater),
     (412, Conflict), (409, Conflict), (403, NeedsAttention), (400, NeedsAttention)],
)  # fmt: skip
async def test_answers_become_what_must_happen_next(served: Any, status: int, error: type[Exception]) -> None:
    graph, answers, seen = served
    answers["/v1.0/x"] = (status, {"Retry-After": "70"}, {"error": {"code": "c", "message": "m"}})
    with pytest.raises(error) as caught:
        await graph.get(graph.url("x"))
    assert len(seen) == 1, "nothing below may repeat a request by itself"
    if isinstance(caught.value, TryLater):
        assert caught.value.retry_after_s == 70.0


async def test_a_read_is_tried_again_after_a_short_wait_and_then_handed_on(served: Any) -> None:
    graph, answers, seen = served
    answers["/v1.0/x"] = (503, {"Retry-After": "0.01"}, {})
    with pytest.raises(TryLater):
        await graph.get(graph.url("x"))
    assert len(seen) == TRIES


async def test_a_post_is_never_repeated_by_the_sdk(served: Any) -> None:
    graph, answers, seen = served
    answers["/v1.0/x"] = (503, {"Retry-After": "0"}, {})
    with pytest.raises(TryLater):
        await graph.write(Method.POST, graph.url("x"), {"a": 1})
    assert len(seen) == 1


async def test_the_token_goes_to_graphs_own_host_alone(served: Any) -> None:
    graph, answers, seen = served
    answers["/v1.0/list"] = (200, {}, {"value": [1], "@odata.nextLink": "http://evil.example/v1.0/list?page=2"})
    with pytest.raises(NeedsAttention, match="another host"):
        _ = [page async for page in graph.pages(graph.url("list"))]
    assert seen[0].headers["Authorization"] == "Bearer secret-token"
    assert seen[0].headers["User-Agent"].startswith("NONISV|")


async def test_a_download_follows_the_redirect_without_the_token(served: Any) -> None:
    graph, answers, seen = served
    host = graph.base_url.removesuffix("/v1.0")
    answers["/v1.0/content"] = (302, {"Location": f"{host}/raw"}, {})
    answers["/raw"] = (200, {}, {"bytes": True})
    assert b"bytes" in await graph.download(graph.url("content"), 1_000_000)
    assert "Authorization" not in seen[1].headers


async def test_a_download_address_without_https_elsewhere_is_not_followed(served: Any) -> None:
    graph, answers, _ = served
    answers["/v1.0/content"] = (302, {"Location": "http://evil.example/raw"}, {})
    with pytest.raises(NeedsAttention, match="without https"):
        await graph.download(graph.url("content"), 1_000_000)


async def test_a_graph_that_is_away_is_tried_later() -> None:
    graph = Graph(Token(), f"http://127.0.0.1:{free_port()}/v1.0")
    with pytest.raises(TryLater, match="not reached"):
        await graph.write(Method.POST, graph.url("x"), {})
    await graph.close()


async def test_a_large_body_arrives_whole_with_its_length(served: Any) -> None:
    graph, answers, seen = served
    answers["/v1.0/large"] = 200, {}, {}
    content = bytes(range(256)) * 20_000
    await graph.write(Method.PUT, graph.url("large"), content, content_type="application/octet-stream")
    assert await seen[0].read() == content
    assert seen[0].headers["Content-Length"] == str(len(content))
    assert "Transfer-Encoding" not in seen[0].headers
