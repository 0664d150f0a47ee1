"""One response to the form 'Evaluation of Services', as text by field."""

from __future__ import annotations

from communities.requests import ANONYMOUS
from forms_ingest.columns import Answers
from forms_ingest.values import read_text

FORM = "evaluation"
FIELDS = ("school", "service", "effective", "worked", "improve")


def read_evaluation(answers: Answers) -> tuple[str, dict[str, str]] | None:
    """The response's own key and its answers, `sender` among them; None where it has no Id."""
    number = read_text(answers.get("id"))
    if not number.isdecimal():
        return None
    sender = read_text(answers.get("sender"))
    read = {field: read_text(answers.get(field)) for field in FIELDS}
    return f"{FORM}/{number}", {**read, "sender": sender if "@" in sender else ANONYMOUS}
