"""Who belongs where and holds which role, on a day."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from communities.directory import (
    ALWAYS,
    COMMUNITY_ROLES,
    COUNTY_SERVICES,
    LINK_ROLES,
    SCHOOL_ROLES,
    Area,
    CommunityName,
    Directory,
    DirectoryChange,
    PractitionerChange,
    Role,
    School,
    SchoolName,
    SchoolType,
    compare,
    holds_on,
    practitioner_changes,
)
from tests.rules.kent import ABBEY, BEACON, COUNTY, COVE, EAST_TOWN, NORTH_TOWN, PEOPLE, SCHOOLS, person

FIRST, LAST = date(2026, 9, 1), date(2026, 12, 18)


def names(people: object) -> list[str]:
    """Of people, their names."""
    return [p.name for p in people]  # type: ignore[attr-defined]


def test_roles_and_services_are_the_slides() -> None:
    assert [r.value for r in LINK_ROLES] == [
        "SEN IA", "Speech and Language Therapist", "Educational Psychologist", "Attendance Officer",
        "Specialist Teacher", "Health Navigator",
    ]  # fmt: skip
    assert (SCHOOL_ROLES, COMMUNITY_ROLES) == ((Role.SENCO, Role.LEADER), (Role.CHAIR, Role.CLERK))
    assert len(COUNTY_SERVICES) == 8
    assert date(1, 1, 1) == ALWAYS


@pytest.mark.parametrize(
    ("since", "until", "day", "holds"),
    [
        (FIRST, LAST, date(2026, 8, 31), False),
        (FIRST, LAST, FIRST, True),
        (FIRST, LAST, date(2026, 10, 1), True),
        (FIRST, LAST, LAST, True),
        (FIRST, LAST, date(2026, 12, 19), False),
        (FIRST, None, date(2030, 1, 1), True),
        (FIRST, None, date(2026, 8, 31), False),
        (ALWAYS, LAST, date(1990, 1, 1), True),
    ],
)
def test_a_role_holds_from_its_first_day_to_its_last(since: date, until: date | None, day: date, holds: bool) -> None:
    somebody = person("Sam Senco", Role.SENCO, ABBEY, since=since, until=until)
    school = School(name=ABBEY, community=NORTH_TOWN, since=since, until=until)
    assert holds_on(somebody, day) is holds
    then = Directory(communities=(), schools=(school,), people=(somebody,)).on(day)
    assert (then.schools, then.people) == (((school,), (somebody,)) if holds else ((), ()))


def test_communities_and_schools_are_found_by_name() -> None:
    found = COUNTY.community("North Town")
    assert found is not None
    assert (found.name, found.community_area, found.geographic_area, found.dashboard) == (
        "North Town", Area.NORTH, Area.EAST, "",
    )  # fmt: skip
    assert COUNTY.community("north town") is None
    assert [c.name for c in COUNTY.communities_like(" EAST-town2")] == ["East Town 2"]
    assert COUNTY.communities_like("East Town 3") == ()
    assert [s.name for s in COUNTY.schools_of(NORTH_TOWN)] == [ABBEY, BEACON]
    assert COUNTY.schools_of("Nowhere") == ()
    assert [s.community for s in COUNTY.schools_named(COVE)] == [EAST_TOWN]
    assert COUNTY.schools_named("cove academy") == ()
    assert [s.name for s in COUNTY.schools_like("THE abbey sch")] == [ABBEY]
    assert COUNTY.schools_like("Abbey") == ()


def test_a_school_may_have_no_number_and_no_type_yet() -> None:
    (cove,) = COUNTY.schools_named(COVE)
    assert (cove.dfe, cove.type, cove.since, cove.until) == (None, SchoolType.UNKNOWN, ALWAYS, None)


def test_people_are_found_by_role_and_mail() -> None:
    assert names(COUNTY.people_with(Role.SENCO, BEACON)) == ["Bea Senco"]
    assert COUNTY.people_with(Role.SENCO) == ()
    assert [p.role for p in COUNTY.roles_of("ANN@abbey.example")] == [Role.CHAIR, Role.LEADER]
    assert COUNTY.roles_of("nobody@x.example") == ()
    for found, name in ((COUNTY.chair_of(NORTH_TOWN), "Ann Chair"), (COUNTY.clerk_of(EAST_TOWN), "Cleo Clerk")):
        assert found is not None
        assert found.name == name
    assert COUNTY.chair_of(EAST_TOWN) is None
    assert COUNTY.clerk_of("Nowhere") is None
    assert Directory(communities=(), schools=()).people == ()


def test_the_community_area_decides_the_hnfo() -> None:
    mails = {c: getattr(COUNTY.hnfo_for(c), "mail", None) for c in (NORTH_TOWN, EAST_TOWN, "Nowhere")}
    assert mails == {
        NORTH_TOWN: "hnfo.north@county.example", EAST_TOWN: "hnfo.east@county.example", "Nowhere": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mail", "role", "of", "holds"),
    [
        ("sam@abbey.example", Role.SENCO, ABBEY, True),
        ("SAM@ABBEY.EXAMPLE", Role.SENCO, ABBEY, True),
        ("sam@abbey.example", Role.SENCO, BEACON, False),
        ("sam@abbey.example", Role.LEADER, ABBEY, False),
        ("zoe@abbey.example", Role.SENCO, ABBEY, False),
        ("aaa@abbey.example", Role.SENCO, ABBEY, False),
    ],
)
def test_a_role_is_held_for_one_school_whatever_the_case_of_the_mail(
    mail: str, role: Role, of: str, holds: bool
) -> None:
    assert COUNTY.holds(mail, role, of) is holds


@pytest.mark.parametrize(
    ("mail", "school", "interest"),
    [("sam@abbey.example", ABBEY, True), ("ann@abbey.example", ABBEY, True), ("ann@abbey.example", BEACON, False),
     ("cleo@county.example", ABBEY, False)],
)  # fmt: skip
def test_a_school_is_the_own_of_its_senco_and_leaders(mail: str, school: str, interest: bool) -> None:
    assert COUNTY.has_interest(mail, school) is interest


def test_somebody_belongs_to_their_schools_communities_then_to_those_they_run_or_advise() -> None:
    several = [(Role.SEN_IA, NORTH_TOWN), (Role.CLERK, EAST_TOWN), (Role.CHAIR, "Nowhere"), (Role.SENCO, ABBEY),
               (Role.LEADER, ABBEY), (Role.HNFO, NORTH_TOWN)]  # fmt: skip
    county = replace(COUNTY, people=tuple(person("Pat", role, of, "Pat@x.example") for role, of in several))
    home = str(county.schools_named(ABBEY)[0].community)
    assert county.communities_of("pat@X.example") == tuple(dict.fromkeys((home, EAST_TOWN, NORTH_TOWN)))
    assert county.communities_of("nobody@x.example") == ()


def test_every_clerk_has_a_key_that_names_nobody() -> None:
    more = replace(COUNTY, people=(*PEOPLE, person("Abe Clerk", Role.CLERK, "X", "abe@county.example")))
    keys = {m: hashlib.sha256(m.encode()).hexdigest()[:16] for m in ("abe@county.example", "cleo@county.example")}
    assert list(more.clerks.items()) == [(keys[m], m) for m in sorted(keys)]


LINKED = replace(
    COUNTY,
    people=(
        *PEOPLE,
        person("Hope Navigator", Role.HEALTH_NAVIGATOR, NORTH_TOWN),
        person("Ella Psychologist", Role.PSYCHOLOGIST, ABBEY),
        person("Earl Psychologist", Role.PSYCHOLOGIST, NORTH_TOWN),
        person("Stan Speech", Role.SPEECH, NORTH_TOWN, "Stan@x.example"),
        person("Vera Speech", Role.SPEECH, NORTH_TOWN, covers="stan@X.example"),
        person("Ivo Adviser", Role.SEN_IA, COVE, "Ivo@county.example"),
    ),
)


def test_a_schools_own_practitioners_come_before_its_communitys_and_whoever_stands_in_takes_their_place() -> None:
    abbey, beacon, cove = SCHOOLS
    assert names(LINKED.practitioners_of(abbey)) == [
        "Ina Adviser", "Vera Speech", "Ella Psychologist", "Hope Navigator",
    ]  # fmt: skip
    assert names(LINKED.practitioners_of(beacon)) == [
        "Ina Adviser", "Vera Speech", "Earl Psychologist", "Hope Navigator",
    ]  # fmt: skip
    assert names(LINKED.practitioners_of(cove)) == ["Ivo Adviser"]
    assert names(LINKED.community_practitioners(NORTH_TOWN)) == [
        "Ina Adviser", "Vera Speech", "Earl Psychologist", "Hope Navigator",
    ]  # fmt: skip
    assert LINKED.community_practitioners(EAST_TOWN) == ()


def test_the_sen_ias_of_a_community_are_those_of_its_schools() -> None:
    assert LINKED.sen_ias_of(NORTH_TOWN) == {"ina@county.example"}
    assert LINKED.sen_ias_of(EAST_TOWN) == {"ivo@county.example"}
    assert LINKED.sen_ias_of("Nowhere") == frozenset()
    astray = replace(LINKED, schools=(replace(SCHOOLS[2], community=CommunityName("Astray")),))
    assert astray.sen_ias_of("Astray") == {"ivo@county.example"}
    assert astray.sen_ias_of(NORTH_TOWN) == frozenset()


def test_chair_clerk_adviser_and_sencos_get_the_papers_each_mail_once() -> None:
    assert names(COUNTY.attendees_of(NORTH_TOWN)) == [
        "Ann Chair", "Cleo Clerk", "Ina Adviser", "Sam Senco", "Bea Senco",
    ]  # fmt: skip
    both = replace(COUNTY, people=(*PEOPLE, person("Ann Twice", Role.SENCO, ABBEY, "ANN@abbey.example")))
    assert sorted(names(both.attendees_of(NORTH_TOWN))) == [
        "Ann Chair", "Bea Senco", "Cleo Clerk", "Ina Adviser", "Sam Senco",
    ]  # fmt: skip


def test_changes_of_practitioners_are_told_by_school_and_role() -> None:
    assert practitioner_changes(COUNTY, COUNTY) == ()
    ina = next(p for p in PEOPLE if p.name == "Ina Adviser")
    after = replace(LINKED, people=tuple(p for p in LINKED.people if p is not ina and p.role is not Role.CHAIR))
    assert practitioner_changes(COUNTY, after) == (
        PractitionerChange(of=ABBEY, role=Role.PSYCHOLOGIST, before=(), now=("Ella Psychologist",)),
        PractitionerChange(of=COVE, role=Role.SEN_IA, before=(), now=("Ivo Adviser",)),
        PractitionerChange(of=NORTH_TOWN, role=Role.PSYCHOLOGIST, before=(), now=("Earl Psychologist",)),
        PractitionerChange(of=NORTH_TOWN, role=Role.HEALTH_NAVIGATOR, before=(), now=("Hope Navigator",)),
        PractitionerChange(of=NORTH_TOWN, role=Role.SEN_IA, before=("Ina Adviser",), now=()),
        PractitionerChange(of=NORTH_TOWN, role=Role.SPEECH, before=(), now=("Vera Speech",)),
    )


NOTHING = DirectoryChange(added=(), changed=(), gone=())


def test_an_import_says_what_it_would_change() -> None:
    assert compare(COUNTY, COUNTY) == NOTHING
    assert NOTHING.is_empty
    for part in ("added", "changed", "gone"):
        assert not replace(NOTHING, **{part: ("x",)}).is_empty  # type: ignore[arg-type]
    dated = replace(COUNTY, schools=tuple(replace(s, since=FIRST, until=LAST) for s in SCHOOLS), people=())
    assert compare(COUNTY, dated) == NOTHING
    again = replace(COUNTY, communities=tuple(replace(c) for c in COUNTY.communities))
    assert compare(COUNTY, again) == NOTHING
    north, east = COUNTY.communities
    new_town = replace(north, name=CommunityName("New Town"))
    moved = replace(SCHOOLS[0], community=EAST_TOWN, type=SchoolType.UNKNOWN)
    new = School(name=SchoolName("Dale School"), community=EAST_TOWN, dfe=2002)
    numbered = replace(SCHOOLS[2], dfe=2003)
    after = Directory(
        communities=(
            new_town,
            replace(
                east, primary_care_network=" ".join(["Coast", "PCN"]), district="Dover", dashboard="https://d.example"
            ),
        ),
        schools=(moved, new, numbered),
    )
    assert compare(COUNTY, after) == DirectoryChange(
        added=("community 'New Town'", "'Dale School' in 'East Town 2'", "'Cove Academy' in 'East Town 2'"),
        changed=(
            "community 'East Town 2': district 'Thanet' becomes 'Dover'; dashboard '' becomes 'https://d.example'",
            "'Abbey School, The': community 'North Town' becomes 'East Town 2'; type 'SEC' becomes ''",
        ),
        gone=("community 'North Town'", "'Beacon Primary School' in 'North Town'", "'Cove Academy' in 'East Town 2'"),
    )
