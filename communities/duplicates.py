"""Telling a request sent twice from two requests. A probable duplicate is held for the clerk, never dropped."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from communities.requests import Submission

WINDOW = timedelta(days=28)
"""A choice: the same person, school and text again within four weeks is probably a form sent twice."""


def fingerprint(submission: Submission) -> str:
    """Alike for the same sender, school and 'Solution required', whatever the spacing and case."""
    parts = (
        submission.sender.casefold(),
        submission.school,
        " ".join(submission.solution.casefold().split()),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
