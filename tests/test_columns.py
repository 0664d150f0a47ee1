"""The columns of the lists: as Graph takes them whatever it does by default, and lists that are there brought along."""

from __future__ import annotations

from typing import Any

import pytest

from casework.working_list import KEY, LIST
from graph_sync import provision as provision_module
from graph_sync.provision import load_lists
from tests.conftest import World

COLUMNS = [(schema["displayName"], column) for schema in load_lists().values() for column in schema["columns"]]
OPEN = ("currency-column-refused", "unique-needs-index-first", "text-is-rich")


async def emptied(world: World, **behaviours: bool) -> None:
    """A site without our lists, in a tenant that behaves so."""
    await world.hand.call("POST", "behaviours", json=behaviours)
    await world.hand.call("POST", "world", json={"site": "/sites/communities", "users": []})


def columns_of(world: World, name: str) -> dict[str, Any]:
    (found,) = [x for s in world.tenant.sites.values() for x in s.lists.values() if x.display_name == name]
    return found.columns


@pytest.mark.parametrize("is_on", [True, False])
async def test_the_lists_are_made_whatever_graph_does_by_default(world: World, is_on: bool) -> None:
    await emptied(world, **dict.fromkeys(OPEN, is_on))
    await world.office.provision(lambda *_: None)
    for name, wanted in COLUMNS:
        made = columns_of(world, name)[wanted["name"]]
        assert {k: made.get(k) for k in wanted} == wanted
        assert (made.get("text") or {}).get("textType") != "richText"
    assert await world.office.provision(lambda *_: None) == []


@pytest.mark.parametrize("name", sorted({c["name"] for n, c in COLUMNS if n == LIST and c.get("text")} - {KEY}))
async def test_what_is_written_into_a_text_column_is_what_is_read(world: World, name: str) -> None:
    lists = world.office.ports.lists
    item = await lists.ensure(LIST, KEY, {KEY: "R-2026-0001", name: "5 < 6 & more"})
    assert (await lists.read(LIST, item.id, None)).fields[name] == "5 < 6 & more"


async def test_lists_of_an_installed_council_are_brought_along(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old = load_lists()
    for schema in old.values():
        for column in schema["columns"]:
            (column.get("text") or {}).pop("textType", None)
            if (column.get("number") or {}).get("decimalPlaces") == "two":
                del column["number"]
                column["currency"] = {"locale": "en-GB"}
    await emptied(world, **(dict.fromkeys(OPEN, False) | {"text-is-rich": True}))
    with monkeypatch.context() as before:
        before.setattr(provision_module, "load_lists", lambda: old)
        await world.office.provision(lambda *_: None)
    item = await world.office.ports.lists.ensure(LIST, KEY, {KEY: "R-2026-0001", "Requested": 12.5})
    said = await world.office.provision(lambda *_: None)
    shown = {c.get("displayName", c["name"]) for _, c in COLUMNS if (c.get("text") or {}).get("allowMultipleLines")}
    assert {s.split("'")[1] for s in said} == shown
    assert all(s.startswith("Changed the column") for s in said)
    assert "currency" in columns_of(world, LIST)["Requested"], "a column cannot become another type: it stays"
    assert (await world.office.ports.lists.read(LIST, item.id, None)).fields["Requested"] == 12.5
    assert await world.office.provision(lambda *_: None) == []
