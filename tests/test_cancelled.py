"""A meeting that is called off, one in a room, and moments that are proposed by people's calendars."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from casework import tables
from casework.agenda_paper import agenda_paper
from casework.cancel import cancel_meeting
from casework.clock_record import running_clocks
from casework.desk import CONSOLE, Work
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.meeting_record import meeting_before
from casework.ports import EventDraft
from casework.schedule import meeting_row, move_meeting, set_room
from communities.directory import Directory
from communities.lifecycle import State
from communities.proposals import propose_moments
from service.proposing import propose
from tests.conftest import Bench, World
from tests.test_attendance import HOUR, a_meeting, community
from tests.test_moves import R1, clerk
from tests.test_record import arrive, chair, set_up

WHY = "The chair is ill."


def booked(bench: Bench, directory: Directory) -> str:
    set_up(bench, directory)
    arrive(bench)
    with bench.desk.work() as work:
        return str(work.conn.execute(select(tables.requests.c.meeting_id)).scalar_one())


@pytest.mark.parametrize("state", [State.RECEIVED, State.ON_AGENDA])
def test_the_requests_of_a_cancelled_meeting_are_heard_at_the_next(
    bench: Bench, directory: Directory, state: State
) -> None:
    meeting_id = booked(bench, directory)
    with bench.desk.work() as work:
        work.conn.execute(update(tables.requests).values(state=state.value))
        assert cancel_meeting(work, meeting_id, WHY, chair(directory)) == 1
        row = work.conn.execute(select(tables.requests)).one()
        after = meeting_row(work, row.meeting_id)
        assert after.starts_at > meeting_row(work, meeting_id).starts_at
        assert row.state == (State.RECEIVED if state is State.RECEIVED else State.DEFERRED)
    assert bench.effects("meeting.cancel") == [meeting_id]
    assert R1 in bench.effects("list.write")


def test_a_cancelled_meeting_has_no_clocks_and_is_no_meeting_before_another(bench: Bench, directory: Directory) -> None:
    meeting_id = booked(bench, directory)
    with bench.desk.work() as work:
        meeting = meeting_row(work, meeting_id)
        day = f"{meeting.starts_at:%-d %B %Y}"
        assert any(day in of for of, _ in running_clocks(work, meeting.community))
        cancel_meeting(work, meeting_id, WHY, CONSOLE)
        assert not any(day in of for of, _ in running_clocks(work, meeting.community))
        assert meeting_before(work, meeting.community, meeting.starts_at + timedelta(days=1)) is None


def test_who_may_cancel_what_and_why(bench: Bench, directory: Directory) -> None:
    meeting_id = booked(bench, directory)
    with bench.desk.work() as work:
        with pytest.raises(NotAllowed):
            cancel_meeting(work, meeting_id, WHY, "sam.field@school.example")
        with pytest.raises(InputRefused, match="Say why"):
            cancel_meeting(work, meeting_id, " ", clerk(directory))
        with pytest.raises(InputRefused, match="501 characters"):
            cancel_meeting(work, meeting_id, "x" * 501, clerk(directory))
        cancel_meeting(work, meeting_id, WHY, clerk(directory))
        with pytest.raises(AlreadyDone, match="cancelled already"):
            cancel_meeting(work, meeting_id, WHY, clerk(directory))
        with pytest.raises(AlreadyDone, match="cancelled already"):
            move_meeting(work, meeting_id, bench.clock.now() + timedelta(days=90), clerk(directory))
        with pytest.raises(AlreadyDone, match="cancelled already"):
            set_room(work, meeting_id, "hall@school.example", clerk(directory))


def test_a_room_stands_on_the_agenda_beside_teams(bench: Bench, directory: Directory) -> None:
    meeting_id = booked(bench, directory)
    with bench.desk.work() as work:
        set_room(work, meeting_id, "hall@school.example", clerk(directory))
        assert agenda_paper(work, meeting_id).venue == "hall@school.example and Microsoft Teams"
        with pytest.raises(InputRefused, match="no room's mail address"):
            set_room(work, meeting_id, "the hall", clerk(directory))
    assert bench.effects("meeting.move") == [meeting_id]


async def test_a_cancelled_meetings_event_is_cancelled_with_the_reason(world: World, directory: Directory) -> None:
    meeting = await coming(world, directory)

    def cancel(work: Work) -> None:
        cancel_meeting(work, meeting.id, WHY, CONSOLE)

    await world.desk.run(CONSOLE, cancel)
    await world.carry_out()
    sent = [
        e["request"]
        for e in (await world.hand.call("GET", "har"))["log"]["entries"]
        if e["request"]["url"].endswith("/cancel")
    ]
    assert len(sent) == 1
    assert WHY in sent[0]["postData"]["text"]


async def coming(world: World, directory: Directory) -> Any:
    """A meeting that is booked and still to come."""
    meeting = await a_meeting(world, directory)

    def again(work: Work) -> None:
        meetings = tables.meetings
        work.conn.execute(update(meetings).where(meetings.c.id == meeting.id).values(state="Scheduled"))

    await world.desk.run(CONSOLE, again)
    return meeting


async def test_proposed_moments_are_those_when_chair_and_clerk_are_free(world: World, directory: Directory) -> None:
    name = community(directory)
    office, person = world.office, directory.clerk_of(name)
    assert person is not None
    day = date(2026, 11, 10)
    taken = EventDraft(
        key="other", organiser=office.desk.mailboxes.desk, subject="Another", body_html="",
        starts_at=datetime.fromisoformat("2026-11-10T09:30:00+00:00"),
        ends_at=datetime.fromisoformat("2026-11-10T14:00:00+00:00"), attendees=[person.mail],
    )  # fmt: skip
    await office.ports.calendar.create(taken)
    found = await propose(office, name, day, day)
    assert [p.starts_at.hour for p in found.moments if person.mail not in p.busy] == [15]
    assert found.moments[0].starts_at.hour == 15
    assert found.unknown, "nothing is known of schools' guests"
    with pytest.raises(InputRefused, match="at most 60 days"):
        await propose(office, name, day, day + timedelta(days=61))


def test_moments_lie_on_working_days_and_the_needed_come_first() -> None:
    days = [date(2026, 12, 24) + timedelta(days=n) for n in range(5)]  # Thursday; Christmas, weekend, substitute day
    begins = datetime.fromisoformat("2026-12-24T09:00:00+00:00")
    busy = {
        "chair@x": [(begins, begins + 2 * HOUR)],
        "one@x": [(begins + 4 * HOUR, begins + 8 * HOUR)],
        "two@x": [(begins + 4 * HOUR, begins + 8 * HOUR)],
    }
    found = propose_moments(days, 2 * HOUR, busy, ["CHAIR@x"])
    assert {p.starts_at.date() for p in found} == {date(2026, 12, 24)}
    assert [p.starts_at.hour for p in found] == [13, 15, 9, 10]
