"""Databases for tests: a template of each kind is made once in a process, and every test gets a copy of its own.

Making the tables takes half a second, copying a file some milliseconds: most of what a test of the record takes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url

from casework.database import migrate, open_engine
from casework.desk import Desk, Mailboxes
from casework.directory_record import import_directory, import_people
from casework.engine import Outbox
from casework.sealing import Sealer
from communities.directory import Directory
from service.clocks import ManualClock


class Filled(StrEnum):
    """What a copy has in it."""

    TABLES = "tables"
    """Ours and the engine's, empty."""

    COUNTY = "county"
    """The directory and its people besides."""


Begin = Callable[[Any, Directory], object]
"""Brings a `Bench` with the county in its record to where tests begin."""

Fill = Callable[[str, Filled | Begin], None]


def fill(url: str, filled: Filled, directory: Directory, clock: ManualClock) -> None:
    """Bring an empty database to what a template has in it."""
    engine = open_engine(url)
    migrate(engine)
    Outbox(url).close()
    if filled is Filled.COUNTY:
        desk = Desk(
            engine=engine, clock=clock, sealer=Sealer([]), mailboxes=Mailboxes(desk="desk@x.example"),
            enqueue=lambda *_: None,
        )  # fmt: skip
        with desk.work() as work:
            import_directory(work, directory)
            import_people(work, directory.people)
    engine.dispose()


@dataclass(kw_only=True)
class SqliteTemplates:
    """Files; a copy is a file as well."""

    folder: Path
    fill: Fill
    made: dict[Filled | Begin, Path] = field(default_factory=dict)

    def copy(self, filled: Filled | Begin, folder: Path) -> str:
        """The URL of a copy in that folder."""
        if filled not in self.made:
            path = self.folder / f"{len(self.made)}.db"
            self.fill(f"sqlite:///{path}", filled)
            self.made[filled] = path
        shutil.copyfile(self.made[filled], folder / "record.db")
        return f"sqlite:///{folder / 'record.db'}"


QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")
"""What is lost when the power goes is lost with the test as well."""


@dataclass(kw_only=True)
class PostgresTemplates:
    """Databases of one server; PostgreSQL copies a database by itself."""

    url: str
    """Of the server's own first database."""
    fill: Fill
    made: dict[Filled | Begin, str] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.say(*(f"ALTER SYSTEM SET {setting}" for setting in QUICK), "SELECT pg_reload_conf()")

    @cached_property
    def _server(self) -> str:
        return self.url.replace("postgresql://", "postgresql+psycopg://", 1)

    @cached_property
    def _admin(self) -> Connection:
        """Stays open: a connection costs the server as much as half a copy."""
        return create_engine(self._server, isolation_level="AUTOCOMMIT").connect()

    def say(self, *statements: str) -> None:
        """Run statements as the server's owner."""
        for statement in statements:
            self._admin.exec_driver_sql(statement)

    def close(self) -> None:
        """Before the server goes."""
        self._admin.close()
        self._admin.engine.dispose()

    def empty(self) -> str:
        """The URL of a new database without a table."""
        return self._new("template1")

    def copy(self, filled: Filled | Begin) -> str:
        """The URL of a copy."""
        if filled not in self.made:
            url = self.empty()
            self.fill(url, filled)
            self.made[filled] = str(make_url(url).database)
        return self._new(self.made[filled])

    def _new(self, template: str) -> str:
        name = f"t{next(self._numbers)}"
        self.say(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Give the disk back."""
        self.say(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')
