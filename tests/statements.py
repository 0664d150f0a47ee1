"""SQL compiled once in a process: every test opens an engine of its own and says what the tests before it said.

Compiling is a quarter of what a test of the record takes. SQLAlchemy keeps what it compiled for each engine and each
dialect object; here all engines of a process keep it together, and two dialects of one class are the same.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

KEPT = 4_000
"""More than the product says, on two databases."""

_compiled: LRUCache = LRUCache(KEPT)


def share_statements() -> None:
    """From now on, for every engine of this process."""
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = _is_of_one_class  # type: ignore[method-assign]
        dialect.__hash__ = _of_its_class  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _share)


def _is_of_one_class(one: DefaultDialect, other: object) -> bool:
    return type(one) is type(other)


def _of_its_class(dialect: DefaultDialect) -> int:
    return hash(type(dialect))


def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_compiled)
