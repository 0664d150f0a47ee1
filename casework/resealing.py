"""Another key for what is sealed: everything is sealed anew with the newest one, a portion at a time, while the service
runs. Then the old key can be taken away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Column, Table, func, select, tuple_, update

from casework import tables
from casework.desk import Desk, Work

SEALED: tuple[tuple[Table, Column[bytes]], ...] = (
    (tables.pupils, tables.pupils.c.sealed),
    (tables.amendments, tables.amendments.c.sealed),
    (tables.drafts, tables.drafts.c.sealed),
    (tables.bookings, tables.bookings.c.note),
)
"""Every column that holds something sealed."""

AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Resealed:
    """What became of the rows of one table."""

    table: str
    rows: int
    resealed: int


def reseal(desk: Desk, actor: str, tell: Callable[[str, int, int], None] = lambda *_: None) -> list[Resealed]:
    """Seal everything with the newest key. Blocking; may be run again, and goes on where it stopped. Raises
    `NeedsAttention` where a key is missing that something was sealed with; what was done until then stays.
    """
    found = []
    for table, column in SEALED:
        with desk.reading() as work:
            of = work.conn.execute(select(func.count(column))).scalar_one()
        after, seen, changed = None, 0, 0
        while True:
            with desk.work(actor) as work:
                rows, done, after = _portion(work, table, column, after)
            seen, changed = seen + rows, changed + done
            tell(table.name, seen, of)
            if not rows:
                break
        found.append(Resealed(table=table.name, rows=seen, resealed=changed))
    with desk.work(actor) as work:
        work.journal("reseal", "the record", rows=sum(r.rows for r in found), resealed=sum(r.resealed for r in found))
    return found


def _portion(
    work: Work, table: Table, column: Column[bytes], after: tuple[object, ...] | None
) -> tuple[int, int, tuple[object, ...] | None]:
    """One portion by primary key; rows seen, rows changed, the last key."""
    keys = list(table.primary_key.columns)
    rows = select(*keys, column).where(column.is_not(None)).order_by(*keys).limit(AT_ONCE)
    if after is not None:
        rows = rows.where(tuple_(*keys) > tuple_(*after))
    found = work.conn.execute(rows.with_for_update()).all()
    changed = 0
    for *key, sealed in found:
        if work.desk.sealer.is_newest(sealed):
            continue
        same = [k == v for k, v in zip(keys, key, strict=True)]
        work.conn.execute(update(table).where(*same).values({column.name: work.desk.sealer.rotate(sealed)}))
        changed += 1
    return len(found), changed, tuple(found[-1][:-1]) if found else after
