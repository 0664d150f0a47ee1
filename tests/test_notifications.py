"""Change notifications over real HTTP: the handshake, one pull for a flood, renewal, what Graph says of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

import service.puller
from casework import tables
from casework.desk import Desk, Work
from casework.errors import NeedsAttention
from casework.status import status
from graph_sync import subscriptions
from graph_sync.graph import Graph
from graph_sync.intake import RESPONSES_LIST, WORKBOOK_NAME
from graph_sync.notifications import Known, NotificationsUnreadable, read_delivery
from graph_sync.sources import HIDDEN, MINUTES, PEOPLE, PULLS, RESPONSES, SOURCES, UNDELIVERED, WORKING_LIST
from graph_sync.subscriptions import LIFE, keep_subscriptions
from service.sample_tenant import AUTUMN, FLOW, FORMS_LIBRARY, SampleForm
from tests.conftest import START, World
from tests.patience import PATIENCE_S

OURS = {"s1": Known(source=RESPONSES, client_state="secret")}


def delivery(*ones: dict[str, Any]) -> bytes:
    return json.dumps({"value": list(ones)}).encode()


@pytest.mark.parametrize(
    ("one", "changed", "renew", "removed", "refused"),
    [
        ({"subscriptionId": "s1", "clientState": "secret"}, {RESPONSES}, set(), set(), 0),
        ({"subscriptionId": "s1", "clientState": "Secret"}, set(), set(), set(), 1),
        ({"subscriptionId": "s1", "clientState": None}, set(), set(), set(), 1),
        ({"subscriptionId": "s1", "clientState": "sécret"}, set(), set(), set(), 1),
        ({"subscriptionId": "s2", "clientState": "secret"}, set(), set(), set(), 1),
        ({"subscriptionId": "s1", "clientState": "secret", "lifecycleEvent": "missed"}, {RESPONSES}, set(), set(), 0),
        ({"subscriptionId": "s1", "clientState": "secret", "lifecycleEvent": "reauthorizationRequired"},
         set(), {RESPONSES}, set(), 0),
        ({"subscriptionId": "s1", "clientState": "secret", "lifecycleEvent": "subscriptionRemoved"},
         set(), set(), {RESPONSES}, 0),
        ({"subscriptionId": "s1", "clientState": "secret", "lifecycleEvent": "unheardOf"}, set(), set(), set(), 0),
    ],
)  # fmt: skip
def test_a_notification_says_what_it_may(
    one: dict[str, Any], changed: set[str], renew: set[str], removed: set[str], refused: int
) -> None:
    heard = read_delivery(delivery(one), OURS)
    assert (heard.changed, heard.to_renew, heard.removed, heard.refused) == (changed, renew, removed, refused)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"value": 1}', b'{"value": [1]}', b"\xff\xfe", b"{" * 10_000])
def test_what_is_no_delivery_is_refused(body: bytes) -> None:
    with pytest.raises(NotificationsUnreadable):
        read_delivery(body, OURS)


async def find_workbook(world: World) -> None:
    """Microsoft Forms puts the workbook somewhere, and it is found."""
    form = SampleForm(AUTUMN)
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, form.workbook_with(form.due(START)), FLOW)
    await world.office.pull()


async def subscribed(world: World) -> list[dict[str, Any]]:
    await world.puller.tend()
    return list((await world.hand.call("GET", "subscriptions"))["subscriptions"])


@asynccontextmanager
async def pulling(world: World) -> AsyncIterator[None]:
    task = asyncio.create_task(world.puller.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(done: Any, seconds: float = PATIENCE_S) -> None:
    async with asyncio.timeout(seconds):
        while not await done():  # noqa: ASYNC110  what is waited for happens in another process
            await asyncio.sleep(0.05)


async def test_each_source_is_subscribed_once_with_a_secret_of_its_own(world: World) -> None:
    assert len(await subscribed(world)) == len(SOURCES) - 1  # nobody knows yet where Forms puts the workbook
    await find_workbook(world)
    first = await subscribed(world)
    assert len(first) == len(SOURCES)
    assert len({s["clientState"] for s in first}) == len(SOURCES)
    assert all(s["lifecycleNotificationUrl"].endswith("/graph/lifecycle") for s in first)
    assert [s["id"] for s in await subscribed(world)] == [s["id"] for s in first]


async def test_a_change_in_the_list_is_pulled_because_graph_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.office.settings, "fallback_s", 600.0)
    monkeypatch.setattr(service.puller, "GAP_S", 0.05)
    await subscribed(world)
    form = SampleForm(AUTUMN)
    async with pulling(world):

        async def pulled_once() -> bool:
            return all(world.puller.pulls.values())

        await until(pulled_once)
        await world.hand.add_items(RESPONSES_LIST, FLOW, form.items(form.due(START.replace(year=2027))[:1]))

        async def recorded() -> bool:
            return await world.desk.run("test", _responses) == 1

        await until(recorded)


def _responses(work: Work) -> int:
    return sum(status(work)["responses"].values())


async def test_a_flood_of_10000_notifications_makes_a_handful_of_pulls(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.puller, "GAP_S", 0.5)
    own = next(s for s in await subscribed(world) if "lists" in s["resource"])
    one = {"subscriptionId": own["id"], "clientState": own["clientState"], "changeType": "updated"}
    async with pulling(world), ClientSession() as session:
        for _ in range(200):
            async with session.post(
                f"{world.office.settings.public_url}/graph/notifications", data=delivery(*[one] * 50)
            ) as answer:
                assert answer.status == 202
    assert max(world.puller.pulls.values()) <= 8


async def test_a_forged_notification_is_taken_and_changes_nothing(world: World) -> None:
    own = (await subscribed(world))[0]
    url = f"{world.office.settings.public_url}/graph/notifications"
    async with ClientSession() as session:
        for state in ("wrong", own["clientState"] + "x", None):
            body = delivery({"subscriptionId": own["id"], "clientState": state})
            async with session.post(url, data=body) as answer:
                assert (answer.status, await answer.text()) == (202, "")
        async with session.post(url, data=b"no json") as answer:
            assert answer.status == 400
    assert not any(world.puller.pulls.values())


async def test_the_handshake_answers_the_decoded_token_as_plain_text(world: World) -> None:
    url = f"{world.office.settings.public_url}/graph/lifecycle?validationToken=a%26b%20%3Cscript%3E"
    async with ClientSession() as session, session.post(url) as answer:
        assert (answer.status, answer.content_type, await answer.text()) == (200, "text/plain", "a&b <script>")


async def test_a_subscription_is_renewed_at_a_third_of_its_life(world: World) -> None:
    before = await subscribed(world)
    await world.set_clock(START + LIFE / 3 + timedelta(minutes=1))
    after = await subscribed(world)
    assert [s["id"] for s in after] == [s["id"] for s in before]
    assert all(a["expirationDateTime"] > b["expirationDateTime"] for a, b in zip(after, before, strict=True))


async def test_a_subscription_that_ran_out_is_made_anew_and_its_source_pulled(world: World) -> None:
    await find_workbook(world)
    before = await subscribed(world)
    await world.set_clock(START + 2 * LIFE)
    kept = await keep_subscriptions(world.desk, world.office.graph, world.office.settings.public_url, set())
    assert kept.brought == dict.fromkeys(SOURCES, True)
    after = (await world.hand.call("GET", "subscriptions"))["subscriptions"]
    assert {s["id"] for s in after[-3:]}.isdisjoint(s["id"] for s in before)


@pytest.mark.parametrize("refused", list(SOURCES))
async def test_a_subscription_that_is_refused_stops_none_of_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """It is asked for again, the others are watched meanwhile, and what was not watched is pulled."""
    await find_workbook(world)
    subscribe = subscriptions._subscribe

    async def subscribe_but(desk: Desk, graph: Graph, source: str, *args: Any) -> None:
        if source == refused:
            raise NeedsAttention("Microsoft Graph refused the application (403).")
        await subscribe(desk, graph, source, *args)

    monkeypatch.setattr(subscriptions, "_subscribe", subscribe_but)
    assert not await world.puller.tend()
    assert {k.source for k in world.puller.known.values()} == set(SOURCES) - {refused}
    monkeypatch.undo()
    assert await world.puller.tend()
    assert {k.source for k in world.puller.known.values()} == set(SOURCES)


async def test_a_subscription_whose_secret_was_lost_is_replaced(world: World) -> None:
    await find_workbook(world)
    before = await subscribed(world)
    with world.desk.work() as work:
        work.conn.execute(tables.subscriptions.delete())
    after = await subscribed(world)
    assert len(after) == len(SOURCES)
    assert {s["id"] for s in after}.isdisjoint(s["id"] for s in before)


@pytest.mark.parametrize("event", ["reauthorizationRequired", "subscriptionRemoved", "missed"])
async def test_what_graph_says_about_a_subscription_is_acted_on(
    world: World, event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.puller, "GAP_S", 0.05)
    await find_workbook(world)
    await subscribed(world)
    async with pulling(world):
        await until(lambda: _all(world, 1))
        exchanges = (await world.hand.call("GET", "counts"))["exchanges"]
        await world.set_clock(START + timedelta(hours=1))
        await world.hand.call("POST", "lifecycle", json={"event": event})
        if event == "reauthorizationRequired":

            async def renewed() -> bool:
                return (await world.hand.call("GET", "counts"))["exchanges"] >= exchanges + len(SOURCES)

            await until(renewed)
        else:
            await until(lambda: _all(world, 2))

        async def all_subscribed() -> bool:
            return len(await subscribed(world)) == len(SOURCES)

        await until(all_subscribed)


async def test_two_who_see_to_the_subscriptions_at_once_leave_each_standing_once(world: World) -> None:
    await find_workbook(world)
    assert await asyncio.gather(*(world.puller.tend() for _ in range(4))) == [True] * 4
    standing = (await world.hand.call("GET", "subscriptions"))["subscriptions"]
    ids = select(tables.subscriptions.c.id)
    kept = await world.desk.run("test", lambda work: set(work.conn.execute(ids).scalars()))
    assert ({s["id"] for s in standing}, len(standing)) == (kept, len(SOURCES))


async def _all(world: World, times: int) -> bool:
    return all(world.puller.pulls[source] >= times for source in SOURCES)


async def test_without_notifications_the_sources_are_polled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.puller, "GAP_S", 0.01)
    monkeypatch.setattr(world.office.settings, "public_url", "")
    monkeypatch.setattr(world.office.settings, "poll_s", 0.05)
    async with pulling(world):
        await until(lambda: _all(world, 3))


async def test_an_address_graph_cannot_reach_is_said_in_words_and_the_sources_are_polled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.puller, "GAP_S", 0.01)
    monkeypatch.setattr(world.office.settings, "public_url", "http://127.0.0.1:9")
    monkeypatch.setattr(world.office.settings, "poll_s", 0.05)
    with pytest.raises(NeedsAttention, match="COS_PUBLIC_URL must be https"):
        (await keep_subscriptions(world.desk, world.office.graph, "http://127.0.0.1:9", set())).complain()
    async with pulling(world):
        await until(lambda: _all(world, 2))


def test_every_source_has_a_pull() -> None:
    assert set(PULLS) - {UNDELIVERED, MINUTES, PEOPLE, HIDDEN} == set(SOURCES) > {WORKING_LIST}
