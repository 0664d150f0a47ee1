"""The journal: one chain over every command, telling when an entry was altered or is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, text
from sqlalchemy.exc import DBAPIError

from casework import effects, tables
from casework.decide import decide
from casework.desk import CONSOLE, Work
from casework.journal import SENTENCES, broken_links, story_of
from casework.meeting_record import add_action
from casework.request_moves import withdraw_request
from communities.directory import Directory
from communities.lifecycle import RULES, as_lines, as_mermaid, as_table
from tests.conftest import Bench
from tests.test_record import approve, arrive, chair, home, on_agenda, set_up

ROOT = Path(__file__).parent.parent


def decided(bench: Bench, directory: Directory) -> str:
    set_up(bench, directory)
    request_id = on_agenda(bench, directory)
    with bench.desk.work(chair(directory)) as work:
        decide(work, request_id, approve(), chair(directory))
    return request_id


def broken(bench: Bench) -> list[str]:
    with bench.desk.work() as work:
        return list(broken_links(work.conn))


def test_an_untouched_journal_is_whole(bench: Bench, directory: Directory) -> None:
    decided(bench, directory)
    assert broken(bench) == []


@contextmanager
def tampering(bench: Bench) -> Iterator[Work]:
    """Somebody with all rights on the database takes the triggers and the ledger away first."""
    with bench.desk.work() as work:
        for table in ("journal", "ledger"):
            if work.conn.dialect.name == "sqlite":
                for verb in ("update", "delete"):
                    work.conn.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
            else:
                work.conn.execute(text(f"DROP TRIGGER {table}_no_change ON {table}"))
        work.conn.execute(tables.ledger.delete())  # its lines point at journal entries
        yield work


@pytest.mark.parametrize("table", tables.APPEND_ONLY, ids=lambda t: t.name)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_no_code_path_can_change_the_journal_or_the_ledger(
    bench: Bench, directory: Directory, table: Table, verb: str
) -> None:
    decided(bench, directory)
    key = next(iter(table.primary_key))
    change = table.delete() if verb == "delete" else table.update().values({key: key + 1000})
    with pytest.raises(DBAPIError, match="append-only"), bench.desk.work() as work:
        work.conn.execute(change)


JOURNAL = tables.journal
ALTERED = "was altered"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (JOURNAL.update().where(JOURNAL.c.command == "decide request").values(actor="somebody else"), ALTERED),
        (JOURNAL.update().where(JOURNAL.c.command == "decide request").values(details={"amount_pence": 1}), ALTERED),
        (JOURNAL.update().where(JOURNAL.c.number == 2).values(subject="x"), ALTERED),
        (JOURNAL.delete().where(JOURNAL.c.number == 3), "Entry 3 is missing"),
    ],
)
def test_an_altered_or_missing_entry_is_found(bench: Bench, directory: Directory, change: Any, said: str) -> None:
    decided(bench, directory)
    with tampering(bench) as work:
        work.conn.execute(change)
    assert any(said in sentence for sentence in broken(bench))


def test_entries_cut_off_at_the_end_are_missed(bench: Bench, directory: Directory) -> None:
    decided(bench, directory)
    with tampering(bench) as work:
        work.conn.execute(JOURNAL.delete().where(JOURNAL.c.number > 5))
    assert "missing at the end" in broken(bench)[-1]


def test_the_story_of_a_request_reads_in_plain_english(bench: Bench, directory: Directory) -> None:
    request_id = decided(bench, directory)
    with bench.desk.work() as work:
        told = [e.sentence for e in story_of(work.conn, request_id)]
    assert told[:2] == ["The meeting was scheduled.", "The request was received."]
    assert "Submissions closed with 1 to be heard." in told
    assert "It was decided by Consensus: Financial contribution, £2,000." in told


def test_every_command_of_the_code_has_its_sentence() -> None:
    written = set()
    for path in (*ROOT.glob("casework/*.py"), *ROOT.glob("graph_sync/*.py")):
        code = path.read_text("utf-8")
        written |= set(re.findall(r'\.journal\(\s*"([^"]+)"', code))
        written |= {getattr(effects, name) for name in re.findall(r"\.journal\(([A-Z_]+),", code)}
    assert written | {r.command for r in RULES} | {"refused response", "held response", "hold request"} == set(
        SENTENCES
    )


def test_the_documents_draw_the_table_the_code_reads() -> None:
    text_of_it = (ROOT / "docs" / "lifecycle.md").read_text("utf-8")
    assert as_mermaid() in text_of_it
    assert as_table() in text_of_it
    assert any("On the agenda" in line and "decided" in line for line in as_lines())


def test_who_types_in_anothers_name_stands_beside_it(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    arrive(bench)
    with bench.desk.work("root at the command line") as work:
        withdraw_request(work, "R-2026-0001", "Sent to the wrong community", CONSOLE)
    with bench.desk.work("pat@kent.example") as work:
        add_action(work, home(directory), "Call", "Pat", date(2026, 12, 1), chair(directory))
        story = story_of(work.conn, "R-2026-0001")
    assert story[-1].actor == "the console, by root at the command line"
    with bench.desk.work() as work:
        journal = tables.journal
        last = work.conn.execute(journal.select().where(journal.c.command == "add action")).one()
        assert (last.actor, last.details["typed_by"]) == (chair(directory), "pat@kent.example")
        assert not list(broken_links(work.conn))
