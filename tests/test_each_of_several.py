"""Lists, libraries, teams, workbooks and responses: one that fails stops none of the others, and is done later."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

import graph_sync.doctor_lists as doctor_lists
import graph_sync.provision as provision_module
import graph_sync.response_edits as response_edits
from bot.installs import teams_of
from casework import tables
from casework.desk import Work
from casework.errors import TryLater
from communities.directory import Role
from graph_sync.doctor import Kind
from graph_sync.graph import Graph
from graph_sync.intake import RESPONSES_LIST, WORKBOOK_NAME
from graph_sync.patience import Forbidden
from graph_sync.places import drive_key, list_key
from graph_sync.provision import NotAllMade, provision
from service.sample_tenant import AUTUMN, FLOW, SampleForm
from tests.conftest import START, World
from tests.test_doctor import examined
from tests.test_reaching_people import person, tell
from tests.test_workbook_copies import OLD, change, in_record, save, taken

SITE = "kent.example:/sites/communities"


async def test_a_copy_of_the_workbook_that_is_open_keeps_no_answer_from_being_read(world: World) -> None:
    await save(world, OLD, 3)
    await save(world, WORKBOOK_NAME, 5)
    await change(world, OLD, locked=True)
    await _refused(world)
    assert in_record(world) == 5
    await save(world, WORKBOOK_NAME, 7)
    await _refused(world)
    assert in_record(world) == 7
    await change(world, OLD, locked=False)
    assert (await taken(world), in_record(world)) == (0, 7)


async def _refused(world: World) -> None:
    with pytest.raises(TryLater):
        await world.office.pull()


@pytest.mark.parametrize("kind", ["list", "library"])
async def test_a_list_or_library_that_cannot_be_made_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    names = ["Requests for Support", "SEN IA surgeries"] if kind == "list" else ["ABC", "Ashford Central 1"]
    (site,) = world.tenant.sites.values()
    for one in [one for one in site.lists.values() if one.display_name in names]:
        del site.lists[one.id]
    ensure = provision_module._ensure

    async def refuse(graph: Graph, site_id: str, body: Any) -> Any:
        if body["displayName"] == names[0]:
            raise Forbidden("Microsoft Graph refused the application.")
        return await ensure(graph, site_id, body)

    monkeypatch.setattr(provision_module, "_ensure", refuse)
    said: list[str] = []
    with pytest.raises(NotAllMade, match=f"'{names[0]}'.*refused the application.*`owner`"):
        await provision(world.desk, world.office.graph, SITE, lambda *_: None, said)
    assert any(f"'{names[1]}'" in sentence for sentence in said)
    places = await world.desk.run("test", _places)
    key = list_key(names[1]) if kind == "list" else drive_key(names[1])
    assert places[key] in {*site.lists, *(one.drive.id for one in site.lists.values() if one.drive)}


def _places(work: Work) -> dict[str, str]:
    return {row.key: row.value for row in work.conn.execute(select(tables.places))}


async def test_a_list_whose_columns_cannot_be_read_hides_no_others_fault(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site,) = world.tenant.sites.values()
    lists = {one.display_name: one for one in site.lists.values()}
    lists["SEN IA surgeries"].columns.popitem()
    columns_of, first = doctor_lists.columns_of, lists[RESPONSES_LIST].id

    async def refuse(graph: Graph, url: str) -> Any:
        if first in url:
            raise TryLater("Microsoft Graph is busy.", 1)
        return await columns_of(graph, url)

    monkeypatch.setattr(doctor_lists, "columns_of", refuse)
    found = (await examined(world))[doctor_lists.COLUMNS]
    assert found.kind is Kind.MISSING
    assert "'SEN IA surgeries'" in found.said
    assert f"'{RESPONSES_LIST}' could not be tried: Microsoft Graph is busy." in found.said


async def test_a_response_whose_versions_cannot_be_read_stops_no_other_and_is_read_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = SampleForm(AUTUMN)
    await world.hand.add_items(RESPONSES_LIST, FLOW, form.items(form.due(START.replace(year=2027))[:3]))
    first = (await world.hand.items(RESPONSES_LIST))[0]["id"]
    await world.hand.edit_item(RESPONSES_LIST, first, FLOW, {"Title": "Saved again"})
    read_versions = response_edits.read_versions

    async def refuse(graph: Graph, url: str) -> Any:
        raise TryLater("Microsoft Graph is busy.", 1)

    monkeypatch.setattr(response_edits, "read_versions", refuse)
    await _refused(world)
    assert in_record(world) == 2
    monkeypatch.setattr(response_edits, "read_versions", read_versions)
    assert (await taken(world), in_record(world)) == (1, 3)


async def test_a_team_whose_roster_cannot_be_read_keeps_nobody_of_another_from_being_reached(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter: Any = world.office.ports.channels
    clerk = await person(world, Role.CLERK, "Canterbury Downs 1")
    teams = await world.desk.run("test", teams_of, clerk)
    roster, asked = adapter._adapter.roster, list[str]()

    async def refuse(known: Any, team_id: str) -> Any:
        asked.append(team_id)
        if len(asked) == 1:
            raise TryLater("Teams is busy.", 1)
        return await roster(known, team_id)

    monkeypatch.setattr(adapter._adapter, "roster", refuse)
    monkeypatch.setattr("bot.channels.teams_of", lambda *_: [("19:another", teams[0][1]), *teams])
    await tell(world, clerk)
    assert len(asked) == len(teams) + 1
    assert await world.hand.chat_of(clerk)
