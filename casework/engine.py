"""The durable engine under the effects: DBOS Transact, in the record's own database. Nothing else imports it.

An effect is enqueued in the transaction of the command that asked for it, so it exists exactly if the command
was committed. Workflows are short: one effect each, with a durable wait between two tries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, run_dbos_database_migrations
from sqlalchemy import Connection, Engine

from casework.database import is_record_away, open_queue_engine
from casework.desk import Desk
from casework.effects import attempt, give_up
from casework.lease import Lease, begin_under
from casework.ports import Ports

APPLICATION = "cos-desk"
APPLICATION_VERSION = "1"
"""Pinned: a new value would strand the work of the old one."""

QUEUE = "effects"
TRIES = 1000

RECORD_AWAY_S = 5.0
"""Between two tries while the database cannot be reached or is full."""

GOES_ON = ("ENQUEUED", "DELAYED", "PENDING")
"""The engine's words for a workflow that is not over."""

log = structlog.get_logger()


def workflow_of(effect_id: str, run: int) -> str:
    """The name of the workflow that carries an effect out; `run` counts how often it was begun again."""
    return f"{effect_id} (run {run})" if run else effect_id


class Outbox:
    """The way onto the queue, for every process that runs commands."""

    def __init__(self, database_url: str) -> None:
        run_dbos_database_migrations(system_database_url=database_url)
        self._engine = open_queue_engine(database_url)
        self._client = DBOSClient(
            system_database_url=database_url, system_database_engine=self._engine, application_name=APPLICATION
        )

    def enqueue(self, conn: Connection, effect_id: str, run: int = 0) -> None:
        """Put an effect on the queue, in the caller's transaction; `run` counts how often it was begun again."""
        options: EnqueueOptions = {
            "queue_name": QUEUE,
            "workflow_name": "carry_out",
            "workflow_id": workflow_of(effect_id, run),
            "app_version": APPLICATION_VERSION,
        }
        self._client.enqueue_in_transaction(conn, options, effect_id)

    def begun(self) -> list[tuple[str, str]]:
        """What some worker has begun and not finished: the workflow and the worker."""
        found = self._client.list_workflows(status="PENDING", load_input=False, load_output=False)
        return [(w.workflow_id, w.executor_id or "") for w in found]

    def going_on(self, workflows: Collection[str]) -> set[str]:
        """Those of the workflows that are queued or begun: somebody carries them to their end."""
        if not workflows:
            return set()
        found = self._client.list_workflows(
            workflow_ids=list(workflows), status=list(GOES_ON), load_input=False, load_output=False
        )
        return {w.workflow_id for w in found}

    def resume(self, workflows: Sequence[str]) -> int:
        """Put workflows back on the queue for any worker; returns how many."""
        if workflows:
            self._client.resume_workflows(list(workflows), queue_name=QUEUE)
        return len(workflows)

    def resume_of(self, worker: str) -> int:
        """Put back what a worker began; it must have stopped."""
        return self.resume([w for w, executor in self.begun() if executor == worker])

    def close(self) -> None:
        """Give the connections back."""
        self._client.destroy()
        if self._engine is not None:
            self._engine.dispose()


@dataclass(frozen=True, kw_only=True)
class EffectEngine:
    """Carries out one desk's effects in this process. One at a time: DBOS is a singleton of the process."""

    desk: Desk
    ports: Ports
    database_url: str = field(repr=False)
    worker: str
    """This process's name: what it began is found again by it."""
    lease: Lease | None = None
    poll_s: float = 1.0
    concurrency: int = 8

    at_work: set[str] = field(default_factory=set)
    """The workflows this process carries on just now."""

    running: ClassVar[EffectEngine | None] = None
    queue_engine: ClassVar[Engine | None] = None

    async def start(self) -> None:
        """Start, with what a dead predecessor left unfinished."""
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self.database_url,
            "application_version": APPLICATION_VERSION,
            "executor_id": self.worker,
            "log_level": "WARNING",
            "run_migrations": False,
        }
        if (engine := open_queue_engine(self.database_url)) is not None:
            config["system_database_engine"] = EffectEngine.queue_engine = engine
        EffectEngine.running = self
        DBOS(config=config)
        DBOS.launch()
        await DBOS.register_queue_async(
            QUEUE, worker_concurrency=self.concurrency, polling_interval_sec=self.poll_s, on_conflict="always_update"
        )

    def stop(self) -> None:
        """Stop taking effects; what was begun is found again at the next start."""
        DBOS.destroy(workflow_completion_timeout_sec=5)
        EffectEngine.running = None
        if EffectEngine.queue_engine is not None:
            EffectEngine.queue_engine.dispose()
            EffectEngine.queue_engine = None


@DBOS.step(name="attempt")
async def attempt_effect(effect_id: str, after_s: float) -> float | None:
    """One try after a wait; the seconds to wait before the next, or None when settled.

    The wait is the step's own: the engine's durable sleep ends at a moment of the machine's clock, and one that was set
    back an hour would make every effect that waits at a crash wait an hour longer.
    """
    await asyncio.sleep(after_s)
    engine = EffectEngine.running
    if engine is None:
        return 1.0
    begin_under(engine.lease)
    try:
        return await attempt(engine.desk, engine.ports, effect_id)
    except Exception as error:
        if not is_record_away(error):
            raise
        log.warning("the record is away; the effect is tried again", error=type(error).__name__)
        return RECORD_AWAY_S


@DBOS.step(name="give up")
async def give_up_effect(effect_id: str) -> None:
    """It was tried for long enough: people see it."""
    if (engine := EffectEngine.running) is not None:
        await give_up(engine.desk, effect_id, TRIES)


@DBOS.workflow(name="carry_out")
async def carry_out(effect_id: str) -> None:
    """Try an effect until it is settled."""
    engine, name = EffectEngine.running, DBOS.workflow_id or ""
    if engine is None:
        return await _try_until_settled(effect_id)
    engine.at_work.add(name)
    try:
        await _try_until_settled(effect_id)
    finally:
        engine.at_work.discard(name)


async def _try_until_settled(effect_id: str) -> None:
    after_s = 0.0
    for _ in range(TRIES):
        wait_s = await attempt_effect(effect_id, after_s)
        if wait_s is None:
            return
        after_s = wait_s
    await give_up_effect(effect_id)
