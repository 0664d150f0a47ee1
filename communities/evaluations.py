"""Evaluation of services: which ones schools are asked about, and what an evaluation must hold.

Source: slides 'Information sharing' and 'Evaluation' (support with evaluation of the effectiveness of services). The
questions are a choice: the slides name no form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from communities.directory import COUNTY_SERVICES, LINK_ROLES
from communities.services import service_in

MEETINGS = "Community meetings"
SERVICES: tuple[str, ...] = (MEETINGS, *(r.value for r in LINK_ROLES), *COUNTY_SERVICES)
"""What is evaluated: the community's own meetings, six link practitioners, eight county-wide services."""

RATINGS = ("1", "2", "3", "4", "5")
"""Not effective to very effective."""

TEXT_CHARACTERS = 1_000
ASK_WORKING_DAYS = 20
"""A choice: schools are asked a month before a reporting point, two weeks before the report is drafted."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What a school says of a service; both texts may be empty."""

    service: str
    effective: str
    """1 to 5, as it was written."""
    worked: str = ""
    improve: str = ""


def evaluation_problems(said: Evaluation) -> Iterator[str]:
    """What stands against it, each in a sentence."""
    if said.service not in SERVICES:
        yield f"'{said.service[:60]}' is none of the services. Choose one from the list."
    if said.effective not in RATINGS:
        yield f"'{said.effective[:20]}' is no rating. Choose 1 (not effective) to 5 (very effective)."
    for title, text in (("What works well", said.worked), ("What should be improved", said.improve)):
        if len(text) > TEXT_CHARACTERS:
            yield f"'{title}' has {len(text)} characters; the limit is {TEXT_CHARACTERS}. Shorten it."


_ROLE_SIGNS: tuple[tuple[str, str], ...] = (
    (LINK_ROLES[0].value, r"sen ?ia|inclusion adviser|surger"),
    (LINK_ROLES[1].value, r"speech|language therap|salt|balanced system"),
    (LINK_ROLES[2].value, r"psycholog|keps"),
    (LINK_ROLES[3].value, r"attendance officer|liaison officer|kpas"),
    (LINK_ROLES[4].value, r"specialist teach|stls"),
    (LINK_ROLES[5].value, r"health navigator"),
    (MEETINGS, r"community meeting|our meeting|cos meeting"),
)


def evaluated_in(text: str) -> str | None:
    """The service a sentence speaks of; None where it names none."""
    said = text.casefold()
    named = next((s for s in SERVICES if s.casefold() in said), None)
    found = next((name for name, signs in _ROLE_SIGNS if re.search(rf"\b(?:{signs})", said)), None)
    return named or service_in(text) or found
