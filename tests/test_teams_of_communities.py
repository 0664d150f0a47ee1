"""Teams in Teams: whose a team is by its id, the channel that was chosen, and what becomes of posts when it is gone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.installs import find_reference
from casework import tables
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of
from casework.errors import AlreadyDone, InputRefused, NeedsAttention, NotAllowed
from casework.ports import ModerationPost
from casework.stuck import stuck_effects
from casework.team_links import TeamState, all_teams, link_team, open_team_of
from communities.directory import Role
from local_tenant.card_text import card_as_text
from tests.card_gallery import DECISION
from tests.conftest import World
from tests.test_bot import person

COMMUNITY = "ABC"
STRANGER = "forms.flow@kent.example"
POST = ModerationPost(decision=DECISION, final_pence=1, pays_on=DECISION.review_on, now=None)  # type: ignore[arg-type]
UNSURE = (
    "chosen-channel-only-on-installation",
    "installation-names-no-team",
    "roster-writes-object-id",
)
"""What Microsoft's pages leave open, or say in two ways: both are tried."""


async def act(world: World, what: str, by: str, team: str = COMMUNITY, **more: Any) -> None:
    """Something becomes of a team, and the bot takes it."""
    answer = await world.hand.call("POST", f"teams/{team}/{what}", json={"by": by, **more})
    assert answer["status"] < 300


async def another_team(world: World, name: str, **more: Any) -> str:
    return str((await world.hand.call("POST", "teams", json={"name": name, "twin": "another", **more}))["id"])


def channel_of(world: World) -> str:
    """The channel's name that the community's posts go to; '' where they wait."""
    with world.desk.work() as work:
        reference = find_reference(work, f"team:{COMMUNITY}")
    names = {c.id: c.name for t in world.tenant.teams.values() for c in t.channels}
    return names[reference["conversation"]["id"]] if reference else ""


def team_of(work: Work) -> Any:
    return open_team_of(work, COMMUNITY)


async def mails(world: World) -> list[str]:
    await world.carry_out()
    return [m["subject"] for m in await world.hand.call("GET", "mails")]


@pytest.fixture(params=[True, False], ids=["as-documented", "the-other-way"])
async def unsure(request: pytest.FixtureRequest, world: World) -> World:
    """The world, with what is not sure once so and once the other way."""
    await world.hand.call("POST", "behaviours", json=dict.fromkeys(UNSURE, request.param))
    return world


async def added_anew(world: World, by: str, channel: str = "General", team: str = COMMUNITY) -> None:
    await act(world, "remove", by, team)
    await act(world, "install", by, team, channel=channel)


@pytest.fixture
async def chosen(unsure: World) -> tuple[World, str]:
    """ABC's clerk chose the channel *Clerk's desk*; what the team was before is forgotten."""
    clerk = await person(unsure, Role.CLERK, COMMUNITY)
    unsure.tenant.teams = {k: t for k, t in unsure.tenant.teams.items() if t.name != COMMUNITY}
    with unsure.desk.work() as work:
        work.conn.execute(tables.teams.delete().where(tables.teams.c.community == COMMUNITY))
    await another_team(unsure, COMMUNITY, channels=["Clerk's desk"], members=[clerk])
    await act(unsure, "install", clerk, channel="Clerk's desk")
    return unsure, clerk


async def test_posts_go_to_the_channel_that_the_clerk_chose(chosen: tuple[World, str]) -> None:
    world, clerk = chosen
    assert channel_of(world) == "Clerk's desk"
    await world.office.ports.channels.post(COMMUNITY, POST)
    assert len(await world.hand.call("GET", "channels/ABC", params={"channel": "Clerk's desk"})) == 1
    await act(world, "join", clerk, member=await person(world, Role.SENCO, "Abbey School, The"))
    await act(world, "rename", clerk, name="Schools of ABC")
    await act(world, "rename-channel", clerk, team="Schools of ABC", channel="General", name="General")
    assert channel_of(world) == "Clerk's desk"
    with world.desk.work() as work:
        assert team_of(work).name == "Schools of ABC"


async def test_a_message_in_another_channel_moves_no_posts(chosen: tuple[World, str]) -> None:
    world, clerk = chosen
    team = next(t for t in world.tenant.teams.values() if t.name == COMMUNITY)
    await world.hand.call("POST", "say", json={"by": clerk, "text": "help", "channel": team.thread_id})
    await world.office.notebook.settle()
    assert channel_of(world) == "Clerk's desk"


@pytest.mark.parametrize(("gone", "back"), [("archive", "unarchive"), ("delete", "restore")])
async def test_a_team_that_is_gone_is_told_and_its_posts_wait(world: World, gone: str, back: str) -> None:
    clerk = await person(world, Role.CLERK, COMMUNITY)
    await act(world, gone, clerk)
    assert channel_of(world) == ""
    assert await mails(world) == ["ABC: CoS Desk cannot post in Teams"]
    with pytest.raises(NeedsAttention, match=f"was {gone.removesuffix('e')}ed in Teams. Restore it") as waits:
        await world.office.ports.channels.post(COMMUNITY, POST)
    assert waits.value.needs == "team:ABC"
    await act(world, back, clerk)
    assert channel_of(world) == "General"
    await world.office.ports.channels.post(COMMUNITY, POST)


async def test_the_channel_that_was_chosen_is_deleted(chosen: tuple[World, str]) -> None:
    world, clerk = chosen
    await act(world, "delete-channel", clerk, channel="Clerk's desk")
    with pytest.raises(NeedsAttention, match="The channel that CoS Desk posts to in the team 'ABC' of ABC was deleted"):
        await world.office.ports.channels.post(COMMUNITY, POST)


async def test_what_waited_goes_out_when_another_team_is_linked(world: World) -> None:
    clerk = await person(world, Role.CLERK, COMMUNITY)
    await act(world, "delete", clerk)
    with world.desk.work() as work:
        work.effect("mail.team", "none")
        work.conn.execute(
            update(tables.effects).values(state="stuck", needs="team:ABC").where(tables.effects.c.subject == "none")
        )
    await act(world, "install", clerk, await another_team(world, "A.B.C."))
    assert channel_of(world) == "General"
    with world.desk.work() as work:
        assert stuck_effects(work) == []
        assert team_of(work).name == "A.B.C."


async def test_a_team_named_like_a_community_takes_nothing_over(unsure: World) -> None:
    world = unsure
    with world.desk.work() as work:
        before = team_of(work)
    rogue = await another_team(world, "abc ")
    await act(world, "install", STRANGER, rogue)
    await act(world, "install", await person(world, Role.CHAIR, COMMUNITY), rogue)
    with world.desk.work() as work:
        assert team_of(work) == before
    assert set(await mails(world)) == {"CoS Desk was added to a second team called 'abc '"}
    said = [card_as_text(p["activity"]["attachments"][0]["content"])
            for p in await world.hand.call("GET", f"channels/{rogue}")]  # fmt: skip
    assert {s.splitlines()[0] for s in said} == {"ABC is linked to another team"}
    await act(world, "remove", STRANGER, rogue)
    with world.desk.work() as work:
        assert team_of(work) == before, "who takes the bot out of the one leaves the other as it is"


async def test_a_chat_in_a_team_named_like_a_community_is_not_that_communitys(world: World) -> None:
    rogue = await another_team(world, "abc")
    await act(world, "install", STRANGER, rogue)
    clerk = await person(world, Role.CLERK, COMMUNITY)
    general = world.tenant.teams[rogue].thread_id
    answer = await world.hand.call(
        "POST", "say", json={"by": clerk, "text": "when is the next meeting", "channel": general}
    )
    assert "Which" in card_as_text(answer["posts"][-1]["attachments"][0]["content"])


@pytest.mark.parametrize(
    ("role", "of", "is_linked"),
    [
        (Role.CHAIR, COMMUNITY, True), (Role.CLERK, COMMUNITY, True), (Role.ADMINISTRATOR, "", True),
        (Role.SENCO, "Abbey School, The", False), (Role.CHAIR, "Ashford Central 1", False), (Role.MODERATOR, "", False),
    ],
)  # fmt: skip
async def test_who_may_say_whose_team_it_is(world: World, role: Role, of: str, is_linked: bool) -> None:
    """A card asks where the bot was added by somebody else; the same people may press it."""
    with world.desk.work() as work:
        work.conn.execute(tables.teams.delete().where(tables.teams.c.community == COMMUNITY))
    who, team = await person(world, role, of), await another_team(world, COMMUNITY)
    await act(world, "install", STRANGER, team)
    assert channel_of(world) == ""
    (asked,) = await world.hand.call("GET", f"channels/{team}")
    button = asked["activity"]["attachments"][0]["content"]["actions"][0]
    answer = await world.hand.click(who, asked["id"], button["verb"], button["data"])
    said = card_as_text(answer["answer"]["value"])
    assert ("is linked" in said) is is_linked, said
    assert (channel_of(world) == "General") is is_linked
    subjects = await mails(world)
    assert subjects == ([] if is_linked else ["Please confirm the Teams team of ABC"])


async def test_who_may_adds_the_bot_and_no_more_is_asked(unsure: World) -> None:
    chair = await person(unsure, Role.CHAIR, COMMUNITY)
    await added_anew(unsure, chair)
    assert channel_of(unsure) == "General"
    assert await unsure.hand.call("GET", "channels/ABC") == []


async def test_a_team_that_was_there_before_the_directory_is_linked_when_its_clerk_writes_there(world: World) -> None:
    with world.desk.work() as work:
        row = team_of(work)
        work.conn.execute(update(tables.teams).where(tables.teams.c.id == row.id).values(community=None))
    for who, is_linked in ((Role.SENCO, False), (Role.CLERK, True)):
        with world.desk.work() as work:
            of = COMMUNITY if who is Role.CLERK else str(directory_of(work).schools_of(COMMUNITY)[0].name)
        mail = await person(world, who, of)
        await world.hand.call("POST", "say", json={"by": mail, "text": "help", "channel": row.id})
        await world.office.notebook.settle()
        assert (channel_of(world) == "General") is is_linked


async def test_an_administrator_links_a_team_of_any_name(world: World) -> None:
    clerk = await person(world, Role.CLERK, COMMUNITY)
    team = await another_team(world, "Headteachers of the coast")
    await act(world, "install", STRANGER, team)
    assert await mails(world) == ["CoS Desk was added to the team 'Headteachers of the coast'"]
    thread = world.tenant.teams[team].thread_id
    with world.desk.work() as work:
        first = team_of(work).id
        with pytest.raises(InputRefused, match="is linked to the team 'ABC'"):
            link_team(work, COMMUNITY, thread, clerk)
        with pytest.raises(NotAllowed, match="Only the chair or the clerk of ABC, or an administrator"):
            link_team(work, COMMUNITY, thread, STRANGER)
        with pytest.raises(InputRefused, match="is in no team with the id 'nowhere'"):
            link_team(work, COMMUNITY, "nowhere", CONSOLE)
        with pytest.raises(InputRefused, match="There is no community 'Atlantis'"):
            link_team(work, "Atlantis", thread, CONSOLE)
        assert link_team(work, COMMUNITY, thread, CONSOLE) == "Headteachers of the coast"
        with pytest.raises(AlreadyDone, match="is linked to ABC already"):
            link_team(work, COMMUNITY, thread, CONSOLE)
        assert [r.community for r in all_teams(work) if r.id == first] == [None]
        assert len([r for r in all_teams(work) if r.community == COMMUNITY and r.state == TeamState.OPEN]) == 1


async def test_what_was_kept_before_teams_had_ids_is_found_by_its_channel(chosen: tuple[World, str]) -> None:
    world, clerk = chosen
    with world.desk.work() as work:
        row = team_of(work)
        work.conn.execute(update(tables.teams).where(tables.teams.c.id == row.id).values(id=channel_id(row)))
    await world.hand.call("POST", "say", json={"by": clerk, "text": "help", "channel": channel_id(row)})
    await world.office.notebook.settle()
    with world.desk.work() as work:
        assert team_of(work).id == row.id
        assert [r.id for r in work.conn.execute(select(tables.teams)) if r.community == COMMUNITY] == [row.id]
        assert directory_of(work)


def channel_id(row: Any) -> str:
    return str(row.reference["conversation"]["id"])
