"""What communities tell one another and KCC: case studies, questions, action plans, what a report covers.

Sources: slides 'Continuum of Need & Provision Case Study format', 'Q&A Submission', 'Information sharing'.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from communities.requests import Pupil


class Focus(StrEnum):
    """'Area of focus' of a case study."""

    FAMILIES = "Working with children and young people, families and carers"
    PASTORAL = "Pastoral"
    ASSESSMENT = "Assessment"
    TEACHING = "Teaching and learning"
    ENVIRONMENT = "Physical and sensory environment"
    RESOURCES = "Resources"
    STAFF = "Staff skills and training"
    TRANSITION = "Transition and transfer"


class QuestionPart(StrEnum):
    """The three parts of the Q&A form."""

    STRUCTURE = "Structure"
    PROFESSIONAL_RESOURCES = "Professional resources"
    OPERATIONS = "Operations"


SUPPORTING_DOCUMENTS = ("Operational guidance", "Terms of reference", "Community budget summary")
"""Slide 'Communities of Schools': the documents every community works by."""


@dataclass(frozen=True, kw_only=True)
class CaseStudy:
    """A case study in the slides' format."""

    focus: Focus
    description: str
    overview: str
    """Key strategies and actions."""
    impact: str

    def problems(self, pupils: tuple[Pupil, ...] = ()) -> Iterator[str]:
        """What stands against sharing it: nothing may be blank, and no pupil may be named."""
        for title, text in (("description", self.description), ("overview", self.overview), ("impact", self.impact)):
            if not text.strip():
                yield f"The {title} is missing. Write a few sentences."
            if any(p.name and p.name.casefold() in text.casefold() for p in pupils):
                yield f"The {title} names a pupil. Write about the group, not the child."
