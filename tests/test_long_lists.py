"""Lists, a library and a site's people beyond what SharePoint looks through: everything goes on."""

from __future__ import annotations

from typing import Any

import pytest
from kiota_abstractions.method import Method

from casework.ports import Person
from casework.working_list import KEY, LIST
from communities.directory import Role
from graph_sync import provision as provision_module
from graph_sync.doctor import Kind
from graph_sync.intake import RESPONSES_LIST
from graph_sync.list_columns import STEPS, no_index
from graph_sync.patience import Unacceptable
from graph_sync.provision import load_lists
from local_tenant.graph_columns import INDEXABLE
from local_tenant.graph_lists import NOT_INDEXED, PEOPLE_LIST, THRESHOLD
from local_tenant.state import SharePointList, User
from service.sample_tenant import FLOW
from tests.conftest import World
from tests.test_columns import emptied
from tests.test_doctor import examined
from tests.test_filed_papers import person
from tests.test_sync import COMMUNITY, REQUEST, to_the_meeting

BY = {"user": {"id": "flow", "email": FLOW, "displayName": "Flow"}}


def the_list(world: World, name: str) -> SharePointList:
    (found,) = [x for s in world.tenant.sites.values() for x in s.lists.values() if x.display_name == name]
    return found


def fill(world: World, name: str, count: int) -> None:
    """That many items which others made and which are nothing to us."""
    target = the_list(world, name)
    for number in range(count):
        world.tenant.add_item(target, {"Title": f"Old {number}"}, BY)


def settle(world: World, count: int) -> None:
    """That many people more who have been in the site."""
    for n in range(count):
        mail = f"a.{n:05}@kent.example"
        world.tenant.add_user(User(world.tenant.named_id("user", mail), f"A {n}", mail, mail, False))


def fill_library(world: World, name: str, count: int) -> None:
    drive = the_list(world, name).drive
    assert drive is not None
    for number in range(count):
        world.tenant._add_item(drive, drive.root.id, f"old {number}.txt", b"x", BY)


@pytest.mark.asks_itself
@pytest.mark.parametrize("part", ["filter", "orderby"])
@pytest.mark.parametrize(("name", "column"), [(LIST, "School"), (PEOPLE_LIST, "EMail")])
async def test_the_tenant_refuses_what_sharepoint_does_not_look_through(
    world: World, name: str, column: str, part: str
) -> None:
    graph, site = world.office.graph, next(iter(world.tenant.sites))
    key = name if name == PEOPLE_LIST else the_list(world, name).id
    asked = f"fields/{column} eq 'x'" if part == "filter" else f"fields/{column} desc"
    url = graph.url("sites", site, "lists", key, "items", query={f"${part}": asked})
    prefer = {"Prefer": NOT_INDEXED}
    assert (await graph.send(Method.GET, url)).status == 400
    assert (await graph.send(Method.GET, url, prefer)).status == 200
    fill(world, LIST, THRESHOLD + 1)
    settle(world, THRESHOLD + 1)
    answer = await graph.send(Method.GET, url, prefer)
    assert (answer.status, answer.json()["error"]["code"]) == (422, "notSupported")


async def test_a_request_goes_its_way_in_lists_and_a_library_of_more_than_5000(world: World) -> None:
    for name in (LIST, RESPONSES_LIST):
        fill(world, name, THRESHOLD + 1)
    fill_library(world, COMMUNITY, THRESHOLD + 1)
    settle(world, THRESHOLD + 1)
    await to_the_meeting(world)
    clerk = person(world, Role.CLERK)
    number = world.tenant.people()[world.tenant.user(clerk).id]  # type: ignore[union-attr]
    fields = [i for i in await world.hand.items(LIST) if i["fields"]["Title"] == REQUEST]
    (item,) = fields
    assert item["fields"]["ClerkLookupId"] == number
    counts = await world.hand.call("GET", "counts")
    assert counts["files"][f"{COMMUNITY}/Agendas/Agenda 2026-11-05 {COMMUNITY}.docx"] == 1
    await world.hand.edit_item(LIST, item["id"], clerk, {"School": "Another"})
    await world.office.pull()
    await world.carry_out()
    (item,) = [i for i in await world.hand.items(LIST) if i["fields"]["Title"] == REQUEST]
    assert item["fields"]["DeskNote"] == "Put back: School can be changed in CoS Desk only."
    assert await world.office.provision(lambda *_: None) == []
    assert {a for a, f in (await examined(world)).items() if f.kind is Kind.MISSING} == set()


async def test_the_sites_people_are_read_once_and_whoever_is_new_an_hour_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(world, THRESHOLD + 1)
    asked, now = [], 1_000_000.0
    pages = world.office.graph.pages
    monkeypatch.setattr(world.office.graph, "pages", lambda url: asked.append(url) or pages(url))
    monkeypatch.setattr("graph_sync.site_people.time.monotonic", lambda: now)
    people = world.office.ports.lists._people  # type: ignore[attr-defined]
    known = await people.number_of("A.00007@kent.example")
    assert known == world.tenant.people()[world.tenant.user("a.00007@kent.example").id]  # type: ignore[union-attr]
    assert await people.number_of("new@kent.example") is None
    assert len(asked) == 1
    world.tenant.add_user(User("new", "New", "new@kent.example", "new@kent.example", False))
    assert await people.number_of("new@kent.example") is None
    now += 3600.0
    assert await people.number_of("new@kent.example") is not None
    assert len(asked) == 2


@pytest.mark.parametrize("count", [THRESHOLD + 1, INDEXABLE + 1])
async def test_a_list_that_is_long_before_it_has_an_index_is_worked_with(
    world: World, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    old = load_lists()
    for column in old["requests"]["columns"]:
        for step in STEPS:
            column.pop(step, None)
    await emptied(world)
    with monkeypatch.context() as before:
        before.setattr(provision_module, "load_lists", lambda: old)
        await world.office.provision(lambda *_: None)
    fill(world, LIST, count)
    said = await world.office.provision(lambda *_: None)
    indexed = ["Title", "Community", "Submitted", "Status", "Meeting"]
    if count > INDEXABLE:
        assert said == [no_index(LIST, indexed)]
    else:
        assert said == [f"Changed the column '{name}' of '{LIST}'." for name in indexed]
    lists = world.office.ports.lists
    fields: dict[str, Any] = {KEY: "R-2026-0001", "School": "Abbey", "Clerk": Person("nobody@kent.example")}
    made = [await lists.ensure(LIST, KEY, fields) for _ in range(2)]
    assert made[0].id == made[1].id
    assert (await lists.ensure(LIST, KEY, {KEY: f"Old {count - 1}"})).id == str(count)


@pytest.mark.asks_itself
async def test_what_is_asked_for_over_the_threshold_is_named_as_graph_does(world: World) -> None:
    fill(world, RESPONSES_LIST, THRESHOLD + 1)
    list_id, site = the_list(world, RESPONSES_LIST).id, next(iter(world.tenant.sites))
    query = {"$filter": "fields/School eq 'x'"}
    url = world.office.graph.url("sites", site, "lists", list_id, "items", query=query)
    with pytest.raises(Unacceptable, match="uses too many resources"):
        await world.office.graph.get(url, headers={"Prefer": NOT_INDEXED})
