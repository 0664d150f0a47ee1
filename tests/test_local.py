"""`make local`: somebody of each role can be played, and what landed can be looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from casework.directory_record import directory_of
from communities.directory import Role
from local_tenant.state import Message
from service.local_cast import cast_of
from service.local_page import Clients, StartPage, port_from
from service.playground import Persona
from tests.conftest import World


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
    await world.set_clock(world.clock.now().replace(month=12))
    assert [p.mail for p in await world.desk.look(cast_of)] == [p.mail for p in people]


async def test_the_start_page_offers_chat_and_tab_to_everybody(start_url: str, people: list[Persona]) -> None:
    async with ClientSession() as session, session.get(start_url) as answer:
        text = await answer.text()
    assert text.count("Chat as ") == text.count('name="persona"') == len(people)
    async with ClientSession() as session, session.get(f"{start_url}/chat/{len(people)}") as answer:
        assert answer.status == 404


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
