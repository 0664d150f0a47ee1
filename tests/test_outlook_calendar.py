"""Meetings in Outlook: nobody is invited without a way in, answers stay, and who is free is free."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.desk import CONSOLE, SYSTEM, Work
from casework.errors import NeedsAttention, TryLater
from casework.meeting_chat import meeting_of_chat
from casework.schedule import meeting_row, schedule_meetings
from casework.stuck import retry
from communities.directory import Directory
from communities.meetings import MeetingSlot
from graph_sync.calendar import LINK_AGAIN_S, OutlookCalendar
from graph_sync.calendar_reading import SLOT, busy_times
from local_tenant.state import Event
from tests.conftest import START, World
from tests.test_filing import CLERK, DESK, event

HOUR = timedelta(hours=1)
SENCO = "sam.field@school.example"


async def behave(world: World, **switched: bool) -> None:
    await world.hand.call("POST", "behaviours", json={k.replace("_", "-"): v for k, v in switched.items()})


def only_event(world: World) -> Event:
    (found,) = world.tenant.events.values()
    return found


def invited(found: Event) -> list[str]:
    return [a["emailAddress"]["address"] for a in found.body.get("attendees", [])]


async def until_made(world: World, **changed: Any) -> tuple[Any, int]:
    """The event, and how often it was waited for."""
    for waited in range(9):
        try:
            return await world.office.ports.calendar.create(event(**changed)), waited
        except TryLater as error:
            assert error.retry_after_s == LINK_AGAIN_S
            assert invited(only_event(world)) == [], "nobody is invited without a way in"
    raise AssertionError("it never had a link")


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("is_short", [False, True])
async def test_people_are_invited_once_the_meeting_has_its_link(
    world: World, is_after: bool, is_late: bool, is_short: bool
) -> None:
    await behave(world, join_link_after_the_answer=is_after, join_link_minutes_later=is_late, short_join_link=is_short)
    made, waited = await until_made(world, room="hall@kent.example")
    assert (waited > 0) == (is_after and is_late)
    found = only_event(world)
    assert made.join_url == found.body["onlineMeeting"]["joinUrl"]
    assert made.join_url in found.body["body"]["content"]
    assert invited(found) == [CLERK, "hall@kent.example"]
    assert found.body["location"]["locationEmailAddress"] == "hall@kent.example"


async def test_a_mailbox_without_teams_invites_nobody_and_is_said_with_the_licence(
    world: World, directory: Directory
) -> None:
    await behave(world, mailbox_without_teams=True)
    for _ in range(2):
        with pytest.raises(NeedsAttention, match=r"cos\.desk@.* cannot hold Teams meetings.*Teams Enterprise"):
            await world.office.ports.calendar.create(event())
    assert invited(only_event(world)) == []
    await behave(world, mailbox_without_teams=False)
    made, _ = await until_made(world)
    assert made.join_url
    assert invited(only_event(world)) == [CLERK]


async def test_a_meeting_whose_booking_failed_for_want_of_teams_is_booked_when_it_is_tried_again(
    world: World, directory: Directory
) -> None:
    await behave(world, mailbox_without_teams=True)
    starts = START + timedelta(days=28, hours=2)
    slot = MeetingSlot(community=directory.communities[0].name, term=2, starts_at=starts, ends_at=starts + 2 * HOUR)

    def book(work: Work) -> None:
        schedule_meetings(work, [slot])

    await world.desk.run(SYSTEM, book)
    await world.carry_out()
    meeting = await world.desk.run(SYSTEM, meeting_row, f"{slot.community} 2026-27 T2")
    assert (meeting.event_id, meeting.join_url) == (None, None)
    assert [e for e in await world.hand.call("GET", "events") if e.get("attendees")] == []
    await behave(world, mailbox_without_teams=False)
    with world.desk.work() as work:
        retry(work, f"meeting.book:{meeting.id}", CONSOLE)
    await world.carry_out()
    meeting = await world.desk.run(SYSTEM, meeting_row, meeting.id)
    assert meeting.join_url == only_event(world).body["onlineMeeting"]["joinUrl"]
    assert len(invited(only_event(world))) > 5


async def test_a_slot_of_a_surgery_invites_at_once(world: World) -> None:
    await behave(world, mailbox_without_teams=True)
    await world.office.ports.calendar.create(event(is_online=False))
    assert invited(only_event(world)) == [CLERK]


async def test_a_move_keeps_answers_and_whom_a_person_invited(world: World) -> None:
    made, _ = await until_made(world, attendees=[CLERK, SENCO])
    found = only_event(world)
    found.body["attendees"][0]["status"] = {"response": "accepted", "time": "2026-10-06T09:00:00Z"}
    found.body["attendees"].append({"emailAddress": {"address": "guest@elsewhere.example"}, "type": "optional"})
    version = found.version
    await world.office.ports.calendar.move(made.id, event(attendees=[CLERK, SENCO], subject="ABC, moved"))
    assert invited(found) == [CLERK, SENCO, "guest@elsewhere.example"]
    assert found.version == version + 1
    await world.office.ports.calendar.move(made.id, event(attendees=[CLERK], subject="ABC, moved"))
    assert sorted(invited(found)) == sorted([CLERK, "guest@elsewhere.example"]), "who left the community is not invited"
    assert [a["status"]["response"] for a in found.body["attendees"] if "status" in a] == ["accepted"]


STATUSES = ("free", "tentative", "busy", "oof", "workingElsewhere")


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("has_items", [True, False])
@pytest.mark.parametrize("is_free", [True, False])
async def test_working_elsewhere_is_free_and_all_else_but_free_is_not(
    world: World, status: str, has_items: bool, is_free: bool
) -> None:
    await behave(world, schedule_without_items=not has_items, working_elsewhere_is_free=is_free)
    at = datetime(2026, 10, 6, 9, 0, tzinfo=UTC)
    appointment = {"by": CLERK, "begins": "2026-10-06T09:00:00", "ends": "2026-10-06T10:30:00", "status": status}
    await world.hand.call("POST", "appointments", json=appointment)
    busy = await OutlookCalendar(world.desk, world.office.graph).busy(DESK, [CLERK], at - 3 * HOUR, at + 3 * HOUR)
    assert busy == {CLERK: () if status in ("free", "workingElsewhere") else ((at, at + 1.5 * HOUR),)}


@given(st.text("01234", max_size=30))
def test_a_view_is_read_as_its_busy_half_hours_one_by_one(view: str) -> None:
    found = busy_times({"availabilityView": view, "scheduleItems": []}, START)
    busy = [n for n, kind in enumerate(view) if any(a <= START + n * SLOT < b for a, b in found)]
    assert busy == [n for n, kind in enumerate(view) if kind in "123"]
    assert all(a[1] < b[0] for a, b in pairwise(found)), "what touches is one"


@pytest.mark.parametrize("day", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)])
@pytest.mark.parametrize("has_items", [True, False])
async def test_on_the_day_the_clocks_change_the_busy_hours_are_the_same_moments(
    world: World, day: datetime, has_items: bool
) -> None:
    await behave(world, schedule_without_items=not has_items)
    begins, ends = day + 9 * HOUR, day + 10 * HOUR
    appointment = {"by": CLERK, "begins": f"{begins:%FT%T}", "ends": f"{ends:%FT%T}", "status": "busy"}
    await world.hand.call("POST", "appointments", json=appointment)
    busy = await OutlookCalendar(world.desk, world.office.graph).busy(DESK, [CLERK], day - HOUR, day + 26 * HOUR)
    assert busy == {CLERK: ((begins, ends),)}


@pytest.mark.parametrize("is_short", [False, True])
async def test_a_meetings_chat_is_known_by_its_long_link_or_from_teams(
    world: World, directory: Directory, is_short: bool
) -> None:
    await behave(world, short_join_link=is_short)
    starts = START + timedelta(days=28, hours=2)
    slot = MeetingSlot(community=directory.communities[0].name, term=2, starts_at=starts, ends_at=starts + 2 * HOUR)

    def book(work: Work) -> None:
        schedule_meetings(work, [slot])

    await world.desk.run(SYSTEM, book)
    await world.carry_out()
    chat_id = only_event(world).chat_id
    with world.desk.work() as work:
        assert meeting_of_chat(work, chat_id).community == slot.community
        assert meeting_of_chat(work, "19:another@thread.v2") is None
        assert meeting_of_chat(work, "") is None


async def test_without_the_policy_a_meeting_is_booked_all_the_same(world: World, directory: Directory) -> None:
    await world.hand.call("POST", "permissions", json={"meetings_policy": False})
    assert await world.office.ports.meetings.chat_of(DESK, "https://teams.microsoft.com/meet/1?p=2") == ""


@pytest.mark.parametrize("is_404", [False, True])
async def test_a_link_of_no_meeting_has_no_report_and_no_chat(world: World, is_404: bool) -> None:
    await behave(world, unknown_join_link_404=is_404)
    meetings, link = world.office.ports.meetings, "https://teams.microsoft.com/meet/1?p=2"
    assert await meetings.attendance(DESK, link, START, START + HOUR) is None
    assert await meetings.chat_of(DESK, link) == ""
