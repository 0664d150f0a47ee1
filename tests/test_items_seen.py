"""A list that shows us none of the items others made: said by the doctor, and by nobody where all is well."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from casework import question_list, surgery_list, tables
from casework.desk import Work
from casework.hidden_items import READ_ALL
from casework.working_list import LIST
from graph_sync.doctor import Finding, Kind
from graph_sync.doctor_lists import ITEMS
from graph_sync.intake import RESPONSES_LIST
from graph_sync.items_seen import Seen, hidden
from graph_sync.list_trials import TRIED, pull_hidden
from local_tenant.state import APPLICATION
from service.sample_tenant import AUTUMN, FLOW, SampleForm
from tests.conftest import START, World
from tests.test_doctor import examined

FORM = SampleForm(AUTUMN)
ROWS = FORM.items(FORM.due(START.replace(year=2027))[:3])
KCC = "amira.yorke@kent.example"
OTHERS: dict[str, dict[str, Any]] = {
    RESPONSES_LIST: ROWS[0],
    surgery_list.LIST: {"Starts": "2026-11-13T14:00:00Z", "Slots": 3},
    question_list.LIST: {"Question": "Who pays for transport?"},
}


async def found(world: World) -> Finding:
    return (await examined(world))[ITEMS]


async def only_own(world: World, name: str, *, is_on: bool) -> None:
    await world.hand.call("PATCH", f"lists/{quote(name)}", json={"reads_own_items": is_on})


async def settled(world: World) -> None:
    await world.office.pull()
    await world.carry_out()


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("is_examined_before", [True, False])
async def test_a_list_that_shows_its_own_items_alone_is_said_until_it_is_set_right(
    world: World, name: str, is_examined_before: bool
) -> None:
    if is_examined_before:
        assert (await found(world)).kind is Kind.WELL
    await world.hand.add_items(name, KCC, [OTHERS[name]])
    if is_examined_before:
        assert (await found(world)).kind is Kind.WELL
    await only_own(world, name, is_on=True)
    for _ in range(3):
        said = await found(world)
        assert (said.kind, said.remedy) == (Kind.MISSING, READ_ALL)
        assert f"'{name}' shows CoS Desk none of the items that others added" in said.said
        await settled(world)
    await only_own(world, name, is_on=False)
    assert (await found(world)).kind is Kind.WELL


async def test_the_service_looks_once_a_day_and_administrators_are_told_once(world: World) -> None:
    async def mails_of_a_day() -> list[str]:
        for _ in range(3):
            await pull_hidden(world.desk, world.office.graph)
        await settled(world)
        await world.set_clock(world.clock.now() + timedelta(days=1))
        sent = await world.hand.call("GET", "mails")
        return [m["body"]["content"] for m in sent if m["subject"].startswith("CoS Desk cannot see what others add")]

    assert await mails_of_a_day() == []
    before = (await world.hand.call("GET", "counts"))["exchanges"]
    await world.hand.add_items(RESPONSES_LIST, FLOW, ROWS)
    await only_own(world, RESPONSES_LIST, is_on=True)
    (told,) = await mails_of_a_day()
    assert "none of the items that others added; 3 are not seen." in told
    assert "Item-level permissions" in told
    assert len(await mails_of_a_day()) == 1, "told once while it lasts"
    await only_own(world, RESPONSES_LIST, is_on=False)
    assert len(await mails_of_a_day()) == 1
    await world.hand.add_items(RESPONSES_LIST, FLOW, ROWS[:1])
    await only_own(world, RESPONSES_LIST, is_on=True)
    assert len(await mails_of_a_day()) == 2, "another time"
    assert (await world.hand.call("GET", "counts"))["exchanges"] - before < 4 * (6 * len(TRIED) + 30)


async def test_no_wolf_is_cried_for_a_fresh_list_or_one_that_has_our_items_alone(world: World) -> None:
    for _ in range(2):
        assert (await found(world)).kind is Kind.WELL
    await world.hand.add_items(RESPONSES_LIST, FLOW, ROWS)
    await settled(world)
    for _ in range(2):
        assert (await found(world)).kind is Kind.WELL
        await settled(world)


async def test_no_wolf_is_cried_where_the_test_item_or_one_of_ours_was_deleted(world: World) -> None:
    for name in (RESPONSES_LIST, question_list.LIST):
        await world.hand.add_items(name, KCC, [OTHERS[name]])
    await settled(world)
    for name in (RESPONSES_LIST, question_list.LIST):
        (item,) = await world.hand.items(name)
        await world.hand.call("DELETE", f"lists/{quote(name)}/items/{item['id']}", params={"by": KCC})
    await settled(world)
    for _ in range(2):
        assert (await found(world)).kind is Kind.WELL
        await settled(world)


@pytest.mark.parametrize("is_known", [True, False])
async def test_the_trials_item_is_no_response_and_no_edit_though_pulls_run_in_between(
    world: World, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    if is_known:
        await found(world)
    await settled(world)
    before = await world.desk.look(_entries)
    change = world.office.graph.change

    async def pulled_before(url: str, body: Any) -> Any:
        if body is None and "/lists/" in url:
            await settled(world)
        return await change(url, body)

    monkeypatch.setattr(world.office.graph, "change", pulled_before)
    assert (await found(world)).kind is Kind.WELL
    await settled(world)
    assert await world.desk.look(_entries) == before
    assert [i for name in TRIED for i in await world.hand.items(name)] == [], "removed at once"


def _entries(work: Work) -> tuple[int, ...]:
    counted = (tables.responses, tables.effects, tables.journal, tables.side_items)
    return tuple(work.conn.execute(select(func.count()).select_from(t)).scalar_one() for t in counted)


async def test_what_our_own_application_made_in_the_list_of_responses_is_no_response(world: World) -> None:
    await world.office.ports.lists.ensure(LIST, "Title", {"Title": "R-1"})
    (there,) = [x for s in world.tenant.sites.values() for x in s.lists.values() if x.display_name == RESPONSES_LIST]
    world.tenant.add_item(there, ROWS[0], APPLICATION)
    assert not sum((await world.office.pull()).values())
    assert not await world.desk.look(lambda work: work.conn.execute(select(tables.responses.c.source_key)).all())


@given(made=st.lists(st.sampled_from(["ours", "theirs", "trial", "hide", "show"]), max_size=30))
def test_an_alarm_is_right_and_lasts_until_an_item_of_others_is_seen(made: list[str]) -> None:
    told, number, is_hidden = 0, 1, False
    ours: set[int] = set()
    theirs: list[int] = []
    for step in [*made, "trial"]:
        if step in ("hide", "show"):
            is_hidden = step == "hide"
            continue
        if step == "trial":
            seen = Seen(probe=number, ours=ours, theirs=theirs[0] if theirs and not is_hidden else None)
            missing, told = hidden(told, seen)
            assert bool(missing) == bool(theirs and is_hidden)
        (ours if step == "ours" else set()).add(number)
        theirs += [number] if step == "theirs" else []
        number += 1
