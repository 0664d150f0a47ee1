"""Slips in lists that their maker corrects before they are read: what the screen says last is what counts.

Over HTTP, in every list people work in; any order of saves is `test_list_editors`'.
"""

from __future__ import annotations

from typing import Any

import pytest

from casework import working_list
from casework.asking_kcc import ask
from casework.moderate import moderation_row
from casework.question_list import LIST as QUESTIONS
from casework.request_moves import payment_row
from casework.surgery_list import LIST as SURGERIES
from casework.working_list import LIST
from communities.directory import Directory, Role
from communities.questions import Part
from tests.conftest import World, begins
from tests.test_record import home
from tests.test_sync import REQUEST, agreed, to_the_meeting

MODERATOR, CLERK = "morgan.vale@kent.example", "amira.yorke@kent.example"


async def synced(world: World) -> None:
    for _ in range(2):
        await world.office.pull()
        await world.carry_out()


async def saved(world: World, *saves: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """People save the request's item one after the other, and then it is read; its fields afterwards."""
    (item,) = await world.hand.items(LIST)
    for by, changed in saves:
        await world.hand.edit_item(LIST, item["id"], by, changed)
    await synced(world)
    (item,) = await world.hand.items(LIST)
    return dict(item["fields"])


def recorded(world: World) -> tuple[int | None, int | None]:
    """The final amount and the payment, in pence."""
    with world.desk.work() as work:
        final, paid = moderation_row(work, REQUEST), payment_row(work, REQUEST)
    return final and final.final_pence, paid and paid.paid_pence


TICKED = {"FinalAmount": 1200.0, "KccModerated": True}
BETWEEN = [(), ((CLERK, {"SchoolContact": "Somebody else"}),)]


@pytest.mark.parametrize("between", BETWEEN, ids=["at once", "after another's save"])
@begins(agreed)
async def test_an_amount_corrected_before_it_was_read_is_recorded_as_corrected(world: World, between: Any) -> None:
    await saved(world, (MODERATOR, TICKED), *between, (MODERATOR, {"FinalAmount": 120.0}))
    assert recorded(world) == (12_000, None)


@pytest.mark.parametrize("undone", [{"FinalAmount": None, "KccModerated": False}, {"KccModerated": False}], ids=str)
@pytest.mark.parametrize("between", BETWEEN, ids=["at once", "after another's save"])
@begins(agreed)
async def test_a_tick_undone_before_it_was_read_moderates_nothing(
    world: World, between: Any, undone: dict[str, Any]
) -> None:
    fields = await saved(world, (MODERATOR, TICKED), *between, (MODERATOR, undone))
    assert recorded(world) == (None, None)
    assert (fields["Status"], fields["KccModerated"]) == ("Forwarded", False)


@begins(agreed)
async def test_a_payment_corrected_before_it_was_read_is_recorded_as_corrected(world: World) -> None:
    await saved(world, (MODERATOR, TICKED))
    await saved(world, (MODERATOR, {"AmountPaid": 1200.0}), (MODERATOR, {"AmountPaid": 12.0}))
    assert recorded(world) == (120_000, 1_200)


def adviser_of(directory: Directory) -> str:
    return directory.people_with(Role.SEN_IA, home(directory))[0].mail


@begins(to_the_meeting)
async def test_a_session_cancelled_by_mistake_and_set_back_stays_published(world: World, directory: Directory) -> None:
    adviser = adviser_of(directory)
    await world.hand.add_items(SURGERIES, adviser, [{"Starts": "2026-11-12T14:00:00Z", "Slots": 3}])
    await synced(world)
    (item,) = await world.hand.items(SURGERIES)
    for status in ("Cancelled", "Published"):
        await world.hand.edit_item(SURGERIES, item["id"], adviser, {"Status": status})
    await synced(world)
    (item,) = await world.hand.items(SURGERIES)
    assert (item["fields"]["Status"], item["fields"].get("DeskNote") or "") == ("Published", "")


@begins(to_the_meeting)
async def test_a_session_is_published_for_the_day_it_was_corrected_to(world: World, directory: Directory) -> None:
    adviser = adviser_of(directory)
    await world.hand.add_items(SURGERIES, adviser, [{"Starts": "2026-11-19T14:00:00Z", "Slots": 8}])
    (item,) = await world.hand.items(SURGERIES)
    await world.hand.edit_item(SURGERIES, item["id"], adviser, {"Starts": "2026-11-20T14:00:00Z"})
    await synced(world)
    (item,) = await world.hand.items(SURGERIES)
    assert item["fields"]["Starts"] == "2026-11-20T14:00:00Z"
    assert (item["fields"]["Status"], item["fields"].get("DeskNote") or "") == ("Published", "")


@begins(to_the_meeting)
async def test_a_question_is_asked_as_it_was_corrected(world: World) -> None:
    await world.hand.add_items(QUESTIONS, CLERK, [{"Question": "Who pays for transprot?"}])
    (item,) = await world.hand.items(QUESTIONS)
    await world.hand.edit_item(QUESTIONS, item["id"], CLERK, {"Question": "Who pays for transport?"})
    await synced(world)
    (item,) = await world.hand.items(QUESTIONS)
    assert item["fields"]["Question"] == "Who pays for transport?"


@pytest.mark.parametrize(("own", "overtyped"), [(500.0, 900.0), (900.0, 90.0), (900.0, None)], ids=str)
@pytest.mark.parametrize("is_read", [True, False], ids=["read in between", "all at once"])
@begins(agreed)
async def test_a_tick_approves_the_amount_on_the_screen_alone(
    world: World, own: float, overtyped: float | None, is_read: bool
) -> None:
    saves = (MODERATOR, {"FinalAmount": own}), (CLERK, {"FinalAmount": overtyped}), (MODERATOR, {"KccModerated": True})
    if is_read:
        await saved(world, saves[0])
    fields = await saved(world, *saves[is_read:])
    assert recorded(world) == (None, None)
    shown = "nothing" if overtyped is None else f"£{overtyped:.0f}"
    assert f"'Final amount' said {shown} in the list, and a KCC moderator entered £{own:.0f}." in fields["DeskNote"]
    assert (fields["FinalAmount"], fields["KccModerated"]) == (own, False)
    await saved(world, (MODERATOR, {"KccModerated": True}))
    assert recorded(world) == (round(own * 100), None)


DAYS = {"DateProcessed": TICKED, "DatePaid": {"AmountPaid": 12.0}}


@pytest.mark.parametrize("column", DAYS)
@begins(agreed)
async def test_a_day_that_somebody_else_typed_over_is_not_recorded(world: World, column: str) -> None:
    if column == "DatePaid":
        await saved(world, (MODERATOR, TICKED))
    before = recorded(world)
    await saved(world, (MODERATOR, {column: "2026-11-03T00:00:00Z"}))
    fields = await saved(world, (CLERK, {column: "2026-11-04T00:00:00Z"}), (MODERATOR, DAYS[column]))
    assert recorded(world) == before
    assert "said Wednesday 4 November 2026 in the list" in fields["DeskNote"]
    assert "entered Tuesday 3 November 2026." in fields["DeskNote"]


@pytest.mark.parametrize("by", [MODERATOR, CLERK])
@pytest.mark.parametrize("later", [{"KccModerated": False}, {"SchoolContact": "Somebody else"}], ids=str)
@begins(agreed)
async def test_what_was_saved_while_versions_were_off_is_not_wiped_without_a_word(
    world: World, by: str, later: dict[str, Any]
) -> None:
    await saved(world, (MODERATOR, {"DateProcessed": "2026-11-05T00:00:00Z"}))
    (item,) = await world.hand.items(LIST)
    await world.hand.call("POST", "behaviours", json={"list-versions-off": True})
    await world.hand.edit_item(LIST, item["id"], by, {"FinalAmount": 1100.0, "KccModerated": True})
    await world.hand.call("POST", "behaviours", json={"list-versions-off": False})
    fields = await saved(world, (CLERK, later))
    assert recorded(world) == (None, None)
    assert "did not tell us who changed KCC's section" in fields["DeskNote"]


@begins(agreed)
async def test_versions_switched_off_and_on_with_nothing_saved_say_nothing(world: World) -> None:
    await saved(world, (MODERATOR, {"DateProcessed": "2026-11-05T00:00:00Z"}))
    for off in (True, False):
        await world.hand.call("POST", "behaviours", json={"list-versions-off": off})
    fields = await saved(world, (MODERATOR, TICKED))
    assert recorded(world) == (120_000, None)
    assert not fields["DeskNote"]


@pytest.mark.parametrize("column", ["DetailsAgreed", "Conditions", "SchoolContact", "Requested", "Verified"])
@pytest.mark.parametrize("is_behind", [True, False], ids=["while we write", "at rest"])
@begins(agreed)
async def test_what_people_write_in_our_columns_is_put_back_with_a_note(
    world: World, column: str, is_behind: bool
) -> None:
    (before,) = await world.hand.items(LIST)
    written = {"Requested": 3.0, "Verified": not before["fields"].get("Verified")}.get(column, "Words of their own")
    if is_behind:
        with world.desk.work() as work:
            working_list._write_again(work, REQUEST)
    fields = await saved(world, (MODERATOR, {column: written}))
    assert fields["DeskNote"] == f"Put back: {column} can be changed in CoS Desk only."
    assert fields.get(column) == before["fields"].get(column)


@pytest.mark.parametrize("is_read", [True, False], ids=["read in between", "all at once"])
@begins(to_the_meeting)
async def test_an_answer_mended_before_its_email_goes_is_emailed_once(world: World, is_read: bool) -> None:
    with world.desk.work() as work:
        ask(work, Part.OPERATIONS, "Who pays for the minibus?", CLERK)
    await synced(world)
    (item,) = await world.hand.items(QUESTIONS)
    for said in ("The council pays £5,000.", "The council pays £500."):
        await world.hand.edit_item(QUESTIONS, item["id"], MODERATOR, {"Answer": said})
        if is_read:
            await world.office.pull()
    await synced(world)
    sent = [m for m in await world.hand.call("GET", "mails") if "your question is answered" in m["subject"]]
    assert [("£500." in m["body"]["content"], "5,000" in m["body"]["content"]) for m in sent] == [(True, False)]
