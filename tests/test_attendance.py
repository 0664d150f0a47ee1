"""The register out of Teams' attendance reports: matched by mail, guests resolved, people's own marks untouched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from casework.attendance import BEFORE
from casework.desk import SYSTEM, Work
from casework.journal import entry_of
from casework.meeting_record import mark_attendance, register_of
from casework.schedule import meeting_row, schedule_meetings
from casework.tables import effects, journal
from communities.attendance import LEAST_S, Seen, register_from
from communities.directory import Directory, Role
from communities.meetings import Attendee, Mark, MeetingSlot
from graph_sync.attendance import by_person, joined
from graph_sync.people import address_of
from service.sample_tenant import DESK
from tests.conftest import START, World

HOUR = timedelta(hours=1)
HELD_AT = START + timedelta(days=21, hours=2)


def community(directory: Directory) -> str:
    return directory.communities[0].name


def senco(directory: Directory, index: int) -> str:
    school = directory.schools_of(community(directory))[index]
    return directory.people_with(Role.SENCO, school.name)[0].mail


async def a_meeting(world: World, directory: Directory) -> Any:
    """A meeting that is booked, with nothing on it; the clock stands half an hour after its end."""
    slot = MeetingSlot(community=community(directory), term=2, starts_at=HELD_AT, ends_at=HELD_AT + 2 * HOUR)  # type: ignore[arg-type]

    def book(work: Work) -> None:
        schedule_meetings(work, [slot])

    await world.desk.run(SYSTEM, book)
    await world.carry_out()
    for moment in (HELD_AT - timedelta(days=6), HELD_AT - timedelta(days=4), HELD_AT + 2.1 * HOUR):
        await world.set_clock(moment)
        await world.office.sweep()
        await world.carry_out()
    await world.set_clock(HELD_AT + 2.5 * HOUR)
    return await world.desk.run(SYSTEM, meeting_row, f"{community(directory)} 2026-27 T2")


async def swept(world: World, at: datetime) -> None:
    await world.set_clock(at)
    await world.office.sweep()
    await world.carry_out()


async def register(world: World, meeting: Any) -> dict[str, Attendee]:
    lines: Sequence[Attendee] = await world.desk.run(SYSTEM, register_of, meeting.id)
    return {a.of: a for a in lines}


async def mails(world: World) -> list[str]:
    return [m["subject"] for m in await world.hand.call("GET", "mails") if "Register" in m["subject"]]


async def test_the_register_is_read_out_of_teams_and_guests_are_matched_to_their_schools(
    world: World, directory: Directory
) -> None:
    meeting = await a_meeting(world, directory)
    people = [
        {"mail": senco(directory, 0), "seconds": 3_000},
        {"mail": senco(directory, 1), "seconds": LEAST_S - 1},
        {"name": "Somebody by telephone", "seconds": 3_600},
    ]
    await world.hand.hold_meeting(meeting.event_id, HELD_AT, HELD_AT + HOUR, people)
    await swept(world, HELD_AT + 2.5 * HOUR)
    lines, schools = await register(world, meeting), directory.schools_of(meeting.community)
    assert lines[schools[0].name].mark is Mark.PRESENT
    assert lines[schools[1].name].mark is Mark.ABSENT, "whoever leaves within five minutes was not there"
    assert lines["Chair"].mark is Mark.ABSENT
    letter = next(m for m in await world.hand.call("GET", "mails") if "Register" in m["subject"])
    assert "Somebody by telephone" in letter["body"]["content"]
    assert "under five minutes" in letter["body"]["content"]


async def test_two_sessions_of_a_meeting_add_up_and_another_days_do_not_count(
    world: World, directory: Directory
) -> None:
    meeting = await a_meeting(world, directory)
    short = [{"mail": senco(directory, 0), "seconds": LEAST_S // 2 + 1}]
    for begins in (HELD_AT, HELD_AT + HOUR):
        await world.hand.hold_meeting(meeting.event_id, begins, begins + HOUR, short)
    rehearsal = HELD_AT - BEFORE - 2 * HOUR
    await world.hand.hold_meeting(
        meeting.event_id, rehearsal, rehearsal + HOUR, [{"mail": senco(directory, 1), "seconds": 3_000}]
    )
    await swept(world, HELD_AT + 2.5 * HOUR)
    lines, schools = await register(world, meeting), directory.schools_of(meeting.community)
    assert [lines[s.name].mark for s in schools[:2]] == [Mark.PRESENT, Mark.ABSENT]


async def test_what_the_clerk_marked_is_never_changed_by_teams_and_a_late_report_is_still_read(
    world: World, directory: Directory
) -> None:
    meeting, school = await a_meeting(world, directory), directory.schools_of(community(directory))[0].name
    clerk = next(iter(directory.people_with(Role.CLERK, community(directory)))).mail
    by_hand = [Attendee(of=school, person="Robin Gale", mark=Mark.APOLOGIES)]

    def mark(work: Work) -> None:
        mark_attendance(work, meeting.id, by_hand, clerk)

    await swept(world, HELD_AT + 2.5 * HOUR)
    assert await mails(world) == []
    await world.desk.run(clerk, mark)
    both = [{"mail": senco(directory, n), "seconds": 3_000} for n in (0, 1)]
    await world.hand.hold_meeting(meeting.event_id, HELD_AT, HELD_AT + 3 * HOUR, both)
    await swept(world, HELD_AT + 4.5 * HOUR)
    lines, schools = await register(world, meeting), directory.schools_of(meeting.community)
    assert lines[school] == by_hand[0]
    assert lines[schools[1].name].mark is Mark.PRESENT
    await swept(world, HELD_AT + 30 * HOUR)
    assert len(await mails(world)) == 1, "a report that says nothing new is not told again"


async def test_without_a_report_the_clerk_is_asked_to_take_the_register_once(
    world: World, directory: Directory
) -> None:
    await a_meeting(world, directory)
    for hours in (2.5, 5, 27, 28, 50):
        await swept(world, HELD_AT + hours * HOUR)
    letters = [m for m in await world.hand.call("GET", "mails") if "Register" in m["subject"]]
    assert len(letters) == 1
    assert "take the register by hand" in letters[0]["body"]["content"]


async def test_a_missing_permission_is_said_once_with_its_remedy(world: World, directory: Directory) -> None:
    await a_meeting(world, directory)
    granted = ["Sites.ReadWrite.All", "User.ReadBasic.All", "OnlineMeetings.Read.All", "Mail.Send"]
    await world.hand.call("POST", "permissions", json={"granted": granted})
    for hours in (2.5, 5, 27):
        await swept(world, HELD_AT + hours * HOUR)
    await world.hand.call("POST", "permissions", json={"granted": None})

    def stuck(work: Work) -> list[Any]:
        return list(work.conn.execute(effects.select().where(effects.c.kind == "attendance.read")))

    rows = await world.desk.run(SYSTEM, stuck)
    assert len(rows) == 1
    assert "OnlineMeetingArtifact.Read.All" in rows[0].problem


async def test_the_journal_tells_how_many_were_seen_and_names_nobody(world: World, directory: Directory) -> None:
    meeting = await a_meeting(world, directory)
    one = [{"mail": senco(directory, 0), "seconds": 3_000}]
    await world.hand.hold_meeting(meeting.event_id, HELD_AT, HELD_AT + HOUR, one)
    await swept(world, HELD_AT + 2.5 * HOUR)

    def entries(work: Work) -> list[str]:
        rows = work.conn.execute(journal.select().where(journal.c.command == "read attendance"))
        return [entry_of(r).sentence for r in rows]

    assert await world.desk.run(SYSTEM, entries) == ["Read from Teams: 1 of the register present; people not on it: 0."]


@pytest.mark.parametrize(
    ("upn", "address"),
    [
        ("sam_abbey.kent.sch.uk#EXT#@kent.onmicrosoft.com", "sam@abbey.kent.sch.uk"),
        ("sam_field_abbey.kent.sch.uk#ext#@kent.onmicrosoft.com", "sam_field@abbey.kent.sch.uk"),
        ("sam@abbey.kent.sch.uk", "sam@abbey.kent.sch.uk"),
    ],
)
def test_a_guests_address_is_read_out_of_the_upn(upn: str, address: str) -> None:
    assert address_of(upn) == address


def test_a_school_is_also_known_by_a_mail_domain_that_is_its_own(directory: Directory) -> None:
    name = directory.communities[0].name
    school = directory.schools_of(name)[0]
    domain = directory.people_with(Role.SENCO, school.name)[0].mail.rpartition("@")[2]
    deputy = Seen(name="Deputy", mails=(f"deputy@{domain}",), seconds=3_000)
    county = Seen(name="County", mails=("somebody@kent.example",), seconds=3_000)
    lines, others = register_from([deputy, county], directory, name)
    assert [(a.of, a.person) for a in lines if a.mark is Mark.PRESENT] == [(school.name, "Deputy")]
    assert others == (county,)


def test_of_several_from_one_school_its_senco_stands_for_it(directory: Directory) -> None:
    name = directory.communities[0].name
    school = directory.schools_of(name)[0]
    mail = directory.people_with(Role.SENCO, school.name)[0].mail
    seen = [
        Seen(name="Longest", mails=("longest@" + mail.rpartition("@")[2],), seconds=9_000),
        Seen(name="The SENCO", mails=(mail.upper(),), seconds=3_000),
    ]
    lines, _ = register_from(seen, directory, name)
    assert next(a for a in lines if a.of == school.name).person == "The SENCO"


def record(name: str, seconds: int, *, user: str = "", mail: str = "") -> dict[str, Any]:
    return {
        "id": f"{name}{seconds}", "emailAddress": mail or None, "totalAttendanceInSeconds": seconds,
        "identity": {"id": user or None, "displayName": name},
    }  # fmt: skip


def test_people_of_one_name_without_an_account_stay_two_and_come_back_as_themselves() -> None:
    """By telephone Teams shows a shortened number, the same for several; a guest may write any name."""
    first = [
        record("+44 1622 ***", 600),
        record("+44 1622 ***", 1200),
        record("Pat", 60, user="u1", mail="p@x.example"),
    ]
    second = [record("+44 1622 ***", 900), record("Patricia", 300, user="u1")]
    found = by_person([first, second])
    assert sorted(sum(r["totalAttendanceInSeconds"] for r in theirs) for theirs in found.values()) == [360, 1200, 1500]


SAM = "11111111-1111-1111-1111-111111111111"
WAYS = (
    record("Sam", 200, user=SAM, mail="sam@school.example"),
    record("Sam", 200, user=SAM),
    record("Sam", 200, mail="Sam@school.example"),
    record("Sam", 200, mail="sam@SCHOOL.example"),
    record("Sam", 200, mail="sam_school.example#EXT#@kent.onmicrosoft.example"),
)


@pytest.mark.parametrize("order", list(permutations(WAYS, 3)))
def test_one_address_is_one_person_however_and_in_whatever_order_it_is_written(order: Sequence[dict[str, Any]]) -> None:
    """Three visits of 200 seconds are ten minutes of one person, not three who were there too short a time."""
    known = {SAM: {"id": SAM, "displayName": "Sam", "mail": "sam@school.example"}}
    found = joined(by_person([[r] for r in order]), known)
    assert [sum(r["totalAttendanceInSeconds"] for r in theirs) for theirs in found.values()] == [600]


def test_without_an_account_known_here_an_address_beside_the_id_joins_too() -> None:
    sessions = [
        [record("Sam", 200, mail="SAM@school.example")],
        [record("Sam", 200, user=SAM, mail="sam@school.example")],
    ]
    assert list(joined(by_person(sessions), {})) == [SAM]
    assert (
        len(joined(by_person([[record("Sam", 9, mail="a@x.example")], [record("Sam", 9, mail="b@x.example")]]), {}))
        == 2
    )


@pytest.mark.parametrize("hours", [2.5, 5.0, 26.5])
async def test_a_report_that_comes_hours_later_is_read(world: World, directory: Directory, hours: float) -> None:
    meeting, school = await a_meeting(world, directory), directory.schools_of(community(directory))[0].name
    for before in (h for h in (2.5, 5.0, 26.5) if h < hours):
        await swept(world, HELD_AT + before * HOUR)
    people = [{"mail": senco(directory, 0), "seconds": 3_000}, {"name": "+44 1622 ***", "seconds": 900}] * 1
    await world.hand.hold_meeting(meeting.event_id, HELD_AT, HELD_AT + HOUR, [*people, people[1]])
    await swept(world, HELD_AT + hours * HOUR)
    assert (await register(world, meeting))[school].mark is Mark.PRESENT
    (letter,) = [m for m in await world.hand.call("GET", "mails") if "Register" in m["subject"]]
    assert letter["body"]["content"].count("+44 1622 ***") == 2


@pytest.mark.parametrize("is_paged", [True, False])
async def test_a_report_of_many_people_is_read_to_its_end(world: World, directory: Directory, is_paged: bool) -> None:
    await world.hand.call("POST", "behaviours", json={"attendance-records-paged": is_paged})
    meeting = await a_meeting(world, directory)
    people = [{"name": f"Guest {n}", "seconds": 600} for n in range(120)]
    await world.hand.hold_meeting(meeting.event_id, HELD_AT, HELD_AT + HOUR, people)
    seen = await world.office.ports.meetings.attendance(DESK, meeting.join_url, HELD_AT, HELD_AT + HOUR)
    assert seen is not None
    assert len(seen) == 120
