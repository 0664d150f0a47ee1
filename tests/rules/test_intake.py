"""What became of a response."""

from __future__ import annotations

from communities.directory import Mail
from communities.intake import Outcome, Reading
from communities.requests import missing


def test_a_responses_reasons_are_its_problems_in_order() -> None:
    reading = Reading(
        response_id=7, outcome=Outcome.REFUSED, problems=(missing("school"), missing("contact")), mended=(),
        submission=None, sender=Mail("sam@x.example"), community_written="A", content_hash="x",
    )  # fmt: skip
    assert reading.reasons == (
        "'Name of School / Lead School' is missing. Fill it in.", "'School contact' is missing. Fill it in.",
    )  # fmt: skip
    assert (reading.doubts, reading.pupils_named) == ((), 0)
