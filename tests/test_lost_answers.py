"""The connection is cut after Graph has done it and before its answer arrives: tried again, nothing is doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession, web

from casework.errors import Conflict, TryLater
from casework.ports import EventDraft, MailDraft
from casework.working_list import KEY, LIST
from communities.calendars import at_london
from graph_sync.calendar import OutlookCalendar
from graph_sync.files import SharePointFiles
from graph_sync.graph import Graph
from graph_sync.lists import SharePointLists
from graph_sync.mail import OutlookMail
from graph_sync.provision import load_lists, provision
from service.credentials import LocalCredential
from tests.conftest import START, World
from tests.ports import free_port

HOP_BY_HOP = frozenset({"content-length", "transfer-encoding", "content-encoding"})


class Line:
    """A proxy before the tenant that loses the answers to the first requests of given methods."""

    def __init__(self, upstream: str) -> None:
        self.upstream, self.port = upstream, free_port()
        self.lose: list[tuple[str, str]] = []
        self.lost = 0

    async def forward(self, request: web.Request) -> web.StreamResponse:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP}
        async with ClientSession() as session, session.request(
            request.method, f"{self.upstream}{request.rel_url}", headers=headers, data=BytesIO(await request.read()),
            allow_redirects=False,
        ) as answer:  # fmt: skip
            body = await answer.read()
        for method, part in self.lose:
            if request.method == method and part in str(request.rel_url) and request.transport:
                self.lose.remove((method, part))
                self.lost += 1
                request.transport.abort()
        kept = {k: v for k, v in answer.headers.items() if k.lower() not in HOP_BY_HOP}
        return web.Response(status=answer.status, body=body, headers=kept)


@pytest.fixture
async def line(world: World) -> AsyncIterator[tuple[Line, Graph]]:
    """The line, and Graph at its end."""
    made = Line(world.tenant_url)
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", made.forward)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", made.port).start()
    base = f"http://127.0.0.1:{made.port}/v1.0"
    graph = Graph(LocalCredential(base), base)
    yield made, graph
    await graph.close()
    await runner.cleanup()


async def as_the_engine_would(operation: Callable[[], Awaitable[Any]]) -> None:
    for _ in range(6):
        try:
            await operation()
        except (TryLater, Conflict):
            continue
        return
    raise AssertionError("it never succeeded")


MAIL = MailDraft(key="k", sender="cos.desk@kent.example", to=["a@x.example"], subject="S", html="<p>x</p>")
EVENT = EventDraft(
    key="m", organiser="cos.desk@kent.example", subject="M", body_html="x", starts_at=START,
    ends_at=at_london(START.date(), START.time().replace(hour=12)), attendees=["a@x.example"],
)  # fmt: skip


@pytest.mark.parametrize(
    "lose",
    [
        [("PUT", ":/content")],
        [("PUT", ":/content"), ("PUT", ":/content")],
        [("POST", "/messages")],
        [("POST", "/send")],
        [("POST", "/messages"), ("POST", "/send")],
        [("POST", "/events")],
        [("POST", "/items")],
    ],
    ids=lambda lose: " then ".join(f"{m} {p.strip(':/')}" for m, p in lose),
)
async def test_a_lost_answer_doubles_nothing(
    world: World, line: tuple[Line, Graph], lose: list[tuple[str, str]]
) -> None:
    proxy, graph = line
    proxy.lose = list(lose)
    mail, calendar = OutlookMail(world.desk, graph), OutlookCalendar(world.desk, graph)
    files, lists = SharePointFiles(world.desk, graph), SharePointLists(world.desk, graph)
    for operation in (
        lambda: files.put("ABC", "Agendas/a.docx", b"hello"),
        lambda: mail.send(MAIL),
        lambda: calendar.create(EVENT),
        lambda: lists.ensure(LIST, KEY, {KEY: "R-2026-0001", "Community": "ABC"}),
    ):
        await as_the_engine_would(operation)
        await as_the_engine_would(operation)
    counts = await world.hand.call("GET", "counts")
    assert proxy.lost == len(lose)
    assert counts["files"] == {"ABC/Agendas/a.docx": 1}
    assert (counts["mails"], counts["drafts"], counts["events"]) == (1, 0, 1)
    assert len(await world.hand.items(LIST)) == 1


async def test_a_list_whose_making_was_not_answered_is_found_again(world: World, line: tuple[Line, Graph]) -> None:
    proxy, graph = line
    await world.hand.call("POST", "world", json={"site": "/sites/communities", "users": []})
    proxy.lose = [("POST", "/lists")] * 3
    said: list[str] = []
    await provision(world.desk, graph, world.office.settings.site, lambda *_: None, said)
    assert proxy.lost == 3
    indexed = sum(bool(c.get("indexed")) for schema in load_lists().values() for c in schema["columns"])
    assert len(said) == len(load_lists()) + indexed + 53  # the communities' libraries
    again: list[str] = []
    await provision(world.desk, graph, world.office.settings.site, lambda *_: None, again)
    assert again == []
