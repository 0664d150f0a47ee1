"""Another site sends a form, or lets a name of its own lead to this machine: once it signed in as anybody."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from service.local_page import Clients, StartPage
from service.playground import Persona, listening_port, start_playground
from service.web import make_app
from tests.attack.conftest import Service
from tests.conftest import World
from tests.left_out import playground_cli
from tests.ports import free_port

CLI = playground_cli()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Ask = Callable[[str, str], Awaitable[int]]

HOSTS = [
    ("127.0.0.1:{port}", "", True), ("localhost:{port}", "", True), ("[::1]:{port}", "", True),
    ("evil.example", "", False), ("127.0.0.1.evil.example:{port}", "", False), ("localhost.evil.example", "", False),
    ("[::1", "", False), ("192.0.2.7:{port}", "", False), ("127.0.0.1:{port}", "http://localhost:8101", True),
    ("127.0.0.1:{port}", "https://evil.example", False), ("127.0.0.1:{port}", "null", False),
    ("127.0.0.1:{port}", "http://127.0.0.1.evil.example", False),
]  # fmt: skip
"""A Host, an Origin, and whether both are this machine's."""


@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [("", True), ("https://desk.example", True), ("https://evil.example", False), ("null", False),
     ("https://desk.example.evil.example", False), ("https://desk.example@evil.example", False),
     ("http://[::1", False)],
)  # fmt: skip
async def test_a_form_is_taken_from_our_own_pages_alone(origin: str, is_ours: bool, service: Service) -> None:
    paths = [r.resource.canonical for r in service.app.router.routes() if r.method == "POST" and r.resource]
    forms = [path for path in paths if path.startswith("/tab")]
    assert len(forms) >= 4
    async with ClientSession() as session:
        for path in forms:
            headers = {**FORM, **({"Origin": origin} if origin else {}), "Host": "inside:8080"}
            async with session.post(service.url + path, data="token=x", headers=headers) as response:
                said = await response.text()
            assert ("not for the address" not in said) is is_ours, path
        async with session.post(
            f"{service.url}/tab/sign-in", data="token=x", headers={**FORM, "Origin": service.url}
        ) as r:
            assert "not for the address" not in await r.text()


async def test_our_own_pages_say_where_they_are_from(service: Service) -> None:
    """With no referrer at all a browser names no origin in a form either."""
    async with ClientSession() as session, session.get(f"{service.url}/tab") as response:
        assert response.headers["Referrer-Policy"] == "same-origin"


async def statuses(ask: Ask, port: int) -> list[bool]:
    """Whether each of the hosts and origins was let in."""
    return [await ask(host.format(port=port), origin) != 403 for host, origin, _ in HOSTS]


def asking(port: int, path: str) -> Ask:
    """A GET with any Host and Origin."""

    async def ask(host: str, origin: str) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        more = f"Origin: {origin}\r\n" if origin else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n".encode())
        line = await reader.readline()
        writer.close()
        return int(line.split()[1])

    return ask


@pytest.mark.parametrize("which", ["service", "start page", "tenant"])
async def test_local_mode_answers_to_names_of_this_machine_alone(which: str, world: World, tmp_path: Path) -> None:
    expected = [is_ours for _, _, is_ours in HOSTS]
    if which == "tenant":
        port = int(world.tenant_url.rpartition(":")[2])
        assert await statuses(asking(port, "/"), port) == expected
    elif which == "start page":
        clients = Clients(cli=tmp_path, folder=tmp_path, people=[], bot_url=world.bot_url)
        page = StartPage(people=[], clients=clients, tab_url="http://127.0.0.1:1/tab", tenant_url=world.tenant_url)
        async with page.listening() as url:
            port = int(url.rpartition(":")[2])
            assert await statuses(asking(port, "/"), port) == expected
    else:
        runner, port = web.AppRunner(make_app(world.office, works=False)), free_port()
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        assert await statuses(asking(port, "/tab"), port) == expected
        await runner.cleanup()


def other_addresses() -> list[str]:
    """This machine's, but loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only says by which address it would
        except OSError:
            return []
        return [a for a in {probe.getsockname()[0]} if not a.startswith("127.")]


@pytest.mark.skipif(CLI is None, reason="the chat client is not installed")
async def test_the_chat_client_listens_on_this_machine_alone(tmp_path: Path) -> None:
    assert CLI is not None
    people = [Persona(name=f"P {n}", mail=f"p{n}@kent.example", object_id=f"o{n}", what="") for n in range(6)]
    wanted = free_port()
    client = await start_playground(
        CLI, tmp_path, people[0], people[1:], tenant_id="local", bot_url="http://127.0.0.1:1/api/messages", port=wanted
    )
    try:
        port = await listening_port(client, tmp_path)
        assert await statuses(asking(port, "/"), port) == [is_ours for _, _, is_ours in HOSTS]
        for address in other_addresses():
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(address, port)
    finally:
        client.terminate()
        await client.wait()
