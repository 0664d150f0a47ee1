"""Where the time comes from: this machine, a moment that runs on, or a demo's hand."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)


class RunningClock:
    """Starts at a given moment and runs on from there."""

    def __init__(self, start: datetime) -> None:
        self._start, self._began = start.astimezone(UTC), time.monotonic()

    def now(self) -> datetime:
        """Aware, UTC."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)


class FileClock:
    """Says what a file says, an ISO 8601 moment: several processes live by one hand."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read_at, self._now = -1, datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """Aware, UTC."""
        changed = self._file.stat().st_mtime_ns
        if changed != self._read_at:
            self._now = datetime.fromisoformat(self._file.read_text("ascii").strip()).astimezone(UTC)
            self._read_at = changed
        return self._now


class ManualClock:
    """Stands still until it is set: a year passes in minutes. It can be let go, and runs on from there."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._running: RunningClock | None = None

    def now(self) -> datetime:
        """Aware, UTC."""
        return self._running.now() if self._running else self._now

    def let_go(self) -> None:
        """Run on from here."""
        self._running = RunningClock(self._now)

    def set(self, moment: datetime) -> None:
        """Move on; never back."""
        if moment < self.now():
            raise ValueError(f"The clock stands at {self.now()}; it does not go back to {moment}.")
        self._now = moment.astimezone(UTC)
        if self._running is not None:
            self.let_go()
