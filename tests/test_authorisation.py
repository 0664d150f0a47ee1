"""Every role at the doors beside the cards: the console in somebody's name, and the lists. And pupils' data: who gets a
document that holds it, each opening of the seal on the journal.

The buttons are in test_roles, the moves of a request in test_moves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import tables
from casework.asking_kcc import answer, ask
from casework.budget_moves import record_correction, record_return, record_transfer
from casework.cancel import cancel_meeting
from casework.decide import decide
from casework.desk import SYSTEM, Work
from casework.form_headings import confirm_heading
from casework.forward import _forwarded as mark_forwarded
from casework.improving import report_improvement
from casework.meeting_record import add_action, mark_attendance, write_minutes
from casework.moderate import moderation_row
from casework.papers_by_hand import papers_sent_by_hand
from casework.ports import ListItem
from casework.pupils import read_pupils
from casework.question_list import SIDE as QUESTIONS
from casework.request_record import request_row
from casework.schedule import move_meeting, set_agenda_times, set_room
from casework.side_lists import take_edit as take_side_edit
from casework.stuck import drop, retry
from casework.surgery_list import SIDE as SURGERIES
from casework.working_list import fields_of, take_edit
from casework.year_end import agree_balance, close_year
from communities.calendars import at_london
from communities.directory import Directory
from communities.meetings import Attendee, Mark
from communities.questions import Part
from forms_ingest.request_for_support import FORM
from tests.conftest import Bench
from tests.list_saves import saved
from tests.test_clerks_desk import meeting_of
from tests.test_confirming_headings import OTHER, unclear
from tests.test_moves import R1
from tests.test_record import approve, chair, home
from tests.test_roles import ROLES, RUNS, desk, refusal, who, work_of
from tests.test_stuck import LETTER, make_stuck

__all__ = ["desk"]
KCC = {"moderator", "administrator"}
YEAR = "2026-27"

ONE = Attendee(of="x", person="y", mark=Mark.PRESENT)

Doing = Callable[[Work, str, str, str], Any]
"""(work, the person's mail, the community, the meeting)."""

COMMANDS: Mapping[str, tuple[set[str], Doing]] = {
    "budget return": (KCC, lambda w, by, c, m: record_return(w, R1, 100, "r", by)),
    "budget transfer": (KCC, lambda w, by, c, m: record_transfer(w, (c, YEAR), ("x", YEAR), 100, "r", by)),
    "budget correct": (KCC, lambda w, by, c, m: record_correction(w, c, 100, "r", by)),
    "year agree": (KCC, lambda w, by, c, m: agree_balance(w, c, YEAR, 1, by)),
    "year close": (RUNS, lambda w, by, c, m: close_year(w, c, YEAR, by)),
    "meeting move": (RUNS, lambda w, by, c, m: move_meeting(w, m, at_london(date(2026, 12, 1), time(9)), by)),
    "meeting times": (RUNS, lambda w, by, c, m: set_agenda_times(w, m, [10], by)),
    "meeting room": (RUNS, lambda w, by, c, m: set_room(w, m, "room@kent.example", by)),
    "meeting papers-sent": (RUNS, lambda w, by, c, m: papers_sent_by_hand(w, m, date(2026, 10, 29), by)),
    "meeting cancel": (RUNS, lambda w, by, c, m: cancel_meeting(w, m, "r", by)),
    "register": (RUNS, lambda w, by, c, m: mark_attendance(w, m, [ONE], by)),
    "minutes": (RUNS, lambda w, by, c, m: write_minutes(w, m, {1: "x"}, (), by)),
    "action add": (RUNS, lambda w, by, c, m: add_action(w, c, "x", "y", date(2027, 1, 1), by)),
    "stuck retry": ({"administrator"}, lambda w, by, c, m: retry(w, LETTER, by)),
    "stuck drop": ({"administrator"}, lambda w, by, c, m: drop(w, LETTER, "r", by)),
    "headings confirm": (
        {"clerk", "administrator"}, lambda w, by, c, m: confirm_heading(w, FORM, OTHER, "outcomes", by)
    ),
    "report back": (KCC, lambda w, by, c, m: report_improvement(w, "x", by)),
    "answer": (KCC, lambda w, by, c, m: answer(
        w, ask(w, next(iter(Part)), "Who pays?", by), "We", by, is_published=True)),
}  # fmt: skip
"""What the console does in somebody's name (`--as`), and which roles may."""


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("name", COMMANDS)
def test_every_role_at_every_command_of_the_console(desk: Bench, directory: Directory, name: str) -> None:
    may, doing = COMMANDS[name]
    meeting, found = meeting_of(desk, directory), {}
    with desk.desk.work() as work:
        make_stuck(work, LETTER)
        unclear(work)
    for role in ROLES:
        by = who(role, directory)
        with desk.desk.engine.connect() as conn:
            said = refusal(lambda by=by, conn=conn: doing(work_of(desk, conn), by, home(directory), meeting))
            conn.rollback()
        found[role] = not said or said.startswith("None")
    assert {role for role, done in found.items() if done} == may


def item(fields: Mapping[str, Any], by: str) -> ListItem:
    return saved(ListItem(id="7", etag="newer", fields={}), by, **fields)


def test_kccs_section_of_the_list_is_a_moderators_alone_and_is_put_back_for_anybody_else(
    desk: Bench, directory: Directory
) -> None:
    with desk.desk.work() as work:
        decide(work, R1, approve(900), chair(directory))
        mark_forwarded(work, R1)
        known = {"request_id": R1, "item_id": "7", "etag": "older"}
        work.conn.execute(tables.list_items.insert().values(known))
    for role in ROLES:
        by = who(role, directory)
        with desk.desk.engine.connect() as conn:
            work = work_of(desk, conn)
            filled = {**fields_of(work, R1), "KccModerated": True, "FinalAmount": 8.0, "ModeratedBy": "M"}
            assert take_edit(work, item(filled, by))
            is_taken = moderation_row(work, R1) is not None
            note = request_row(work, R1).note
            conn.rollback()
        assert is_taken == (role == "moderator"), role
        assert is_taken or note.startswith("Put back:"), role


@pytest.mark.parametrize(
    ("side", "fields", "may"),
    [
        (SURGERIES, {"Starts": "2026-12-10T09:00:00Z", "Slots": 3}, {"SEN IA"}),
        (QUESTIONS, {"Question": "Who pays for transport?", "Part": str(next(iter(Part)))}, set(ROLES)),
    ],
)
def test_what_somebody_adds_to_a_list_is_taken_from_whom_it_may_be(
    desk: Bench, directory: Directory, side: Any, fields: dict[str, Any], may: set[str]
) -> None:
    for role in ROLES:
        with desk.desk.engine.connect() as conn:
            work = work_of(desk, conn)
            take_side_edit(work, side, item(fields, who(role, directory)))
            rows = select(tables.journal.c.details).where(tables.journal.c.command == "answer a list edit")
            note = work.conn.execute(rows.order_by(tables.journal.c.number.desc())).scalars().first()["note"]
            conn.rollback()
        assert (note == "") == (role in may), (role, note)
        assert note == "" or note.startswith("Not taken:")


def test_every_opening_of_the_seal_goes_through_one_function_that_journals_it() -> None:
    """Nobody but `pupils` opens what is sealed of a request; a draft and a booking's note have their own seal, and
    retention and subject access journal what they look through.
    """
    own = {"pupils.py", "sealing.py", "booking.py", "drafts.py", "forgetting.py", "subject_access.py"}
    root = Path(__file__).parent.parent
    found = {
        f.name
        for room in ("casework", "bot", "graph_sync", "service", "papers")
        for f in (root / room).rglob("*.py")
        if ".open_bytes(" in f.read_text("utf-8") or "sealer.open(" in f.read_text("utf-8")
    }
    assert found <= own, found - own


def test_an_opening_is_journaled_with_who_and_why(desk: Bench, directory: Directory) -> None:
    with desk.desk.work("clerk@kent.example") as work:
        opened = read_pupils(work, R1, "for the restricted papers of chair and clerk")
        assert "Zebedee" in opened.pupils[0].name
        row = work.conn.execute(select(tables.journal).order_by(tables.journal.c.number.desc()).limit(1)).one()
    assert (row.actor, row.command, row.subject) == ("clerk@kent.example", "read pupils' data", R1)
    assert row.details == {"why": "for the restricted papers of chair and clerk"}
    assert "Zebedee" not in str(row)
    assert row.actor != SYSTEM
