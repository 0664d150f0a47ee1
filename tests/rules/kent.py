"""Kent's term dates and a small county, written out for the rules' tests."""

from __future__ import annotations

from datetime import date

from communities.calendars import SchoolYear, Term
from communities.directory import (
    Area,
    Community,
    CommunityName,
    Directory,
    Mail,
    Person,
    Role,
    School,
    SchoolName,
    SchoolType,
)


def _year(name: str, *terms: tuple[date, date]) -> SchoolYear:
    numbered = enumerate(terms, 1)
    return SchoolYear(
        academic_year=name,
        terms=tuple(Term(number=n, first_day=first, last_day=last) for n, (first, last) in numbered),
    )


KENT_2025 = _year(
    "2025-26",
    (date(2025, 9, 1), date(2025, 10, 17)),
    (date(2025, 11, 3), date(2025, 12, 19)),
    (date(2026, 1, 5), date(2026, 2, 13)),
    (date(2026, 2, 23), date(2026, 4, 2)),
    (date(2026, 4, 20), date(2026, 5, 22)),
    (date(2026, 6, 1), date(2026, 7, 22)),
)
KENT_2026 = _year(
    "2026-27",
    (date(2026, 9, 1), date(2026, 10, 16)),
    (date(2026, 11, 2), date(2026, 12, 18)),
    (date(2027, 1, 4), date(2027, 2, 12)),
    (date(2027, 2, 22), date(2027, 3, 25)),
    (date(2027, 4, 12), date(2027, 5, 28)),
    (date(2027, 6, 7), date(2027, 7, 22)),
)
KENT = (KENT_2025, KENT_2026)
"""Kent's published term dates."""

NORTH_TOWN, EAST_TOWN = CommunityName("North Town"), CommunityName("East Town 2")
ABBEY, BEACON, COVE = SchoolName("Abbey School, The"), SchoolName("Beacon Primary School"), SchoolName("Cove Academy")


def person(name: str, role: Role, of: str = "", mail: str = "", **more: object) -> Person:
    """Somebody whose mail is their first name at `x.example` where none is given."""
    at = Mail(mail or f"{name.split()[0].lower()}@x.example")
    return Person(name=name, mail=at, role=role, of=of, **more)  # type: ignore[arg-type]


COMMUNITIES = (
    Community(
        name=NORTH_TOWN, primary_care_network="Town PCN", district="Dartford", geographic_area=Area.EAST,
        community_area=Area.NORTH,
    ),
    Community(
        name=EAST_TOWN, primary_care_network="Coast PCN", district="Thanet", geographic_area=Area.EAST,
        community_area=Area.EAST,
    ),
)  # fmt: skip
SCHOOLS = (
    School(name=ABBEY, community=NORTH_TOWN, dfe=5458, type=SchoolType.SECONDARY),
    School(name=BEACON, community=NORTH_TOWN, dfe=2001, type=SchoolType.PRIMARY),
    School(name=COVE, community=EAST_TOWN),
)
PEOPLE = (
    person("Ann Chair", Role.CHAIR, NORTH_TOWN, "ann@abbey.example"),
    person("Cleo Clerk", Role.CLERK, NORTH_TOWN, "Cleo@county.example"),
    person("Cleo Clerk", Role.CLERK, EAST_TOWN, "cleo@county.example"),
    person("Ina Adviser", Role.SEN_IA, NORTH_TOWN, "ina@county.example"),
    person("Sam Senco", Role.SENCO, ABBEY, "Sam@abbey.example"),
    person("Ann Chair", Role.LEADER, ABBEY, "ann@abbey.example"),
    person("Bea Senco", Role.SENCO, BEACON, "bea@beacon.example"),
    person("Lee Leader", Role.LEADER, BEACON, "lee@gmail.com"),
    person("Col Senco", Role.SENCO, COVE, "col@cove.example"),
    person("Hal North", Role.HNFO, Area.NORTH, "hnfo.north@county.example"),
    person("Hal East", Role.HNFO, Area.EAST, "hnfo.east@county.example"),
)
COUNTY = Directory(communities=COMMUNITIES, schools=SCHOOLS, people=PEOPLE)
