"""Every text that somebody types is masked, sealed, refused where it names a child, or no place for one: every text
column of the record says which, and every command that keeps one is tried.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import JSON, LargeBinary, String, Text, select, update

from casework import tables
from casework.budget_moves import record_correction
from casework.cancel import cancel_meeting
from casework.decide import declare_interest
from casework.desk import CONSOLE, SYSTEM, Work
from casework.meeting_record import add_action, write_minutes
from casework.request_moves import (
    reopen_request,
    return_request,
    withdraw_request,
)
from casework.request_record import request_row
from casework.resealing import SEALED
from casework.schedule import MeetingState
from communities.directory import Directory
from tests.conftest import Bench, begun
from tests.test_moves import R1, chair, clerk
from tests.test_record import home, one_decided, one_waiting

SAID = "zébedee’s mum, QUILL and Zebedee (3rd April 2015)"
waiting, decided = begun(one_waiting), begun(one_decided)

MASKED = {
    "requests": {"submission"}, "decisions": {"details", "conditions", "override_reason"}, "interests": {"reason"},
    "minutes": {"notes", "matters", "word_read"}, "minutes_proposals": {"said", "unit"}, "journal": {"details"},
    "actions": {"what", "outcome"},
}  # fmt: skip
REFUSED = {
    "questions": {"text", "answer"}, "case_studies": {"description", "overview", "impact"},
    "evaluations": {"worked", "improve"}, "improvements": {"text"}, "surgeries": {"summary"},
    "surgery_feedback": {"comment"},
}  # fmt: skip
"""A text that names a child is not taken."""

MADE = {
    "requests": {"note"}, "responses": {"problems", "mended"}, "posts": {"message"}, "side_items": {"note"},
    "effects": {"problem", "trace"}, "papers": {"content"}, "reports": {"content"}, "talks": {"said"},
    "list_items": {"marks", "kcc_draft"}, "form_headings": {"found"}, "confirmed_headings": {"heading"},
}  # fmt: skip
"""Our own sentences, and what is made of texts that were masked."""

NAMES_OF_ADULTS = {
    "actions": {"owner"}, "attendance": {"person", "of", "marked_by"}, "also_there": {"name", "mail"},
    "people": {"name", "covers", "of"}, "surgeries": {"adviser"}, "meetings": {"room"}, "questions": {"part"},
}  # fmt: skip

TYPED = (Text, JSON, LargeBinary)
"""Columns that could hold a sentence; what is a key, a mail, a state or a place is a `String`."""


def test_every_column_that_could_hold_a_sentence_is_accounted_for() -> None:
    sealed = {(t.name, c.name) for t, c in SEALED}
    known = {
        (t, c) for group in (MASKED, REFUSED, MADE, NAMES_OF_ADULTS) for t, columns in group.items() for c in columns
    }
    ours = {(t, c) for t, columns in OURS.items() for c in columns}
    found = {
        (table.name, column.name)
        for table in tables.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, TYPED)
        and not (isinstance(column.type, String) and not isinstance(column.type, Text))
    }
    assert found - known - sealed - ours == set()
    assert {(t, c) for t, c in known | ours if c not in tables.metadata.tables[t].columns} == set()


OURS = {
    "budgets": {"summary"}, "school_funding": {"template", "factors"}, "sync_links": {"link"}, "amendments": {"fields"},
    "decisions": {"responses"}, "meetings": {"item_minutes"}, "minutes_proposals": {"authors"},
    "side_items": {"marks", "authors"}, "conversations": {"reference"}, "teams": {"reference"},
    "year_ends": {"carried"},
}  # fmt: skip
"""No place for a sentence of a person's: figures, keys, addresses, choices."""


def _held(bench: Bench, work: Work, directory: Directory) -> str:
    meeting = request_row(work, R1).meeting_id or f"{home(directory)} 2026-27 T2"
    work.conn.execute(update(tables.meetings).where(tables.meetings.c.id == meeting).values(state=MeetingState.HELD))
    return str(meeting)


Command = Callable[[Bench, Work, Directory], object]
BEFORE: dict[str, Command] = {
    "return": lambda b, w, d: return_request(w, R1, SAID, clerk(d)),
    "withdraw": lambda b, w, d: withdraw_request(w, R1, SAID, CONSOLE),
    "declare interest": lambda b, w, d: declare_interest(w, R1, chair(d), SAID),
    "add action": lambda b, w, d: add_action(w, home(d), SAID, "Pat", date(2026, 12, 4), clerk(d)),
    "cancel meeting": lambda b, w, d: cancel_meeting(w, request_row(w, R1).meeting_id, SAID, clerk(d)),
    "write minutes": lambda b, w, d: write_minutes(w, _held(b, w, d), {1: SAID}, [SAID], clerk(d)),
    "correction": lambda b, w, d: record_correction(w, home(d), 100, SAID, CONSOLE),
}
AFTER: dict[str, Command] = {
    "reopen": lambda b, w, d: reopen_request(w, R1, SAID, chair(d)),
}


@pytest.mark.parametrize("name", BEFORE)
def test_what_a_command_keeps_of_a_waiting_request_names_nobody(
    name: str, waiting: Bench, directory: Directory
) -> None:
    _tried(BEFORE[name], waiting, directory)


@pytest.mark.parametrize("name", AFTER)
def test_what_a_command_keeps_of_a_decided_request_names_nobody(
    name: str, decided: Bench, directory: Directory
) -> None:
    _tried(AFTER[name], decided, directory)


def _tried(command: Command, bench: Bench, directory: Directory) -> None:
    with bench.desk.work(SYSTEM) as work:
        command(bench, work, directory)
    with bench.desk.work(SYSTEM) as work:
        kept = json.dumps(
            [
                str(value)
                for table in tables.metadata.sorted_tables
                for row in work.conn.execute(select(table))
                for value in row
                if not isinstance(value, bytes)
            ],
            ensure_ascii=False,
        )
    assert "[pupil]" in kept
    assert "[date of birth]" in kept
    assert not [said for said in ("bedee", "BEDEE", "Quill", "QUILL", "April 2015") if said in kept]
