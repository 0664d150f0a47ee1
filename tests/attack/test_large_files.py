"""A file of gigabytes in a library: once it was taken into memory whole, whatever it was wanted for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from casework import tables
from casework.documents import written
from casework.errors import FileTooLarge
from casework.ports import PAPER_BYTES
from graph_sync.graph import Graph
from papers.sheets import WORKBOOK_BYTES
from papers.word import TEMPLATE_BYTES
from service.credentials import LocalCredential
from service.sample_tenant import DESK, FLOW, FORMS_LIBRARY
from tests.conftest import World
from tests.ports import free_port

PIECE, LIMIT = 64 * 1024, 1_000_000


class Library:
    """Graph and the place it redirects to, which sends without end; how much of it was taken."""

    def __init__(self) -> None:
        self.sent = 0
        self.says_length = False

    async def token(self, _request: web.Request) -> web.Response:
        return web.json_response({"access_token": "t", "expires_in": 3600})

    async def content(self, request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"http://{request.host}/blob"})

    async def blob(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        if self.says_length:
            answer.content_length = 3_000_000_000
        await answer.prepare(request)
        try:
            for _ in range(3_000_000_000 // PIECE):
                await answer.write(b"x" * PIECE)
                self.sent += PIECE
        except ConnectionError:
            pass
        return answer


@pytest.fixture
async def library() -> AsyncIterator[tuple[Library, Graph]]:
    here, app, port = Library(), web.Application(), free_port()
    app.router.add_post("/local/oauth2/v2.0/token", here.token)
    app.router.add_get("/v1.0/content", here.content)
    app.router.add_get("/blob", here.blob)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    url = f"http://127.0.0.1:{port}/v1.0"
    graph = Graph(LocalCredential(url), url)  # type: ignore[arg-type]  # as the service makes it
    yield here, graph
    await graph.close()
    await runner.cleanup()


@pytest.mark.parametrize("says_length", [True, False])
async def test_no_more_of_a_file_is_taken_than_its_kind_may_have(
    says_length: bool, library: tuple[Library, Graph]
) -> None:
    here, graph = library
    here.says_length = says_length
    with pytest.raises(FileTooLarge, match=r"^The file has [\d,.]+ MB or more; at most 1\.0 MB are read\.$"):
        await graph.download(graph.url("content"), LIMIT)
    assert here.sent < 20 * LIMIT  # what the sockets between hold


async def _said(world: World, command: str) -> list[Any]:
    journal = tables.journal
    rows = journal.select().where(journal.c.command == command)
    return [r.details["said"] for r in await world.desk.look(lambda work: list(work.conn.execute(rows)))]


async def test_a_template_that_is_too_large_is_told_to_the_clerk_and_the_standard_one_is_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.documents.TEMPLATE_BYTES", 500_000)
    await world.hand.save_file("ABC", "Templates/agenda.docx", b"x" * 900_000, DESK)
    made = await written(
        world.desk, world.office.ports, "ABC", "agenda.docx", lambda paper, template: template[:2], object()
    )
    assert made == b"PK"
    assert await _said(world, "template broken") == [
        "'Templates/agenda.docx' in ABC has 0.9 MB or more; at most 0.5 MB are read."
    ]


async def test_a_workbook_that_is_too_large_is_told_and_the_other_forms_are_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_sync.workbooks.WORKBOOK_BYTES", 500_000)
    await world.hand.save_file(FORMS_LIBRARY, "Request for Support.xlsx", b"PK" + b"x" * 900_000, FLOW)
    await world.office.pull()
    [said] = await _said(world, "workbook unreadable")
    assert said.startswith(
        "'Request for Support.xlsx' is too large. The file has 0.9 MB or more; at most 0.5 MB are read."
    )


@pytest.mark.parametrize("kind", [PAPER_BYTES, WORKBOOK_BYTES, TEMPLATE_BYTES])
def test_the_limits_leave_room_for_what_there_is(kind: int) -> None:
    assert 5_000_000 <= kind <= 50_000_000
