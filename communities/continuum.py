"""The areas of the Continuum of Need and Provision, as the slides list them: themes of surgeries and case studies."""

from __future__ import annotations

from enum import StrEnum


class Focus(StrEnum):
    """Slide 'Continuum of Need and Provision Case Studies'."""

    FAMILIES = "Working with children and young people, families and carers"
    PASTORAL = "Pastoral"
    ASSESSMENT = "Assessment"
    TEACHING = "Teaching and Learning"
    ENVIRONMENT = "Physical and Sensory Environment"
    RESOURCES = "Resources"
    STAFF = "Staff skills and training"
    TRANSITION = "Transition and transfer"


OTHER = "Something else"
"""A theme beside them, for a question that fits none."""

THEMES: tuple[str, ...] = (*Focus, OTHER)
