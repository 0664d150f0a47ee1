"""County-wide services of the Professional Resources Group: what each is for, in a sentence a county may replace.

The names are the slide's ('Professional Resource Group Membership'); what they offer is described from public knowledge
of such services (a choice: the slides name them only), and is told with where to find the county's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from communities.directory import COUNTY_SERVICES

WHERE = "Kelsi, the county's site for schools: search for 'Locality Model'"
"""Slides 'Link practitioners' and 'Q&A Submission - Part 2': where all services are described and kept up to date."""

OFFERS: Mapping[str, str] = MappingProxyType(
    dict(
        zip(
            COUNTY_SERVICES,
            (
                "Health advice for pupils and families, screening, and support with health needs in school.",
                "Help for families before problems grow, and support for children with social care needs.",
                "Advice, activities and support for families in one place, from pregnancy on.",
                "Services that health and the county buy together, such as therapies.",
                "Support for pupils' emotional health: advice, training and short interventions.",
                "Advice and support for the education of looked-after children and those who were.",
                "Support where pupils are at risk of violence or exploitation.",
                "Training and materials on autism for staff, from awareness to leadership.",
            ),
            strict=True,
        )
    )
)
_SIGNS: tuple[tuple[str, str], ...] = (
    (COUNTY_SERVICES[0], r"school nurs\w*"),
    (COUNTY_SERVICES[1], r"early help|children'?s services?|integrated children"),
    (COUNTY_SERVICES[2], r"family hubs?"),
    (COUNTY_SERVICES[3], r"joint commission\w*"),
    (COUNTY_SERVICES[4], r"emotional (?:health|wellbeing)|mental health|wellbeing service"),
    (COUNTY_SERVICES[5], r"virtual school|vsk"),
    (COUNTY_SERVICES[6], r"violence reduction|vru"),
    (COUNTY_SERVICES[7], r"autism education|\baet\b"),
)


def service_in(text: str) -> str | None:
    """The county-wide service a sentence names; None where it names none."""
    said = text.casefold()
    return next((name for name, signs in _SIGNS if re.search(rf"\b(?:{signs})\b", said)), None)
