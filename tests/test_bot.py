"""The bot's endpoint: what is no activity gets an answer, and only the right person decides, once."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from aiohttp import ClientSession, web
from sqlalchemy import func, select

from bot.adapter import BotCredentials, TeamsAdapter
from bot.turns import Kind, Turn
from casework import tables
from casework.directory_record import directory_of, object_id_of
from casework.errors import NeedsAttention, TryLater
from communities.directory import Role
from local_tenant.card_text import card_as_text
from service.settings import Settings, SettingsIncomplete
from tests.conftest import World, begins
from tests.ports import free_port
from tests.test_sync import COMMUNITY, to_the_meeting

GOOD = {
    "responses": "Financial contribution", "amount": 1200, "details": "", "review_on": "2027-02-01",
    "made_by": "Consensus",
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{not json", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"type": 7}', "application/json", 400),
        (b"x=1", "application/x-www-form-urlencoded", 415),
    ],
)
async def test_what_is_no_activity_gets_an_answer_and_no_500(world: World, body: bytes, kind: str, status: int) -> None:
    async with ClientSession() as session:
        async with session.post(world.bot_url, data=body, headers={"Content-Type": kind}) as response:
            assert response.status == status
        async with session.get(world.bot_url) as response:
            assert response.status == 405


async def person(world: World, role: Role, of: str) -> str:
    with world.desk.work() as work:
        return directory_of(work).people_with(role, of)[0].mail


async def press(world: World, mail: str, activity: str, **values: Any) -> str:
    answer = await world.hand.click(mail, activity, "decide", {"request_id": "R-2026-0001", **GOOD, **values})
    assert answer["status"] == 200
    return card_as_text(answer["answer"]["value"])


async def the_card(world: World) -> tuple[str, str]:
    """The chair and the id of the decision card in their chat."""
    chair = await person(world, Role.CHAIR, COMMUNITY)
    (post,) = await world.hand.chat_of(chair)
    return chair, post["id"]


@begins(to_the_meeting)
async def test_two_yeses_at_once_are_taken_once(world: World) -> None:
    with world.desk.work() as work:
        school = str(directory_of(work).schools_of(COMMUNITY)[0].name)
        mail = directory_of(work).people_with(Role.SENCO, school)[0].mail
        object_id = object_id_of(work, mail) or ""

    def says(text: str) -> Turn:
        return Turn(kind=Kind.MESSAGE, object_id=object_id, text=text, reference={"conversation": {"id": "a:1"}})

    await world.office.router(says("I can't come to the meeting"))
    answers = await asyncio.gather(*(world.office.router(says("yes")) for _ in range(3)))
    said = sorted(card_as_text(a.cards[0]).splitlines()[0] for a in answers)
    assert sum("sends apologies" in s for s in said) == 1, said
    assert sum("nothing that waits" in s for s in said) == 2, said


def decisions(world: World) -> int:
    with world.desk.work() as work:
        return int(work.conn.execute(select(func.count()).select_from(tables.decisions)).scalar_one())


@begins(to_the_meeting)
async def test_a_second_click_shows_what_stands_and_changes_nothing(world: World) -> None:
    chair, card = await the_card(world)
    assert "Decided: R-2026-0001" in await press(world, chair, card)
    again = await press(world, chair, card, amount=1)
    assert "was decided on Thursday 5 November 2026" in again
    assert "Amount approved: £1,200" in again
    assert decisions(world) == 1


@begins(to_the_meeting)
async def test_too_much_keeps_what_was_typed_and_says_what_fits(world: World) -> None:
    chair, card = await the_card(world)
    text = await press(world, chair, card, amount=999_999, details="Keep me")
    assert "is more than the balance of" in text
    assert "[Details of support agreed: Keep me]" in text
    assert decisions(world) == 0


@pytest.mark.parametrize(
    ("role", "of", "said"),
    [
        (Role.SENCO, "Abbey School, The", "You can't read R-2026-0001"),
        (Role.CHAIR, "ABC", "You can't read R-2026-0001"),
        (Role.SEN_IA, COMMUNITY, "can be decided by the chair of"),
        (Role.MODERATOR, "", "can be decided by the chair of"),
        (Role.CLERK, COMMUNITY, "Decided: R-2026-0001"),
    ],
)
@begins(to_the_meeting)
async def test_who_may_record_a_decision(world: World, role: Role, of: str, said: str) -> None:
    _, card = await the_card(world)
    assert said in await press(world, await person(world, role, of), card)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"request_id": "R-1999-0001"}, "You can't read R-1999-0001"),
        ({"request_id": None}, "You can't read that"),
        ({"amount": "lots"}, "'lots' is not an amount"),
        ({"responses": "<script>"}, "is not a response"),
        ({"made_by": "God"}, "Say who made the decision"),
    ],
)
@begins(to_the_meeting)
async def test_a_tampered_card_changes_nothing(world: World, values: dict[str, Any], said: str) -> None:
    chair, card = await the_card(world)
    assert said in await press(world, chair, card, **values)
    assert decisions(world) == 0


@begins(to_the_meeting)
async def test_a_stranger_is_told_that_they_are_unknown(world: World, tenant_url: str) -> None:
    _, card = await the_card(world)
    text = await press(world, "forms.flow@kent.example", card)
    assert "You are not known here" in text


@begins(to_the_meeting)
async def test_an_unknown_verb_is_an_old_card(world: World) -> None:
    chair, card = await the_card(world)
    answer = await world.hand.click(chair, card, "obliterate", {})
    assert "out of date" in card_as_text(answer["answer"]["value"])


async def say(world: World, mail: str, text: str) -> list[str]:
    answer = await world.hand.call("POST", "say", json={"by": mail, "text": text})
    return [card_as_text(p["attachments"][0]["content"]) for p in answer["posts"] if p.get("attachments")]


@begins(to_the_meeting)
async def test_a_chair_who_asks_sees_what_waits_and_then_nothing(world: World) -> None:
    chair, card = await the_card(world)
    assert "(Record the decision)" in (await say(world, chair, "what is waiting for my decision?"))[1]
    await press(world, chair, card)
    assert (await say(world, chair, "what's pending"))[0].startswith("Nothing waits")


async def test_anything_else_is_not_understood_and_help_is_offered(world: World) -> None:
    chair = await person(world, Role.CHAIR, "ABC")
    (said,) = await say(world, chair, "order me a pizza")
    assert "I did not understand" in said
    assert "(What can you do?)" in said
    assert "I run the paperwork" in (await say(world, chair, "what can you do"))[0]


async def test_the_bot_remembers_where_each_community_is(world: World) -> None:
    with world.desk.work() as work:
        linked = work.conn.execute(select(tables.teams.c.community)).scalars().all()
        assert object_id_of(work, "HEAD@nowhere.example") is None
    assert len({*linked} - {None}) == 53


def test_outside_local_mode_nothing_runs_without_credentials() -> None:
    with pytest.raises(SettingsIncomplete, match="COS_BOT_APP_ID"):
        Settings(local=False, pupil_keys="x", tenant_id="t").check()
    with pytest.raises(SettingsIncomplete, match="loopback only"):
        Settings(local=True, host="0.0.0.0").check()
    with pytest.raises(SettingsIncomplete, match="real time"):
        Settings(local=False, now=date(2026, 1, 1)).check()  # type: ignore[arg-type]
    assert BotCredentials().APP_ID == ""


def test_a_bot_with_credentials_does_not_start_without_verifying_its_callers() -> None:
    with pytest.raises(ValueError, match="verifies its callers"):
        TeamsAdapter(BotCredentials(APP_ID="app", APP_PASSWORD="secret", APP_TENANTID="tenant"))


CARD = {"type": "AdaptiveCard"}


def reference(port: int) -> dict[str, Any]:
    return {
        "conversation": {"id": "x", "tenantId": "t"}, "serviceUrl": f"http://127.0.0.1:{port}/",
        "channelId": "msteams", "bot": {"id": "b"},
    }  # fmt: skip


async def test_a_post_whose_answer_is_cut_is_in_doubt_and_one_that_never_left_is_tried_later() -> None:
    seen: list[str] = []

    async def cut(request: web.Request) -> web.Response:
        seen.append(request.path)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", cut)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    adapter = TeamsAdapter(BotCredentials())
    with pytest.raises(NeedsAttention, match="does not say whether it arrived"):
        await adapter.post(reference(port), CARD)
    await runner.cleanup()
    assert len(seen) == 1
    with pytest.raises(TryLater, match="not reached"):
        await adapter.post(reference(free_port()), CARD)


async def test_posts_to_one_service_share_a_connection_until_it_was_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    connections: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        connections.append(request.transport)
        return web.json_response({"id": "1"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    adapter = TeamsAdapter(BotCredentials())
    await adapter.post(reference(port), CARD)
    await adapter.post(reference(port), CARD)
    monkeypatch.setattr("bot.adapter.IDLE_S", -1.0)
    await adapter.post(reference(port), CARD)
    await runner.cleanup()
    first, second, third = connections
    assert first is second is not third


@pytest.mark.parametrize(("status", "error"), [(429, TryLater), (502, TryLater), (403, NeedsAttention)])
async def test_what_teams_answers_to_a_post_becomes_what_must_happen_next(status: int, error: type[Exception]) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"error": {"code": "x", "message": "y"}}, status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    with pytest.raises(error):
        await TeamsAdapter(BotCredentials()).post(reference(port), CARD)
    await runner.cleanup()
