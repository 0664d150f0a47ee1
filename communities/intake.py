"""What became of one response: taken, refused with every reason, or held for the clerk.

Produced by forms_ingest from any source, recorded by casework.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from communities.directory import Mail
from communities.requests import Problem, Submission


class Outcome(StrEnum):
    """What happens to a response."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One response, read. `submission` is there unless something in it could not be settled."""

    response_id: int
    outcome: Outcome
    problems: tuple[Problem, ...]
    doubts: tuple[Problem, ...] = ()
    """What the sender is asked to look at and may leave as it is."""
    mended: tuple[str, ...]
    submission: Submission | None
    pupils_named: int = 0
    """How many were read, whatever else is wrong."""
    sender: Mail
    community_written: str
    content_hash: str
    """Alike for the same answers from whichever source; times are left out."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The problems as sentences, in the form's order."""
        return tuple(p.sentence for p in self.problems)
