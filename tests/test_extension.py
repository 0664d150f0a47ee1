"""The message extension: find requests and people, keep a message as an action; and a meeting that begins."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession

from bot.turns import Kind, Scope, Turn
from casework.directory_record import directory_of, object_id_of
from casework.meeting_record import actions_of
from casework.schedule import meetings_of
from communities.directory import Role
from local_tenant.card_text import card_as_text
from tests.conftest import World, begins
from tests.test_bot import person
from tests.test_sync import COMMUNITY, REQUEST, to_the_meeting

SEARCH, DIALOG, DONE = (f"composeExtension/{x}" for x in ("query", "fetchTask", "submitAction"))


async def invoke(world: World, mail: str, name: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the bot answers to an invoke of Teams."""
    with world.desk.work() as work:
        object_id = object_id_of(work, mail) or "nobody"
    activity = {
        "type": "invoke", "id": "1", "name": name, "value": value, "channelId": "msteams",
        "serviceUrl": f"{world.tenant_url}/", "from": {"id": f"29:{object_id}", "aadObjectId": object_id},
        "recipient": {"id": "28:cos-desk"}, "conversation": {"id": "19:x", "conversationType": "personal"}, **more,
    }  # fmt: skip
    async with ClientSession() as session, session.post(world.bot_url, json=activity) as response:
        assert response.status == 200
        return dict(await response.json())


async def search(world: World, mail: str, command: str, words: str) -> list[dict[str, Any]]:
    value = {"commandId": command, "parameters": [{"name": "search", "value": words}]}
    return list((await invoke(world, mail, SEARCH, value))["composeExtension"]["attachments"])


@begins(to_the_meeting)
async def test_a_request_is_found_by_number_or_school_and_inserted_without_names(world: World) -> None:
    number = REQUEST
    clerk = await person(world, Role.CLERK, COMMUNITY)
    for words in (number, "quarryhurst", number[-4:], ""):
        (found,) = await search(world, clerk, "requests", words)
        assert number in found["preview"]["content"]["title"]
        assert "On the agenda" in card_as_text(found["content"])
        assert "Mutasa" not in str(found), "the pupil of the first sample response"
    assert await search(world, clerk, "requests", "100%_") == []


@begins(to_the_meeting)
async def test_requests_of_others_are_not_found(world: World) -> None:
    number = REQUEST
    assert await search(world, await person(world, Role.CHAIR, "ABC"), "requests", number) == []
    assert len(await search(world, await person(world, Role.MODERATOR, ""), "requests", number)) == 1


async def test_people_are_found_by_name_role_and_school(world: World) -> None:
    clerk = await person(world, Role.CLERK, COMMUNITY)
    found = await search(world, clerk, "people", f"chair {COMMUNITY}")
    assert any("Chair" in card_as_text(f["content"]) for f in found)
    assert await search(world, clerk, "people", "") == []
    assert await search(world, clerk, "nonsense", "chair") == []


async def test_a_stranger_finds_nothing(world: World) -> None:
    assert await search(world, "forms.flow@kent.example", "people", "chair") == []


BODY = "<p>Ask the <b>school nurse</b> &amp; tell us</p>"
MESSAGE = {"commandId": "action", "messagePayload": {"body": {"content": BODY}}}


@begins(to_the_meeting)
async def test_a_message_becomes_an_action_with_owner_and_day(world: World) -> None:
    clerk = await person(world, Role.CLERK, COMMUNITY)
    dialog = (await invoke(world, clerk, DIALOG, MESSAGE))["task"]
    card = dialog["value"]["card"]["content"]
    assert dialog["type"] == "continue"
    assert "[What is to be done: Ask the school nurse & tell us]" in card_as_text(card)
    data = {"what": "Ask the school nurse", "owner": "", "due_on": "2026-12-01", "community": COMMUNITY}
    again = (await invoke(world, clerk, DONE, {"commandId": "action", "data": data}))["task"]
    assert "An action needs an owner" in card_as_text(again["value"]["card"]["content"])
    done = await invoke(world, clerk, DONE, {"commandId": "action", "data": {**data, "owner": "Jo"}})
    assert done["task"] == {"type": "message", "value": "A-2026-0001 is kept for Jo, by Tuesday 1 December 2026."}
    with world.desk.work() as work:
        (action,) = actions_of(work, COMMUNITY)
        assert action.what == "Ask the school nurse"


@pytest.mark.parametrize("due_on", ["", "soon", "2020-01-01"])
async def test_a_day_that_will_not_do_is_asked_for_again(world: World, due_on: str) -> None:
    clerk = await person(world, Role.CLERK, COMMUNITY)
    data = {"what": "x", "owner": "y", "due_on": due_on, "community": COMMUNITY}
    again = (await invoke(world, clerk, DONE, {"commandId": "action", "data": data}))["task"]
    assert again["type"] == "continue"


async def test_only_those_who_run_a_community_keep_actions(world: World) -> None:
    with world.desk.work() as work:
        school = directory_of(work).schools_of(COMMUNITY)[0]
        senco = directory_of(work).people_with(Role.SENCO, str(school.name))[0].mail
    said = (await invoke(world, senco, DIALOG, MESSAGE))["task"]
    assert said == {"type": "message", "value": "Actions are kept by a community's chair and its clerk."}
    chair = await person(world, Role.CHAIR, COMMUNITY)
    data = {"what": "x", "owner": "y", "due_on": "2027-01-01", "community": "ABC"}
    refused = (await invoke(world, chair, DONE, {"commandId": "action", "data": data}))["task"]
    assert refused["type"] == "message"
    assert "Only the chair of ABC" in refused["value"]


@pytest.mark.parametrize(
    "value", [{}, {"parameters": "x"}, {"messagePayload": []}, {"commandId": 7, "data": [1]}, {"parameters": [None]}]
)
async def test_a_broken_invoke_gets_an_answer(world: World, value: dict[str, Any]) -> None:
    clerk = await person(world, Role.CLERK, COMMUNITY)
    found = await invoke(world, clerk, SEARCH, value)
    assert found["composeExtension"]["type"] == "result"
    for name in (DIALOG, DONE):
        said = (await invoke(world, clerk, name, value))["task"]
        assert said == {"type": "message", "value": "The app has no such command any more. Update it in Teams."}
    unheard = await invoke(world, clerk, "composeExtension/unheardOf", value)
    assert unheard["value"].startswith("Nothing was done")


@begins(to_the_meeting)
async def test_when_a_meeting_begins_its_chat_sees_what_is_to_be_decided(world: World) -> None:
    with world.desk.work() as work:
        meeting = next(m for m in meetings_of(work, COMMUNITY) if m.join_url)
    thread = next(e.chat_id for e in world.tenant.events.values() if e.id == meeting.event_id)
    reply = await world.office.router(begins(thread))
    assert "R-2026-0001" in card_as_text(reply.cards[0])
    assert (await world.office.router(begins("19:other"))).cards == ()


def begins(thread: str) -> Turn:
    where = {"conversation": {"id": thread}}
    return Turn(kind=Kind.MEETING_STARTED, object_id="", scope=Scope.MEETING, reference=where)
