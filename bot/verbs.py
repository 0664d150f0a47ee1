"""A press on a card, and which behaviour answers it by the action's verb. What the card sends back is untrusted.

Each behaviour names its verbs in its own file; `router` brings them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from bot.asking import Answer
from casework.desk import Work
from communities.directory import Directory
from communities.intake import Reading

R = TypeVar("R")

ReadAnswers = Callable[[Mapping[str, Any], Directory, datetime], Reading | None]
"""Answers by field, read as the form's are: (answers, directory, the moment) to a reading."""


@dataclass(frozen=True, kw_only=True)
class Press:
    """A button somebody pressed, or a 'yes' to what it would do."""

    work: Work
    mail: str
    values: Mapping[str, Any]
    read_answers: ReadAnswers
    is_personal: bool = True

    def text(self, name: str, most: int = 200) -> str:
        """A value as text, whatever the card sent, and not longer than that."""
        value = self.values.get(name)
        return "" if value is None else str(value).strip()[:most]

    def attempt(self, command: Callable[..., R], *args: Any) -> R:
        """A command of this transaction; where it refuses, nothing of it is left."""
        with self.work.conn.begin_nested():
            return command(self.work, *args)


Pressing = Callable[[Press], Answer]
"""Says what became of it; the first card of the answer takes the place of the one that was pressed."""
