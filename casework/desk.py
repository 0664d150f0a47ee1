"""The desk: one transaction a command, with its journal entry and the effects it asks for.

Commands are plain functions that take a `Work`; they never talk to the outside.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Engine, Table, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from casework import tables
from casework.bulk import insert_many
from casework.database import READS
from casework.journal import chained_hash, last_hash
from casework.mail_rate import MailLimits
from casework.sealing import Sealer
from casework.tracing import where
from communities.calendars import WEEKDAYS, SchoolYear, WorkingDays, london
from communities.directory import Directory

P = ParamSpec("P")
R = TypeVar("R")

SYSTEM = "CoS Desk"
"""The actor of what the clocks and the sync do by themselves."""

CONSOLE = "the console"
"""Whoever runs `cos` on the server: may do what an administrator may."""


class Clock(Protocol):
    """Where the time comes from: the machine, or a demo's year."""

    def now(self) -> datetime:
        """Aware, UTC."""


KEEP_MONTHS = 12
"""A choice: a year after the academic year, in which questions of auditors and appeals come."""

RESTORED = "restored"
"""The counter that says when the record was restored from a backup (Unix time)."""

LOOKED_FOR = timedelta(days=30)
"""A choice: so long after a restore everything is looked for before it is made, as it may be from before."""

QUEUED_AT_ONCE = 50
"""Effects of one command handed to the engine in its own transaction; more are left to the sweep."""


class Entry(NamedTuple):
    """A journal entry to write."""

    command: str
    subject: str
    details: dict[str, Any]


class Effect(NamedTuple):
    """An effect to ask for."""

    kind: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Mailboxes:
    """The desk's own mailbox, which organises meetings and sends mail, and others it sends from beside."""

    desk: str
    others: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Work:
    """One command at work: the open transaction, the moment, who acts."""

    conn: Connection
    now: datetime
    actor: str
    desk: Desk
    typed_by: str = ""
    """Who really sits at the console, where it acts in somebody's name."""
    directory: Directory | None = None
    """Kept by `directory_record` where this only reads: looked up once."""

    @property
    def today(self) -> date:
        """London's date."""
        return london(self.now).date()

    def acting(self, actor: str) -> Work:
        """The same transaction, in somebody else's name: whoever edited a list, or whom the console acts for.

        Who does it in another's name stands beside it in the journal.
        """
        own = self.actor if self.actor not in (actor, SYSTEM) else self.typed_by
        return replace(self, actor=actor, typed_by=own)

    def journal(self, command: str, subject: str, **details: Any) -> int:
        """Write down what was done, chained to the entry before; returns its number. Never a pupil's name.

        The counter is the chain's lock: commands write their entries one after the other on every database.
        """
        return self.journal_all([Entry(command, subject, details)])

    def journal_all(self, entries: Sequence[Entry]) -> int:
        """Write down several at once, in this order; returns the number of the last."""
        if self.typed_by:
            entries = [e._replace(details={**e.details, "typed_by": self.typed_by}) for e in entries]
        last = self.next_number("journal", len(entries))
        number, rows = last - len(entries), []
        previous = last_hash(self.conn, number + 1)
        for entry in entries:
            number += 1
            row = {"at": self.now, "actor": self.actor, **entry._asdict()}
            previous = chained_hash(previous, number, row)
            rows.append(row | {"number": number, "hash": previous})
        insert_many(self.conn, tables.journal, rows)
        return last

    def change(self, subject: str) -> int:
        """Which change of a thing this is, counted for that thing alone: in the id of an effect, where the journal's
        number would depend on what else happened at the time.
        """
        return self.next_number(f"changes of {subject}")

    def effect(self, kind: str, subject: str) -> None:
        """Ask for an effect in this transaction; the same one asked for twice happens once."""
        effect_id = f"{kind}:{subject}"
        row = self._effect_row(effect_id, kind, subject, is_queued=True)
        wanted = insert_once(self.conn, tables.effects).values(row).returning(tables.effects.c.id)
        if self.conn.execute(wanted).first() is not None:
            self.desk.enqueue(self.conn, effect_id)

    def no_effect(self, kind: str, subject: str) -> None:
        """Note that nothing is to be done of that kind for that subject: it is not asked for again."""
        row = self._effect_row(f"{kind}:{subject}", kind, subject, is_queued=True)
        row |= {"state": "done", "done_at": self.now}
        self.conn.execute(insert_once(self.conn, tables.effects).values(row))

    def effects_all(self, wanted: Sequence[Effect]) -> None:
        """Ask for several at once. A bulk is handed to the engine by the sweep, a portion at a time, so that a
        workbook of thousands does not hold the record while each is queued.
        """
        if len(wanted) <= QUEUED_AT_ONCE:
            for kind, subject in wanted:
                self.effect(kind, subject)
            return
        rows = [self._effect_row(f"{kind}:{subject}", kind, subject, is_queued=False) for kind, subject in wanted]
        insert_many(self.conn, tables.effects, rows, insert_once(self.conn, tables.effects))

    def _effect_row(self, effect_id: str, kind: str, subject: str, *, is_queued: bool) -> dict[str, Any]:
        return {
            "id": effect_id, "kind": kind, "subject": subject, "state": "waiting", "is_queued": is_queued,
            "attempts": 0, "created_at": self.now, "trace": where(),
        }  # fmt: skip

    def next_number(self, name: str, count: int = 1) -> int:
        """The next of a series, safe among workers; with `count`, the last of so many taken at once."""
        self.conn.execute(insert_once(self.conn, tables.counters).values(name=name, value=0))
        counter = tables.counters
        bump = update(counter).where(counter.c.name == name).values(value=counter.c.value + count)
        return int(self.conn.execute(bump.returning(counter.c.value)).scalar_one())


LOOKERS = 2
"""Threads that answer questions: they compute and hardly wait, so more of them only keep the event loop from its turn
(measured by `benchmarks.turns`).
"""


class Desk:
    """The record's engine, the clock, the seal and the way to the effects."""

    def __init__(
        self,
        *,
        engine: Engine,
        clock: Clock,
        sealer: Sealer,
        mailboxes: Mailboxes,
        enqueue: Callable[..., None],
        days: WorkingDays = WEEKDAYS,
        school_years: Sequence[SchoolYear] = (),
        restored_at: datetime | None = None,
        keep_months: int = KEEP_MONTHS,
        mail_limits: MailLimits | None = None,
    ) -> None:
        self.engine, self.clock, self.sealer, self.mailboxes = engine, clock, sealer, mailboxes
        self.enqueue, self.days = enqueue, days
        self.school_years = tuple(school_years)
        """The county's term dates: reports are due in term, however `days` counts."""
        self.keep_months = keep_months
        """Months after the end of an academic year that pupils' data of its requests is kept."""
        self.mail_limits = mail_limits or MailLimits()
        """What Exchange lets a mailbox send."""
        self.restored_at = restored_at
        """When the record was lately restored from a backup: what is asked for anew may be done already."""
        self._lookers = ThreadPoolExecutor(LOOKERS, thread_name_prefix="look")
        self.directory_cache: tuple[tuple[int, date], Directory] | None = None
        """Kept by `directory_record`, with the number of the import and the day it is for."""
        self.reading_directory = threading.Lock()

    @contextmanager
    def work(self, actor: str = SYSTEM) -> Iterator[Work]:
        """Open a transaction; it commits as a whole or not at all."""
        with self.engine.begin() as conn:
            yield Work(conn=conn, now=self.clock.now(), actor=actor, desk=self)

    @contextmanager
    def reading(self, actor: str = SYSTEM) -> Iterator[Work]:
        """A look at the record as it stands, which waits for nobody; `HasToWrite` where it wants to change it."""
        with self.engine.connect() as conn, conn.execution_options(**{READS: True}).begin():
            yield Work(conn=conn, now=self.clock.now(), actor=actor, desk=self)

    async def look(self, question: Callable[Concatenate[Work, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """A question from async code, in a thread."""

        def whole() -> R:
            with self.reading() as work:
                return question(work, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._lookers, whole)

    async def run(self, actor: str, command: Callable[Concatenate[Work, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """A command from async code, in a thread."""

        def whole() -> R:
            with self.work(actor) as work:
                return command(work, *args, **kwargs)

        return await asyncio.to_thread(whole)


def restored_lately(conn: Connection, now: datetime) -> datetime | None:
    """When the record was restored from a backup, if what happened after that may be there already."""
    at = conn.execute(select(tables.counters.c.value).where(tables.counters.c.name == RESTORED)).scalar()
    moment = datetime.fromtimestamp(at, UTC) if at is not None else None
    return moment if moment is not None and moment > now - LOOKED_FOR else None


def hand_over(work: Work, most: int) -> int:
    """Give the engine effects that were asked for in bulk; returns how many. Workers never take the same ones."""
    effects = tables.effects
    waiting = select(effects.c.id).where(effects.c.is_queued.is_(False)).order_by(effects.c.created_at).limit(most)
    ids = work.conn.execute(waiting.with_for_update(skip_locked=True)).scalars().all()
    for effect_id in ids:
        work.desk.enqueue(work.conn, effect_id)
    work.conn.execute(update(effects).where(effects.c.id.in_(ids)).values(is_queued=True))
    return len(ids)


def insert_once(conn: Connection, table: Table) -> Any:
    """INSERT … ON CONFLICT DO NOTHING on either database."""
    return _insert(conn)(table).on_conflict_do_nothing()


def insert_or_replace(conn: Connection, table: Table, row: dict[str, Any], key: tuple[str, ...]) -> Any:
    """INSERT … ON CONFLICT (key) DO UPDATE on either database; what `row` leaves out stays."""
    changed = {k: v for k, v in row.items() if k not in key}
    return _insert(conn)(table).values(row).on_conflict_do_update(index_elements=list(key), set_=changed)


def insert_if_new(conn: Connection, table: Table, row: dict[str, Any], key: tuple[str, ...]) -> bool:
    """INSERT … ON CONFLICT (key) DO NOTHING on either database; whether it was new, for one of several at once."""
    done = conn.execute(_insert(conn)(table).values(row).on_conflict_do_nothing(index_elements=list(key)))
    return int(done.rowcount) == 1


def replace_rows(conn: Connection, table: Table, key: tuple[str, ...]) -> Any:
    """`insert_or_replace` for many rows at once: every column but the key's is replaced."""
    made = _insert(conn)(table)
    changed = {c.name: made.excluded[c.name] for c in table.columns if c.name not in key}
    return made.on_conflict_do_update(index_elements=list(key), set_=changed)


def _insert(conn: Connection) -> Any:
    return sqlite_insert if conn.dialect.name == "sqlite" else postgres_insert
