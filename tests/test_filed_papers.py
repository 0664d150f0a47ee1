"""Papers on their way into the tenant: the community's own template, minutes, a moved meeting, letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from casework.decide import decide
from casework.directory_record import directory_of
from casework.documents import kept_paper
from casework.meeting_record import write_minutes
from casework.request_moves import reopen_request
from casework.schedule import meeting_row, move_meeting, schedule_meetings
from casework.sweep import sweep
from communities.calendars import at_london, london
from communities.decisions import DecidedBy, Decision, Response
from communities.directory import CommunityName, Role
from communities.meetings import MeetingSlot
from tests.conftest import World, begins
from tests.test_papers import own_template
from tests.test_sync import COMMUNITY, MEETING, REQUEST, to_the_meeting
from tests.word_check import text_of

MEETING_ID = f"{COMMUNITY} 2026-27 T2"


def person(world: World, role: Role) -> str:
    with world.desk.work() as work:
        return directory_of(work).people_with(role, COMMUNITY)[0].mail


async def mails(world: World, start: str) -> list[dict[str, object]]:
    return [m for m in await world.hand.call("GET", "mails") if str(m["subject"]).startswith(start)]


async def test_the_template_in_the_library_wins(world: World) -> None:
    clerk = person(world, Role.CLERK)
    await world.hand.save_file(COMMUNITY, "Templates/agenda.docx", own_template("Our own: {{ community }}"), clerk)
    await to_the_meeting(world)
    with world.desk.work() as work:
        assert text_of(kept_paper(work, MEETING_ID, "agenda").content) == f"Our own: {COMMUNITY}"


async def test_a_broken_template_falls_back_and_the_clerk_is_told_which_tag(world: World) -> None:
    clerk = person(world, Role.CLERK)
    await world.hand.save_file(COMMUNITY, "Templates/agenda.docx", own_template("{{ comunity }}"), clerk)
    await to_the_meeting(world)
    with world.desk.work() as work:
        assert "Communities of Schools Meeting Agenda" in text_of(kept_paper(work, MEETING_ID, "agenda").content)
    (told,) = await mails(world, "The template agenda.docx needs mending")
    assert "The tag &#x27;comunity&#x27; is unknown." in str(told["body"])
    assert clerk in str(told["toRecipients"])


@begins(to_the_meeting)
async def test_minutes_are_filed_and_where_they_are_is_mailed(world: World) -> None:
    await world.set_clock(at_london(MEETING, time(17)))
    sweep(world.desk)
    clerk = person(world, Role.CLERK)
    with world.desk.work() as work:
        write_minutes(work, MEETING_ID, {1: "Everybody was welcomed"}, [], clerk)
    await world.carry_out()
    counts = await world.hand.call("GET", "counts")
    assert counts["files"][f"{COMMUNITY}/Minutes/Minutes 2026-11-05 {COMMUNITY}.docx"] == 1
    assert len(await mails(world, "Minutes: ")) == 1


@begins(to_the_meeting)
async def test_a_moved_meeting_moves_its_event(world: World) -> None:
    later, clerk = at_london(date(2026, 11, 12), time(9, 30)), person(world, Role.CLERK)
    with world.desk.work() as work:
        move_meeting(work, MEETING_ID, later, clerk)
        event_id = meeting_row(work, MEETING_ID).event_id
    await world.carry_out()
    graph = world.office.graph
    answer = await graph.get(graph.url("users", world.desk.mailboxes.desk, "events", event_id))
    assert answer is not None
    assert answer.json()["start"]["dateTime"] == f"{london(later):%Y-%m-%dT%H:%M:%S}"


@begins(to_the_meeting)
async def test_school_and_clerk_are_told_of_a_reopened_decision(world: World) -> None:
    request_id = REQUEST
    chair = person(world, Role.CHAIR)
    decision = Decision(
        responses=(Response.ADVICE,), details="", amount_pence=0, review_on=None, made_by=DecidedBy.CONSENSUS
    )
    starts = at_london(date(2026, 12, 10), time(13, 30))
    with world.desk.work() as work:
        ends = at_london(starts.date(), time(15))
        slot = MeetingSlot(community=CommunityName(COMMUNITY), term=3, starts_at=starts, ends_at=ends)
        schedule_meetings(work, [slot])
        decide(work, request_id, decision, chair)
    await world.carry_out()
    with world.desk.work() as work:
        reopen_request(work, request_id, "New evidence", chair)
    await world.carry_out()
    (told,) = await mails(world, f"{request_id} was reopened")
    assert "New evidence" in str(told["body"])
    assert "10 December 2026" in str(told["body"])
    assert len(await mails(world, f"{request_id}: the decision of")) == 1


APPROVED = Decision(
    responses=(Response.FINANCIAL,), details="A teaching assistant", amount_pence=120_000,
    review_on=date(2027, 2, 1), made_by=DecidedBy.CONSENSUS,
)  # fmt: skip


@begins(to_the_meeting)
async def test_what_waited_while_a_decision_was_taken_back_is_not_sent_beside_the_new_one(world: World) -> None:
    """Letter, form and post of the first decision still waited when the request was decided once more."""
    chair, again = person(world, Role.CHAIR), date(2026, 12, 10)
    slot = MeetingSlot(
        community=CommunityName(COMMUNITY), term=3, starts_at=at_london(again, time(13, 30)),
        ends_at=at_london(again, time(15)),
    )  # fmt: skip
    with world.desk.work() as work:
        schedule_meetings(work, [slot])
    await world.carry_out()
    with world.desk.work() as work:
        decide(work, REQUEST, APPROVED, chair)
        reopen_request(work, REQUEST, "New evidence", chair)
    for day in (date(2026, 11, 27), date(2026, 12, 3), again):
        await world.set_clock(at_london(day, time(9)))
        sweep(world.desk)
    with world.desk.work() as work:
        decide(work, REQUEST, replace(APPROVED, amount_pence=90_000, review_on=date(2027, 3, 1)), chair)
    await world.carry_out()
    assert len(await mails(world, f"{REQUEST}: the decision of")) == 1
    assert len([m for m in await world.hand.call("GET", "mails") if "hnfo." in str(m["toRecipients"])]) == 1
