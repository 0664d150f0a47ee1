"""The Request for Support: the school's section, its limits, and what is wrong with one.

Source: slides 'Request for Support Form'. The CoS section is `decisions`; the life of a request is `lifecycle`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from communities.directory import CommunityName, Mail, SchoolName
from communities.money import pounds
from communities.words import count_words, has_more_words

RequestId = NewType("RequestId", str)

ANONYMOUS = Mail("anonymous")
"""What Microsoft Forms writes as the sender of a form that is open to anyone."""


class Support(StrEnum):
    """'Support requested' on the form."""

    ADVICE = "Advice and guidance"
    SCHOOL_TO_SCHOOL = "School to school support"
    FINANCIAL = "Financial contribution"


class KeyStage(StrEnum):
    """'Which Key Stage' on the form."""

    EYFS = "EYFS"
    KS1 = "KS1"
    KS2 = "KS2"
    KS3 = "KS3"
    KS4 = "KS4"
    KS5 = "KS5"


@dataclass(frozen=True, kw_only=True)
class Pupil:
    """A child as the school wrote them: personal data of the most sensitive kind, kept in one table only."""

    name: str = field(repr=False)
    born: str | None = field(default=None, repr=False)
    """Date of birth, ISO 8601; None where it could not be read."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """The school's section, read and typed. `pupils_written` is what stood in the field, for the restricted copy."""

    community: CommunityName
    school: SchoolName
    contact: str
    trust: str
    solution: str
    outcomes: str
    support: tuple[Support, ...]
    pupils: tuple[Pupil, ...] = field(repr=False)
    pupils_written: str = field(repr=False)
    sen_support: int
    ehcp: int
    looked_after: int
    key_stages: tuple[KeyStage, ...]
    funding_use: str
    requested_pence: int | None
    already_supported: str
    signature: str
    sender: Mail
    sender_name: str
    submitted_at: datetime
    """UTC."""
    attachments: tuple[str, ...] = field(default=(), repr=False)
    """Links to documents in the school's own SharePoint or OneDrive; their names may name a child."""

    @property
    def is_verified(self) -> bool:
        """Whether Microsoft 365 vouches for the sender; an anonymous form does not."""
        return self.sender != ANONYMOUS


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something the sender must mend: the form's field and a sentence that says how."""

    field: str
    sentence: str


TITLES: Mapping[str, str] = MappingProxyType(
    {
        "community": "Name of Community",
        "school": "Name of School / Lead School",
        "contact": "School contact",
        "trust": "Multi Academy Trust / Federation",
        "solution": "Solution required",
        "outcomes": "Expected outcomes",
        "support": "Support requested",
        "pupils": "Names of pupils supported & Date of Birth",
        "sen_support": "Number of pupils on SEN Support",
        "ehcp": "Number of pupils with an EHCP",
        "looked_after": "Number Looked After Child",
        "key_stages": "Which Key Stage",
        "funding_use": "How will the funding be used?",
        "requested_pence": "Total funding request (£)",
        "already_supported": "How have you already supported the pupils?",
        "signature": "e Signature",
    }
)
"""Each field's name as people know it, for messages and papers."""

WORD_LIMITS: Mapping[str, int] = MappingProxyType(
    {"solution": 250, "outcomes": 200, "funding_use": 200, "already_supported": 200}
)
"""Slide 'Request for Support Form': the limits printed beside each free text."""

FREE_TEXTS = ("contact", "trust", *WORD_LIMITS, "signature")
"""Where a school may have written a pupil's name outside the field for it."""

CELL_CHARACTERS = 32_000
"""Longer than any honest answer, shorter than what Excel holds in a cell (32,767)."""


def word_problem(field: str, text: str) -> Problem | None:
    """The limit is inclusive: exactly 250 words are allowed, 251 are not."""
    limit = WORD_LIMITS[field]
    if not has_more_words(text, limit):
        return None
    words = count_words(text)
    return Problem(
        field=field,
        sentence=f"'{TITLES[field]}' has {words:,} words; the limit is {limit}. "
        f"Shorten it by {words - limit:,} {'word' if words - limit == 1 else 'words'}.",
    )


def missing(field: str) -> Problem:
    """An answer the form needs and does not have."""
    return Problem(field=field, sentence=f"'{TITLES[field]}' is missing. Fill it in.")


def funding_problems(support: tuple[Support, ...], funding_use: str, requested_pence: int | None) -> Iterator[Problem]:
    """A financial contribution needs its use and its amount (slide: 'If requesting funding …')."""
    if Support.FINANCIAL not in support:
        return
    if not funding_use.strip():
        yield Problem(
            field="funding_use",
            sentence=f"'{TITLES['funding_use']}' is missing: a financial contribution is requested. "
            "Say what it contributes to and how it was calculated.",
        )
    if requested_pence is None:
        yield Problem(
            field="requested_pence",
            sentence=f"'{TITLES['requested_pence']}' is missing: a financial contribution is requested. "
            "Write the amount in pounds, for example 3,250.",
        )
    elif requested_pence <= 0:
        yield Problem(
            field="requested_pence",
            sentence=f"'{TITLES['requested_pence']}' is {pounds(requested_pence)}; it must be more than £0.",
        )


ATTACHMENTS = "attachments"
ATTACHMENTS_TITLE = "Links to documents"
"""Asked for in Teams and not on the form, so it stands beside the form's titles."""

MOST_ATTACHMENTS = 5
LINK_CHARACTERS = 500
"""Choices: what a chair opens in the minutes an item has; links in SharePoint are seldom half as long."""

REQUIRED = ("community", "school", "contact", "solution", "outcomes", "support", "pupils", "key_stages",
            "already_supported", "signature")  # fmt: skip
"""The answers a request cannot do without: slide 'Request for Support Form' marks the trust alone 'if applicable'.
Counts are numbers and so always there.
"""


def request_problems(request: Submission) -> Iterator[Problem]:
    """Everything wrong with a request as a whole, in the form's order: what is missing, too long or negative.

    Intake, the card in Teams and amendments all ask here, so that none accepts what another refuses.
    """
    written = {"pupils": request.pupils_written}
    for name in TITLES:
        value = written.get(name, getattr(request, name))
        if name in REQUIRED and not value:
            yield missing(name)
        if name in WORD_LIMITS and (problem := word_problem(name, value)):
            yield problem
        if name in ("sen_support", "ehcp", "looked_after") and value < 0:
            yield Problem(
                field=name,
                sentence=f"'{TITLES[name]}' is {value}, a negative number; write a whole number, 0 or more.",
            )
    yield from funding_problems(request.support, request.funding_use, request.requested_pence)


def request_doubts(named: int, sen_support: int, ehcp: int, looked_after: int) -> Iterator[Problem]:
    """What its sender should look at and may send as it is: more pupils counted than named.

    A choice: schools also write about groups of whom they name some, so it is asked about and not refused. SEN Support
    and EHCP exclude each other, so the two are added; a looked-after child may be in either. Nobody named is a problem.
    """
    if not named:
        return
    what = f"You named {named} {'pupil' if named == 1 else 'pupils'}, and counted"
    if (counted := sen_support + ehcp) > named:
        yield Problem(field="sen_support", sentence=f"{what} {counted:,} on SEN Support or with an EHCP.")
    if looked_after > named:
        yield Problem(field="looked_after", sentence=f"{what} {looked_after:,} looked after.")


AMENDABLE = tuple(f for f in TITLES if f not in ("community", "school", "signature"))
"""What may be amended; a request of another school or community is another request."""

DECIDED_ON = tuple(f for f in AMENDABLE if f not in ("contact", "trust", "pupils"))
"""What the community decides on: it stays as it was decided on. Who to ask and the pupils' names may still be corrected
(a choice: the slides are silent).
"""
