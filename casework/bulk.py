"""Many rows into a table at once: one statement, converted a column at a time, without looking for rubbish meanwhile.

SQLAlchemy's own execution of many rows builds a dictionary of parameters for each; for a workbook of thousands that
takes longer than the database does. So would the garbage collector, which finds nothing: rows hold no cycles.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, insert

from casework.tables import ClosesAt, Moment


def insert_many(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], statement: Any = None) -> None:
    """Insert rows that all have the same columns, two or more; `statement` is an INSERT of that table (a plain one).

    The values are converted as SQLAlchemy would, so that the database holds the same either way.
    """
    if not rows:
        return
    names = list(rows[0])
    compiled = (insert(table) if statement is None else statement).compile(dialect=conn.dialect, column_keys=names)
    by_column = zip(*map(itemgetter(*names), rows), strict=True)
    columns = [_converted(conn, table, name, column) for name, column in zip(names, by_column, strict=True)]
    if compiled.positiontup is not None:
        order = [names.index(name) for name in compiled.positiontup]
        values: Any = list(zip(*(columns[i] for i in order), strict=True))
    else:
        values = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    conn.exec_driver_sql(str(compiled), values)


@contextmanager
def uncollected() -> Iterator[None]:
    """Put automatic garbage collection off, for a part of a second: a third of the time of a bulk went into it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _converted(conn: Connection, table: Table, name: str, column: Sequence[Any]) -> Iterable[Any]:
    kind = table.c[name].type
    convert: Callable[[Any], Any] | None = kind.dialect_impl(conn.dialect).bind_processor(conn.dialect)
    if convert is None:
        return column
    return map(lru_cache(maxsize=1024)(convert) if isinstance(kind, Moment | ClosesAt) else convert, column)
