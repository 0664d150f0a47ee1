"""Every command that takes the moment people meet at, or the day they look again: weekends, bank holidays, the night
and years nobody knows are refused at each, and a day of a meeting that makes a deadline pass is asked about first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import tables
from casework.cancel import cancel_meeting
from casework.decide import decide, decision_ask
from casework.errors import InputRefused
from casework.journal import entry_of
from casework.schedule import meeting_row, move_meeting, schedule_meetings
from casework.surgery_record import publish
from casework.sweep import sweep
from communities.calendars import at_london, is_working_day, london
from communities.directory import Directory, Role
from communities.surgeries import Surgery
from papers.term_dates import load_school_years
from service.demo_texts import review_day
from tests.conftest import Bench, begun
from tests.console import cos
from tests.test_cli import DIRECTORY, SAMPLES
from tests.test_moves import clerk
from tests.test_record import MEETING, NEXT, approve, arrive, chair, home, on_agenda, set_up, slot

SATURDAY, SUNDAY = date(2027, 2, 6), date(2027, 2, 7)
BOXING_DAY, SPRING = date(2026, 12, 28), date(2027, 5, 31)  # the one in lieu; the spring bank holiday
NEXT_DAY = {SATURDAY: "Monday 8 February 2027", SUNDAY: "Monday 8 February 2027",
            BOXING_DAY: "Tuesday 29 December 2026", SPRING: "Tuesday 1 June 2027"}  # fmt: skip


@dataclass
class Desk:
    """Where somebody chooses a day."""

    bench: Bench
    directory: Directory

    @property
    def meeting(self) -> str:
        return f"{home(self.directory)} 2026-27 T2"

    def run(self, do: Callable[..., Any], *args: Any, **named: Any) -> Any:
        with self.bench.desk.work() as work:
            return do(work, *args, **named)


AFTERNOON = time(13, 30)


def moves(desk: Desk, day: date, at: time = AFTERNOON) -> None:
    desk.run(move_meeting, desk.meeting, at_london(day, at), clerk(desk.directory))


def books(desk: Desk, day: date, at: time = AFTERNOON) -> None:
    starts = at_london(day, at)
    booked = replace(slot(home(desk.directory), day, 4), starts_at=starts, ends_at=starts + timedelta(hours=2))
    desk.run(schedule_meetings, [booked])


def publishes(desk: Desk, day: date, at: time = AFTERNOON) -> None:
    adviser = desk.directory.people_with(Role.SEN_IA, home(desk.directory))[0].mail
    desk.run(publish, adviser, Surgery(starts_at=at_london(day, at), slots=6), adviser)


def reviews(desk: Desk, day: date) -> None:
    on_agenda(desk.bench, desk.directory)
    desk.run(decide, "R-2026-0001", replace(approve(), review_on=day), chair(desk.directory))


MEETS = {"move": moves, "schedule": books, "publish": publishes}
COMMANDS = {**MEETS, "review": reviews}


@begun
def begins(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)


@pytest.fixture
def desk(begins: Bench, directory: Directory) -> Desk:
    return Desk(begins, directory)


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("day", list(NEXT_DAY), ids=str)
@pytest.mark.parametrize("command", list(COMMANDS))
def test_no_day_off_is_taken_and_the_next_working_day_is_named(desk: Desk, command: str, day: date) -> None:
    kind = "at a weekend" if day in (SATURDAY, SUNDAY) else "a bank holiday"
    with pytest.raises(InputRefused, match=f"is {kind}. Choose a working day, for example {NEXT_DAY[day]}"):
        COMMANDS[command](desk, day)


@pytest.mark.parametrize("command", list(COMMANDS))
def test_a_working_day_is_taken(desk: Desk, command: str) -> None:
    COMMANDS[command](desk, date(2027, 2, 9))


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("at", [time(0), time(3), time(7, 59), time(16, 1), time(23)], ids=str)
@pytest.mark.parametrize("command", list(MEETS))
def test_nobody_meets_before_8_or_after_6(desk: Desk, command: str, at: time) -> None:
    with pytest.raises(InputRefused, match="Keep it between 8am and 6pm"):
        MEETS[command](desk, date(2027, 2, 9), at)


@pytest.mark.parametrize("command", ["move", "publish"])  # what is booked for a year comes from its term dates
def test_nobody_meets_in_a_year_whose_terms_are_unknown(desk: Desk, command: str) -> None:
    desk.bench.desk.school_years = tuple(load_school_years().values())
    with pytest.raises(InputRefused, match="is in the school year 2099-00, whose term dates are not known"):
        MEETS[command](desk, date(2099, 11, 6))


@pytest.mark.parametrize("at", [time(11, 31), AFTERNOON, time(15, 29)], ids=str)
@pytest.mark.parametrize("command", list(MEETS))
def test_nobody_meets_twice_at_once(desk: Desk, command: str, at: time) -> None:
    if command == "publish":
        publishes(desk, NEXT)
        said = "It overlaps your session on"
    else:
        said = f"already meets on .* at 13:30 \\({home(desk.directory)} 2026-27 T3\\). Choose another time"
    with pytest.raises(InputRefused, match=said):
        MEETS[command](desk, NEXT, at)


@pytest.mark.parametrize("at", [time(11, 30), time(15, 30)], ids=str)
@pytest.mark.parametrize("command", list(MEETS))
def test_one_may_begin_when_another_ends(desk: Desk, command: str, at: time) -> None:
    if command == "publish":
        publishes(desk, NEXT)
    MEETS[command](desk, NEXT, at)


def test_a_meeting_may_be_moved_onto_a_cancelled_one_and_onto_itself(desk: Desk) -> None:
    third, by = f"{home(desk.directory)} 2026-27 T3", clerk(desk.directory)
    moves(desk, MEETING)
    desk.run(cancel_meeting, third, "The hall is closed", by)
    moves(desk, NEXT)
    assert london(desk.run(meeting_row, desk.meeting).starts_at).date() == NEXT


def test_two_communities_may_meet_at_once(desk: Desk) -> None:
    other = desk.directory.communities[1].name
    assert desk.run(schedule_meetings, [slot(other, NEXT, 3)]) == 1


def test_a_meeting_is_not_moved_to_a_day_whose_submissions_have_closed_unless_somebody_says_why(desk: Desk) -> None:
    to, by = at_london(date(2026, 10, 15), time(9)), clerk(desk.directory)  # submissions closed on 1 October
    said = "Submissions for a meeting on Thursday 15 October 2026 closed at the end of Thursday 1 October 2026"
    with pytest.raises(InputRefused, match=said):
        desk.run(move_meeting, desk.meeting, to, by)
    assert london(desk.run(meeting_row, desk.meeting).starts_at).date() == MEETING
    desk.run(move_meeting, desk.meeting, to, by, anyway="The hall is free on no other day")
    assert london(desk.run(meeting_row, desk.meeting).starts_at).date() == date(2026, 10, 15)
    with desk.bench.desk.work() as work:
        journal = tables.journal
        row = work.conn.execute(select(journal).where(journal.c.command == "move meeting")).one()
        assert "The hall is free on no other day" in entry_of(row).sentence


def test_no_reason_takes_a_bank_holiday(desk: Desk) -> None:
    with pytest.raises(InputRefused, match="bank holiday"):
        desk.run(move_meeting, desk.meeting, at_london(BOXING_DAY, time(9)), clerk(desk.directory), anyway="We want to")


def test_a_meeting_whose_submissions_are_closed_already_moves_without_being_asked_again(desk: Desk) -> None:
    arrive(desk.bench)
    desk.bench.at(date(2026, 10, 23))
    sweep(desk.bench.desk)
    moves(desk, date(2026, 11, 3))


def test_a_day_in_the_school_holidays_is_asked_about(desk: Desk) -> None:
    days = replace(desk.bench.desk.days, school_years=tuple(load_school_years().values()))
    desk.bench.desk.days = days
    with pytest.raises(InputRefused, match="Tuesday 29 December 2026 lies outside term"):
        moves(desk, date(2026, 12, 29))


def test_the_review_date_that_is_offered_is_a_working_day(desk: Desk) -> None:
    for day in (date(2026, 10, 5), date(2026, 11, 5), date(2026, 12, 30), date(2027, 3, 1)):
        assert is_working_day(review_day(day, 12))
    on_agenda(desk.bench, desk.directory)
    for day in range(1, 29):
        desk.bench.at(date(2027, 2, day))
        ask = desk.run(decision_ask, "R-2026-0001")
        assert is_working_day(ask.review_on)


def test_the_console_says_why_and_takes_the_reason(tmp_path: Path) -> None:
    now = {"COS_NOW": "2026-10-05T09:00:00+01:00", "COLUMNS": "400"}
    for words in (("import", "directory", DIRECTORY), ("import", "people", SAMPLES / "people.xlsx"),
                  ("schedule", "--year", "2026-27", "--community", "ABC")):  # fmt: skip
        assert cos(*words, folder=tmp_path, **now).returncode == 0
    listed = cos("meeting", "list", "--community", "ABC", folder=tmp_path, **now).stdout
    assert "Mon 2 Nov 2026" in listed
    move = ("meeting", "move", "--community", "ABC", "--date", "2026-11-02", "--to")
    refused = cos(*move, "2026-10-15T09:00", folder=tmp_path, **now)
    assert refused.returncode == 1
    assert "--anyway" in refused.stderr
    done = cos(*move, "2026-10-15T09:00", "--anyway", "No other day", folder=tmp_path, **now)
    assert done.returncode == 0, done.stderr


MOMENTS = {
    "2027-02-23T03:00": (1, "The meeting would run from 3am to 5am. Keep it between 8am and 6pm."),
    "2027-02-23": (2, "'2027-02-23' has no time. Write it as well, for example 2027-02-23T13:30."),
    "2027-02-23T13:30+05:00": (2, "is not London time; in London that is 2027-02-23T08:30."),
    "2099-11-06T13:00": (1, "Friday 6 November 2099 is in the school year 2099-00"),
    "2027-01-04T13:30": (1, "ABC already meets on Monday 4 January 2027 at 13:30 (ABC 2026-27 T3)."),
    "tomorrow": (2, "'tomorrow' is not a moment like 2026-11-12T13:30."),
}


def test_the_console_says_what_is_wrong_with_a_moment(tmp_path: Path) -> None:
    now = {"COS_NOW": "2026-10-05T09:00:00+01:00", "COLUMNS": "400"}
    for words in (("import", "directory", DIRECTORY), ("import", "people", SAMPLES / "people.xlsx"),
                  ("schedule", "--year", "2026-27", "--community", "ABC")):  # fmt: skip
        assert cos(*words, folder=tmp_path, **now).returncode == 0
    move = ("meeting", "move", "--community", "ABC", "--date")
    for to, (code, said) in MOMENTS.items():
        refused = cos(*move, "2026-11-02", "--to", to, folder=tmp_path, **now)
        assert (refused.returncode, said in " ".join(refused.stderr.split())) == (code, True), (to, refused.stderr)
    publish = ("surgery", "publish", "--adviser", "x@kent.example", "--at")
    for to in ("2027-02-23", "2027-02-23T13:30+05:00"):
        assert MOMENTS[to][1] in " ".join(cos(*publish, to, folder=tmp_path, **now).stderr.split())
    done = cos(*move, "2026-11-02", "--to", "2027-01-04T10:00Z", folder=tmp_path, **now)
    assert "moved to Monday 4 January 2027 at 10:00" in done.stdout, done.stderr
    cancel = ("meeting", "cancel", "--community", "ABC", "--reason", "The hall is closed", "--date")
    both = cos(*cancel, "2027-01-04", folder=tmp_path, **now)
    assert both.returncode == 1
    assert "ABC has 2 meetings on Monday 4 January 2027: 'ABC 2026-27 T2' at 10am and 'ABC 2026-27 T3' at 1.30pm" in (
        both.stderr
    )
    assert "ABC 2026-27 T2 is cancelled" in cos(*cancel, "ABC 2026-27 T2", folder=tmp_path, **now).stdout
    assert "ABC 2026-27 T3 is cancelled" in cos(*cancel, "2027-01-04", folder=tmp_path, **now).stdout
