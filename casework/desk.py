"""The desk: one transaction a command, with its journal entry and the effects it asks for.

Commands are plain functions that take a `Work`; they never talk to the outside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Engine, insert, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from casework import tables
from casework.journal import chained_hash, last_hash
from casework.sealing import Sealer
from communities.calendars import WEEKDAYS, WorkingDays, london
from communities.directory import Directory

P = ParamSpec("P")
R = TypeVar("R")

SYSTEM = "CoS Desk"
"""The actor of what the clocks and the sync do by themselves."""

CONSOLE = "the console"
"""Whoever runs `cos` on the server: may do what an administrator may."""


class Clock(Protocol):
    """Where the time comes from: the machine, or a demo's ten weeks."""

    def now(self) -> datetime:
        """Aware, UTC."""


@dataclass(frozen=True, kw_only=True)
class Mailboxes:
    """The desk's own mailbox: it organises meetings and sends mail."""

    desk: str


@dataclass(kw_only=True)
class Work:
    """One command at work: the open transaction, the moment, who acts."""

    conn: Connection
    now: datetime
    actor: str
    desk: Desk

    @property
    def today(self) -> date:
        """London's date."""
        return london(self.now).date()

    def acting(self, actor: str) -> Work:
        """The same transaction, in somebody else's name: whoever edited a list or pressed a card."""
        return replace(self, actor=actor)

    def journal(self, command: str, subject: str, **details: Any) -> int:
        """Write down what was done, chained to the entry before; returns its id. Never pupils' names or birth dates.

        The counter is the chain's lock: commands write their entries one after the other on every database.
        """
        entry = {"at": self.now, "actor": self.actor, "command": command, "subject": subject, "details": details}
        number = self.next_number("journal")
        previous = last_hash(self.conn, number)
        entry |= {"number": number, "hash": chained_hash(previous, number, entry)}
        key = self.conn.execute(insert(tables.journal).values(entry)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def effect(self, kind: str, subject: str) -> None:
        """Ask for an effect in this transaction; the same one asked for twice happens once."""
        effect_id = f"{kind}:{subject}"
        row = {"id": effect_id, "kind": kind, "subject": subject, "state": "waiting", "attempts": 0}
        wanted = insert_once(self.conn, tables.effects, row | {"created_at": self.now}).returning(tables.effects.c.id)
        if self.conn.execute(wanted).first() is not None:
            self.desk.enqueue(self.conn, effect_id)

    def next_number(self, name: str) -> int:
        """The next of a series, safe among workers."""
        self.conn.execute(insert_once(self.conn, tables.counters, {"name": name, "value": 0}))
        counter = tables.counters
        bump = update(counter).where(counter.c.name == name).values(value=counter.c.value + 1)
        return int(self.conn.execute(bump.returning(counter.c.value)).scalar_one())


class Desk:
    """The record's engine, the clock, the seal and the way to the effects."""

    def __init__(
        self,
        *,
        engine: Engine,
        clock: Clock,
        sealer: Sealer,
        mailboxes: Mailboxes,
        enqueue: Callable[[Connection, str], None],
        days: WorkingDays = WEEKDAYS,
    ) -> None:
        self.engine, self.clock, self.sealer, self.mailboxes = engine, clock, sealer, mailboxes
        self.enqueue, self.days = enqueue, days
        self.directory_cache: tuple[tuple[int, date], Directory] | None = None
        """Kept by `directory_record`, with the number of the import and the day it is for."""

    @contextmanager
    def work(self, actor: str = SYSTEM) -> Iterator[Work]:
        """Open a transaction; it commits as a whole or not at all."""
        with self.engine.begin() as conn:
            yield Work(conn=conn, now=self.clock.now(), actor=actor, desk=self)

    async def run(self, actor: str, command: Callable[Concatenate[Work, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """A command from async code, in a thread."""

        def whole() -> R:
            with self.work(actor) as work:
                return command(work, *args, **kwargs)

        return await asyncio.to_thread(whole)


def insert_once(conn: Connection, table: Any, row: dict[str, Any]) -> Any:
    """INSERT … ON CONFLICT DO NOTHING on either database."""
    make = sqlite_insert if conn.dialect.name == "sqlite" else postgres_insert
    return make(table).values(row).on_conflict_do_nothing()


def insert_or_replace(conn: Connection, table: Any, row: dict[str, Any], key: tuple[str, ...]) -> Any:
    """INSERT … ON CONFLICT (key) DO UPDATE on either database."""
    make = sqlite_insert if conn.dialect.name == "sqlite" else postgres_insert
    changed = {k: v for k, v in row.items() if k not in key}
    return make(table).values(row).on_conflict_do_update(index_elements=list(key), set_=changed)
