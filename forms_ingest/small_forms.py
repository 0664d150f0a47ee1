"""Responses to the forms with a handful of texts ('Case Study', 'Evaluation of Services'), as text by field."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from communities.requests import ANONYMOUS
from forms_ingest.columns import Answers
from forms_ingest.values import read_text

CASE_STUDY, EVALUATION = "case-study", "evaluation"

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        CASE_STUDY: ("school", "focus", "description", "overview", "impact"),
        EVALUATION: ("school", "service", "effective", "worked", "improve"),
    }
)


def read_small_form(form: str, answers: Answers) -> tuple[str, dict[str, str]] | None:
    """The response's own key and its answers, `sender` among them; None where it has no Id."""
    number = read_text(answers.get("id"))
    if not number.isdecimal():
        return None
    sender = read_text(answers.get("sender"))
    read = {field: read_text(answers.get(field)) for field in FIELDS[form]}
    return f"{form}/{number}", {**read, "sender": sender if "@" in sender else ANONYMOUS}
