"""A list's column that somebody deleted, or made again as something else: said by name, gone round, filled in again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest

from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import NeedsAttention
from casework.question_list import LIST as QUESTIONS
from casework.schedule import schedule_meetings
from casework.stuck_mail import stuck_lines
from casework.surgery_list import LIST as SURGERIES
from casework.working_list import LIST
from communities.directory import Community, Role
from graph_sync.doctor import Kind
from graph_sync.intake import RESPONSES_LIST
from graph_sync.list_columns import TYPES, is_of_another_type
from graph_sync.people import KnownPeople
from graph_sync.provision import NotAllMade, load_lists
from service import run_commands
from service.office import Office
from service.run_commands import spoken_known
from service.sample_tenant import AUTUMN, FLOW, SampleForm
from service.tenant_hand import TenantUnreachable
from tests.conftest import START, World, begins
from tests.test_doctor import granted
from tests.test_filed_papers import mails, person
from tests.test_long_texts import ABOUT, examined
from tests.test_record import slot
from tests.test_sync import COMMUNITY, deliver

SCHEMAS = {schema["displayName"]: schema for schema in load_lists().values()}
SHOWN = {(n, c["name"]): c.get("displayName", c["name"]) for n, s in SCHEMAS.items() for c in s["columns"]}
LOST = [(LIST, "Status"), (LIST, "Meeting"), (LIST, "DeskNote"), (LIST, "FinalAmount"), (RESPONSES_LIST, "SenderMail"),
        (SURGERIES, "DeskNote"), (QUESTIONS, "Answer")]  # fmt: skip


def _communities(work: Work) -> Sequence[Community]:
    return directory_of(work).communities


async def three_requests(world: World) -> None:
    """Three requests in the list, and their meetings."""
    communities = {c.name for c in await world.desk.look(_communities)}
    await world.desk.run("test", schedule_meetings, [slot(c, date(2026, 11, 5), 2) for c in sorted(communities)])
    form = SampleForm(AUTUMN)
    await deliver(world, form.due(START.replace(year=2027))[:3], form)
    await world.office.pull()
    await world.carry_out()


async def delete(world: World, name: str, column: str) -> None:
    await world.hand.call("DELETE", f"lists/{quote(name)}/columns/{column}")


def columns_of(world: World, name: str) -> dict[str, Any]:
    (found,) = [x for s in world.tenant.sites.values() for x in s.lists.values() if x.display_name == name]
    return found.columns


async def retype(world: World, name: str, column: str) -> None:
    """Delete it and make it again as something else."""
    was = columns_of(world, name)[column]
    await delete(world, name, column)
    other = {"number": {}} if was.get("number") is None else {"dateTime": {}}
    columns_of(world, name)[column] = {"id": f"again {column}", "name": column, "displayName": was["displayName"],
                                       **other}  # fmt: skip


@pytest.mark.parametrize("lose", [delete, retype])
@pytest.mark.parametrize(("name", "column"), LOST)
@begins(three_requests)
async def test_the_doctor_names_list_and_column_and_what_to_do(world: World, name: str, column: str, lose: Any) -> None:
    await lose(world, name, column)
    found = (await examined(world))[ABOUT]
    assert found.kind is Kind.MISSING
    for said in (f"'{name}'", f"'{SHOWN[name, column]}'"):
        assert said in found.said
    for said in ("`cos provision`", "`cos stuck retry --all`"):
        assert said in found.remedy
    assert ("Delete or rename" in found.remedy) == (lose is retype)


@pytest.mark.parametrize("column", ["Status", "Meeting", "DeskNote", "Clerk"])
@pytest.mark.parametrize("lose", [delete, retype])
@begins(three_requests)
async def test_a_write_leaves_out_the_column_and_names_it_and_it_is_filled_in_again_everywhere(
    world: World, column: str, lose: Any
) -> None:
    before = {i["id"]: i["fields"].get(column) for i in await world.hand.items(LIST)}
    await lose(world, LIST, column)
    with world.desk.work() as work:
        work.effect("list.write", "R-2026-0001#again")
    await world.hand.edit_item(LIST, "1", person(world, Role.CLERK), {"School": "Another"})
    await world.carry_out()
    fields = (await world.hand.items(LIST))[0]["fields"]
    assert fields["School"] != "Another", "the rest is written"
    line = (await world.desk.look(stuck_lines))[-1]
    for said in (f"'{LIST}'", f"'{SHOWN[LIST, column]}'", "`cos provision`", "`cos stuck retry --all`"):
        assert said in line.problem
    if lose is retype:
        await delete(world, LIST, column)
    said = await world.office.provision(lambda *_: None)
    assert f"Added the column '{SHOWN[LIST, column]}' to '{LIST}'." in said
    await world.carry_out()
    if column != "DeskNote":
        assert {i["id"]: i["fields"].get(column) for i in await world.hand.items(LIST)} == before
    assert await world.desk.look(stuck_lines) == []
    assert await world.office.provision(lambda *_: None) == []


@begins(three_requests)
async def test_provisioning_goes_on_and_names_what_it_could_not_do(world: World) -> None:
    """The first list has a column of another type, a later one lacks one, and a library is gone."""
    await retype(world, RESPONSES_LIST, "SenderMail")
    await retype(world, LIST, "Status")
    await delete(world, QUESTIONS, "Answer")
    (site,) = [s for s in world.tenant.sites.values() if any(x.display_name == LIST for x in s.lists.values())]
    library = next(key for key, x in site.lists.items() if x.display_name == COMMUNITY)
    del site.lists[library]
    with pytest.raises(NeedsAttention) as wrong:
        await world.office.provision(lambda *_: None)
    for name, column in ((RESPONSES_LIST, "SenderMail"), (LIST, "Status")):
        said = f"Delete or rename the column '{SHOWN[name, column]}' in the list '{name}', then run `cos provision`"
        assert said in str(wrong.value)
    assert "Answer" in columns_of(world, QUESTIONS)
    assert any(x.display_name == COMMUNITY for x in site.lists.values())


@begins(three_requests)
async def test_a_missing_column_of_the_responses_is_an_administrators_to_make_again(world: World) -> None:
    await delete(world, RESPONSES_LIST, "SenderMail")
    form = SampleForm(AUTUMN)
    items = form.items(form.due(START.replace(year=2027))[3:4])
    await world.hand.add_items(RESPONSES_LIST, FLOW, [{k: v for k, v in i.items() if k != "SenderMail"} for i in items])
    await world.office.pull()
    await world.carry_out()
    (told,) = await mails(world, "We cannot read the responses")
    assert "<code>cos provision</code>" in str(told["body"])


async def test_a_facet_that_is_null_is_no_type_and_breaks_nothing(world: World) -> None:
    columns_of(world, LIST)["Status"].update(choice=None)
    columns_of(world, LIST)["Clerk"].update(text=None, choice=None)
    await world.office.provision(lambda *_: None)
    assert (await examined(world))[ABOUT].kind is Kind.WELL


@pytest.mark.parametrize("there", TYPES)
@pytest.mark.parametrize("wanted", TYPES)
def test_only_numbers_and_amounts_of_money_are_as_good_as_each_other(there: str, wanted: str) -> None:
    alike = there == wanted or {there, wanted} == {"number", "currency"}
    assert is_of_another_type({"name": "A", there: {}}, {"name": "A", wanted: {}}) == (not alike)
    assert not is_of_another_type({"name": "A", there: None}, {"name": "A", wanted: {}})


async def test_the_local_tenant_knows_no_column_it_does_not_have(world: World) -> None:
    for method in ("DELETE", "PATCH"):
        with pytest.raises(TenantUnreachable, match="404"):
            await world.hand.call(method, f"lists/{quote(LIST)}/columns/Nothing", json={})


@begins(three_requests)
async def test_the_command_says_what_it_did_goes_on_and_ends_with_what_it_could_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_commands, "open_office", lambda _: world.office)
    monkeypatch.setattr(Office, "close", nothing)
    await retype(world, LIST, "Status")
    await delete(world, QUESTIONS, "Answer")
    said: list[str] = []
    with pytest.raises(NeedsAttention, match="Delete or rename the column 'Status'"):
        await run_commands.provision(world.office.settings, lambda *_: None, said.append)
    assert said[0] == f"Added the column 'Answer' to '{QUESTIONS}'."
    assert said[-1].endswith("people of the directory are in Entra ID.")


async def nothing(_: Office) -> None:
    """The world closes it."""


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        (0, "All 3 people of the directory are in Entra ID."),
        (1, "3 of the directory's 4 people are in Entra ID. Teams does not know the others, so they are told by email "
         "only: p00@x.example."),
    ],
)  # fmt: skip
def test_who_was_not_found_is_named(unknown: int, said: str) -> None:
    assert spoken_known(KnownPeople(found=3, unknown=tuple(f"p{n:02}@x.example" for n in range(unknown)))) == said
    many = spoken_known(KnownPeople(found=3, unknown=tuple(f"p{n:02}@x.example" for n in range(25))))
    assert many.endswith("p19@x.example and 5 more.")


@begins(three_requests)
async def test_the_role_that_provisioning_takes_is_named(world: World) -> None:
    await delete(world, LIST, "Status")
    await granted(world, site_role="write")
    with pytest.raises(NotAllMade, match="takes the role `owner` in the site"):
        await world.office.provision(lambda *_: None)
