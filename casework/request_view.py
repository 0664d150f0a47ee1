"""A request as papers and cards show it: read from the record, with no pupil's name or date of birth in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.desk import Work
from casework.pupils import read_pupils
from communities.redaction import without_names


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """What may be circulated of a request."""

    id: str
    community: str
    school: str
    state: str
    version: int
    contact: str
    trust: str
    support: tuple[str, ...]
    requested_pence: int | None
    solution: str
    outcomes: str
    funding_use: str
    already_supported: str
    sen_support: int
    ehcp: int
    looked_after: int
    key_stages: tuple[str, ...]
    submitted_at: datetime
    sender: str


def circulated_view(work: Work, row: Any, why: str) -> RequestView:
    """The request with pupils' names masked in its free texts; opening them for that is journaled."""
    said, pupils = row.submission, read_pupils(work, row.id, why).pupils
    return RequestView(
        id=row.id,
        community=row.community,
        school=row.school,
        state=row.state,
        version=row.version,
        contact=said["contact"],
        trust=said["trust"],
        support=tuple(said["support"]),
        requested_pence=row.requested_pence,
        solution=without_names(said["solution"], pupils),
        outcomes=without_names(said["outcomes"], pupils),
        funding_use=without_names(said["funding_use"], pupils),
        already_supported=without_names(said["already_supported"], pupils),
        sen_support=said["sen_support"],
        ehcp=said["ehcp"],
        looked_after=said["looked_after"],
        key_stages=tuple(said["key_stages"]),
        submitted_at=row.submitted_at,
        sender=row.sender,
    )
