"""Messages of Teams: how large they may be, how fast a press is answered, what an edit, a month and a phone change."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bot.cards.notice import notice
from bot.cards.parts import image
from bot.messages import MOST_BYTES, NOTIFIED, message_bytes, notification_of
from bot.router import LATE
from casework import tables
from casework.errors import NeedsAttention
from casework.ports import AgendaPost
from communities.directory import Role
from local_tenant.card_text import card_as_text
from local_tenant.connector import MESSAGE_BYTES
from papers.charts import counts_chart
from papers.word import Picture
from tests.card_gallery import GALLERY
from tests.conftest import World, begins
from tests.test_bot import decisions, person, press, the_card
from tests.test_cards import nodes
from tests.test_sync import COMMUNITY, to_the_meeting

OLD = "old-messages-stay-as-they-are"


def agenda(text: str) -> AgendaPost:
    return AgendaPost(community="ABC", meeting_on=text, venue="Teams", web_url="https://x.example/a", requests=[])


@pytest.mark.parametrize("letter", ["a", "é", "𝄞"])
async def test_a_card_above_80_kb_is_named_and_not_sent(world: World, letter: str) -> None:
    """In UTF-16, where a letter takes two bytes and a rare one four."""
    text = letter * (41 * 1024)
    assert len(text.encode("utf-16-le")) > MOST_BYTES
    with pytest.raises(NeedsAttention, match=r"^The card 'The agenda of ABC for…' is too large for Teams: \d+ KB"):
        await world.office.ports.channels.post("ABC", agenda(text))
    assert await world.hand.call("GET", "channels/ABC") == []


@given(st.text(max_size=200), st.integers(0, 400))
def test_what_is_sent_is_always_below_what_teams_refuses(text: str, times: int) -> None:
    card = notice(text * times)
    assert message_bytes(card) >= len(str(card["body"][0]["text"]).encode("utf-16-le", "surrogatepass"))
    assert MOST_BYTES < 0.81 * MESSAGE_BYTES


async def test_the_local_tenant_takes_100_kb_and_refuses_more(world: World) -> None:
    with world.desk.work() as work:
        (row,) = (r for r in work.conn.execute(tables.teams.select()) if r.community == "ABC")
    for size, is_taken in ((30 * 1024, True), (60 * 1024, False)):
        body = {"type": "message", "text": "é" * size}
        answer = await _raw_post(world, row.reference["conversation"]["id"], body)
        assert (answer == 201) is is_taken


async def _raw_post(world: World, conversation: str, body: dict[str, Any]) -> int:
    url = f"{world.tenant_url}/v3/conversations/{conversation}/activities"
    async with ClientSession() as session, session.post(url, json=body) as response:
        return response.status


def test_pictures_do_not_count() -> None:
    card = notice("A balance")
    chart = counts_chart({"Pastoral": 20, "Assessment": 4}, "slots", on_a_card=True)
    assert isinstance(chart, Picture)
    picture = image(chart)
    with_picture = {**card, "body": [*card["body"], picture.model_dump(by_alias=True, exclude_none=True)]}
    assert len(picture.url) > 1_000
    assert message_bytes(with_picture) - message_bytes(card) < 1_000


async def test_an_answer_that_is_too_large_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = await person(world, Role.CLERK, COMMUNITY)
    monkeypatch.setattr("bot.messages.MOST_BYTES", 3 * 1024)
    answer = await world.hand.call("POST", "say", json={"by": clerk, "text": "what can you do"})
    (said,) = (p["text"] for p in answer["posts"])
    assert "is too large for Teams: " in said
    assert "Ask for a part of it" in said


@begins(to_the_meeting)
async def test_a_press_that_takes_long_is_answered_in_time_and_carried_out_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair, card = await the_card(world)
    monkeypatch.setattr("bot.router.ANSWER_S", 0.3)
    monkeypatch.setattr("local_tenant.connector.INVOKE_S", 2.0)
    with world.desk.work() as work:
        work.conn.execute(update(tables.counters).values(value=tables.counters.c.value))  # the record's one writer
        values = {"request_id": "R-2026-0001", "responses": "Advice and guidance", "amount": 0,
                  "review_on": "2027-02-01", "made_by": "Consensus"}  # fmt: skip
        answer = await world.hand.click(chair, card, "decide", values)
    assert (answer["status"], answer["answer"]["value"]) == (200, LATE)
    for _ in range(100):
        if await asyncio.to_thread(decisions, world):
            break
        await asyncio.sleep(0.05)
    monkeypatch.undo()
    assert "was decided on" in await press(world, chair, card)
    assert decisions(world) == 1


async def test_an_edited_message_does_nothing_twice(world: World) -> None:
    clerk = await person(world, Role.CLERK, COMMUNITY)
    await world.hand.call("POST", "say", json={"by": clerk, "text": "what can you do"})
    answer = await world.hand.call("POST", "edit", json={"by": clerk, "text": "yes"})
    (said,) = (card_as_text(p["attachments"][0]["content"]) for p in answer["posts"])
    assert said == "I read messages when they are sent\nPlease send what you changed as a new message."


@begins(to_the_meeting)
@pytest.mark.parametrize("is_on", [True, False])
async def test_after_a_month_a_card_is_posted_anew_where_the_old_one_stays(world: World, is_on: bool) -> None:
    await world.hand.call("POST", "behaviours", json={OLD: is_on})
    chair, card = await the_card(world)
    channels = world.office.ports.channels
    message = await channels.post("ABC", agenda("5 November"))
    await world.set_clock(world.clock.now() + timedelta(days=31))
    assert await channels.replace(message, agenda("12 November")) is not is_on
    answer = await world.hand.call("POST", "say", json={"by": chair, "text": "what is waiting for my decision"})
    assert "(Record the decision)" in card_as_text(answer["posts"][-1]["attachments"][0]["content"])
    assert card not in str(answer)


@pytest.mark.parametrize("is_on", [True, False])
async def test_a_notification_says_what_the_card_is_about(world: World, is_on: bool) -> None:
    await world.hand.call("POST", "behaviours", json={"card-notified-by-summary": is_on})
    await world.office.ports.channels.post("ABC", agenda("5 November"))
    (posted,) = await world.hand.call("GET", "channels/ABC")
    said = "The agenda of ABC for 5 November is out: https://x.example/a" if is_on else "Sent a card"
    assert posted["notification"] == said


@pytest.mark.parametrize("name", GALLERY)
def test_each_card_has_a_notification_and_is_whole_on_a_phone(name: str) -> None:
    said = notification_of(GALLERY[name])
    assert 10 < len(said) <= NOTIFIED + 1
    assert "\n" not in said
    assert [n["type"] for n in nodes(GALLERY[name]) if str(n.get("type", "")).startswith("Chart")] == []
    assert [n for n in nodes(GALLERY[name]) if n.get("type") == "Image" and not n.get("altText")] == []
