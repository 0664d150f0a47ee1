"""The form's responses out of the sample's workbook: what each asks for, and whether it may be taken.

Limits and required answers: DOMAIN.md, 'Request for Support'.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openpyxl import load_workbook

from tests.oracle.county import SAMPLES, County
from tests.oracle.days import LONDON, UTC

LIMITS = (
    ("Solution required (250 words max)", 250),
    ("Expected outcomes (200 words max)", 200),
    ("If requesting funding - How will the funding be used?", 200),
    ("How have you already supported the pupils?", 200),
)
REQUIRED = ("Solution required (250 words max)", "Expected outcomes (200 words max)",
            "How have you already supported the pupils?", "e Signature")  # fmt: skip
COUNTS = ("Number of pupils on SEN Support", "Number of pupils with an EHCP", "Number Looked After Child")
FUNDING = "Financial contribution"


_PUPIL = re.compile(r"[A-Z][a-z][\w'’-]*(?: [A-Z][a-z][\w'’-]*)+|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b")
"""A full name, or a day in figures."""


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What the community agrees, out of the sample's texts; pence."""

    responses: tuple[str, ...]
    pence: int
    details: str
    conditions: str
    review_weeks: int


@dataclass(kw_only=True)
class Response:
    """One response, judged."""

    number: int
    sent: datetime
    """UTC; Excel's times are London's."""
    sender: str
    is_known: bool
    """Whether it is known who sent it."""
    community: str
    school: str
    """As the directory has it."""
    support: tuple[str, ...]
    pence: int
    """What is asked for; 0 where it is no money."""
    counts: tuple[int, ...]
    pupils: tuple[str, ...] = ()
    """Children's full names and dates of birth as they were written, which no circulated paper may hold."""
    wrong: list[str] = field(default_factory=list)
    """Why it may not be taken: what a refusal must name."""
    same_as: int = 0
    """The earlier response it repeats: the same person, school and text within four weeks (a choice)."""
    agreed: Agreed | None = None


def read_responses(county: County) -> list[Response]:
    """All of the year, in the order they were sent."""
    sheet = load_workbook(SAMPLES / "request-for-support-responses.xlsx").worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    found = [_judged(dict(zip(rows[0], row, strict=True)), county) for row in rows[1:] if isinstance(row[0], int)]
    found.sort(key=lambda one: (one.sent, one.number))
    _note_repeated(found, {r[0]: str(r[9]) for r in rows[1:] if isinstance(r[0], int)})
    return found


def listed_fates() -> dict[int, str]:
    """What the sample's own list says must become of each."""
    listed = json.loads((SAMPLES / "request-for-support-expected.json").read_text("utf-8"))
    return {one["id"]: one["expect"] for one in listed}


def _judged(answers: dict[Any, Any], county: County) -> Response:
    texts = {str(k): str(v).strip() if v is not None else "" for k, v in answers.items()}
    written = _texts().get(answers["Id"], {})
    community, school = texts["Name of Community"], texts["Name of School / Lead School"]
    wrong = []
    if community not in county.area:
        wrong.append(community)
    if school not in county.community_of:
        school = written.get("meant", school)
    if county.community_of.get(school) != community and community in county.area:
        wrong.append(school)
    wrong += [title.partition(" (")[0] for title in REQUIRED if not texts[title]]
    for title, most in LIMITS:
        if (count := len(texts[title].split())) > most:
            wrong.append(f"{count} words")
    counts = []
    for title in COUNTS:
        number = 0 if texts[title].lower() in ("", "none") else int(texts[title])
        counts.append(number)
        if number < 0:
            wrong.append(str(number))
    support = tuple(part for part in texts["Support requested"].split(";") if part)
    pence = _pence(answers["Total funding request (£)"])
    if FUNDING in support:
        if not texts["If requesting funding - How will the funding be used?"]:
            wrong.append("funding be used")
        if not pence:
            wrong.append("Total funding request")
    sender = texts["Email"]
    return Response(
        number=answers["Id"], sent=answers["Completion time"].replace(tzinfo=LONDON).astimezone(UTC), sender=sender,
        is_known="@" in sender, community=community, school=school, support=support, pence=pence, counts=tuple(counts),
        pupils=tuple(_PUPIL.findall(texts["Names of pupils supported & Date of Birth"])),
        wrong=wrong, agreed=_agreed(written.get("decision"), pence),
    )  # fmt: skip


def _pence(written: object) -> int:
    """`£3,250.00`, 7250.5 and 1500 as pence."""
    plain = str(written or 0).replace("£", "").replace(",", "")
    whole, _, rest = plain.partition(".")
    return int(whole) * 100 + int((rest + "00")[:2])


def _agreed(decision: dict[str, Any] | None, asked: int) -> Agreed | None:
    """Never more than was asked for."""
    if decision is None:
        return None
    pence = _pence(decision.get("amount"))
    return Agreed(
        responses=tuple(decision["responses"]), pence=min(pence, asked), details=decision["details"],
        conditions=decision.get("conditions", ""), review_weeks=decision.get("review_weeks", 12),
    )  # fmt: skip


def _note_repeated(found: list[Response], texts: dict[int, str]) -> None:
    taken: list[Response] = []
    for one in (r for r in found if not r.wrong):
        for earlier in taken:
            is_same = (earlier.sender.lower(), earlier.school) == (one.sender.lower(), one.school)
            if is_same and texts[one.number] == texts[earlier.number] and (one.sent - earlier.sent).days <= 28:
                one.same_as = earlier.number
        taken.append(one)


_FOUND: dict[int, dict[str, Any]] = {}


def _texts() -> dict[int, dict[str, Any]]:
    """The sample's texts by response."""
    if not _FOUND:
        for path in sorted((SAMPLES / "texts" / "requests").glob("*.toml")):
            _FOUND.update({row["id"]: row for row in tomllib.loads(path.read_text("utf-8"))["request"]})
    return _FOUND
