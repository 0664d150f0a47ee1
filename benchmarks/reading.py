"""Reading 10,000 list items with their fields by delta, against a bare aiohttp + orjson loop over the same pages.

`python -m benchmarks.reading [COUNT]` prints the ratio (aim: at most 1.5). Both read from a server of canned pages in
a process of its own: the bare loop keeps the decoded items; ours goes through the SDK, the limits and the policy for
errors, and ends in what the form's reader takes. What reading them as submissions costs on top is printed beside it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from azure.core.credentials import AccessToken

from benchmarks.ingest import desk_in
from casework.directory_record import directory_of
from forms_ingest.columns import Answers
from forms_ingest.request_for_support import read_response
from graph_sync.graph import Graph
from graph_sync.intake import read_list
from graph_sync.limits import Limits
from local_tenant.state import stable_id
from service.sample_tenant import AUTUMN, SampleForm

COUNT, PAGE, ROUNDS = 10_000, 200, 5
NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)


def pages(count: int, base: str) -> list[bytes]:
    """The delta of a list of sample responses, as Graph writes it."""
    form = SampleForm(AUTUMN)
    samples = form.items(form.due(NOW.replace(year=2027)))
    user = {"user": {"id": stable_id("flow"), "displayName": "Forms flow", "email": "forms.flow@kent.example"}}
    items = []
    for number in range(1, count + 1):
        etag = f'"{stable_id(str(number))},1"'
        fields = {**samples[number % len(samples)], "ResponseId": number, "id": str(number), "@odata.etag": etag}
        items.append(
            {
                "@odata.etag": etag, "createdDateTime": "2026-10-01T09:00:00Z", "eTag": etag, "id": str(number),
                "lastModifiedDateTime": "2026-10-01T09:00:00Z", "lastModifiedBy": user, "createdBy": user,
                "webUrl": f"https://kent.example/sites/communities/Lists/R/{number}_.000",
                "contentType": {"id": "0x0100", "name": "Item"}, "fields": fields,
            }
        )  # fmt: skip
    made = []
    for start in range(0, count, PAGE):
        is_last = start + PAGE >= count
        link = {"@odata.deltaLink" if is_last else "@odata.nextLink": f"{base}/delta?token={start // PAGE + 1}"}
        made.append(orjson.dumps({"@odata.context": f"{base}/$metadata", "value": items[start : start + PAGE], **link}))
    return made


def serve(port: int, count: int) -> None:
    """The canned pages, until killed."""
    made = pages(count, f"http://127.0.0.1:{port}/v1.0")

    async def page(request: web.Request) -> web.Response:
        return web.Response(body=made[int(request.query.get("token", "0"))], content_type="application/json")

    app = web.Application()
    app.router.add_get("/v1.0/delta", page)
    web.run_app(app, host="127.0.0.1", port=port, print=lambda *_: None, access_log=None)


class Token:
    """A credential that asks nobody."""

    async def get_token(self, *_: str, **__: Any) -> AccessToken:
        """A token for an hour."""
        return AccessToken("t", int(time.time()) + 3600)

    async def close(self) -> None:
        """Nothing is held."""

    async def __aenter__(self) -> Token:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held."""


async def bare(base: str) -> tuple[float, int]:
    """Seconds and items of the bare loop."""
    found: list[Any] = []
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer t"}) as session:
        began = time.perf_counter()
        link: str | None = f"{base}/delta"
        while link:
            async with session.get(link) as response:
                page = orjson.loads(await response.read())
            found += page["value"]
            link = page.get("@odata.nextLink")
        return time.perf_counter() - began, len(found)


async def ours(base: str, folder: Path) -> tuple[float, list[Answers]]:
    """Seconds and answers by the product's own way."""
    desk = desk_in(folder)
    graph = Graph(Token(), base, Limits(desk=desk, holder="benchmark"))
    try:
        began = time.perf_counter()
        rows, _ = await read_list(graph, f"{base}/delta", None, "")
        return time.perf_counter() - began, rows
    finally:
        await graph.close()
        desk.engine.dispose()


def as_submissions(rows: list[Answers], folder: Path) -> float:
    """Seconds to check them and make submissions of them."""
    desk = desk_in(folder)
    with desk.work() as work:
        directory = directory_of(work)
        began = time.perf_counter()
        for answers in rows:
            read_response(answers, directory, arrived_at=NOW)
        took = time.perf_counter() - began
    desk.engine.dispose()
    return took


async def wait_for(url: str) -> None:
    """Until the server answers."""
    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            try:
                async with session.get(url):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


async def measure(base: str, folder: Path) -> tuple[float, float, float, int]:
    """In turns, so that a noisy machine hits both; the best of each counts."""
    await wait_for(f"{base}/delta")
    floors, takes, rows = [], [], []
    for number in range(ROUNDS):
        floors.append((await bare(base))[0])
        home = folder / str(number)
        home.mkdir()
        took, rows = await ours(base, home)
        takes.append(took)
    home = folder / "submissions"
    home.mkdir()
    return min(floors), min(takes), as_submissions(rows, home), len(rows)


def main() -> None:
    """Serve, measure, print."""
    from service.run_commands import free_port

    count, port = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT, free_port()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(port, count), daemon=True)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            base = f"http://127.0.0.1:{port}/v1.0"
            floor, best, checking, read = asyncio.run(measure(base, Path(folder)))
    finally:
        server.kill()
    print(
        f"{read:,} items in pages of {PAGE}: bare {floor:.3f} s, read {best:.3f} s, "
        f"ratio {best / floor:.2f} (aim 1.5); "
        f"as submissions {checking:.3f} s more, ratio {(best + checking) / floor:.2f}"
    )


if __name__ == "__main__":
    main()
