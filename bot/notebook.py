"""What turns leave behind, written down in one go: memories and references of all conversations that spoke meanwhile.

A turn only reads, so that no conversation waits for another's write; what is not written yet is known here. Lost in a
crash, it costs a follow-up at most.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import DBAPIError

from bot.installs import keep_reference
from bot.memory import Memory, remember_all
from bot.turns import Turn
from casework.desk import SYSTEM, Desk, Work

Key = tuple[str, str]
"""Conversation and the person's object id."""

log = structlog.get_logger()


class Notebook:
    """The notes of one process. Used from the event loop alone."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._memories: dict[Key, tuple[str, Memory, datetime]] = {}
        self._turns: dict[str, Turn] = {}
        self._writing: asyncio.Task[None] | None = None
        self._turns_taken: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    def memory_of(self, turn: Turn) -> Memory | None:
        """What was last spoken of, if it is not in the record yet."""
        found = self._memories.get((turn.conversation, turn.object_id))
        return found[1] if found else None

    def turn_of(self, turn: Turn) -> asyncio.Lock:
        """One person's commands of one conversation come one after the other."""
        return self._turns_taken.setdefault((turn.conversation, turn.object_id), asyncio.Lock())

    def note(self, turn: Turn, mail: str, memory: Memory) -> None:
        """Keep what a turn was about."""
        self._memories[turn.conversation, turn.object_id] = (mail, memory, self._desk.clock.now())
        self._begin()

    def note_reference(self, turn: Turn) -> None:
        """Keep where somebody wrote from."""
        self._turns[turn.conversation] = turn
        self._begin()

    def _begin(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._memories or self._turns:
            memories, turns = dict(self._memories), dict(self._turns)
            try:
                await self._desk.run(SYSTEM, _write_down, memories, turns)
            except DBAPIError as error:
                log.warning("notes of chats were not written", error=type(error).__name__, notes=len(memories))
            for key, written in memories.items():
                if self._memories.get(key) is written:
                    del self._memories[key]
            for conversation, turn in turns.items():
                if self._turns.get(conversation) is turn:
                    del self._turns[conversation]

    async def settle(self) -> None:
        """Wait until everything is written down."""
        if self._writing is not None:
            await self._writing


def _write_down(work: Work, memories: dict[Key, tuple[str, Memory, datetime]], turns: dict[str, Turn]) -> None:
    rows = [(conversation, mail, memory, at) for (conversation, _), (mail, memory, at) in memories.items()]
    remember_all(work, rows)
    for turn in turns.values():
        keep_reference(work, turn)
