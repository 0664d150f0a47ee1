"""At most what Teams lets a bot say: a wait before a post, or word to come back later.

Microsoft, 'Optimize your bot with rate limiting in Teams': so many messages a conversation in so many seconds, and
fifty requests a second in all. What another process sends is not known here: Teams' own 429 is honoured besides.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from casework.errors import TryLater

CONVERSATION = ((1.0, 7), (2.0, 8), (30.0, 60), (3600.0, 1800))
"""Seconds, and the messages a conversation takes within them."""

ALL = ((1.0, 50),)
LONGEST_WAIT_S = 3.0
"""What a worker waits in its place; longer waits go back to the queue."""


class Window:
    """When something was sent, held against several limits at once."""

    def __init__(self, limits: Sequence[tuple[float, int]]) -> None:
        self._limits = limits
        self._sent: deque[float] = deque(maxlen=max(count for _, count in limits))

    def wait_s(self, now: float) -> float:
        """Seconds until one more may be sent."""
        waits = (self._sent[-count] + seconds - now for seconds, count in self._limits if len(self._sent) >= count)
        return max(0.0, *waits, 0.0)

    def is_idle(self, now: float) -> bool:
        """Whether nothing was sent within the longest limit."""
        return not self._sent or self._sent[-1] + max(seconds for seconds, _ in self._limits) <= now

    def note(self, at: float) -> None:
        """One is sent then."""
        self._sent.append(at)


class Pace:
    """All conversations of one process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._all = Window(ALL)
        self._conversations: dict[str, Window] = {}

    async def turn(self, conversation: str) -> None:
        """Wait for the conversation's turn; raises `TryLater` where that takes longer than a worker waits."""
        own = self._conversations.setdefault(conversation, Window(CONVERSATION))
        now = self._clock()
        wait_s = max(own.wait_s(now), self._all.wait_s(now))
        if wait_s > LONGEST_WAIT_S:
            raise TryLater(f"Teams takes no more messages in this conversation for {wait_s:.0f} s.", wait_s)
        own.note(now + wait_s)
        self._all.note(now + wait_s)
        self._forget(now)
        if wait_s:
            await asyncio.sleep(wait_s)

    def _forget(self, now: float) -> None:
        """A conversation that may say anything at once again needs no window."""
        if len(self._conversations) > 1_000:
            kept = {k: w for k, w in self._conversations.items() if not w.is_idle(now)}
            self._conversations = kept
