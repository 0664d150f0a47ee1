"""A request as papers and cards show it: read from the record, with no pupil's name or date of birth in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


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


def circulated_view(row: Any) -> RequestView:
    """The request as the record keeps it in the open, where pupils' names are masked."""
    said = row.submission
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
        solution=said["solution"],
        outcomes=said["outcomes"],
        funding_use=said["funding_use"],
        already_supported=said["already_supported"],
        sen_support=said["sen_support"],
        ehcp=said["ehcp"],
        looked_after=said["looked_after"],
        key_stages=tuple(said["key_stages"]),
        submitted_at=row.submitted_at,
        sender=row.sender,
    )
