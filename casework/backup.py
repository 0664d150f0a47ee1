"""The record as one file, and back: the same file from SQLite and from PostgreSQL, restored into either.

A backup is one consistent look at the record, taken while the service runs. It holds every table of ours, pupils' data
as it is sealed (the keys are not in it), and nothing of the engine's: after a restore what waits is begun again
(`adrift`). Tables that are only of the moment (who works, whose turn it is) are left out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import JSON, Column, Connection, Engine, MetaData, Table, func, inspect, select, text, update

from casework import tables
from casework.database import READS, NewerRevision, migrate, revision_of
from casework.desk import RESTORED, Work, insert_or_replace
from casework.errors import InputRefused
from communities.calendars import Closing

FORMAT = 1
OF_THE_MOMENT = ("workers", "duties", "wanted", "graph_slots", "graph_budgets", "subscriptions")
"""Not backed up: they say who works just now, or what Graph sends to the service that made them."""

MANIFEST = "manifest.json"
AT_ONCE = 1_000

Tell = Callable[[str, int, int], None]
"""(table, rows done, rows in all), as it goes."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a backup says of itself."""

    made_at: datetime
    revision: str
    rows: dict[str, int]
    hashes: dict[str, str]


def kept_tables() -> list[Table]:
    """The tables a backup holds, each after those it refers to."""
    return [t for t in tables.metadata.sorted_tables if t.name not in OF_THE_MOMENT]


def write_backup(engine: Engine, target: IO[bytes], now: datetime, tell: Tell) -> Contents:
    """Write the record as it stands at one moment."""
    with engine.connect() as conn:
        conn = _one_look(conn)
        with conn.begin(), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
            counts = {
                t.name: int(conn.execute(select(func.count()).select_from(t)).scalar_one()) for t in kept_tables()
            }
            rows, hashes, done, total = {}, {}, 0, sum(counts.values())
            for table in kept_tables():
                digest, count = hashlib.sha256(), 0
                with out.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
                    for line in _lines(conn, table):
                        file.write(line)
                        digest.update(line)
                        count += 1
                        if count % AT_ONCE == 0:
                            tell(table.name, done + count, total)
                rows[table.name], hashes[table.name] = count, digest.hexdigest()
                done += count
                tell(table.name, done, total)
            contents = Contents(made_at=now, revision=revision_of(conn), rows=rows, hashes=hashes)
            out.writestr(MANIFEST, json.dumps(_described(contents), indent=1))
    return contents


def _one_look(conn: Connection) -> Connection:
    """A snapshot: what is written meanwhile is not seen."""
    if conn.dialect.name == "sqlite":
        return conn.execution_options(**{READS: True})
    return conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _lines(conn: Connection, table: Table) -> Iterator[bytes]:
    rows = conn.execution_options(yield_per=AT_ONCE).execute(select(table).order_by(*table.primary_key.columns))
    for row in rows:
        values = {c.name: _written(c, v) for c, v in zip(table.columns, row, strict=True)}
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _written(column: Column[Any], value: Any) -> Any:
    """A value so that its kind can be told again."""
    if value is None:
        return None
    if isinstance(column.type, JSON):
        return {"json": value}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, Closing):
        value = value.at
    if isinstance(value, datetime):
        return {"moment": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def _described(contents: Contents) -> dict[str, Any]:
    return {
        "format": FORMAT, "made_at": contents.made_at.isoformat(), "revision": contents.revision,
        "rows": contents.rows, "sha256": contents.hashes,
    }  # fmt: skip


def read_contents(file: Path) -> Contents:
    """What is in a backup, with every table's hash checked. Raises `InputRefused`."""
    try:
        with zipfile.ZipFile(file) as archive:
            told = json.loads(archive.read(MANIFEST))
            if told.get("format") != FORMAT:
                raise InputRefused(
                    f"{file.name} is a backup of format {told.get('format')}; this version reads {FORMAT}."
                )
            contents = Contents(
                made_at=datetime.fromisoformat(told["made_at"]), revision=str(told["revision"]),
                rows=dict(told["rows"]), hashes=dict(told["sha256"]),
            )  # fmt: skip
            for name, expected in contents.hashes.items():
                if _hash_of(archive, f"{name}.jsonl") != expected:
                    raise InputRefused(f"{file.name} is damaged: the table '{name}' is not as it was written.")
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise InputRefused(f"{file.name} is no backup of CoS Desk, or is damaged ({type(error).__name__}).") from error
    return contents


def _hash_of(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def restore(engine: Engine, file: Path, contents: Contents, now: datetime, tell: Tell) -> int:
    """Put a backup into an empty database, brought to the revision it was made at and then to the newest one.

    The record is older than the world now: whatever waits may have been done since, so it is looked for before it is
    done again, and for a while the same holds for whatever is asked for anew (`desk.LOOKED_FOR`). That is written with
    the rows, so that no record stands without it. Returns how many effects are looked for.

    Raises `InputRefused` where the database is not empty, or where the backup is of a newer version.
    """
    _check_is_empty(engine, contents)
    try:
        migrate(engine, to=contents.revision)
    except NewerRevision as error:
        raise InputRefused(
            f"The backup was made by a newer version of CoS Desk (revision {contents.revision}): install that one."
        ) from error
    total, done = sum(contents.rows.values()), 0
    with engine.begin() as conn, zipfile.ZipFile(file) as archive:
        known = MetaData()
        known.reflect(conn)
        for name in _in_order(known, contents.rows):
            table = known.tables[name]
            for rows in _portions(archive, table, is_zoned=conn.dialect.name != "sqlite"):
                conn.execute(table.insert(), rows)
                done += len(rows)
                tell(name, done, total)
            _set_sequences(conn, table)
        looked_for = _mark_as_older(conn, now)
    migrate(engine)
    return looked_for


def _mark_as_older(conn: Connection, now: datetime) -> int:
    """By name alone: the tables are of the backup's revision."""
    marked = {"name": RESTORED, "value": int(now.timestamp())}
    conn.execute(insert_or_replace(conn, tables.counters, marked, ("name",)))
    effects = tables.effects
    waiting = update(effects).where(effects.c.state == "waiting", effects.c.attempts == 0).values(attempts=1)
    return conn.execute(waiting).rowcount


def _check_is_empty(engine: Engine, contents: Contents) -> None:
    there = set(inspect(engine).get_table_names()).intersection(contents.rows)
    if not there:
        return
    with engine.connect() as conn:
        has_rows = any(conn.execute(select(tables.metadata.tables[n]).limit(1)).first() for n in ("journal", "effects"))
        if has_rows or revision_of(conn) != contents.revision:
            raise InputRefused(
                "A backup is restored into an empty database, and this one holds a record. Move the SQLite file away, "
                "or name a new database in COS_DATABASE_URL."
            )


def _in_order(known: MetaData, names: dict[str, int]) -> list[str]:
    unknown = sorted(set(names) - set(known.tables))
    if unknown:
        raise InputRefused(f"The backup has tables this version does not know: {', '.join(unknown)}.")
    return [t.name for t in known.sorted_tables if t.name in names]


def _portions(archive: zipfile.ZipFile, table: Table, *, is_zoned: bool) -> Iterator[list[dict[str, Any]]]:
    for column in table.columns:
        if isinstance(column.type, JSON):
            column.type = JSON(none_as_null=True)
    portion: list[dict[str, Any]] = []
    with archive.open(f"{table.name}.jsonl") as file:
        for line in file:
            portion.append({k: _read(v, is_zoned=is_zoned) for k, v in json.loads(line).items()})
            if len(portion) == AT_ONCE:
                yield portion
                portion = []
    if portion:
        yield portion


def _read(value: Any, *, is_zoned: bool) -> Any:
    if not isinstance(value, dict):
        return value
    [(kind, written)] = value.items()
    match kind:
        case "json":
            return written
        case "bytes":
            return base64.b64decode(written)
        case "moment":
            moment = datetime.fromisoformat(written)
            return moment if is_zoned else moment.astimezone(UTC).replace(tzinfo=None)
        case _:
            return date.fromisoformat(written)


def _set_sequences(conn: Connection, table: Table) -> None:
    """On PostgreSQL the next number of a counted column is one more than the highest; SQLite does so by itself."""
    if conn.dialect.name == "sqlite":
        return
    for column in table.primary_key.columns:
        sequence = conn.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        ).scalar()
        highest = conn.execute(select(func.max(column))).scalar() if sequence else None
        if highest is not None:
            conn.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})


def note_restore(work: Work, contents: Contents) -> None:
    """Write into the journal that this record came from a backup."""
    work.journal(
        "restore backup", "the record", made_at=contents.made_at.isoformat(), revision=contents.revision,
        rows=sum(contents.rows.values()),
    )  # fmt: skip
