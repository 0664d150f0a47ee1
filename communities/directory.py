"""Areas, communities, schools and people: who belongs where and who may do what.

Reading them from workbooks is papers' and casework's; matching sloppy names is `matching`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NewType, TypeVar

from communities.names import plain

K = TypeVar("K")
V = TypeVar("V")

CommunityName = NewType("CommunityName", str)
SchoolName = NewType("SchoolName", str)
Mail = NewType("Mail", str)


class Area(StrEnum):
    """Kent's four areas; each has an Area Board and a High Needs Funding Officer."""

    NORTH = "North"
    EAST = "East"
    SOUTH = "South"
    WEST = "West"


class SchoolType(StrEnum):
    """As the published list prints it; a school that is not open yet has none."""

    PRIMARY = "PRI"
    SECONDARY = "SEC"
    UNKNOWN = ""


class Role(StrEnum):
    """What a person does, and so what they may do."""

    SENCO = "SENCO"
    LEADER = "School leader"
    CHAIR = "Chair"
    CLERK = "Clerk"
    HNFO = "HNFO"
    MODERATOR = "KCC moderator"
    AREA_BOARD = "Area Board"
    KIT = "KiT meeting"
    ADMINISTRATOR = "Administrator"
    SEN_IA = "SEN IA"
    SPEECH = "Speech and Language Therapist"
    PSYCHOLOGIST = "Educational Psychologist"
    ATTENDANCE = "Attendance Officer"
    SPECIALIST_TEACHER = "Specialist Teacher"
    HEALTH_NAVIGATOR = "Health Navigator"


SCHOOL_ROLES = (Role.SENCO, Role.LEADER)
COMMUNITY_ROLES = (Role.CHAIR, Role.CLERK)
LINK_ROLES = (
    Role.SEN_IA,
    Role.SPEECH,
    Role.PSYCHOLOGIST,
    Role.ATTENDANCE,
    Role.SPECIALIST_TEACHER,
    Role.HEALTH_NAVIGATOR,
)
"""Slide 'Professional Resource Group Membership': six link practitioners, each for a school or a community."""

COUNTY_SERVICES = (
    "School Nursing Service",
    "Early Help / Integrated Children's Service",
    "Family Hubs",
    "Joint commissioning services",
    "Emotional Health and Wellbeing Service",
    "Virtual School Kent (VSK)",
    "Violence Reduction Unit (VRU)",
    "Autism Education Trust (AET)",
)
"""The same slide: accessible county-wide, without a link practitioner."""

ALWAYS = date.min
"""Since before the record began."""


@dataclass(frozen=True, kw_only=True)
class Community:
    """A named group of mainstream schools that decides together."""

    name: CommunityName
    primary_care_network: str
    district: str
    geographic_area: Area
    community_area: Area
    """Decides the HNFO and the Area Board; can differ from the geographic area."""
    dashboard: str = ""
    """Address of its page of the Inclusion Dashboard, which exists elsewhere (slide 'Outcomes data')."""


@dataclass(frozen=True, kw_only=True)
class School:
    """A school in its community; `dfe` is missing while the school is not open yet."""

    name: SchoolName
    community: CommunityName
    dfe: int | None = None
    type: SchoolType = SchoolType.UNKNOWN
    since: date = ALWAYS
    """The first day it belongs to the community: it opened or moved there."""
    until: date | None = None
    """The last day; None while it belongs."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with one role: `of` names the school, community or area it holds for ('' for the county)."""

    name: str
    mail: Mail
    role: Role
    of: str = ""
    since: date = ALWAYS
    """The first day the role is held."""
    until: date | None = None
    """The last day; None while it is held."""
    covers: str = ""
    """Mail of the link practitioner somebody stands in for, while they do."""


_DFE = re.compile(r"(?:\d{3} ?[/-] ?)?(\d{4})|\d{1,7}")


def read_dfe(written: str) -> int | None:
    """A school's DfE number, None where it is none. `886/4033`, as councils write it with the authority's own three
    digits before, is `4033`, as the published list prints it.
    """
    found = _DFE.fullmatch(written.strip())
    return int(found[1] or found[0]) if found and written.isascii() else None


def holds_on(dated: School | Person, day: date) -> bool:
    """Whether a membership or role holds on that day; both its days count."""
    return dated.since <= day and (dated.until is None or day <= dated.until)


def _grouped(values: Iterable[V], key: Callable[[V], K]) -> dict[K, tuple[V, ...]]:
    found: dict[K, list[V]] = {}
    for value in values:
        found.setdefault(key(value), []).append(value)
    return {k: tuple(v) for k, v in found.items()}


@dataclass(frozen=True, kw_only=True)
class Directory:
    """All of them together, the past and the future included. Immutable: an import makes a new one.

    Questions are asked of the directory `on` a day.
    """

    communities: tuple[Community, ...]
    schools: tuple[School, ...]
    people: tuple[Person, ...] = field(default=())

    @cached_property
    def _communities(self) -> dict[str, Community]:
        return {c.name: c for c in self.communities}

    @cached_property
    def _communities_like(self) -> dict[str, tuple[Community, ...]]:
        return _grouped(self.communities, lambda c: plain(c.name).replace(" ", ""))

    @cached_property
    def _schools_of(self) -> dict[str, tuple[School, ...]]:
        return _grouped(self.schools, lambda s: s.community)

    @cached_property
    def _schools_named(self) -> dict[str, tuple[School, ...]]:
        return _grouped(self.schools, lambda s: s.name)

    @cached_property
    def _schools_like(self) -> dict[str, tuple[School, ...]]:
        return _grouped(self.schools, lambda s: plain(s.name))

    @cached_property
    def _people_of(self) -> dict[tuple[Role, str], tuple[Person, ...]]:
        return _grouped(self.people, lambda p: (p.role, p.of))

    @cached_property
    def _roles_of(self) -> dict[str, tuple[Person, ...]]:
        return _grouped(self.people, lambda p: p.mail.casefold())

    @cached_property
    def clerks(self) -> Mapping[str, Mail]:
        """Every clerk's mail, by a key that names nobody."""
        mails = {p.mail.casefold(): p.mail for p in self.people if p.role is Role.CLERK}
        return {hashlib.sha256(key.encode()).hexdigest()[:16]: mail for key, mail in sorted(mails.items())}

    def on(self, day: date) -> Directory:
        """The directory as it stands on a day: who was, is or will be what then."""
        return replace(
            self,
            schools=tuple(s for s in self.schools if holds_on(s, day)),
            people=tuple(p for p in self.people if holds_on(p, day)),
        )

    def community(self, name: str) -> Community | None:
        """The community of exactly that name."""
        return self._communities.get(name)

    def communities_like(self, written: str) -> tuple[Community, ...]:
        """The communities whose name is the same but for case, spacing and punctuation."""
        return self._communities_like.get(plain(written).replace(" ", ""), ())

    def schools_of(self, community: str) -> tuple[School, ...]:
        """The community's schools, in the order of the directory."""
        return self._schools_of.get(community, ())

    def schools_named(self, name: str) -> tuple[School, ...]:
        """The schools of exactly that name."""
        return self._schools_named.get(name, ())

    def schools_like(self, written: str) -> tuple[School, ...]:
        """The schools whose name is the same but for case, punctuation, 'The' and abbreviations."""
        return self._schools_like.get(plain(written), ())

    def people_with(self, role: Role, of: str = "") -> tuple[Person, ...]:
        """Everybody who holds the role for that school, community or area."""
        return self._people_of.get((role, of), ())

    def roles_of(self, mail: str) -> tuple[Person, ...]:
        """Every role the person of that mail holds; mails are compared without case."""
        return self._roles_of.get(mail.casefold(), ())

    def communities_of(self, mail: str) -> tuple[str, ...]:
        """Those somebody belongs to: their schools' first, then those they chair, clerk or advise."""
        held = self.roles_of(mail)
        homes = [str(s.community) for p in held if p.role in SCHOOL_ROLES for s in self.schools_named(p.of)]
        named = [p.of for role in (*COMMUNITY_ROLES, Role.SEN_IA) for p in held if p.role is role]
        return tuple(dict.fromkeys((*homes, *(of for of in named if self.community(of)))))

    def chair_of(self, community: str) -> Person | None:
        """The community's chair, if the directory names one."""
        return next(iter(self.people_with(Role.CHAIR, community)), None)

    def clerk_of(self, community: str) -> Person | None:
        """The community's clerk, if the directory names one."""
        return next(iter(self.people_with(Role.CLERK, community)), None)

    def hnfo_for(self, community: str) -> Person | None:
        """The High Needs Funding Officer of the community area (not of the geographic one)."""
        known = self.community(community)
        return next(iter(self.people_with(Role.HNFO, known.community_area)), None) if known else None

    def holds(self, mail: str, role: Role, of: str = "") -> bool:
        """Whether the person of that mail holds the role there; mails are compared without case."""
        return any(p.mail.casefold() == mail.casefold() for p in self.people_with(role, of))

    def has_interest(self, mail: str, school: str) -> bool:
        """Whether the school is that person's own: its SENCO or one of its leaders."""
        return any(self.holds(mail, role, school) for role in SCHOOL_ROLES)

    def practitioners_of(self, school: School) -> tuple[Person, ...]:
        """The school's link practitioners, in the slide's order: its own before the community's, and whoever stands in
        for one of them in their place.
        """
        found = (self.people_with(r, school.name) or self.people_with(r, school.community) for r in LINK_ROLES)
        return tuple(p for people in found for p in _at_work(people))

    def community_practitioners(self, community: str) -> tuple[Person, ...]:
        """The community's own link practitioners, in the slide's order, with those who stand in."""
        return tuple(p for role in LINK_ROLES for p in _at_work(self.people_with(role, community)))

    @cached_property
    def _sen_ias_of(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {str(c.name): set() for c in self.communities}
        for school in self.schools:
            own = (p.mail.casefold() for p in self.practitioners_of(school) if p.role is Role.SEN_IA)
            found.setdefault(str(school.community), set()).update(own)
        return {name: frozenset(mails) for name, mails in found.items()}

    def sen_ias_of(self, community: str) -> frozenset[str]:
        """The mails of the SEN IAs linked to a community's schools, without case."""
        return self._sen_ias_of.get(community, frozenset())

    def attendees_of(self, community: str) -> tuple[Person, ...]:
        """Chair, clerk, link SEN IA and each school's SENCO: who gets the papers. Each mail once."""
        everyone: Iterable[Person] = (
            *self.people_with(Role.CHAIR, community),
            *self.people_with(Role.CLERK, community),
            *self.people_with(Role.SEN_IA, community),
            *(p for s in self.schools_of(community) for p in self.people_with(Role.SENCO, s.name)),
        )
        return tuple({p.mail.casefold(): p for p in reversed(tuple(everyone))}.values())[::-1]


def _at_work(people: Sequence[Person]) -> tuple[Person, ...]:
    covered = {p.covers.casefold() for p in people if p.covers}
    return tuple(p for p in people if p.mail.casefold() not in covered)


@dataclass(frozen=True, kw_only=True)
class PractitionerChange:
    """Of a school or community: who is a link practitioner of a role now, and who was."""

    of: str
    role: Role
    before: tuple[str, ...]
    now: tuple[str, ...]


def practitioner_changes(before: Directory, after: Directory) -> tuple[PractitionerChange, ...]:
    """Where the link practitioners of two days differ, by school or community and role; people are named."""
    keys = sorted({(p.of, p.role) for d in (before, after) for p in d.people if p.role in LINK_ROLES})
    found = []
    for of, role in keys:
        was, now = (tuple(p.name for p in _at_work(d.people_with(role, of))) for d in (before, after))
        if set(was) != set(now):
            found.append(PractitionerChange(of=of, role=role, before=was, now=now))
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class DirectoryChange:
    """What an import would change, in sentences; `is_empty` where nothing would."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both directories say the same."""
        return not (self.added or self.changed or self.gone)


def compare(before: Directory, after: Directory) -> DirectoryChange:
    """The schools and communities added, changed and gone, by name; people are not compared."""
    old, new = ({(s.name, s.dfe): replace(s, since=ALWAYS, until=None) for s in d.schools} for d in (before, after))
    was, now = before._communities, after._communities
    return DirectoryChange(
        added=(
            *(f"community '{name}'" for name in now if name not in was),
            *(f"'{s.name}' in '{s.community}'" for key, s in new.items() if key not in old),
        ),
        changed=(
            *(f"community '{name}': {_differences(was[name], c)}" for name, c in now.items()
              if name in was and was[name] != c),
            *(f"'{s.name}': {_differences(old[key], s)}" for key, s in new.items() if key in old and old[key] != s),
        ),
        gone=(
            *(f"community '{name}'" for name in was if name not in now),
            *(f"'{s.name}' in '{s.community}'" for key, s in old.items() if key not in new),
        ),
    )  # fmt: skip


def _differences(before: Community | School, after: Community | School) -> str:
    pairs = ((f.name.replace("_", " "), getattr(before, f.name), getattr(after, f.name)) for f in fields(before))
    return "; ".join(f"{name} '{was or ''}' becomes '{now or ''}'" for name, was, now in pairs if was != now)
