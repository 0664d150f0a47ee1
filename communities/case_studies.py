"""Case studies: the slides' format, its limits, and which area of focus somebody asks about.

Source: slide 'Continuum of Need & Provision Case Study format': area of focus (one of eight), a brief description of
the group, cohort or whole-school need, an overview of what was done, impact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from communities.continuum import Focus
from communities.words import count_words, has_more_words

WORDS = 250
"""Of each part (a choice: the slides call them brief)."""

PARTS = {
    "description": "Brief description",
    "overview": "Overview of key strategies and actions",
    "impact": "Impact",
}
"""The parts beside the area of focus, as the form prints them."""


@dataclass(frozen=True, kw_only=True)
class CaseStudy:
    """What a school shares."""

    focus: Focus
    description: str
    overview: str
    impact: str


def case_study_problems(study: CaseStudy) -> Iterator[str]:
    """What is missing or too long, each in a sentence."""
    for part, title in PARTS.items():
        text = str(getattr(study, part))
        if not text.strip():
            yield f"'{title}' is missing. Write a few sentences."
        elif has_more_words(text, WORDS):
            over = count_words(text) - WORDS
            yield f"'{title}' has {count_words(text)} words; the limit is {WORDS}. Shorten it by {over} words."


_SIGNS: tuple[tuple[Focus, str], ...] = (
    (Focus.FAMILIES, r"famil|parent|carer|home"),
    (Focus.PASTORAL, r"pastoral|behaviou?r|attendance|anxi|wellbeing|well-being|nurture|emotion"),
    (Focus.ASSESSMENT, r"assess|screening|tracking|baseline"),
    (Focus.ENVIRONMENT, r"sensory|environment|physical|classroom layout|noise|calm"),
    (Focus.RESOURCES, r"resource|equipment|technology|ipad|laptop"),
    (Focus.STAFF, r"staff|training|cpd|skills|teaching assistants?"),
    (Focus.TRANSITION, r"transition|transfer|year 6|year 7|moving up|new school|starting school"),
    (Focus.TEACHING, r"teaching|learning|lesson|reading|phonics|maths|writing|literacy|curriculum|speech|language"),
)


def focus_in(text: str) -> Focus | None:
    """The area of focus a sentence speaks of; None where it speaks of none."""
    said = text.casefold()
    named = next((f for f in Focus if f.value.casefold() in said), None)
    return named or next((focus for focus, signs in _SIGNS if re.search(rf"\b(?:{signs})", said)), None)
