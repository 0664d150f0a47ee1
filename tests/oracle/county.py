"""The sample county out of its own workbooks: communities, schools, people with the days they hold a role."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook

SAMPLES = Path(__file__).parents[2] / "sample_world"

LINK_ROLES = (
    "SEN IA", "Speech and Language Therapist", "Educational Psychologist", "Attendance Officer", "Specialist Teacher",
    "Health Navigator",
)  # fmt: skip
"""Slide 'Professional Resource Group Membership'."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """Somebody with one role, from a day to a day; both count."""

    name: str
    mail: str
    role: str
    of: str
    first: date
    last: date
    covers: str


@dataclass(frozen=True, kw_only=True)
class SchoolMoney:
    """A school's line of KCC's summary, whole pounds and numbers."""

    notional: int
    top_up: int
    automatic: int
    automatic_count: int
    protected: int
    protected_count: int


@dataclass(frozen=True, kw_only=True)
class Summary:
    """KCC's summary of a community, whole pounds as printed."""

    before: int
    stls: int
    clerking: int
    after: int
    protected: int
    balance: int
    total_funding: int
    schools: dict[str, SchoolMoney]


class County:
    """All of it."""

    def __init__(self) -> None:
        self.area: dict[str, str] = {}
        """Community to its *community* area, which decides HNFO and Area Board (DOMAIN.md)."""
        self.schools: dict[str, list[str]] = defaultdict(list)
        self.community_of: dict[str, str] = {}
        for row in _rows("directory.xlsx"):
            community, community_area, school = row[0], row[4], row[6]
            self.area[community] = community_area
            self.schools[community].append(school)
            self.community_of[school] = community
        self.communities = sorted(self.area)
        self._held: dict[tuple[str, str], list[Held]] = defaultdict(list)
        self.people: list[Held] = []
        for name, mail, role, of, first, last, covers in _rows("people.xlsx"):
            one = Held(
                name=name, mail=mail, role=role, of=of or "", first=_day(first) or date.min,
                last=_day(last) or date.max, covers=covers or "",
            )  # fmt: skip
            self.people.append(one)
            self._held[one.role, one.of].append(one)
        self.summaries = _summaries()

    def holding(self, role: str, of: str, day: date) -> list[Held]:
        """Who holds a role for a school, community or area on that day."""
        return [p for p in self._held[role, of] if p.first <= day <= p.last]

    def first(self, role: str, of: str, day: date) -> Held | None:
        """The first of them."""
        return next(iter(self.holding(role, of, day)), None)

    def hnfo(self, community: str, day: date) -> Held:
        """The officer of the community area."""
        found = self.first("HNFO", self.area[community], day)
        assert found is not None
        return found

    def at_work(self, role: str, of: str, day: date) -> list[Held]:
        """Those of a role without whom somebody stands in for."""
        found = self.holding(role, of, day)
        covered = {p.covers.lower() for p in found if p.covers}
        return [p for p in found if p.mail.lower() not in covered]

    def practitioners(self, school: str, day: date) -> list[Held]:
        """A school's link practitioners: its own of a role, else its community's."""
        found = []
        for role in LINK_ROLES:
            own = self.holding(role, school, day)
            found += self.at_work(role, school if own else self.community_of[school], day)
        return found

    def circulated_to(self, community: str, day: date) -> set[str]:
        """Who gets the papers: chair, clerk, link SEN IA and each school's SENCO (DOMAIN.md, 'Who and what')."""
        found = {p.mail.lower() for role in ("Chair", "Clerk", "SEN IA") for p in self.holding(role, community, day)}
        return found | {p.mail.lower() for s in self.schools[community] for p in self.holding("SENCO", s, day)}

    def roles(self, mail: str, day: date) -> set[tuple[str, str]]:
        """Every role a person holds that day, and for what."""
        return {(p.role, p.of) for p in self.people if p.mail.lower() == mail.lower() and p.first <= day <= p.last}

    def is_of_county(self, mail: str, day: date) -> bool:
        """KCC's moderators and administrators and the HNFOs: every community is theirs to ask about (a choice)."""
        return any(role in ("KCC moderator", "Administrator", "HNFO") for role, _ in self.roles(mail, day))

    def is_of_community(self, mail: str, community: str, day: date, *roles: str) -> bool:
        """Whether somebody holds one of these roles in the community or in a school of it."""
        return any(role in roles and community in (of, self.community_of.get(of)) for role, of in self.roles(mail, day))

    def alone_with(self, mail: str, day: date) -> bool:
        """Whether all that person holds on the day is one role of one school or community."""
        return len(self.roles(mail, day)) == 1


def _rows(name: str) -> list[tuple]:
    sheet = load_workbook(SAMPLES / name).worksheets[0]
    return [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[0]]


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, datetime) else None


def _summaries() -> dict[str, Summary]:
    found = {}
    for name in ("community-budget-summary.xlsx", "county-budget-summaries.xlsx"):
        for sheet in load_workbook(SAMPLES / name, data_only=True).worksheets:
            rows = list(sheet.iter_rows(values_only=True))
            printed = {str(r[0]).partition("\n")[0]: r[1] for r in rows[:14] if r[0]}
            lines = {
                r[1]: SchoolMoney(
                    notional=r[3], top_up=r[4], automatic=r[5], automatic_count=r[6], protected=r[7],
                    protected_count=r[8],
                )
                for r in rows[19:]
                if r[1]
            }  # fmt: skip
            found[printed["Community:"]] = Summary(
                before=printed["Community Budget before STLS/Chair and Clerking"],
                stls=printed["STLS top-slice"],
                clerking=printed["Chair and Clerking"],
                after=printed["Community Budget after STLS & Chair/Clerking"],
                protected=printed["Estimated Protected Payments"],
                balance=printed["Balance"],
                total_funding=next(r[8] for r in rows[:14] if r[0] == "Balance"),
                schools=lines,
            )
    return found
