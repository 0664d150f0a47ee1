"""An item somebody copied, or restored beside the new one, is no dead form: it says so, and nothing there counts."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from casework import question_list, surgery_list, tables, working_list
from casework.asking_kcc import ask
from communities.directory import Directory
from communities.questions import Part
from graph_sync.sources import EDITED
from tests.conftest import World, begins
from tests.test_slips import CLERK, MODERATOR, adviser_of, synced
from tests.test_sync import REQUEST, agreed

FIELDS_OF = {m.LIST: m.fields_of for m in (working_list, question_list, surgery_list)}
FILLED_IN = {
    working_list.LIST: {"FinalAmount": 1100.0, "KccModerated": True},
    question_list.LIST: {"Answer": "The council pays.", "Published": True},
    surgery_list.LIST: {"Status": "Cancelled"},
}
"""What somebody fills in there."""

LOOKUPS = ("Clerk", "Adviser")


async def filled(world: World, directory: Directory) -> dict[str, tuple[str, str]]:
    """An item in every list; whose number it has and who works there, by list."""
    adviser = adviser_of(directory)
    with world.desk.work() as work:
        asked = ask(work, Part.OPERATIONS, "Who pays for the minibus?", CLERK)
    starts = {"Starts": "2026-11-12T14:00:00Z", "Slots": 3}
    await world.hand.add_items(surgery_list.LIST, adviser, [starts])
    await synced(world)
    (session,) = await world.hand.items(surgery_list.LIST)
    return {
        working_list.LIST: (REQUEST, MODERATOR), question_list.LIST: (asked, MODERATOR),
        surgery_list.LIST: (session["fields"]["Title"], adviser),
    }  # fmt: skip


def record(world: World, name: str, subject: str) -> tuple[Any, ...]:
    """What it says of the item's subject, and how many of its kind there are."""
    with world.desk.work() as work:
        counted = [work.conn.execute(select(func.count()).select_from(t)).scalar_one()
                   for t in (tables.requests, tables.questions, tables.surgeries)]  # fmt: skip
        said = {n: v for n, v in FIELDS_OF[name](work, subject).items() if n != "DeskNote"}
        return said, counted


async def note(world: World, name: str, item_id: str) -> str:
    found = next(i for i in await world.hand.items(name) if i["id"] == item_id)
    return str(found["fields"].get("DeskNote") or "")


async def copied(world: World, name: str, by: str, _: str) -> str:
    """Copied, with the title people give it as no two may be the same; returns the copy's id."""
    (item,) = await world.hand.items(name)
    taken = {n: v for n, v in item["fields"].items() if v is not None and "Lookup" not in n and n not in LOOKUPS}
    taken |= {"Title": f"{taken['Title']} - Copy"}
    await world.hand.add_items(name, by, [{n: v for n, v in taken.items() if not n.startswith("@") and n != "id"}])
    return str((await world.hand.items(name))[-1]["id"])


async def restored(world: World, name: str, by: str, subject: str) -> str:
    """Deleted, put back as a new item by us, and then the old one restored beside it."""
    (item,) = await world.hand.items(name)
    await world.hand.call("DELETE", f"lists/{name}/items/{item['id']}", params={"by": by})
    await synced(world)
    there = next(x for s in world.tenant.sites.values() for x in s.lists.values() if x.display_name == name)
    old = there.items[item["id"]]
    old.deleted, old.fields["Title"] = False, f"{subject} (restored)"
    world.tenant.touch(old, world.tenant.user(by).identity(), there.id)
    return str(item["id"])


@pytest.mark.parametrize("made", [copied, restored])
@pytest.mark.parametrize("name", [edited.name for edited in EDITED.values()])
@begins(agreed)
async def test_a_copy_in_any_list_says_what_it_is_and_nothing_in_it_counts(
    world: World, directory: Directory, name: str, made: Any
) -> None:
    subject, by = (await filled(world, directory))[name]
    item_id = await made(world, name, by, subject)
    before = record(world, name, subject)
    await synced(world)
    said = await note(world, name, item_id)
    assert "Nothing written here counts" in said if name != surgery_list.LIST else said.startswith("Not taken: ")
    await world.hand.edit_item(name, item_id, by, {**FILLED_IN[name], "DeskNote": ""})
    await synced(world)
    assert await note(world, name, item_id) == said
    assert record(world, name, subject) == before
    (own,) = [i for i in await world.hand.items(name) if i["fields"]["Title"] == subject]
    await world.hand.edit_item(name, own["id"], by, FILLED_IN[name])
    await synced(world)
    assert record(world, name, subject) != before, "the item itself is the form"


@begins(agreed)
async def test_what_else_people_add_to_the_working_list_is_nothing_to_us(world: World) -> None:
    await world.hand.add_items(working_list.LIST, CLERK, [{"Title": "My own row"}, {"Title": "R-1999-0001 of old"}])
    await synced(world)
    assert {await note(world, working_list.LIST, i["id"]) for i in await world.hand.items(working_list.LIST)} == {""}
    with world.desk.work() as work:
        assert not work.conn.execute(select(tables.side_items)).all()


@begins(agreed)
async def test_a_copy_that_is_deleted_as_asked_is_not_put_back(world: World) -> None:
    item_id = await copied(world, working_list.LIST, MODERATOR, REQUEST)
    await synced(world)
    await world.hand.call("DELETE", f"lists/{working_list.LIST}/items/{item_id}", params={"by": MODERATOR})
    await synced(world)
    assert [i["fields"]["Title"] for i in await world.hand.items(working_list.LIST)] == [REQUEST]
