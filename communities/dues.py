"""A line of what is due: by when, for which community, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Task(StrEnum):
    """What can be done about a line, from the line."""

    REMIND = "remind the schools"
    CIRCULATE = "make and circulate the agenda"
    DECIDE = "record decisions"
    ATTENDANCE = "mark attendance"
    MINUTES = "enter minutes"
    FORWARD = "forward"
    CHASE = "ask the HNFO"
    NONE = ""


@dataclass(frozen=True, kw_only=True, order=True)
class Due:
    """One line of a clerk's desk; `subject` is the meeting, the request or the community."""

    due_on: date
    community: str
    what: str
    task: Task
    subject: str
