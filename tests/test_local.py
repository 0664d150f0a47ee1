"""`make local`: somebody of each role can be played, and what landed can be looked at."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from yarl import URL

from casework.directory_record import directory_of
from communities.directory import Role
from local_tenant.state import Message
from service.local_cast import cast_of
from service.local_page import Clients, StartPage, port_from
from service.playground import Persona
from service.tab import personas
from tests.conftest import World
from tests.left_out import playground_cli
from tests.test_moves import KCC
from tests.test_sync import moderated, to_the_meeting

CLI = playground_cli()


@pytest.fixture
async def people(world: World) -> list[Persona]:
    return await world.desk.look(cast_of)


@pytest.fixture
async def start_url(world: World, people: list[Persona], tmp_path: Path) -> AsyncIterator[str]:
    clients = Clients(cli=tmp_path, folder=tmp_path, people=people, bot_url=world.bot_url)
    page = StartPage(people=people, clients=clients, tab_url="http://127.0.0.1:1/tab", tenant_url=world.tenant_url)
    async with page.listening() as url:
        yield url


async def test_somebody_of_each_role_can_be_played_once(world: World, people: list[Persona]) -> None:
    directory = await world.desk.look(directory_of)
    roles = {p.role for person in people for p in directory.roles_of(person.mail)}
    assert roles == set(Role)
    assert len({p.mail for p in people}) == len(people)
    assert [p.name for p in people if not p.object_id] == []


async def test_the_same_people_stay_whatever_is_decided_meanwhile(world: World, people: list[Persona]) -> None:
    """On the start page and at the sign-in of the tab."""
    before = [p.object_id for p in await world.desk.look(personas)]
    await moderated(world, KCC)
    assert await world.desk.look(cast_of) == people
    assert [p.object_id for p in await world.desk.look(personas)] == before == [p.object_id for p in people]


async def test_the_start_page_offers_chat_and_tab_to_everybody(start_url: str, people: list[Persona]) -> None:
    async with ClientSession() as session, session.get(start_url) as answer:
        text = await answer.text()
    assert text.count("Chat as ") == text.count('name="persona"') == len(people)
    async with ClientSession() as session, session.get(f"{start_url}/chat/{len(people)}") as answer:
        assert answer.status == 404


@pytest.mark.skipif(CLI is None, reason="needs Node (`make test` says which)")
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
async def test_a_chat_opens_where_its_client_listens_though_another_program_has_the_first_port(
    world: World, people: list[Persona], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family: int
) -> None:
    """One that listens on ::1 alone is not in the way: the client is on 127.0.0.1, and so is its address."""
    with socket.socket(family) as taken:
        taken.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr("service.local_page.FIRST_CLIENT_PORT", port)
        clients = Clients(cli=CLI, folder=tmp_path, people=people, bot_url=world.bot_url)
        try:
            url = await clients.url_of(0)
            assert (urlsplit(url).hostname, urlsplit(url).port == port) == ("127.0.0.1", family == socket.AF_INET6)
            async with ClientSession() as session, session.get(url) as answer:
                assert (answer.status, "html" in (await answer.text())[:200].casefold()) == (200, True)
        finally:
            clients.stop()
            await asyncio.gather(*(process.wait() for process, _ in clients.running.values()))


async def test_a_port_somebody_else_has_is_passed_over(start_url: str) -> None:
    taken = int(start_url.rpartition(":")[2])
    assert port_from(taken) > taken


async def test_the_page_of_mail_opens_where_a_mail_names_nobody(world: World) -> None:
    world.tenant.messages["b"] = Message(
        id="b", mailbox="cos.desk@kent.example", body={"subject": "Undeliverable: x"}, is_draft=False,
        created_at="2026-10-05T07:00:00Z", received_at="2026-10-05T07:00:00Z",
    )  # fmt: skip
    async with ClientSession() as session, session.get(f"{world.tenant_url}/_page/mail") as answer:
        assert (answer.status, "Undeliverable" in await answer.text()) == (200, True)


async def test_every_address_the_tenant_gives_to_people_leads_somewhere(world: World) -> None:
    await to_the_meeting(world)
    recorded = json.dumps(await world.hand.call("GET", "har"))
    given = set(re.findall(rf'{world.tenant_url}/(?:_page|l|meet)/[^"\\<]+', recorded))
    async with ClientSession() as session:
        answers = {}
        for address in given:
            async with session.get(URL(address, encoded=True)) as response:
                answers[address] = response.status
    assert {address: status for address, status in answers.items() if status != 200} == {}
    kinds = {"/".join(a.split("/")[3:5]) for a in given}
    assert kinds >= {"_page/drives", "_page/events"}
    assert [k for k in kinds if k.startswith("meet/")]
