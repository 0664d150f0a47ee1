"""Deciding from the channel: the list with what became of each, buttons for those who decide, several small at once."""

from __future__ import annotations

from typing import Any

import pytest

from bot.asking import Answer
from bot.installs import forget_reference
from casework.decide import decide
from casework.stuck import stuck_effects
from casework.sweep import sweep
from communities.directory import Directory, Role
from local_tenant.card_text import card_as_text
from tests.conftest import Bench, World, begins, begun
from tests.test_bot import GOOD, person
from tests.test_chat import senco
from tests.test_clerks_desk import meeting_of
from tests.test_moves import R1, clerk, state
from tests.test_record import MEETING, arrive, chair, set_up
from tests.test_submitting import press, shown
from tests.test_sync import COMMUNITY, DECISION, REQUEST, to_the_meeting

R2, R3 = "R-2026-0002", "R-2026-0003"


@begun
def day(bench: Bench, directory: Directory) -> None:
    """The morning of a meeting with two small requests and a large one; £5,000 in the budget."""
    set_up(bench, directory)
    for number, pence in ((1, 900), (2, 3000), (3, 1000)):
        arrive(bench, id=number, requested_pence=pence, solution=f"Request {number}", outcomes=f"Outcome {number}")
    bench.at(MEETING)
    sweep(bench.desk)


def listed(bench: Bench, directory: Directory, mail: str, verb: str = "list.show", **values: Any) -> Answer:
    return press(bench, mail, verb, personal=False, meeting_id=meeting_of(bench, directory), **values)


def test_who_decides_sees_buttons_and_others_how_each_stands(day: Bench, directory: Directory) -> None:
    for mail in (chair(directory), clerk(directory)):
        card = shown(day, listed(day, directory, mail))
        assert f"(Decide {R2})" in card
        assert f"[Approve {R1} as asked: false]" in card
        assert f"Approve {R2} as asked" not in card, "£3,000 is not small"
        assert "(Approve the ticked, by consensus)" in card
    others = shown(day, listed(day, directory, senco(directory)))
    assert "to be decided" in others
    assert "(Decide" not in others
    assert "(Approve" not in others


def test_the_base_card_asks_teams_to_refresh_it_for_those_who_decide(day: Bench, directory: Directory) -> None:
    card = listed(day, directory, senco(directory)).cards[0]
    assert card["refresh"]["action"]["verb"] == "list.show"
    ask = press(day, chair(directory), "decide.show", request_id=R1).cards[0]
    assert ask["refresh"]["action"]["data"] == {"request_id": R1}


def test_several_small_ones_are_approved_at_once_each_for_itself(day: Bench, directory: Directory) -> None:
    ticks = {f"tick.{R1}": "true", f"tick.{R2}": "true", f"tick.{R3}": "true", "tick.R-1999-1": "true"}
    card = shown(day, listed(day, directory, chair(directory), "list.approve", **ticks))
    assert f"✓ {R1}: approved as asked, £900." in card
    assert f"✓ {R3}: approved as asked, £1,000." in card
    assert f"⚠ {R2}: {R2} is above £1,000" in card
    assert "You can't read R-1999-1" in card
    assert [state(day, r)[0] for r in (R1, R2, R3)] == ["Decided", "On the agenda", "Decided"]
    again = shown(day, listed(day, directory, chair(directory), "list.approve", **ticks))
    assert f"⚠ {R1}: " in again


def test_nothing_ticked_approves_nothing(day: Bench, directory: Directory) -> None:
    card = shown(day, listed(day, directory, chair(directory), "list.approve", **{f"tick.{R1}": "false"}))
    assert "Nothing is ticked" in card
    assert state(day)[0] == "On the agenda"


@pytest.mark.parametrize("who", ["senco", "stranger"])
def test_others_approve_nothing_with_a_tampered_card(day: Bench, directory: Directory, who: str) -> None:
    other = directory.schools_of(directory.communities[1].name)[0]
    mail = senco(directory) if who == "senco" else directory.people_with(Role.SENCO, other.name)[0].mail
    said = listed(day, directory, mail, "list.approve", **{f"tick.{R1}": "true"})
    text = said.as_text() + (card_as_text(said.cards[0]) if said.cards else "")
    assert "can be decided by" in text if who == "senco" else "Only people of" in text
    assert state(day)[0] == "On the agenda"


def test_the_list_of_another_community_is_not_shown(day: Bench, directory: Directory) -> None:
    other = directory.schools_of(directory.communities[1].name)[0]
    mail = directory.people_with(Role.SENCO, other.name)[0].mail
    assert "can read its decisions" in listed(day, directory, mail).as_text()
    assert f"You can't read {R1}" in press(day, mail, "decide.show", request_id=R1).as_text()


def test_a_decision_card_shows_each_what_is_theirs_to_see(day: Bench, directory: Directory) -> None:
    assert "(Record the decision)" in shown(day, press(day, chair(directory), "decide.show", request_id=R2))
    waits = shown(day, press(day, senco(directory), "decide.show", request_id=R2))
    assert "waits for the decision" in waits
    assert "(Record" not in waits
    press(day, chair(directory), "decide", request_id=R2, **{**GOOD, "amount": 3000})
    for mail in (chair(directory), senco(directory)):
        assert f"Decided: {R2}" in shown(day, press(day, mail, "decide.show", request_id=R2))


def test_a_chair_of_yesterday_sees_no_buttons(day: Bench, directory: Directory) -> None:
    from dataclasses import replace

    from casework.directory_record import import_people

    gone = chair(directory)
    people = [replace(p, mail="new.chair@kent.example", name="N") if p.mail == gone and p.role is Role.CHAIR else p
              for p in directory.people]  # fmt: skip
    with day.desk.work() as work:
        import_people(work, people)
    assert "can be decided by" in press(day, gone, "decide", request_id=R1, **GOOD).as_text()
    assert "(Record the decision)" in shown(day, press(day, "new.chair@kent.example", "decide.show", request_id=R1))


@begins(to_the_meeting)
async def test_the_list_and_the_chairs_card_are_brought_up_to_date_and_moderation_replaces_the_decision(
    world: World,
) -> None:
    mail = await person(world, Role.CLERK, COMMUNITY)
    posts = await world.hand.call("GET", f"channels/{COMMUNITY}")
    the_list = posts[-1]
    assert "1 of 1 to be decided" in card_as_text(the_list["activity"]["attachments"][0]["content"])
    await world.hand.click(mail, the_list["id"], "decide", {"request_id": R1, **GOOD})
    await world.carry_out()
    posts = await world.hand.call("GET", f"channels/{COMMUNITY}")
    by_id = {p["id"]: card_as_text(p["activity"]["attachments"][0]["content"]) for p in posts}
    assert "Everything is decided" in by_id[the_list["id"]]
    assert "Financial contribution: £1,200, by consensus" in by_id[the_list["id"]]
    (card,) = await world.hand.chat_of(await person(world, Role.CHAIR, COMMUNITY))
    assert "Decision on R-2026-0001" in card_as_text(card["activity"]["attachments"][0]["content"])
    assert len(posts) == 3


@begins(to_the_meeting)
async def test_a_post_that_waited_for_the_bot_goes_out_when_it_is_in_the_team_again(world: World) -> None:
    request_id = REQUEST
    mail = await person(world, Role.CHAIR, COMMUNITY)
    with world.desk.work() as work:
        forget_reference(work, f"team:{COMMUNITY}")
        decide(work, request_id, DECISION, mail)
    await world.carry_out()
    with world.desk.work() as work:
        (stuck,) = stuck_effects(work)
        assert "Add it to the team again" in stuck.problem
    await world.hand.call("POST", "bot", json={"endpoint": world.bot_url})
    await world.carry_out()
    with world.desk.work() as work:
        assert not stuck_effects(work)
    posts = await world.hand.call("GET", f"channels/{COMMUNITY}")
    assert [request_id in card_as_text(p["activity"]["attachments"][0]["content"]) for p in posts][-1]
