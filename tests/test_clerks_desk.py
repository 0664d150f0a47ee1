"""The clerk's desk: what is due over all communities, the button on each line, the digest and the nudge."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.minuting import APOLOGIES
from bot.tab.views import desk_page
from casework import tables
from casework.attendance import TEAMS
from casework.directory_record import directory_of
from casework.due import due_of
from casework.effects import EffectState
from casework.meeting_record import is_marked, register_of
from casework.schedule import schedule_meetings
from casework.sweep import sweep
from communities.calendars import at_london
from communities.directory import Directory, Role
from communities.dues import Task
from communities.meetings import Mark
from local_tenant.card_text import card_as_text
from tests.conftest import Bench, World, begun
from tests.test_chat import asked, senco
from tests.test_moves import R1, clerk
from tests.test_record import MEETING, arrive, chair, home, on_agenda, set_up, slot
from tests.test_submitting import press, shown
from tests.test_sync import COMMUNITY, slots


@begun
def desk(bench: Bench, directory: Directory) -> None:
    """Two meetings and a budget."""
    set_up(bench, directory)


def tasks(bench: Bench, directory: Directory) -> list[tuple[date, Task]]:
    with bench.desk.work() as work:
        found = due_of(work, [home(directory)], work.today + timedelta(days=7))
        return [(d.due_on, d.task) for d in found if d.task]


def meeting_of(bench: Bench, directory: Directory) -> str:
    with bench.desk.work() as work:
        meetings = tables.meetings
        found = select(meetings.c.id).where(meetings.c.community == home(directory)).order_by(meetings.c.starts_at)
        return str(work.conn.execute(found.limit(1)).scalar_one())


def test_each_clock_stands_on_the_desk_with_its_task_until_it_is_met(desk: Bench, directory: Directory) -> None:
    desk.at(date(2026, 10, 21))
    arrive(desk)
    assert tasks(desk, directory) == [(date(2026, 10, 22), Task.REMIND)]
    desk.at(date(2026, 10, 23))
    sweep(desk.desk)
    assert (date(2026, 10, 29), Task.CIRCULATE) in tasks(desk, directory)
    desk.at(MEETING)
    sweep(desk.desk)
    assert tasks(desk, directory) == []
    desk.at(MEETING, 18)
    sweep(desk.desk)
    found = tasks(desk, directory)
    assert found[0] == (MEETING, Task.DECIDE)
    assert (MEETING + timedelta(days=1), Task.ATTENDANCE) in found
    desk.at(date(2026, 11, 16))
    assert (date(2026, 11, 19), Task.MINUTES) in tasks(desk, directory)


def test_the_desk_is_a_card_with_a_button_on_each_line(desk: Bench, directory: Directory) -> None:
    desk.at(date(2026, 10, 21))
    card = card_as_text(asked(desk, "what is due this week", clerk(directory)).cards[0])
    assert "Tomorrow" in card
    assert "(Remind the schools)" in card
    assert "Clerks and chairs see" in asked(desk, "what is due this week", senco(directory)).as_text()


def test_schools_are_reminded_once_a_day_with_hidden_addresses(desk: Bench, directory: Directory) -> None:
    desk.at(date(2026, 10, 21))
    meeting = meeting_of(desk, directory)
    said = press(desk, clerk(directory), "desk", task="REMIND", subject=meeting)
    assert "An email to" in shown(desk, said)
    assert "already" in press(desk, clerk(directory), "desk", task="REMIND", subject=meeting).as_text()
    assert desk.effects("mail.remind") == [f"{meeting}@2026-10-21"]


def test_the_agenda_is_made_before_its_morning_but_not_before_submissions_close(
    desk: Bench, directory: Directory
) -> None:
    meeting = meeting_of(desk, directory)
    early = press(desk, clerk(directory), "desk", task="CIRCULATE", subject=meeting)
    assert "still open" in early.as_text()
    desk.at(date(2026, 10, 23))
    sweep(desk.desk)
    assert "being made" in shown(desk, press(desk, clerk(directory), "desk", task="CIRCULATE", subject=meeting))
    assert "already" in press(desk, clerk(directory), "desk", task="CIRCULATE", subject=meeting).as_text()
    assert desk.effects("agenda.upload") == [meeting]


@pytest.mark.parametrize("task", ["REMIND", "CIRCULATE", "ATTENDANCE", "MINUTES"])
def test_only_chair_and_clerk_work_from_the_desk(desk: Bench, directory: Directory, task: str) -> None:
    said = press(desk, senco(directory), "desk", task=task, subject=meeting_of(desk, directory))
    assert "Only the chair" in said.as_text()


@pytest.mark.parametrize(
    ("task", "subject", "said"),
    [("NONSENSE", "x", "nothing that can be done"), ("NONE", "x", "nothing that can be done"),
     ("REMIND", "no meeting", "There is no meeting"), ("FORWARD", "R-1", "You can't read R-1"),
     ("MINUTES", "", "There is no meeting")],
)  # fmt: skip
def test_a_tampered_desk_changes_nothing(desk: Bench, directory: Directory, task: str, subject: str, said: str) -> None:
    assert said in press(desk, clerk(directory), "desk", task=task, subject=subject).as_text()


def test_a_form_that_could_not_be_forwarded_is_sent_again(desk: Bench, directory: Directory) -> None:
    on_agenda(desk, directory)
    good = {"request_id": R1, "responses": "Financial contribution", "amount": 900, "made_by": "Consensus",
            "review_on": "2027-02-01"}  # fmt: skip
    press(desk, chair(directory), "decide", **good)
    assert "on its way" in press(desk, clerk(directory), "desk", task="FORWARD", subject=R1).as_text()
    with desk.desk.work() as work:
        effects = tables.effects
        stuck = update(effects).where(effects.c.kind == "mail.forward").values(state=EffectState.STUCK.value)
        work.conn.execute(stuck)
    assert "once more" in shown(desk, press(desk, clerk(directory), "desk", task="FORWARD", subject=R1))
    assert len(desk.effects("mail.forward")) == 2


def test_the_register_is_taken_on_a_card(desk: Bench, directory: Directory) -> None:
    desk.at(MEETING, 18)
    sweep(desk.desk)
    meeting = meeting_of(desk, directory)
    card = shown(desk, press(desk, clerk(directory), "desk", task="ATTENDANCE", subject=meeting))
    assert "Register" in card
    said = press(desk, clerk(directory), "register", meeting_id=meeting, **{"of.0": "Present", "of.3": "Apologies"})
    assert ("Present", "1") in said.facts
    assert "no mark" in press(desk, clerk(directory), "register", meeting_id=meeting, **{"of.0": "Late"}).as_text()
    with desk.desk.work() as work:
        assert register_of(work, meeting)[3].mark is Mark.APOLOGIES


def test_minutes_are_entered_on_a_card_and_filed(desk: Bench, directory: Directory) -> None:
    desk.at(MEETING, 18)
    sweep(desk.desk)
    meeting = meeting_of(desk, directory)
    values: dict[str, Any] = {"item.1": "Everybody was welcomed", "matters": "The dashboard\n\n"}
    said = press(desk, clerk(directory), "minutes", meeting_id=meeting, **values)
    assert "are written" in said.title
    assert desk.effects("minutes.upload") == [meeting]
    again = shown(desk, press(desk, clerk(directory), "desk", task="MINUTES", subject=meeting))
    assert "Everybody was welcomed" in again
    assert "The dashboard" in again


def test_apologies_are_sent_after_a_yes_and_by_nobody_else(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    assert asked(desk, "I can't come to the meeting", mail).title.startswith("Send apologies of")
    said = asked(desk, "yes please", mail)
    assert "sends apologies" in said.title
    meeting = meeting_of(desk, directory)
    with desk.desk.work() as work:
        assert not is_marked(work, meeting)
        school = str(directory.schools_of(home(directory))[0].name)
        assert next(a for a in register_of(work, meeting) if a.of == school).mark is Mark.APOLOGIES
    other = directory.schools_of(home(directory))[1].name
    refused = press(desk, mail, APOLOGIES, meeting_id=meeting, school=str(other))
    assert "by its own people or by the clerk" in refused.as_text()


def test_a_no_sends_nothing(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    asked(desk, "sorry I can't make the meeting", mail)
    asked(desk, "no", mail)
    with desk.desk.work() as work:
        assert work.conn.execute(select(tables.attendance)).first() is None


def test_who_came_is_told_to_the_communitys_own(desk: Bench, directory: Directory) -> None:
    desk.at(MEETING, 18)
    sweep(desk.desk)
    meeting = meeting_of(desk, directory)
    assert "not taken yet" in asked(desk, "which schools were absent", senco(directory)).as_text()
    press(desk, clerk(directory), "register", meeting_id=meeting, **{"of.3": "Present"})
    assert "Present (1)" in asked(desk, "which schools were absent", senco(directory)).as_text()


def told(desk: Bench, kind: str) -> int:
    """How many clerks were looked after, those included who have nothing due."""
    with desk.desk.work() as work:
        effects = tables.effects
        return len(work.conn.execute(select(effects.c.id).where(effects.c.kind == kind)).all())


def test_each_clerk_has_one_digest_a_week_and_one_nudge_a_day(desk: Bench, directory: Directory) -> None:
    clerks = {p.mail.casefold() for p in directory.on(date(2026, 10, 19)).people if p.role is Role.CLERK}
    desk.at(date(2026, 10, 19), 7)
    sweep(desk.desk)
    assert not desk.effects("desk.digest")
    for hour in (8, 9, 12):
        desk.at(date(2026, 10, 19), hour)
        sweep(desk.desk)
    assert told(desk, "desk.digest") == told(desk, "desk.nudge") == len(clerks)
    assert len(desk.effects("desk.digest")) == 1, "the others have nothing due"
    assert not desk.effects("desk.nudge")
    desk.at(date(2026, 10, 21), 12)
    sweep(desk.desk)
    assert len(desk.effects("desk.nudge")) == 1, "submissions close the day after"
    desk.at(date(2026, 10, 24), 12)
    sweep(desk.desk)
    assert told(desk, "desk.nudge") == 2 * len(clerks), "a Saturday is nobody's"
    assert not [s for s in desk.effects("desk.digest") if "@" in s.partition("@")[0]]


def test_after_a_bank_holiday_the_digest_comes_on_the_tuesday(desk: Bench, directory: Directory) -> None:
    desk.at(date(2027, 5, 3), 12)
    sweep(desk.desk)
    assert not told(desk, "desk.digest")
    desk.at(date(2027, 5, 4), 12)
    sweep(desk.desk)
    assert told(desk, "desk.digest")


def test_teams_never_unmarks_apologies_but_sees_who_came_after_all(desk: Bench, directory: Directory) -> None:
    from casework.attendance import keep_attendance
    from communities.attendance import Seen

    meeting, school = meeting_of(desk, directory), str(directory.schools_of(home(directory))[0].name)
    mail = senco(directory)
    press(desk, mail, APOLOGIES, meeting_id=meeting, school=school)
    with desk.desk.work(TEAMS) as work:
        keep_attendance(work, meeting, [], "1")
        assert next(a for a in register_of(work, meeting) if a.of == school).mark is Mark.APOLOGIES
        keep_attendance(work, meeting, [Seen(name="Sam", mails=(mail,), seconds=3_600)], "2")
        assert next(a for a in register_of(work, meeting) if a.of == school).mark is Mark.PRESENT


async def test_the_digest_and_the_nudge_come_into_the_clerks_own_chat(world: World) -> None:
    await world.desk.run("test", schedule_meetings, slots())
    for day in (date(2026, 10, 19), date(2026, 10, 21)):
        await world.set_clock(at_london(day, time(9)))
        await world.office.sweep()
        await world.carry_out()
    with world.desk.work() as work:
        mail = directory_of(work).people_with(Role.CLERK, COMMUNITY)[0].mail
    chat = [p["activity"] for p in await world.hand.chat_of(mail)]
    posts = [card_as_text(p["attachments"][0]["content"]) for p in chat]
    assert [p for p in posts if "Your week, 19 October" in p and COMMUNITY in p]
    assert [p for p in posts if "Due by Thursday 22 October" in p and "(Remind the schools)" in p]


def test_a_request_that_was_probably_sent_twice_is_settled_from_the_desk(desk: Bench, directory: Directory) -> None:
    arrive(desk, id=1)
    for number in (2, 3):
        arrive(desk, id=number, solution="A quiet corner at lunch, request 1")
    with desk.desk.work() as work:
        lines = [d for d in due_of(work, [home(directory)], work.today + timedelta(days=7)) if d.task is Task.HELD]
    assert [d.subject for d in lines] == ["R-2026-0002", "R-2026-0003"]
    opened = press(desk, clerk(directory), "desk", task=Task.HELD.name, subject="R-2026-0002")
    assert "R-2026-0002: sent twice?" in shown(desk, opened)
    assert "Quill" not in shown(desk, opened)
    assert (
        press(desk, clerk(directory), "held", request_id="R-2026-0002", **{"is": "own"}).title == "R-2026-0002 goes on"
    )
    said = press(desk, clerk(directory), "held", request_id="R-2026-0003", **{"is": "twice"})
    assert said.title == "R-2026-0003 is withdrawn: it was sent twice"
    assert "is no answer" in shown(desk, press(desk, clerk(directory), "held", request_id="R-2026-0003", **{"is": "?"}))


def test_a_week_with_meetings_and_minutes_to_write_is_no_empty_week(bench: Bench, directory: Directory) -> None:
    """A meeting today, one tomorrow, and two sets of minutes that are due later than this week."""
    mail = clerk(directory)
    today, tomorrow, *held = [str(p.of) for p in directory.roles_of(mail) if p.role is Role.CLERK][:4]
    days = {today: 5, tomorrow: 6, held[0]: 2, held[1]: 3}
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(name, date(2026, 11, day), 2) for name, day in days.items()])
    for day in (23, 30):
        bench.at(date(2026, 10, day))
        sweep(bench.desk)
    for day in (3, 4, 5):
        bench.at(date(2026, 11, day), 8)
        sweep(bench.desk)
    said = asked(bench, "what do I have to do this week", mail)
    lines = [f"{when}: {what}" for when, what in said.facts]
    assert f"Thu 5 Nov: Meeting at 13:30, {today}" in lines
    assert f"Fri 6 Nov: Meeting at 13:30, {tomorrow}" in lines
    assert f"Mon 16 Nov: Minutes of the meeting on 2 Nov, {held[0]}" in lines
    assert f"Tue 17 Nov: Minutes of the meeting on 3 Nov, {held[1]}" in lines
    card = card_as_text(said.cards[0])
    assert f"{today} · on Thu 5 Nov" in card
    assert card.count("(Enter the minutes)") == 2
    assert "Nothing" not in card
    alone = asked(bench, f"what is due for {tomorrow}", mail)
    assert {what.rpartition(", ")[2] for _, what in alone.facts} == {tomorrow}
    with bench.desk.work() as work:
        groups = dict(desk_page(work, mail).groups)
    assert [d.what for d in groups["Today"]] == ["Meeting at 13:30"]


def test_the_chair_sees_what_waits_for_the_clerk_without_a_button_that_would_refuse(
    bench: Bench, directory: Directory
) -> None:
    arrive(bench, id=1)
    arrive(bench, id=2, solution="A quiet corner at lunch, request 1")
    card = {
        who: card_as_text(asked(bench, "what is due", who).cards[0]) for who in (chair(directory), clerk(directory))
    }
    assert all("R-2026-0002" in text for text in card.values())
    assert "(Say what it is)" in card[clerk(directory)]
    assert "(Say what it is)" not in card[chair(directory)]
    opened = press(bench, chair(directory), "desk", task=Task.HELD.name, subject="R-2026-0002")
    assert "its clerk" in opened.as_text()
