"""SQLite has one writer at a time: within a process its threads queue for that here, in Python.

SQLite's own way of waiting is to sleep and try again, up to a tenth of a second at a time, so that a dozen threads that
write short transactions spend most of their time asleep (docs/decisions/0013). Other processes are still waited for in
SQLite's way.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from typing import Any

WAIT_S = 30.0
"""How long a writer waits for another; after that SQLite says that the database is locked."""

_TURNS: dict[str, threading.Lock] = {}
"""One a database file."""


class OneWriter(sqlite3.Connection):
    """A connection that has its turn from the statement that begins a writing transaction until that is over."""

    def __init__(self, database: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(database, *args, **kwargs)
        own = threading.Lock()
        self._turn = own if ":memory:" in str(database) else _TURNS.setdefault(str(database), own)
        self._has_turn = False

    def cursor(self, factory: Any = None) -> Any:
        """A cursor that asks for the turn before it writes."""
        return super().cursor(factory or _Asking)

    def commit(self) -> None:
        """Commit; the next one may write."""
        try:
            super().commit()
        finally:
            self.give_turn()

    def rollback(self) -> None:
        """Undo; the next one may write."""
        try:
            super().rollback()
        finally:
            self.give_turn()

    def close(self) -> None:
        """Close; what it held is given back."""
        try:
            super().close()
        finally:
            self.give_turn(is_closed=True)

    def take_turn(self) -> None:
        """Wait for the one who writes now."""
        if not self._has_turn:
            self._has_turn = self._turn.acquire(timeout=WAIT_S)

    def give_turn(self, *, is_closed: bool = False) -> None:
        """Let the next one write, unless a transaction is open still."""
        if self._has_turn and (is_closed or not self.in_transaction):
            self._has_turn = False
            self._turn.release()


class _Asking(sqlite3.Cursor):
    """Takes the turn for a statement that writes or says that it will."""

    def execute(self, sql: str, parameters: Any = (), /) -> _Asking:
        return self._in_turn(sql, lambda: super(_Asking, self).execute(sql, parameters))

    def executemany(self, sql: str, seq_of_parameters: Iterable[Any], /) -> _Asking:
        return self._in_turn(sql, lambda: super(_Asking, self).executemany(sql, seq_of_parameters))

    def _in_turn(self, sql: str, run: Any) -> _Asking:
        connection: Any = self.connection
        if not sql.lstrip()[:7].upper().startswith(_WRITES):
            run()
            return self
        connection.take_turn()
        try:
            run()
        finally:
            connection.give_turn()
        return self


_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "BEGIN I", "WITH ")
