"""A line of what is due: by when, for which community, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Task(StrEnum):
    """What can be done about a line, from the line."""

    REMIND = "remind the schools"
    CIRCULATE = "make and circulate the agenda"
    BY_HAND = "say that the papers were sent by hand"
    DECIDE = "record decisions"
    ATTENDANCE = "mark attendance"
    MINUTES = "enter minutes"
    FORWARD = "forward"
    CHASE = "ask the HNFO"
    SIGN = "sign the report"
    PROPOSED = "accept or reject changes to the minutes"
    HELD = "say whether it was sent twice"
    MEET = "meet"
    """Nothing to be done from the line: the meeting itself."""
    NONE = ""


@dataclass(frozen=True, kw_only=True, order=True)
class Due:
    """One line of a clerk's desk; `subject` is the meeting, the request or the community."""

    due_on: date
    community: str
    what: str
    task: Task
    subject: str

    def by(self, day: str) -> str:
        """When, in words: a meeting is on its day, all else by it."""
        return f"{'on' if self.task is Task.MEET else 'by'} {day}"


OVERDUE = "Overdue"


def by_when(lines: Sequence[Due], today: date) -> Mapping[str, Sequence[Due]]:
    """The lines under overdue, today, tomorrow, within a week and later, in the order they come."""
    groups: dict[str, list[Due]] = {}
    for due in lines:
        groups.setdefault(_when(due.due_on, today), []).append(due)
    return groups


def _when(on: date, today: date) -> str:
    if on < today:
        return OVERDUE
    if on - today <= timedelta(days=1):
        return "Today" if on == today else "Tomorrow"
    return "Within a week" if on - today <= timedelta(days=7) else "Later"
