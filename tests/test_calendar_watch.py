"""What people do to a meeting in Outlook: the clerk is told once, CoS Desk's record stays, and a move mends it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from casework.cancel import cancel_meeting
from casework.desk import CONSOLE, SYSTEM, Work
from casework.errors import InputRefused
from casework.schedule import meeting_row, move_meeting, schedule_meetings, set_room
from communities.calendars import at_london, london
from communities.directory import Directory, Role
from communities.meetings import MeetingSlot
from tests.conftest import START, World

HOUR = timedelta(hours=1)
STARTS = START + timedelta(days=28, hours=6)
HALL = "hall@kent.example"


async def booked(world: World, directory: Directory, starts: datetime = STARTS) -> Any:
    """A meeting in the calendar."""
    slot = MeetingSlot(community=directory.communities[0].name, term=2, starts_at=starts, ends_at=starts + 2 * HOUR)

    def book(work: Work) -> None:
        schedule_meetings(work, [slot])

    await world.desk.run(SYSTEM, book)
    await world.carry_out()
    return await read(world, f"{slot.community} 2026-27 T2")


async def read(world: World, meeting_id: str) -> Any:
    return await world.desk.run(SYSTEM, meeting_row, meeting_id)


async def act(world: World, meeting: Any, **done: Any) -> None:
    await world.hand.call("POST", "events", json={"event": meeting.event_id, **done})


async def next_morning(world: World) -> list[str]:
    """The emails about the calendar that were sent until tomorrow, working day, at seven."""
    day = london(world.clock.now()).date() + timedelta(days=1)
    while not world.desk.days.is_one(day):
        day += timedelta(days=1)
    await world.set_clock(at_london(day, datetime.min.time().replace(hour=7)))
    await world.office.sweep()
    await world.carry_out()
    mails = await world.hand.call("GET", "mails")
    return [m["body"]["content"] for m in mails if m["subject"].startswith("Please check the calendar")]


async def test_a_meeting_as_it_should_be_is_no_news(world: World, directory: Directory) -> None:
    await booked(world, directory)
    assert await next_morning(world) == []


async def test_a_meeting_deleted_in_outlook_is_told_once_and_a_move_makes_it_again(
    world: World, directory: Directory
) -> None:
    meeting = await booked(world, directory)
    await act(world, meeting, deleted=True)
    (said,) = await next_morning(world)
    assert "was deleted or cancelled in Outlook" in said
    assert len(await next_morning(world)) == 1
    clerk = next(iter(directory.people_with(Role.CLERK, meeting.community))).mail
    (mail,) = [m for m in await world.hand.call("GET", "mails") if "calendar" in m["subject"]]
    assert mail["toRecipients"] == [{"emailAddress": {"address": clerk}}]

    def move(work: Work) -> None:
        move_meeting(work, meeting.id, meeting.starts_at, CONSOLE, anyway="as it was")

    await world.desk.run(SYSTEM, move)
    await world.carry_out()
    again = await read(world, meeting.id)
    assert again.event_id != meeting.event_id
    assert again.join_url != meeting.join_url
    assert len([e for e in world.tenant.events.values() if not e.cancelled]) == 1
    assert len(await next_morning(world)) == 1


async def test_a_meeting_moved_in_outlook_is_told_with_both_times_and_a_move_puts_it_right(
    world: World, directory: Directory
) -> None:
    meeting = await booked(world, directory)
    later = meeting.starts_at + timedelta(days=1)
    await act(world, meeting, start=f"{later:%FT%T}", end=f"{later + HOUR:%FT%T}")
    (said,) = await next_morning(world)
    assert "Outlook has the meeting on" in said
    assert (await read(world, meeting.id)).starts_at == meeting.starts_at

    def move(work: Work) -> None:
        move_meeting(work, meeting.id, later, CONSOLE, anyway="as in Outlook")

    await world.desk.run(SYSTEM, move)
    await world.carry_out()
    assert len(await next_morning(world)) == 1
    assert (await read(world, meeting.id)).event_id == meeting.event_id


DAY = timedelta(days=1)
LENGTH = 2 * HOUR


def put_on(starts: datetime, length: timedelta = LENGTH, **more: Any) -> dict[str, Any]:
    """A person's change of both times in Outlook."""
    return {"start": f"{starts:%FT%T}", "end": f"{starts + length:%FT%T}", **more}


@pytest.mark.parametrize(("done", "said", "way"), [
    (put_on(STARTS + HOUR), "on Monday 2 November 2026 at 14:00; CoS Desk has it on Monday 2 November 2026 at 13:00",
     "should be at another time, move it"),
    (put_on(STARTS - 3 * DAY), "on Friday 30 October 2026 at 13:00; CoS Desk", "date and time in CoS Desk are right"),
    (put_on(STARTS + 364 * DAY), "on Monday 1 November 2027", "date and time in CoS Desk are right"),
    (put_on(STARTS + 5 * 365 * DAY), "on Saturday 1 November 2031", "date and time in CoS Desk are right"),
    (put_on(START - 2 * DAY), "has passed: CoS Desk keeps its own", "should be at another time, move it"),
    (put_on(STARTS + DAY, HOUR), "on Tuesday 3 November 2026 at 13:00 until 14:00; CoS", "If there is no meeting"),
    (put_on(STARTS, HOUR / 2), "until 13:30; CoS Desk has it until 15:00", "cannot change how long"),
    (put_on(STARTS, 4 * HOUR), "until 17:00; CoS Desk has it until 15:00", "cannot change how long"),
    (put_on(STARTS, 26 * HOUR), "until Tuesday 3 November 2026 at 15:00; CoS Desk", "cannot change how long"),
    ({"repeats": 5}, "to repeat in Outlook; CoS Desk has one meeting, on Monday 2 November", "remove the recurrence"),
    (put_on(STARTS + DAY, repeats=5), "for the first time on Tuesday 3 November", "remove the recurrence"),
    (put_on(START - 2 * DAY, repeats=50), "for the first time on Saturday 3 October", "remove the recurrence"),
    (put_on(STARTS + 364 * DAY, repeats=2), "for the first time on Monday 1 November 2027", "remove the recurrence"),
    ({"deleted": True}, "was deleted or cancelled in Outlook", "the invitation is sent again"),
])  # fmt: skip
async def test_each_change_in_outlook_is_told_once_and_the_record_stays(
    world: World, directory: Directory, done: dict[str, Any], said: str, way: str
) -> None:
    """With what CoS Desk has, what to do, and nothing moved: not to a day that has passed either."""
    meeting = await booked(world, directory)
    await act(world, meeting, **done)
    (told,) = await next_morning(world)
    assert said in told
    assert way in told
    assert len(await next_morning(world)) == 1
    after = await read(world, meeting.id)
    assert (after.starts_at, after.ends_at) == (meeting.starts_at, meeting.ends_at)

    await act(world, meeting, deleted=False, repeats=0, **put_on(STARTS))
    assert len(await next_morning(world)) == 1, "once it is as it was, that is no news"


async def test_the_way_out_of_the_letter_gives_outlook_its_times_back(world: World, directory: Directory) -> None:
    meeting = await booked(world, directory)
    await act(world, meeting, **put_on(START - 2 * DAY, HOUR))
    await next_morning(world)

    def to_a_past_day(work: Work) -> None:
        move_meeting(work, meeting.id, START - 2 * DAY, CONSOLE, anyway="as in Outlook")

    def to_the_same(work: Work) -> None:
        move_meeting(work, meeting.id, meeting.starts_at, CONSOLE, anyway="as it was")

    with pytest.raises(InputRefused, match="has passed"):
        await world.desk.run(SYSTEM, to_a_past_day)
    await world.desk.run(SYSTEM, to_the_same)
    await world.carry_out()
    (event,) = world.tenant.events.values()
    assert event.body["start"] == {"dateTime": "2026-11-02T13:00:00", "timeZone": "Europe/London"}
    assert event.body["end"] == {"dateTime": "2026-11-02T15:00:00", "timeZone": "Europe/London"}


async def test_a_room_and_a_chair_that_decline_are_told_and_nobody_else(world: World, directory: Directory) -> None:
    meeting = await booked(world, directory)

    def book_room(work: Work) -> None:
        set_room(work, meeting.id, HALL, CONSOLE)

    await world.desk.run(SYSTEM, book_room)
    await world.carry_out()
    chair = next(iter(directory.people_with(Role.CHAIR, meeting.community))).mail
    school = directory.schools_of(meeting.community)[0].name
    senco = directory.people_with(Role.SENCO, school)[0].mail
    await act(world, meeting, answers={HALL: "declined", chair: "declined", senco: "declined"})
    found = await next_morning(world)
    assert sorted("room" in f.partition("Deadlines")[0] for f in found) == [False, True]
    assert not any(senco in f for f in found)
    assert len(await next_morning(world)) == 2


async def test_a_meeting_cancelled_here_is_not_looked_for(world: World, directory: Directory) -> None:
    meeting = await booked(world, directory)

    def cancel(work: Work) -> None:
        cancel_meeting(work, meeting.id, "ill", CONSOLE)

    await world.desk.run(SYSTEM, cancel)
    await world.carry_out()
    assert await next_morning(world) == []


@pytest.mark.parametrize("day", [date(2026, 10, 26), date(2027, 3, 30)])
async def test_a_meeting_after_the_clocks_changed_is_at_its_hour_in_outlook(
    world: World, directory: Directory, day: date
) -> None:
    """Booked in the other time: 1.30pm is 1.30pm, and the calendar agrees."""
    starts = at_london(day, datetime.min.time().replace(hour=13, minute=30))
    slot = MeetingSlot(community=directory.communities[0].name, term=2, starts_at=starts, ends_at=starts + 2 * HOUR)

    def book(work: Work) -> None:
        schedule_meetings(work, [slot])

    await world.desk.run(SYSTEM, book)
    await world.carry_out()
    (event,) = world.tenant.events.values()
    assert event.body["start"] == {"dateTime": f"{day}T13:30:00", "timeZone": "Europe/London"}
    assert await next_morning(world) == []
