"""A backup is one look at the record, restored into either database; what happened since is not done twice."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import tables
from casework.backup import kept_tables, note_restore, read_contents, restore, write_backup
from casework.database import open_engine
from casework.desk import RESTORED, Desk, Mailboxes, restored_lately
from casework.errors import InputRefused
from casework.journal import broken_links
from casework.sealing import Sealer
from communities.directory import Directory
from tests.conftest import KEY, Bench, begun
from tests.test_moves import R1
from tests.test_record import one_decided, set_up

NOW = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)


def quiet(*_: object) -> None:
    """No bar."""


@begun
def bench(bench: Bench, directory: Directory) -> None:
    """A record with a decided request."""
    one_decided(bench, directory)


@pytest.fixture
def saved(bench: Bench, tmp_path: Path) -> Path:
    """A backup of it."""
    file = tmp_path / "backup.zip"
    with file.open("wb") as target:
        write_backup(bench.desk.engine, target, NOW, quiet)
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database to restore to: either kind, whatever it came from."""
    if request.param == "sqlite":
        (tmp_path / "new").mkdir()
        yield f"sqlite:///{tmp_path / 'new' / 'record.db'}"
        return
    templates = request.getfixturevalue("postgres_templates")
    url = templates.empty()
    yield url
    templates.drop(url)


def rows_of(engine: Any) -> dict[str, list[dict[str, Any]]]:
    with engine.connect() as conn:
        return {
            t.name: [dict(r._mapping) for r in conn.execute(select(t).order_by(*t.primary_key.columns))]
            for t in kept_tables()
        }


def marked(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """As a restore leaves them: it says when it was, and what waits is looked for."""
    for effect in rows["effects"]:
        if effect["state"] == "waiting":
            effect["attempts"] = max(effect["attempts"], 1)
    counters = [*rows["counters"], {"name": RESTORED, "value": int(NOW.timestamp())}]
    return rows | {"counters": sorted(counters, key=lambda c: str(c["name"]))}


def test_every_row_comes_back_on_either_database_and_the_journal_holds(
    bench: Bench, saved: Path, new_place: str
) -> None:
    contents, engine = read_contents(saved), open_engine(new_place)
    restore(engine, saved, contents, NOW, quiet)
    assert rows_of(engine) == marked(rows_of(bench.desk.engine))
    assert sum(contents.rows.values()) > 1_000
    with engine.connect() as conn:
        assert list(broken_links(conn)) == []
    engine.dispose()


def test_after_a_restore_commands_go_on_and_pupils_are_read_with_the_old_key(
    bench: Bench, saved: Path, new_place: str, directory: Directory
) -> None:
    from casework.meeting_record import add_action
    from casework.pupils import read_pupils

    engine = open_engine(new_place)
    assert restore(engine, saved, read_contents(saved), bench.clock.now(), quiet) > 0
    asked: list[str] = []
    desk = Desk(
        engine=engine, clock=bench.clock, sealer=Sealer([KEY]), mailboxes=Mailboxes(desk="d@x.example"),
        enqueue=lambda _conn, effect_id, _run=0: asked.append(effect_id),
    )  # fmt: skip
    with desk.work() as work:
        note_restore(work, read_contents(saved))
        assert restored_lately(work.conn, work.now) is not None
        waiting = select(tables.effects.c.attempts).where(tables.effects.c.state == "waiting")
        assert min(work.conn.execute(waiting).scalars()) == 1
        assert "Zebedee" in read_pupils(work, R1, "test").pupils[0].name
        community = directory.communities[0].name
        clerk = directory.clerk_of(community)
        assert clerk is not None
        add_action(work, community, "Ask the therapist", "Jo", date(2027, 1, 5), clerk.mail)
    engine.dispose()


def test_a_backup_is_not_restored_over_a_record(bench: Bench, saved: Path) -> None:
    with pytest.raises(InputRefused, match="an empty database"):
        restore(bench.desk.engine, saved, read_contents(saved), NOW, quiet)


NEWER = ("confirmed_headings", "form_headings", "mail_turns", "members", "minutes_proposals", "school_funding", "teams")
"""Tables in a backup that came after revision 0010, in which nothing stands here."""


def rewritten(file: Path, change: dict[str, bytes], without: Collection[str] = ()) -> Path:
    """The backup with some members changed, and without some."""
    with zipfile.ZipFile(file) as archive:
        members = {n: archive.read(n) for n in archive.namelist() if n not in without}
    changed = file.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w") as out:
        for name, content in {**members, **change}.items():
            out.writestr(name, content)
    return changed


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_no_backup_or_damaged_or_newer_is_refused_in_words(saved: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        told = json.loads(archive.read("manifest.json"))
    damaged = rewritten(saved, {"requests.jsonl": b"{}\n"})
    with pytest.raises(InputRefused, match="'requests' is not as it was written"):
        read_contents(damaged)
    with pytest.raises(InputRefused, match="of format 9"):
        read_contents(rewritten(saved, {"manifest.json": json.dumps(told | {"format": 9}).encode()}))
    for content in (b"", b"no zip", b"PK\x05\x06" + b"\0" * 18):
        (tmp_path / "x.zip").write_bytes(content)
        with pytest.raises(InputRefused, match="is no backup of CoS Desk"):
            read_contents(tmp_path / "x.zip")
    newer = rewritten(saved, {"manifest.json": json.dumps(told | {"revision": "9999"}).encode()})
    engine = open_engine(f"sqlite:///{tmp_path / 'newer.db'}")
    with pytest.raises(InputRefused, match="made by a newer version"):
        restore(engine, newer, read_contents(newer), NOW, quiet)
    engine.dispose()


def test_an_older_backup_is_brought_forward(bench: Bench, saved: Path, new_place: str) -> None:
    """As revision 0010 had made it: without what came after."""
    with zipfile.ZipFile(saved) as archive:
        told = json.loads(archive.read("manifest.json"))
        effects = [json.loads(line) for line in io.BytesIO(archive.read("effects.jsonl"))]
    older = b"".join(json.dumps({k: v for k, v in e.items() if k != "told_at"}).encode() + b"\n" for e in effects)

    hashes = told["sha256"] | {"effects": hashlib.sha256(older).hexdigest()}
    hashes = {name: digest for name, digest in hashes.items() if name not in NEWER}
    rows = {name: count for name, count in told["rows"].items() if name not in NEWER}
    manifest = json.dumps(told | {"revision": "0010", "sha256": hashes, "rows": rows}).encode()
    members = {"effects.jsonl": older, "manifest.json": manifest}
    file = rewritten(saved, members, without=[f"{name}.jsonl" for name in NEWER])
    engine = open_engine(new_place)
    restore(engine, file, read_contents(file), NOW, quiet)
    expected = marked(rows_of(bench.desk.engine))
    expected["pupils"] = [row | {"is_masked": False} for row in expected["pupils"]]  # masked when it is first opened
    assert rows_of(engine) == expected
    engine.dispose()


def test_what_is_written_while_it_is_made_is_not_in_it(bench: Bench, directory: Directory, tmp_path: Path) -> None:
    set_up(bench, directory)
    written: list[int] = []

    def meanwhile(*_: object) -> None:
        if not written:
            with bench.desk.work() as work:
                written.append(work.journal("test", "meanwhile"))

    with (tmp_path / "b.zip").open("wb") as target:
        contents = write_backup(bench.desk.engine, target, NOW, meanwhile)
    assert written
    assert contents.rows["journal"] == written[0] - 1
