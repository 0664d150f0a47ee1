"""The start page of `cos local`: everybody who can be played, each with a chat client and the tab. Loopback only.

A client is started when it is first asked for: fifteen of them at once would take a gigabyte.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from service.own_pages import make_origin_check
from service.playground import ClientNotStarted, Persona, listening_port, start_playground

LOOPBACK = "127.0.0.1"
PAGE_PORT, FIRST_CLIENT_PORT = 8101, 56150


def port_from(first: int) -> int:
    """The first port from there on that nobody uses."""
    for port in range(first, first + 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    raise OSError(f"No port from {first} on is free on {LOOPBACK}.")


@dataclass(kw_only=True)
class Clients:
    """Microsoft's chat client, one for each person that somebody plays."""

    cli: Path | None
    """Of the Agents Playground; None where there is none."""
    folder: Path
    people: Sequence[Persona]
    bot_url: str
    running: dict[int, tuple[asyncio.subprocess.Process, int]] = field(default_factory=dict)
    """By the number of the person: the process and its port."""
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def url_of(self, number: int) -> str:
        """Where that person chats; started where it does not run."""
        assert self.cli is not None
        async with self._starting:
            process, port = self.running.get(number, (None, 0))
            if process is None or process.returncode is not None:
                folder = self.folder / f"client-{number}"
                process = await start_playground(
                    self.cli, folder, self.people[number], self._others(number), tenant_id="local",
                    bot_url=self.bot_url, port=port_from(FIRST_CLIENT_PORT),
                )  # fmt: skip
                self.running[number] = (process, port)
                try:
                    port = await listening_port(process, folder)
                except TimeoutError:
                    process.terminate()
                    raise
                self.running[number] = (process, port)
        return f"http://{LOOPBACK}:{port}/"

    def _others(self, number: int) -> list[Persona]:
        mine = self.people[number].mail
        return [p for p in self.people if p.mail != mine]

    def stop(self) -> None:
        """End them all."""
        for process, _ in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()


STYLE = """
body{font:16px/1.5 'Segoe UI',system-ui,sans-serif;margin:0;background:#f5f5f5;color:#242424}
header{background:#464775;color:#fff;padding:12px 16px}header a{color:#fff;margin-right:16px}
main{max-width:900px;margin:16px auto;padding:0 16px}ul{list-style:none;padding:0}
li{background:#fff;border:1px solid #e0e0e0;border-radius:6px;padding:12px 16px;margin:8px 0}
h2{font-size:17px;margin:0}p{margin:4px 0}.quiet{color:#616161}form{display:inline}
a.go,button{display:inline-block;font:inherit;border:0;border-radius:4px;background:#464775;color:#fff;padding:6px 12px;
margin:6px 8px 0 0;text-decoration:none;cursor:pointer}
"""


@dataclass(frozen=True, kw_only=True)
class StartPage:
    """Who to be."""

    people: Sequence[Persona]
    clients: Clients
    tab_url: str
    tenant_url: str

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Served; its address."""
        app = web.Application(middlewares=[make_origin_check("", is_local=True)])
        app.router.add_get("/", self.page)
        app.router.add_get(r"/chat/{number:\d{1,3}}", self.chat)
        runner = web.AppRunner(app)
        await runner.setup()
        port = port_from(PAGE_PORT)
        try:
            await web.TCPSite(runner, LOOPBACK, port).start()
            yield f"http://{LOOPBACK}:{port}"
        finally:
            await runner.cleanup()

    async def page(self, _request: web.Request) -> web.Response:
        """Everybody, with what they are and a sentence to begin with."""
        body = "".join(self._person(number, person) for number, person in enumerate(self.people))
        text = (
            '<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Who would you like to be?</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style>'
            f'<header><strong>CoS Desk sample world</strong> &nbsp; <a href="{self.tenant_url}/">What landed</a>'
            f'<a href="{self.tab_url}">The tab</a></header><main><h1>Who would you like to be?</h1>'
            f"<ul>{body}</ul></main></html>"
        )
        return web.Response(text=text, content_type="text/html")

    def _person(self, number: int, person: Persona) -> str:
        name, what, begin = (html.escape(t) for t in (person.name, person.what, person.try_))
        chat = (
            f'<a class="go" href="/chat/{number}" target="_blank">Chat as {name}</a>'
            if self.clients.cli is not None and person.object_id
            else ""
        )
        tab = (
            f'<form method="post" action="{self.tab_url}/sign-in" target="_blank"><input type="hidden" name="persona" '
            f'value="{html.escape(person.object_id)}"><input type="hidden" name="back" value="/tab">'
            f"<button>Open the tab</button></form>"
        )
        return f"<li><h2>{name}</h2><p>{what}</p><p class=quiet>Write to the bot: “{begin}”</p>{chat}{tab}</li>"

    async def chat(self, request: web.Request) -> web.Response:
        """That person's chat client, started where it does not run."""
        number = int(request.match_info["number"])
        if number >= len(self.people) or self.clients.cli is None:
            raise web.HTTPNotFound
        try:
            raise web.HTTPFound(await self.clients.url_of(number))
        except (TimeoutError, ClientNotStarted) as error:
            said = f"The chat client did not start: {error or 'it took too long'}. Try again."
            raise web.HTTPServiceUnavailable(text=said) from error
