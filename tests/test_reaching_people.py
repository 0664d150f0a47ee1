"""Whom the bot reaches: by the roster's ids first, by object id where the app is, else a sentence that says what to do;
and whose buttons are drawn in a large team.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.cards.to_decide import LIST
from bot.installs import users_of
from casework import tables
from casework.directory_record import directory_of
from casework.errors import NeedsAttention
from casework.ports import DeskPost
from casework.stuck import stuck_effects
from casework.to_decide import to_decide_post
from communities.directory import Role
from local_tenant.connector import REFRESHED
from local_tenant.state import User
from tests.card_gallery import TODAY
from tests.conftest import World, begins
from tests.test_bot import person
from tests.test_sync import COMMUNITY, to_the_meeting

POST = DeskPost(title="Your tasks this week", lines=[], today=TODAY)
BY_OBJECT_ID = "chat-by-object-id-needs-app"


def team_of(world: World, community: str = COMMUNITY) -> Any:
    return next(t for t in world.tenant.teams.values() if t.name == community)


def known_ids(world: World) -> set[str]:
    with world.desk.work() as work:
        return set(work.conn.execute(select(tables.members.c.user_id)).scalars())


async def tell(world: World, mail: str) -> None:
    await world.office.ports.channels.tell(mail, POST)


@pytest.mark.parametrize("roster", ["objectId", "aadObjectId"])
async def test_who_is_in_a_team_with_the_bot_is_reached_without_having_the_app(world: World, roster: str) -> None:
    await world.hand.call("POST", "behaviours", json={"roster-writes-object-id": roster == "objectId"})
    clerk = await person(world, Role.CLERK, COMMUNITY)
    await tell(world, clerk)
    assert len(await world.hand.chat_of(clerk)) == 1
    user = world.tenant.user(clerk)
    assert user is not None
    assert user.member_id in known_ids(world)


async def test_a_roster_of_several_pages_is_read_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapter.ROSTER_PAGE", 3)
    team = team_of(world)
    assert len(team.members) > 6
    last = world.tenant.users[team.members[-1]]
    await tell(world, last.mail)
    assert len(await world.hand.chat_of(last.mail)) == 1


@pytest.mark.parametrize("is_on", [True, False])
async def test_who_has_the_app_is_reached_by_object_id(world: World, is_on: bool) -> None:
    await world.hand.call("POST", "behaviours", json={BY_OBJECT_ID: is_on})
    moderator = await person(world, Role.MODERATOR, "")
    await world.hand.call("POST", f"app/{moderator}")
    before = len(await world.hand.chat_of(moderator))
    with world.desk.work() as work:
        work.conn.execute(tables.conversations.delete())
    await tell(world, moderator)
    assert len(await world.hand.chat_of(moderator)) == before + 1


async def test_who_cannot_be_reached_is_said_and_reached_once_they_join_a_team(world: World) -> None:
    moderator = await person(world, Role.MODERATOR, "")
    with pytest.raises(NeedsAttention) as refused:
        await tell(world, moderator)
    assert str(refused.value) == (
        f"{moderator} cannot be reached in Teams: they are in no team that CoS Desk was added to, and do not have the "
        "app. Add them to their community's team, or install CoS Desk for them in the Teams admin centre."
    )
    with world.desk.work() as work:
        work.effect("mail.team", "waits")
        effects = tables.effects
        work.conn.execute(effects.update().values(state="stuck", needs=refused.value.needs))
        assert len(stuck_effects(work)) == 1
    clerk = await person(world, Role.CLERK, COMMUNITY)
    await world.hand.call("POST", f"teams/{COMMUNITY}/join", json={"by": clerk, "member": moderator})
    with world.desk.work() as work:
        assert stuck_effects(work) == []
    await tell(world, moderator)
    assert len(await world.hand.chat_of(moderator)) == 1


async def test_ids_of_people_the_directory_does_not_name_are_not_kept(world: World) -> None:
    guest = User("0-0-1", "A Governor", "governor@school.example", "governor@school.example", is_guest=True)
    world.tenant.add_user(guest)
    team_of(world).members.append(guest.id)
    await tell(world, await person(world, Role.CLERK, COMMUNITY))
    assert guest.member_id not in known_ids(world)


@begins(to_the_meeting)
async def test_in_a_large_team_those_who_decide_see_their_buttons_without_a_chat(world: World) -> None:
    team = team_of(world)
    for n in range(REFRESHED + 1):
        user = User(f"0-0-{n}", f"Governor {n}", f"g{n}@school.example", f"g{n}@school.example", is_guest=True)
        world.tenant.add_user(user)
        team.members.append(user.id)
    with world.desk.work() as work:
        (meeting,) = {r.meeting_id for r in work.conn.execute(select(tables.requests)) if r.community == COMMUNITY}
        post = to_decide_post(work, meeting)
    await world.office.ports.channels.post(COMMUNITY, post)
    posted = (await world.hand.call("GET", f"channels/{COMMUNITY}"))[-1]
    assert posted["activity"]["attachments"][0]["content"]["refresh"]["action"]["verb"] == LIST
    for role, of, has_buttons in (
        (Role.CHAIR, COMMUNITY, True), (Role.CLERK, COMMUNITY, True), (Role.SENCO, "", False),
    ):  # fmt: skip
        with world.desk.work() as work:
            school = str(directory_of(work).schools_of(COMMUNITY)[0].name)
        who = await person(world, role, of or school)
        seen = await world.hand.call("POST", "look", json={"by": who, "activity": posted["id"]})
        assert ("Decide R-2026-0001" in str(seen["card"])) is has_buttons, role


async def test_a_card_names_at_most_sixty_and_those_who_decide_first(world: World) -> None:
    with world.desk.work() as work:
        chair = directory_of(work).people_with(Role.CHAIR, COMMUNITY)[0].mail
        mails = [chair, *(p.mail for p in directory_of(work).people if p.role is Role.SENCO)]
        named = users_of(work, mails)
    user = world.tenant.user(chair)
    assert user is not None
    assert len(mails) > REFRESHED == len(named)
    assert named[0] == f"8:orgid:{user.id}"
