"""Texts longer than a column of one line: whoever writes them, nothing fails and nothing is lost."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from casework.list_values import MORE, SINGLE_LINE, cut, is_same, marks_of
from casework.working_list import LIST, known_items
from forms_ingest.list_item import COLUMNS as QUESTIONS
from graph_sync import provision as provision_module
from graph_sync.doctor import Kind
from graph_sync.doctor_lists import COLUMNS as ABOUT
from graph_sync.intake import RESPONSES_LIST
from graph_sync.list_columns import TO_SEVERAL_LINES, has_one_line
from graph_sync.provision import load_lists
from service.flow_package import load_flow
from service.sample_tenant import AUTUMN, FLOW, SampleForm
from service.tenant_hand import TenantUnreachable
from tests.conftest import START, World
from tests.test_columns import columns_of, emptied
from tests.test_doctor import examined

LENGTHS = (255, 256, 3_000)
TEXTS = [
    (schema["displayName"], column)
    for schema in load_lists().values()
    for column in schema["columns"]
    if column.get("text") is not None
]
CLERK = "amira.yorke@kent.example"
UNLIKE = [
    {"single-line-stays": True},
    {"single-line-stays": False, "single-line-stays-silently": True},
    {"single-line-stays": False},
]
"""What Graph may do where a column of one line is to have several."""


def items_of(world: World, name: str) -> list[dict[str, Any]]:
    (found,) = [x for s in world.tenant.sites.values() for x in s.lists.values() if x.display_name == name]
    return [item.fields for item in found.items.values()]


@pytest.mark.parametrize("text", ["a" * 3_000, "word " * 100, "\U0001f600" * 200, "a" * 254 + "\U0001f600" * 2])
def test_what_is_cut_has_a_mark_and_says_the_same(text: str) -> None:
    shown = cut(text)
    assert len(shown.encode("utf-16-le")) <= 2 * SINGLE_LINE
    assert shown.endswith(MORE)
    assert text.startswith(shown[:-1])
    assert is_same(shown, text)
    assert not is_same(shown[:-2], text)
    assert not is_same(text, shown), "what is longer than we wrote is somebody's"


@pytest.mark.parametrize("length", LENGTHS)
async def test_we_write_texts_of_any_length_into_every_column(world: World, length: int) -> None:
    lists = world.office.ports.lists
    for name, schema in ((s["displayName"], s) for s in load_lists().values()):
        item = await lists.ensure(name, "Title", {"Title": "key"}) if name != RESPONSES_LIST else None
        for column in (c["name"] for c in schema["columns"] if "text" in c and c["name"] != "Title"):
            text = "x" * length
            made = await lists.ensure(name, "Title", {"Title": f"key {column}", column: text}) if item else None
            if item is None or made is None:
                continue
            item = await lists.patch(name, item, {column: text})
            shown = cut(text) if has_one_line(columns_of(world, name)[column]) else text
            assert item.fields[column] == made.fields[column] == shown
            assert is_same(shown, text)


@pytest.mark.parametrize("who", [FLOW, CLERK])
@pytest.mark.parametrize("length", LENGTHS)
async def test_a_flow_or_a_person_is_refused_where_a_column_has_one_line(world: World, length: int, who: str) -> None:
    for name, column in TEXTS:
        fields = {column["name"]: "x" * length}
        if has_one_line(column) and length > SINGLE_LINE:
            with pytest.raises(TenantUnreachable, match="400"):
                await world.hand.add_items(name, who, [fields])
        else:
            await world.hand.add_items(name, who, [fields])


@pytest.mark.parametrize(
    ("fields", "status"), [({"Nonsense": "x"}, 400), ({"Title": "R-1"}, 409), ({"Requested": "much"}, 400)]
)
async def test_whoever_writes_is_refused_what_sharepoint_refuses(
    world: World, fields: dict[str, Any], status: int
) -> None:
    await world.hand.add_items(LIST, CLERK, [{"Title": "R-1"}, {"Title": "R-2"}])
    with pytest.raises(TenantUnreachable, match=str(status)):
        await world.hand.add_items(LIST, FLOW, [fields])
    second = (await world.hand.items(LIST))[1]["id"]
    with pytest.raises(TenantUnreachable, match=str(status)):
        await world.hand.edit_item(LIST, second, CLERK, fields)


def test_every_answer_a_person_can_type_has_several_lines_and_the_flow_cuts_the_others() -> None:
    columns = {c["name"]: c for c in load_lists()["responses"]["columns"]}
    sent = load_flow()["definition"]["actions"]["Create_item"]["inputs"]["parameters"]
    chosen = {"Community", "School"}
    of_forms = {QUESTIONS[f] for f in ("id", "completed", "sender", "sender_name")}
    assert {n for n, c in columns.items() if not has_one_line(c)} == {*columns} - chosen - of_forms | {
        "ResponseId", "CompletionTime"
    }  # fmt: skip
    cuts = {n.removeprefix("item/") for n, v in sent.items() if v.startswith("@take(") and v.endswith(",255)")}
    assert cuts == chosen


async def test_a_long_contact_that_is_cut_is_nobodys_edit(world: World) -> None:
    contact = "Sam Field, please ring in the afternoon. " * 20
    form = SampleForm(AUTUMN)
    (response,) = form.items(form.due(START.replace(year=2027))[:1])
    await world.hand.add_items(RESPONSES_LIST, FLOW, [{**response, "SchoolContact": contact}])
    await world.hand.call(
        "PATCH", f"lists/{quote(LIST)}/columns/SchoolContact", json={"text": {"allowMultipleLines": False}}
    )
    await world.office.pull()
    await world.carry_out()
    (item,) = await world.hand.items(LIST)
    assert item["fields"]["SchoolContact"] == cut(contact.strip())
    for versions_off in (False, True):
        await world.hand.call("POST", "behaviours", json={"list-versions-off": versions_off})
        await world.hand.edit_item(LIST, item["id"], CLERK, {"School": f"Another {versions_off}"})
        await world.office.pull()
        await world.carry_out()
        (item,) = await world.hand.items(LIST)
        assert item["fields"]["SchoolContact"] == cut(contact.strip())
        assert item["fields"]["DeskNote"] == "Put back: School can be changed in CoS Desk only."
        await world.office.pull()
        assert await world.carry_out() == 0
        known = await world.desk.look(known_items)
        assert known[item["id"]].marks["SchoolContact"] == marks_of(item["fields"])["SchoolContact"]


@pytest.mark.parametrize("unlike", UNLIKE)
async def test_lists_that_are_there_are_brought_along_or_an_owner_is_told_how(
    world: World, monkeypatch: pytest.MonkeyPatch, unlike: dict[str, bool]
) -> None:
    old = load_lists()
    for column in old["responses"]["columns"]:
        if column["name"] in ("SchoolContact", "ESignature"):
            column["text"] = {}
    await emptied(world, **unlike)
    with monkeypatch.context() as before:
        before.setattr(provision_module, "load_lists", lambda: old)
        await world.office.provision(lambda *_: None)
    said = await world.office.provision(lambda *_: None)
    if unlike == UNLIKE[-1]:
        assert len(said) == 2
        assert all(s.startswith("Changed the column") for s in said)
    else:
        sentence = (
            "The columns 'School contact (in case of queries)', 'e Signature' of 'Request for Support responses' take "
            f"255 characters only. {TO_SEVERAL_LINES}"
        )
        assert said == [sentence]
        found = (await examined(world))[ABOUT]
        assert (found.kind, f"{found.said} {found.remedy}") == (Kind.MISSING, sentence)
        for name in ("SchoolContact", "ESignature"):
            body = {"text": {"allowMultipleLines": True, "linesForEditing": 6, "textType": "plain"}}
            await world.hand.call("PATCH", f"lists/{quote(RESPONSES_LIST)}/columns/{name}", json=body)
    assert await world.office.provision(lambda *_: None) == []
    assert (await examined(world))[ABOUT].kind is Kind.WELL
