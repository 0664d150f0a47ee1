"""Delta against the tenant: tokens that are gone, items deleted, files renamed; always the same record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework import tables
from casework.desk import Work
from casework.errors import NeedsAttention
from casework.ports import ListItem
from casework.stuck import stuck_effects
from casework.working_list import LIST
from graph_sync.delta import Item, pull
from graph_sync.intake import RESPONSES_LIST, WORKBOOK_NAME, ResponseItem
from graph_sync.lists import SharePointLists
from graph_sync.patience import Locked
from graph_sync.places import SITE, all_places, list_key
from local_tenant.odata import RESYNCS
from service.sample_tenant import AUTUMN, FLOW, FORMS_LIBRARY, SampleForm
from tests.conftest import START, World
from tests.test_sync import deliver

ALL = START.replace(year=2027)


def record_of(work: Work) -> list[tuple[str, ...]]:
    """What the responses came to, in the order of their keys."""
    responses = tables.responses
    return sorted((r.source_key, r.outcome) for r in work.conn.execute(select(responses)))


GONE: tuple[dict[str, bool], ...] = (
    {},
    {"resync-names-no-address": False},
    {"resync-names-no-address": False, "resync-address-fails": True},
)
"""What Graph may do where a link is too old."""


@pytest.mark.parametrize("behaviours", GONE, ids=["no address", "an address", "an address that fails"])
@pytest.mark.parametrize("kind", RESYNCS)
async def test_a_token_that_is_gone_ends_in_the_same_record_as_a_fresh_sync(
    world: World, kind: str, behaviours: dict[str, bool]
) -> None:
    await world.hand.call("POST", "behaviours", json=behaviours)
    form = SampleForm(AUTUMN)
    rows = form.due(ALL)
    await deliver(world, rows[:30], form)
    await world.office.pull()
    await deliver(world, rows, form, by_list=False)
    await world.hand.add_items(RESPONSES_LIST, FLOW, form.items(rows[30:]))
    for name in (RESPONSES_LIST, FORMS_LIBRARY):
        await world.hand.call("POST", "resync", json={"list": name, "kind": kind})
    await world.office.pull()
    resynced = await world.desk.run("test", record_of)
    assert len(resynced) == 61
    with world.desk.work() as work:
        outcomes = [o for _, o in record_of(work)]
    assert {o: outcomes.count(o) for o in set(outcomes)} == {"accepted": 41, "refused": 19, "held": 1}
    assert not sum((await world.office.pull()).values())


@pytest.mark.parametrize("behaviours", [*GONE, {"old-links-fail": True}])
@pytest.mark.usefixtures("impatient")
async def test_a_token_older_than_the_history_is_followed_to_the_end(world: World, behaviours: dict[str, bool]) -> None:
    await world.hand.call("POST", "behaviours", json=behaviours)
    form = SampleForm(AUTUMN)
    rows = form.due(ALL)
    await deliver(world, rows[:10], form)
    await world.office.pull()
    await world.hand.call("POST", "resync", json={})
    await deliver(world, rows[:12], form)
    taken = await world.office.pull()
    assert sum(taken.values()) == 2


@pytest.mark.parametrize("kind", [None, *RESYNCS])
async def test_a_deleted_item_of_the_working_list_is_written_anew_with_the_reason(
    world: World, kind: str | None
) -> None:
    form = SampleForm(AUTUMN)
    await deliver(world, form.due(ALL)[:1], form)
    await world.office.pull()
    await world.carry_out()
    await world.office.pull()
    (item,) = await items(world)
    await world.hand.call("DELETE", f"lists/{LIST}/items/{item['id']}", params={"by": "morgan.vale@kent.example"})
    if kind:
        await world.hand.call("POST", "resync", json={"list": LIST, "kind": kind})
    await world.office.pull()
    await world.carry_out()
    (again,) = await items(world)
    assert again["id"] != item["id"]
    assert again["fields"]["Title"] == item["fields"]["Title"]
    assert "not deleted from the list" in again["fields"]["DeskNote"]
    await world.office.pull()
    assert await world.carry_out() == 0


async def items(world: World) -> list[dict[str, Any]]:
    return [i for i in await world.hand.items(LIST) if not i.get("deleted")]


async def test_an_item_that_changed_three_times_is_taken_as_it_is_now(world: World) -> None:
    form = SampleForm(AUTUMN)
    await deliver(world, form.due(ALL)[:1], form)
    await world.office.pull()
    await world.carry_out()
    await world.office.pull()
    (item,) = await items(world)
    for note in ("one", "two", "three"):
        await world.hand.edit_item(LIST, item["id"], "morgan.vale@kent.example", {"School": note})
    await world.office.pull()
    await world.carry_out()
    (now,) = await items(world)
    assert now["fields"]["School"] == item["fields"]["School"]
    assert now["fields"]["DeskNote"].count("Put back") == 1


async def test_pages_of_any_size_come_to_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    form = SampleForm(AUTUMN)
    await world.hand.add_items(RESPONSES_LIST, FLOW, form.items(form.due(ALL)))
    places = await world.desk.run("test", all_places)
    start = world.office.graph.url(
        "sites", places[SITE], "lists", places[list_key(RESPONSES_LIST)], "items", "delta", query={"$expand": "fields"}
    )
    found = []
    for size in (1, 7, 60, 61, 999):
        monkeypatch.setattr("local_tenant.odata.PAGE", size)
        changes = await pull(world.office.graph, start, None, ResponseItem)
        found.append((list(changes.items), changes.is_whole))
    assert len(found[0][0]) == 61
    assert all(f == found[0] for f in found)


@pytest.mark.parametrize("to", ["Renamed by somebody.xlsx", "Archive/2026/Request for Support.xlsx"])
async def test_a_renamed_or_moved_workbook_is_found_by_its_id(world: World, to: str) -> None:
    form = SampleForm(AUTUMN)
    rows = form.due(ALL)
    await deliver(world, rows[:5], form, by_list=False)
    await world.office.pull()
    await world.hand.call("POST", f"files/{FORMS_LIBRARY}", json={"by": FLOW, "path": WORKBOOK_NAME, "to": to})
    decoy = form.workbook_with(rows[:1])
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, decoy, FLOW)
    await world.hand.save_file(FORMS_LIBRARY, to, form.workbook_with(rows[:9]), FLOW)
    taken = await world.office.pull()
    assert sum(taken.values()) == 4


@pytest.mark.usefixtures("impatient")
async def test_a_locked_workbook_is_read_when_it_is_free_again(world: World) -> None:
    form = SampleForm(AUTUMN)
    rows = form.due(ALL)
    await deliver(world, rows[:5], form, by_list=False)
    lock = {"by": FLOW, "path": WORKBOOK_NAME, "locked": True}
    await world.hand.call("POST", f"files/{FORMS_LIBRARY}", json=lock)
    with pytest.raises(Locked, match="has it open"):
        await world.office.pull()
    await world.hand.call("POST", f"files/{FORMS_LIBRARY}", json={**lock, "locked": False})
    assert sum((await world.office.pull()).values()) == 5


async def test_a_link_to_another_host_is_not_followed(world: World) -> None:
    elsewhere = "https://evil.example/v1.0/sites/x/items/delta?token=1"
    with pytest.raises(NeedsAttention, match="another host"):
        await pull(world.office.graph, elsewhere, elsewhere, Item)


@pytest.mark.parametrize("link", ["https://evil.example/v1.0/sites/x/items/delta?token=1", "?token=of-nobody"])
async def test_a_stored_link_that_cannot_be_followed_is_given_up_for_our_own_address(world: World, link: str) -> None:
    form = SampleForm(AUTUMN)
    await world.hand.add_items(RESPONSES_LIST, FLOW, form.items(form.due(ALL)[:3]))
    places = await world.desk.run("test", all_places)
    start = world.office.graph.url("sites", places[SITE], "lists", places[list_key(RESPONSES_LIST)], "items", "delta")
    changes = await pull(world.office.graph, start, link if "//" in link else start + link, Item)
    assert (len(changes.items), changes.is_whole) == (3, True)


async def test_an_error_of_our_own_address_is_said_and_not_asked_for_again(world: World) -> None:
    start = world.office.graph.url("sites", "nowhere", "lists", "x", "items", "delta")
    with pytest.raises(NeedsAttention, match="404"):
        await pull(world.office.graph, start, None, Item)


@pytest.mark.parametrize("is_meanwhile", [False, True])
async def test_an_answer_without_an_etag_is_followed_by_a_question(
    world: World, is_meanwhile: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody changes between our write and the question is not taken for ours."""
    await world.hand.call("POST", "behaviours", json={"patch-names-no-etag": True})
    form = SampleForm(AUTUMN)
    await deliver(world, form.due(ALL)[:1], form)
    await world.office.pull()
    await world.carry_out()
    (item,) = await items(world)
    asked = SharePointLists._etag_after

    async def slowly(lists: SharePointLists, name: str, written: ListItem) -> str:
        if is_meanwhile:
            monkeypatch.setattr(SharePointLists, "_etag_after", asked)
            await world.hand.edit_item(LIST, item["id"], "morgan.vale@kent.example", {"School": "Another school"})
        return await asked(lists, name, written)

    monkeypatch.setattr(SharePointLists, "_etag_after", slowly)
    await world.hand.edit_item(LIST, item["id"], "morgan.vale@kent.example", {"School": "Some school"})
    for _ in range(3):
        await world.office.pull()
        await world.carry_out()
    (now,) = await items(world)
    assert now["fields"]["School"] == item["fields"]["School"]
    assert now["fields"]["DeskNote"].count("Put back") == 1
    await world.office.pull()
    assert await world.carry_out() == 0


async def test_an_item_deleted_while_our_write_waits_leaves_nothing_stuck(world: World) -> None:
    form = SampleForm(AUTUMN)
    await deliver(world, form.due(ALL)[:1], form)
    await world.office.pull()
    await world.carry_out()
    (item,) = await items(world)
    clerk = "morgan.vale@kent.example"
    await world.hand.edit_item(LIST, item["id"], clerk, {"School": "Another"})
    await world.office.pull()
    await world.hand.call("DELETE", f"lists/{LIST}/items/{item['id']}", params={"by": clerk})
    world.clock.set(world.desk.clock.now() + timedelta(minutes=1))
    await world.office.pull()
    await world.carry_out()
    (again,) = await items(world)
    assert again["fields"]["School"] == item["fields"]["School"]
    assert await world.desk.look(stuck_effects) == []
