"""The service as anybody on the internet finds it: outside local mode, with real tokens and keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from service.office import Office, open_office
from service.settings import Settings
from service.web import make_app
from tests.conftest import KEY
from tests.ports import free_port
from tests.test_callers import APP, TENANT, keys

METRICS_TOKEN = "of the monitoring"


@dataclass(frozen=True)
class Service:
    """Where it listens, and what is behind it."""

    office: Office
    app: web.Application
    port: int

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self.port}"

    async def ask(self, *sent: bytes) -> bytes:
        """What comes back on a connection of its own, until the service closes it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for part in sent:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(20):
            answer = await reader.read()
        writer.close()
        return answer

    async def status(self, method: str, path: bytes, headers: dict[bytes, bytes], body: bytes = b"") -> int:
        """The status of one request whose every byte is given."""
        lines = {b"Host": b"desk.example", b"Connection": b"close", b"Content-Length": str(len(body)).encode()}
        head = b"".join(b"%s: %s\r\n" % line for line in {**lines, **headers}.items())
        answer = await self.ask(b"%s %s HTTP/1.1\r\n%s\r\n%s" % (method.encode(), path, head, body))
        return int(answer.split(b" ", 2)[1])


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async def key_page(_request: web.Request) -> web.Response:
        return web.json_response(keys())

    published, key_port, port = web.Application(), free_port(), free_port()
    published.router.add_get("/keys", key_page)
    runner = web.AppRunner(published)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", key_port).start()
    settings = Settings(
        data_dir=tmp_path, tenant_id=TENANT, bot_app_id=APP, bot_app_password="x", pupil_keys=KEY.decode(),
        client_secret="x", client_id="x", bot_keys_url=f"http://127.0.0.1:{key_port}/keys", port=port, proxies=1,
        metrics_token=METRICS_TOKEN, public_url="https://desk.example",
    )  # fmt: skip
    office = open_office(settings)
    app = make_app(office, works=False)
    serving = web.AppRunner(app)
    await serving.setup()
    await web.TCPSite(serving, "127.0.0.1", port).start()
    yield Service(office, app, port)
    for each in (serving, runner):
        await each.cleanup()
    await office.close()
