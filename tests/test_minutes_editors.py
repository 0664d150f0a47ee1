"""Minutes edited in Word between two pulls: nothing of it is carried out in another's name.

Saves by clerk, chair and somebody without a role, and pulls, in any order, over all that is read back, with versions
and without. The file's side is a list of versions; there is no server in between.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import find, given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select

from casework import minutes_reading, tables
from casework.desk import Work
from casework.meeting_record import close_meeting, minutes_row, write_minutes
from casework.minutes_proposals import open_rows
from casework.minutes_reading import LastRead, take_minutes
from casework.minutes_saves import record_units, says
from casework.schedule import meetings_of
from communities.directory import Directory
from communities.meetings import Mark
from graph_sync import minutes_history
from graph_sync.minutes_history import History, SavedVersion, history
from graph_sync.word_edits import _is_next, _start
from local_tenant.state import APPLICATION
from papers.minutes_changes import Part, change_of, unit_key
from tests.conftest import Bench
from tests.test_list_editors import EXAMPLES, SEARCH
from tests.test_record import home
from tests.test_roles import desk, who, work_of

__all__ = ["desk"]
EDITORS = ("clerk", "chair", "neighbour's SENCO")
MAY = ("clerk", "chair")
LINES = 2
"""Lines of the register that are edited."""

EDITS = st.tuples(
    st.sampled_from(["note", "note", "matters", "person", "mark", "action", "action due"]),
    st.integers(1, LINES),
    st.sampled_from(["more", "instead", "nothing"]),
    st.sampled_from(list(Mark)),
)
SAVE = st.tuples(st.sampled_from(EDITORS), st.lists(EDITS, min_size=1, max_size=3), st.integers(0, 9).map(bool))
SCRIPTS = st.lists(st.one_of(SAVE, SAVE, st.just("pull")), min_size=2, max_size=10)


class Minutes:
    """The file as SharePoint keeps it, and the record that follows it."""

    def __init__(self, work: Work, meeting_id: str, people: dict[str, str], *, versions: bool) -> None:
        self.work, self.meeting_id, self.people, self.keeps_versions = work, meeting_id, people, versions
        of_the_record = record_units(work, meeting_id)
        self.units = {k: v for k, v in of_the_record.items() if not k.startswith("action:")}
        self.lines = [k.partition(":")[2] for k in self.units if k.startswith("mark:")][:LINES]
        self.versions = [SavedVersion(id="1.0", by="", units=dict(self.units))]
        self.saves = 1
        self.words = 0
        self.marked: set[tuple[str, str, str]] = set()
        """Who saved which mark of which line."""
        self.last = LastRead(file="f", units=dict(self.units), etag=self.tag, wording="")

    @property
    def tag(self) -> str:
        return f'"c:{{F}},{self.saves}"'

    def save(self, editor: str, edits: list[Any], is_readable: bool) -> None:
        """Somebody saves these changes; their words name them."""
        for edit in edits:
            self._edit(editor, *edit)
        self.saves += 1
        made = SavedVersion(id=f"{self.saves}.0", by=self.people[editor], units=dict(self.units))
        made = made if is_readable else replace(made, units=None, problem="A heading is not there any more.")
        self.versions = [*self.versions, made] if self.keeps_versions else [made]

    def _edit(self, editor: str, what: str, number: int, how: str, mark: Mark) -> None:
        self.words += 1
        said, of = f"{editor}{self.words}", self.lines[number - 1]
        if what == "mark":
            self.units[unit_key(Part.MARK, of)] = (mark.value,)
            self.marked.add((self.people[editor], of, mark.value))
        elif what == "person":
            self.units[unit_key(Part.PERSON, of)] = (said,)
        elif what == "note":
            self._write(unit_key(Part.NOTE, str(number)), said, how)
        elif what == "matters":
            key = unit_key(Part.MATTERS, "")
            self.units[key] = {"more": (*self.units[key], said), "instead": (said,), "nothing": ()}[how]
        elif what == "action":
            self.units[unit_key(Part.ACTION, said)] = (said, "4 December 2026")
        else:
            rows = sorted(k for k in self.units if k.startswith("action:"))
            self.units |= {k: (self.units[k][0], f"{number + 6} December 2026") for k in rows[:1]}

    def _write(self, key: str, said: str, how: str) -> None:
        before = self.units.get(key, ("",))[0]
        self.units.pop(key, None)
        if how != "nothing":
            self.units[key] = (f"{before} {said}".strip() if how == "more" else said,)

    def pull(self) -> None:
        """As the sync reads it."""
        if self.tag == minutes_row(self.work, self.meeting_id).word_etag:
            return
        last, newest_first = self.known(), self.versions[::-1]
        shown = [
            {"id": v.id, "lastModifiedBy": {"user": {"email": v.by}} if v.by else APPLICATION} for v in newest_first
        ]
        start = _start(shown, [v.by for v in newest_first], last)
        saved = newest_first[: (start or 0) + 1][::-1]
        is_whole, is_one = start is not None and len(newest_first) > 1, _is_next(self.tag, last.etag)
        found = history(saved, last, is_whole=is_whole, is_one_save=is_one)
        now = replace(last, version=found.version, by=found.by, units=found.units)
        now = now if found.problem else replace(now, etag=self.tag)
        take_minutes(self.work, self.meeting_id, found.saves, now, self.tag, found.problem)

    def known(self) -> LastRead:
        read = minutes_row(self.work, self.meeting_id).word_read
        if not read:
            return self.last
        units = {key: tuple(said) for key, said in read["units"].items()}
        names = {name: read[name] for name in ("file", "version", "by", "authors", "etag")}
        return LastRead(**names, units=units, wording="")


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def minuted(desk: Bench, directory: Directory) -> tuple[Bench, str]:
    """A meeting that was held, with its minutes."""
    desk.at(date(2026, 11, 10))
    with desk.desk.work() as work:
        meeting_id = str(meetings_of(work, home(directory))[0].id)
        work.conn.execute(delete(tables.minutes_proposals))
        close_meeting(work, meeting_id)
        write_minutes(work, meeting_id, {1: "welcomed"}, ["hall"], who("clerk", directory))
    return desk, meeting_id


def rolled_back(bench: Bench) -> Iterator[Connection]:
    with bench.desk.engine.connect() as conn:
        yield conn
        conn.rollback()


@pytest.mark.parametrize("versions", [True, False])
@EXAMPLES
@given(script=SCRIPTS)
def test_nothing_in_the_minutes_is_carried_out_in_anothers_name_and_nothing_is_lost(
    minuted: tuple[Bench, str], directory: Directory, versions: bool, script: list[Any]
) -> None:
    check(minuted, directory, versions, script)


def by_the_last_editor(saved: Any, last: LastRead, **how: bool) -> History:
    """The wrong way: all that changed is whoever's saved it last."""
    found = minutes_history.history(saved, last, **how)
    return replace(found, saves=tuple(replace(save, by=saved[-1].by) for save in found.saves))


@pytest.mark.parametrize(
    ("module", "name", "wrong"),
    [
        (sys.modules[__name__], "history", by_the_last_editor),
        (minutes_reading, "runs_meetings", lambda *_: True),
        (minutes_reading, "_is_own", lambda *_: True),
        (minutes_reading, "propose", lambda *_: 0),
    ],
    ids=["all is the last editor's", "anybody may", "others' words are one's own", "proposals are lost"],
)
def test_a_broken_rule_about_the_minutes_is_seen(
    minuted: tuple[Bench, str], directory: Directory, monkeypatch: pytest.MonkeyPatch,
    module: Any, name: str, wrong: Any,
) -> None:  # fmt: skip
    """Broken on purpose, so that the test above is known to notice."""
    monkeypatch.setattr(module, name, wrong)

    def is_noticed(script: list[Any]) -> bool:
        try:
            check(minuted, directory, True, script)
        except AssertionError:
            return True
        return False

    assert find(SCRIPTS, is_noticed, settings=SEARCH)


def check(minuted: tuple[Bench, str], directory: Directory, versions: bool, script: list[Any]) -> None:
    """What must hold after a script."""
    (bench, meeting_id), people = minuted, {role: who(role, directory) for role in EDITORS}
    for conn in rolled_back(bench):
        work = work_of(bench, conn)
        conn.execute(delete(tables.attendance))
        before = conn.execute(select(tables.journal.c.number).order_by(tables.journal.c.number.desc())).scalar() or 0
        file = Minutes(work, meeting_id, people, versions=versions)
        for step in [*script, "pull", ("clerk", [], True), "pull"]:
            if isinstance(step, str):
                file.pull()
            else:
                file.save(*step)
        record = record_units(work, meeting_id)
        assert "SENCO" not in repr([v for k, v in record.items() if k != "matters:" or v]), "nobody accepted it"
        entries = conn.execute(select(tables.journal).where(tables.journal.c.number > before)).all()
        assert {e.actor for e in entries if e.command != "propose minutes"} <= {people[r] for r in MAY} | {"test"}
        assert_own(conn, file, people)
        open_units = {row.unit: tuple(row.said) for row in open_rows(work, [meeting_id])}
        for key, said in file.units.items():
            known = says(record, change_of(key, (), said), said)
            assert known or open_units.get(key) == said, f"{key} is neither recorded nor proposed"


def assert_own(conn: Connection, file: Minutes, people: dict[str, str]) -> None:
    """Each action and each line of the register is whoever's wrote it."""
    actions, attendance, journal = tables.actions, tables.attendance, tables.journal
    entries = conn.execute(select(journal).where(journal.c.command == "add action"))
    added = {e.subject: e.actor for e in entries}
    for row in conn.execute(select(actions)):
        role = next(r for r in EDITORS if row.what.startswith(r))
        assert added[row.id] == people[role]
    for row in conn.execute(select(attendance)):
        wrote = row.person.startswith(tuple(r for r in MAY if people[r] == row.marked_by))
        assert wrote or (row.marked_by, row.of, row.mark) in file.marked
