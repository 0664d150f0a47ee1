"""What this process counts as it goes, for `/metrics`."""

from __future__ import annotations

from prometheus_client import Counter

GRAPH_ANSWERS = Counter(
    "cos_graph_answers", "Answers of Microsoft Graph by resource and status; 429 is throttling.",
    ("resource", "status"), registry=None,
)  # fmt: skip
REFUSED = Counter("cos_refused", "Requests refused at a door, by reason.", ("door", "reason"), registry=None)


def count_answer(resource: str, status: int) -> None:
    """One answer of Graph."""
    GRAPH_ANSWERS.labels(resource, str(status)).inc()


def count_refusal(door: str, reason: str) -> None:
    """One refusal."""
    REFUSED.labels(door, reason).inc()
