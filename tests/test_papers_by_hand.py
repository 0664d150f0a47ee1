"""Papers that CoS Desk could not send and somebody sent by hand: recorded with the day, state and clock follow."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from casework import tables
from casework.clock_record import clocks_of_meeting
from casework.desk import CONSOLE, Work
from casework.due import due_of
from casework.errors import InputRefused
from casework.journal import entry_of
from casework.papers_by_hand import papers_sent_by_hand
from casework.schedule import MeetingState, meeting_row
from casework.stuck import drop
from casework.sweep import sweep
from communities.directory import Directory
from communities.dues import Task
from local_tenant.card_text import card_as_text
from tests.conftest import Bench
from tests.test_chat import senco
from tests.test_clerks_desk import desk, meeting_of
from tests.test_moves import clerk
from tests.test_record import home
from tests.test_stuck import make_stuck
from tests.test_submitting import press, shown

__all__ = ["desk"]
CLOSED, SENT, TODAY = date(2026, 10, 22), date(2026, 10, 29), date(2026, 10, 30)


def journal_of(work: Work, subject: str) -> str:
    journal = tables.journal
    rows = work.conn.execute(select(journal).where(journal.c.subject == subject)).all()
    return " ".join(entry_of(row).sentence for row in rows)


def failed(bench: Bench, directory: Directory, *, is_dropped: bool) -> str:
    """The agenda fell due and could not be filed; the administrators gave it up, or not yet."""
    for day in (date(2026, 10, 23), SENT):
        bench.at(day)
        sweep(bench.desk)
    bench.at(TODAY)
    meeting = meeting_of(bench, directory)
    with bench.desk.work() as work:
        assert meeting_row(work, meeting).state == MeetingState.SENDING
        make_stuck(work, f"agenda.upload:{meeting}")
        if is_dropped:
            drop(work, f"agenda.upload:{meeting}", "The site has no room.", CONSOLE)
    return meeting


@pytest.mark.parametrize("is_dropped", [True, False])
def test_the_clerk_records_from_their_tasks_that_they_sent_the_papers(
    desk: Bench, directory: Directory, is_dropped: bool
) -> None:
    meeting = failed(desk, directory, is_dropped=is_dropped)
    with desk.desk.work() as work:
        lines = due_of(work, [home(directory)], TODAY)
        assert [d.task for d in lines if d.subject == meeting] == [Task.BY_HAND]
    form = press(desk, clerk(directory), "desk", task="BY_HAND", subject=meeting)
    assert "(Record that I sent them)" in card_as_text(form.cards[0])
    said = press(desk, clerk(directory), "papers-by-hand", meeting_id=meeting, sent_on=SENT.isoformat())
    assert said.title == "Recorded: you sent the papers on Thursday 29 October 2026"
    with desk.desk.work() as work:
        row = meeting_row(work, meeting)
        papers = next(c for c in clocks_of_meeting(work, row) if c.name == "papers")
        assert (row.state, papers.done_on) == (MeetingState.CIRCULATED, SENT)
        assert "The papers were sent by hand on" in journal_of(work, meeting)
        assert Task.BY_HAND not in [d.task for d in due_of(work, [home(directory)], TODAY)]
    again = press(desk, clerk(directory), "papers-by-hand", meeting_id=meeting, sent_on=SENT.isoformat())
    assert "went out already" in shown(desk, again)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-10-31", "in the future"),
        ("2026-10-20", "Submissions closed on"),
        ("soon", "is no day"),
        ("", "no day"),
    ],
)
def test_a_day_on_which_they_cannot_have_gone_is_refused(
    desk: Bench, directory: Directory, day: str, said: str
) -> None:
    meeting = failed(desk, directory, is_dropped=True)
    assert said in press(desk, clerk(directory), "papers-by-hand", meeting_id=meeting, sent_on=day).as_text()
    with desk.desk.work() as work:
        assert meeting_row(work, meeting).circulated_at is None


def test_nobody_else_records_it(desk: Bench, directory: Directory) -> None:
    meeting = failed(desk, directory, is_dropped=True)
    said = press(desk, senco(directory), "papers-by-hand", meeting_id=meeting, sent_on=SENT.isoformat())
    assert "Only the chair" in said.as_text()


def test_an_agenda_that_is_being_sent_is_not_recorded_as_sent_by_hand(desk: Bench, directory: Directory) -> None:
    for day in (date(2026, 10, 23), SENT):
        desk.at(day)
        sweep(desk.desk)
    meeting = meeting_of(desk, directory)
    with desk.desk.work() as work, pytest.raises(InputRefused, match="has not failed"):
        papers_sent_by_hand(work, meeting, SENT, clerk(directory))
