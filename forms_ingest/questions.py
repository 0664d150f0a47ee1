"""One response to the form 'Questions and Answers': up to three questions to KCC, one a part."""

from __future__ import annotations

from dataclasses import dataclass

from communities.questions import Part
from communities.requests import ANONYMOUS
from forms_ingest.columns import Answers
from forms_ingest.values import read_text

FORM = "questions"
FIELDS = {"structure": Part.STRUCTURE, "resources": Part.RESOURCES, "operations": Part.OPERATIONS}
NOTHING = frozenset({"", "-", "n/a", "na", "no", "none", "nil"})
"""What people write into a part they have no question on."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question out of a response; `key` is its own, whichever way it came."""

    key: str
    part: Part
    text: str
    sender: str


def read_questions(answers: Answers) -> list[Asked]:
    """The questions of one response; none where it has no Id."""
    number = read_text(answers.get("id"))
    if not number.isdecimal():
        return []
    sender = read_text(answers.get("sender"))
    return [
        Asked(key=f"{FORM}/{number}/{place}", part=part, text=text, sender=sender if "@" in sender else ANONYMOUS)
        for place, (field, part) in enumerate(FIELDS.items(), 1)
        if (text := read_text(answers.get(field))).casefold().rstrip(".") not in NOTHING
    ]
