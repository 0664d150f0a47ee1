"""Opening the record: SQLite (WAL, one writer at a time) or PostgreSQL, brought up to date by Alembic."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import msgspec
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from casework.one_writer import OneWriter


def _as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


JSON: Mapping[str, Any] = MappingProxyType({"json_serializer": _as_json, "json_deserializer": msgspec.json.decode})
"""How JSON columns are written and read: enums, dates and dataclasses included."""

READS = "cos_reads"
"""Execution option of a connection that is opened to read."""

WRITES = ("INSERT", "UPDATE", "DELETE")

OUTLIVED = "RevalidateCachedQuery"
"""Where PostgreSQL finds that a table has changed since it prepared a statement, whatever language it says so in."""

READ_ONLY = "25006"
"""PostgreSQL's code for a transaction that may not write: a standby, or a disk that is nearly full."""

NO_DATABASE = (11, 26)
"""SQLite's codes for a file that is damaged, or none of its own (`SQLITE_CORRUPT`, `SQLITE_NOTADB`)."""

SQL_ERROR = 1
"""SQLite's code for a statement that is wrong (`SQLITE_ERROR`), which Python calls an operational error as well."""


RECORD_AWAY = (
    "CoS Desk cannot reach its record just now. Wait a few minutes and look how it stands before you try again."
)
"""What people are told meanwhile: whether the last thing was still kept is not known to whoever was cut off."""


def is_record_away(error: BaseException) -> bool:
    """Whether the database could not be reached or could not take anything just now (gone, full, read-only, locked):
    what was done is rolled back and can be done again. A wrong statement is none of that.
    """
    if isinstance(error, TimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or getattr(error.orig, "sqlstate", "") == READ_ONLY:
        return True
    is_wrong = getattr(error.orig, "sqlite_errorcode", None) == SQL_ERROR
    return isinstance(error, (OperationalError, InterfaceError)) and not is_wrong


def why_unusable(error: BaseException) -> str | None:
    """What a database that is away or damaged says, in one line; None for any other error."""
    is_damaged = getattr(getattr(error, "orig", None), "sqlite_errorcode", None) in NO_DATABASE
    if not is_damaged and not is_record_away(error):
        return None
    said = str(getattr(error, "orig", None) or error or type(error).__name__)
    return said.splitlines()[0].strip().rstrip(".")


class HasToWrite(Exception):
    """Something that was opened to read wants to write: do it again as a command."""


ONE_FILE: Mapping[str, Any] = MappingProxyType({"connect_args": {"factory": OneWriter}, "pool_size": 20})
"""An engine on a SQLite file: as many connections kept open as threads use it at once, for opening one costs more than
most transactions.
"""

WAIT_MS = 30_000
"""How long a writer waits for another on SQLite."""


MILLISECONDS_SINCE = (3, 42)
"""The SQLite that answers `unixepoch('subsec')`, by which the engine under the effects dates its rows from Python 3.12
on. Debian 12 and Ubuntu 22.04 have an older one, which answers nothing (docs/decisions/0019).
"""


@event.listens_for(Engine, "connect")
def _teach_milliseconds(connection: Any, _record: Any) -> None:
    """Every engine, for that one brings its tables up to date through an engine of its own."""
    if isinstance(connection, sqlite3.Connection) and sqlite3.sqlite_version_info < MILLISECONDS_SINCE:
        connection.create_function("unixepoch", 1, _unixepoch)


def _unixepoch(what: str) -> float:
    if what != "subsec":
        raise NotImplementedError(what)
    return time.time_ns() // 1_000_000 / 1000


def open_engine(url: str) -> Engine:
    """An engine whose transactions take the write lock at once on SQLite, so that read and write are one."""
    if not url.startswith("sqlite"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, **JSON)
        event.listen(engine, "before_cursor_execute", _only_reads)
        event.listen(engine, "handle_error", _look_for_changed_tables)
        return engine
    # an error's text must not carry what schools wrote
    engine = create_engine(url, hide_parameters=True, **ONE_FILE, **JSON)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "before_cursor_execute", _only_reads)
    return engine


def _look_for_changed_tables(context: ExceptionContext) -> None:
    """A newer version changed a table while this one runs: what PostgreSQL prepared here is worth nothing any more, and
    new connections are as good as ever.
    """
    if getattr(getattr(context.original_exception, "diag", None), "source_function", "") == OUTLIVED:
        context.is_disconnect = True


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={WAIT_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _only_reads(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
    """What only reads takes no lock; a write is told so before it is tried."""
    if connection.get_execution_options().get(READS) and statement[:6].upper() in WRITES:
        raise HasToWrite


def open_queue_engine(url: str) -> Engine | None:
    """The engine the effects' queue uses on SQLite: its writers wait for ours as ours do for them. None elsewhere."""
    if not url.startswith("sqlite"):
        return None
    engine = create_engine(url, **ONE_FILE)
    event.listen(engine, "connect", _configure_queue)
    return engine


def _configure_queue(connection: Any, _record: Any) -> None:
    connection.isolation_level = "IMMEDIATE"  # as DBOS sets it on an engine of its own
    for pragma in ("synchronous=FULL", "foreign_keys=ON", f"busy_timeout={WAIT_MS}"):
        connection.execute(f"PRAGMA {pragma}")


MIGRATING = 0x636F73
"""The advisory lock of whoever brings the tables up to date."""


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[None]:
    """Several processes that start at once on PostgreSQL bring the tables up to date one after the other."""
    if engine.dialect.name == "sqlite":
        yield
        return
    # an open transaction would hold up an index that is made concurrently
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATING})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATING})


class NewerRevision(Exception):
    """A newer version made it: this one does not know the revision."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"revision {revision}")
        self.revision = revision


def migrate(engine: Engine, to: str = "head") -> None:
    """Bring the tables to the newest revision, or to one before; nothing happens where they are there already.

    Raises `NewerRevision` where the tables stand at, or are to come to, a revision of a newer version.
    """
    config = Config()
    config.set_main_option("script_location", str(files("casework") / "migrations"))
    with engine.begin() as connection:
        stands_at = revision_of(connection)
        if to == "head" and stands_at == newest_revision():
            return
        if (unknown := next((r for r in (stands_at, to) if not _is_known(r)), None)) is not None:
            raise NewerRevision(unknown)
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def _is_known(revision: str) -> bool:
    known = {script.revision for script in _scripts().walk_revisions()}
    return revision in known | {"head", str(None)}


@cache
def newest_revision() -> str:
    """The revision this version brings a record to."""
    return str(_scripts().get_current_head())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(files("casework") / "migrations"))


def revision_of(connection: Connection) -> str:
    """The revision the tables stand at."""
    return str(MigrationContext.configure(connection).get_current_revision())
