"""That something was asked for never counts as done: states, clocks, lists and emails say what happened."""

from __future__ import annotations

from datetime import date, time, timedelta
from html import escape

import pytest
from sqlalchemy import select, update

from bot.chat import talk
from casework import tables
from casework.clock_record import clocks_of_meeting
from casework.desk import Work
from casework.directory_record import directory_of
from casework.due import desk_of
from casework.effect_words import WORDS
from casework.not_done import KIND, SENTENCES, not_done
from casework.not_done import _draft as draft_of
from casework.reporting import draft_report, report_id
from casework.schedule import MeetingState, meeting_row, schedule_meetings
from casework.stuck import begin_again, stuck_effects
from casework.sweep import sweep
from communities.calendars import at_london
from communities.directory import Directory, Role
from communities.reports import ReportKind
from forms_ingest.request_for_support import read_response
from service.sample_tenant import AUTUMN, SampleForm
from tests.conftest import Bench, World, begins, begun
from tests.test_chat import HERE
from tests.test_filed_papers import mails, person
from tests.test_moves import clerk
from tests.test_record import home, one_waiting
from tests.test_stuck import administrator, make_stuck
from tests.test_surgeries import adviser, booked, published, sencos
from tests.test_sync import COMMUNITY, deliver, slots

__all__ = ["adviser"]
OTHERS = {
    "agenda.post", "attendance.read", "calendar.anew", "calendar.look", "card.ask", "desk.digest", "desk.nudge",
    "list.copy",
    "list.question", "list.surgery", "list.write", "mail.answer", "mail.as-filed", "mail.beside", "mail.calendar",
    "mail.changed",
    "mail.edited", "mail.evaluate", "mail.form", "mail.form-back",
    "mail.headings", "mail.held", "mail.hidden", "mail.limit", "mail.minutes-gone", "mail.minutes-proposed",
    "mail.minutes-unread", "mail.not-done", "mail.practitioner", "mail.question", "mail.refusal", "mail.register",
    "mail.stuck", "mail.surgeries-month", "mail.surgeries-week", "mail.surgery-moved-up", "mail.surgery-reminder",
    "mail.surgery-sum-up", "mail.team", "mail.template", "mail.to-check", "mail.undelivered", "mail.workbook",
    "mail.year-closed", "meeting.chat", "post.decision", "post.moderation", "post.standing", "post.to-decide",
}  # fmt: skip
"""News to the clerk, and what only shows again what the record says: nothing anywhere counts it as done."""

REPORT = report_id(ReportKind.KIT, date(2026, 11, 30), "{community}")


@begun
def bench_with_all(bench: Bench, directory: Directory) -> None:
    """A meeting with a request, a report and a surgery that a school booked."""
    one_waiting(bench, directory)
    with bench.desk.work() as work:
        draft_report(work, REPORT.format(community=home(directory)))
    whose = directory.people_with(Role.SEN_IA, home(directory))[0].mail
    booked(bench, published(bench, whose), 1, sencos(directory, 1)[0])


def test_every_kind_is_either_told_to_whoever_counts_on_it_or_counted_nowhere() -> None:
    assert not set(SENTENCES) & OTHERS
    assert set(SENTENCES) | OTHERS == set(WORDS)


def subject_of(work: Work, kind: str, community: str) -> str:
    """What an effect of that kind would be about here."""
    meeting = work.conn.execute(
        select(tables.meetings.c.id).order_by(tables.meetings.c.starts_at).limit(1)
    ).scalar_one()
    match kind.partition("."):
        case ("report", _, _) | ("mail", _, "report" | "sign-again"):
            return f"{REPORT.format(community=community)}#clerk#1"
        case ("surgery", _, "slot") | ("mail", _, "surgery-off"):
            return f"{work.conn.execute(select(tables.bookings.c.id)).scalar_one()}#1"
        case ("surgery", _, _) | ("mail", _, "surgery-summary"):
            return str(work.conn.execute(select(tables.surgeries.c.id)).scalar_one())
        case ("agenda" | "pack" | "minutes" | "meeting", _, _) | ("mail", _, "pack" | "minutes"):
            return meeting
        case ("mail", _, "remind"):
            return f"{meeting}@2026-11-05"
        case _:
            return "R-2026-0001#7"


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_whoever_runs_it_is_told_what_why_and_who_fixes_it_and_finds_it_among_their_tasks(
    bench_with_all: Bench, directory: Directory, kind: str
) -> None:
    bench, community = bench_with_all, home(directory)
    with bench.desk.work() as work:
        subject = subject_of(work, kind, community)
        work.conn.execute(tables.effects.delete().where(tables.effects.c.id == f"{kind}:{subject}"))
        make_stuck(work, f"{kind}:{subject}")
        (one,) = not_done(work)
        assert "{" not in one.sentence
        assert one.about.it in one.sentence
    sweep(bench.desk)
    with bench.desk.work() as work:
        (told,) = work.conn.execute(select(tables.effects.c.subject).where(tables.effects.c.kind == KIND)).scalars()
        draft = draft_of(work, told)
        lines = [d.what for d in desk_of(work, [community], work.today + timedelta(days=7))]
    assert draft is not None
    is_surgery = "surgery" in kind
    whose = directory.people_with(Role.SEN_IA, community)[0].mail if is_surgery else clerk(directory)
    assert [m.casefold() for m in draft.to] == [whose.casefold()]
    for said in (escape(one.sentence), "no such &lt;mailbox&gt;", administrator(directory)):
        assert said.casefold() in draft.html.casefold(), said
    assert any(line.startswith(one.sentence) for line in lines) == (not is_surgery and kind != "mail.forward")


def test_the_clerk_is_told_once_and_again_when_it_fails_again(bench_with_all: Bench, directory: Directory) -> None:
    bench, effect_id = bench_with_all, "mail.letter:R-2026-0001#7"

    def told() -> int:
        sweep(bench.desk)
        return len(bench.effects(KIND))

    with bench.desk.work() as work:
        make_stuck(work, effect_id)
    assert [told(), told()] == [1, 1]
    bench.clock.set(bench.clock.now() + timedelta(hours=2))
    with bench.desk.work() as work:
        begin_again(work, [effect_id])
        work.conn.execute(update(tables.effects).where(tables.effects.c.id == effect_id).values(state="stuck"))
    assert [told(), told()] == [2, 2]


def test_papers_that_were_asked_for_are_being_sent_and_count_as_nothing(
    bench_with_all: Bench, directory: Directory
) -> None:
    bench, community = bench_with_all, home(directory)
    with bench.desk.work() as work:
        meeting = meeting_row(work, f"{community} 2026-27 T2")
        papers = clocks_of_meeting(work, meeting)[1]
        lines = [d.what for d in desk_of(work, [community], work.today)]
    assert (meeting.state, papers.done_on) == (MeetingState.SENDING, None)
    assert "Agenda and papers of the meeting on 5 Nov: being sent" in lines


async def before_the_papers(world: World) -> None:
    """A request on the agenda of the coming meeting, whose papers are made next; no room in the library."""
    form = SampleForm(AUTUMN)
    await world.desk.run("test", schedule_meetings, slots())
    await world.set_clock(at_london(date(2026, 10, 5), time(12)))
    await deliver(world, form.due(world.clock.now())[:1], form)
    await world.office.pull()
    await world.set_clock(at_london(date(2026, 10, 23), time(9)))
    await world.office.sweep()
    await world.carry_out()
    await world.hand.call("POST", "behaviours", json={"storage-full": True})
    await world.set_clock(at_london(date(2026, 10, 29), time(9)))
    for _ in range(2):
        await world.office.sweep()
        await world.carry_out()


def stands(work: Work) -> tuple[str, bool]:
    meeting = meeting_row(work, f"{COMMUNITY} 2026-27 T2")
    return meeting.state, clocks_of_meeting(work, meeting)[1].done_on is not None


@begins(before_the_papers)
async def test_without_room_in_the_library_the_papers_are_not_out_and_the_clerk_has_them_by_email(world: World) -> None:
    assert await world.desk.look(stands) == (MeetingState.SENDING, False)
    clerk = person(world, Role.CLERK)
    assert await mails(world, "Agenda: ") == []
    (told,) = await mails(world, "Could not be done")
    assert clerk in str(told["toRecipients"])
    assert "The storage of the SharePoint site is full" in str(told["body"])
    assert sorted(a["name"].partition(" ")[0] for a in told["attachments"]) == ["Agenda", "Papers"]  # type: ignore[attr-defined]
    (pack,) = await mails(world, "Restricted: papers pack")
    assert "copy without names" not in str(pack["body"])
    with world.desk.work() as work:
        for sentence in (f"where is the agenda of {COMMUNITY}?", "what is due this week"):
            said = answered(work, sentence, clerk)
            assert "could not be sent" in said or "was not emailed" in said, said
            assert directory_of(work).people_with(Role.ADMINISTRATOR)[0].mail in said


@begins(before_the_papers)
async def test_once_there_is_room_the_papers_go_out_and_the_day_counts(world: World) -> None:
    await world.hand.call("POST", "behaviours", json={"storage-full": False})
    await world.set_clock(at_london(date(2026, 10, 30), time(9)))
    with world.desk.work() as work:
        begin_again(work, [one.id for one in stuck_effects(work)])
    await world.carry_out()
    assert await world.desk.look(stands) == (MeetingState.CIRCULATED, True)
    with world.desk.work() as work:
        assert meeting_row(work, f"{COMMUNITY} 2026-27 T2").circulated_at == world.clock.now()
    assert len(await mails(world, "Agenda: ")) == 1


@begins(before_the_papers)
async def test_papers_that_wait_for_room_go_out_by_themselves_the_next_morning_there_is_room(world: World) -> None:
    for day, is_full in ((date(2026, 10, 30), True), (date(2026, 10, 31), False)):
        await world.hand.call("POST", "behaviours", json={"storage-full": is_full})
        for hour in (6, 8, 9):
            await world.set_clock(at_london(day, time(hour)))
            await world.office.sweep()
            await world.carry_out()
        is_out = (await world.desk.look(stands))[0] == MeetingState.CIRCULATED
        assert (is_out, len(await mails(world, "Could not be done"))) == (not is_full, 2), day
    assert len(await mails(world, "Agenda: ")) == 1
    assert await world.desk.look(stuck_effects) == []


@begins(before_the_papers)
async def test_an_agenda_that_could_be_filed_only_after_the_meeting_is_not_mailed(world: World) -> None:
    await world.set_clock(at_london(date(2026, 11, 6), time(9)))
    await world.office.sweep()
    await world.hand.call("POST", "behaviours", json={"storage-full": False})
    with world.desk.work() as work:
        begin_again(work, [one.id for one in stuck_effects(work)])
    await world.carry_out()
    assert await mails(world, "Agenda: ") == []
    assert await world.desk.look(stands) == (MeetingState.HELD, False)


def answered(work: Work, sentence: str, mail: str) -> str:
    answer = talk(work, sentence, mail, HERE, read_response).answer
    return f"{answer.title} {' '.join(answer.sentences)} {answer.facts}"


ASKED = ("what is stuck", "is anything stuck", "has anything failed", "what is broken")


@pytest.mark.parametrize("sentence", ASKED)
def test_what_failed_is_the_administrators_matter_and_who_they_are(
    bench_with_all: Bench, directory: Directory, sentence: str
) -> None:
    with bench_with_all.desk.work() as work:
        nothing = answered(work, sentence, clerk(directory))
        make_stuck(work, "mail.letter:R-2026-0001#7", "mail.letter:R-2027-0001#1")
        something = answered(work, sentence, clerk(directory))
        theirs = answered(work, sentence, sencos(directory, 1)[0][0])
        own = answered(work, sentence, administrator(directory))
    assert "Nothing of your communities has failed." in nothing
    assert "1 task of your communities has failed" in something
    assert "The decision letter for R-2026-0001" in something
    assert "R-2026-0001" not in theirs
    for said in (nothing, something, theirs):
        assert administrator(directory) in said.casefold()
    assert "2 tasks have failed" in own


@pytest.mark.parametrize("sentence", ["good morning", "Good morning!", "good afternoon", "Good evening", "morning"])
def test_a_greeting_is_greeted(bench_with_all: Bench, directory: Directory, sentence: str) -> None:
    with bench_with_all.desk.work() as work:
        assert answered(work, sentence, clerk(directory)).startswith("I run the paperwork of your Community of Schools")
        assert answered(work, "thanks", clerk(directory)).startswith("You are welcome")
