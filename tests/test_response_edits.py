"""The list of responses: only what the flow's account saved is the form's word."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from casework import tables
from casework.status import status
from graph_sync.intake import RESPONSES_LIST
from service.sample_tenant import AUTUMN, FLOW, SampleForm
from tests.conftest import START, World

CLERK = "amira.yorke@kent.example"
NOT_ACCEPTED = "a change in the list of responses was not accepted"
COLUMNS = {
    "TotalFundingRequest": "4999", "SchoolContact": "Amira (typed by the clerk)", "ExpectedOutcomes": "Quite another",
    "SenderMail": CLERK, "PupilsAndDatesOfBirth": "Ann Other 01/02/2014", "ResponseId": 99001,
}  # fmt: skip


def responses(count: int) -> list[Any]:
    """As many of the sample's, as the flow adds them."""
    form = SampleForm(AUTUMN)
    return list(form.items(form.due(START.replace(year=2027))[:count]))


async def synced(world: World) -> None:
    for _ in range(2):
        await world.office.pull()
        await world.carry_out()


async def responded(world: World) -> str:
    """One response has come by the list and is accepted; its item's id."""
    await world.hand.add_items(RESPONSES_LIST, FLOW, responses(1))
    await synced(world)
    return str((await world.hand.items(RESPONSES_LIST))[-1]["id"])


def requests(world: World) -> list[Any]:
    with world.desk.work() as work:
        found = tables.requests
        columns = found.c.id, found.c.submission, found.c.requested_pence, found.c.sender
        return [tuple(row) for row in work.conn.execute(select(*columns).order_by(found.c.id))]


async def told(world: World) -> int:
    return sum(NOT_ACCEPTED in m["subject"] for m in await world.hand.call("GET", "mails"))


ALIKE = [(b, c) for c in COLUMNS for b in ({}, {"item-names-no-editor": True})]
WITHOUT_VERSIONS = [({"list-versions-off": True}, c) for c in COLUMNS if c not in ("SenderMail", "ResponseId")]


@pytest.mark.parametrize(("behaviour", "column"), [*ALIKE, *WITHOUT_VERSIONS], ids=str)
async def test_an_edit_by_somebody_else_is_not_the_schools_and_the_clerk_is_told_once(
    world: World, behaviour: dict[str, bool], column: str
) -> None:
    await world.hand.call("POST", "behaviours", json=behaviour)
    item = await responded(world)
    before = requests(world)
    assert before
    await world.hand.edit_item(RESPONSES_LIST, item, CLERK, {column: COLUMNS[column]})
    await synced(world)
    assert requests(world) == before
    assert await told(world) == 1
    await synced(world)
    assert await told(world) == 1


@pytest.mark.parametrize("column", ["SenderMail", "ResponseId"])
async def test_without_versions_a_changed_key_is_on_hold_and_a_changed_sender_changes_nothing(
    world: World, column: str
) -> None:
    await world.hand.call("POST", "behaviours", json={"list-versions-off": True})
    item = await responded(world)
    before = requests(world)
    await world.hand.edit_item(RESPONSES_LIST, item, CLERK, {column: COLUMNS[column]})
    await synced(world)
    assert requests(world)[:1] == before
    with world.desk.work() as work:
        assert status(work)["responses"].get("held", 0) == (column == "ResponseId")


async def test_what_the_flow_saves_again_amends_the_request_and_leaves_anothers_edit_out(world: World) -> None:
    item = await responded(world)
    for by, changed in (
        (CLERK, {"SchoolContact": "Amira (typed by the clerk)"}),
        (FLOW, {"ExpectedOutcomes": "Corrected in the form"}),
    ):
        await world.hand.edit_item(RESPONSES_LIST, item, by, changed)
    await synced(world)
    ((_, submission, *_),) = requests(world)
    assert submission["outcomes"] == "Corrected in the form"
    assert "Amira" not in submission["contact"]
    assert await told(world) == 1


async def test_an_item_edited_before_it_was_read_enters_as_the_form_said(world: World) -> None:
    await world.hand.add_items(RESPONSES_LIST, FLOW, responses(1))
    (item,) = await world.hand.items(RESPONSES_LIST)
    await world.hand.edit_item(RESPONSES_LIST, item["id"], CLERK, {"SchoolContact": "Amira (typed by the clerk)"})
    await synced(world)
    ((_, submission, *_),) = requests(world)
    assert "Amira" not in submission["contact"]
    assert await told(world) == 1


async def test_a_new_response_costs_no_look_at_its_versions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any) -> None:
        raise AssertionError("asked for versions")

    monkeypatch.setattr("graph_sync.response_edits.read_versions", never)
    await world.hand.add_items(RESPONSES_LIST, FLOW, responses(20))
    await world.office.pull()
    assert requests(world)
