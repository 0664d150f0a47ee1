"""The register, by what Teams saw: who came for which school or role, and who stays unmatched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from communities.attendance import ANYBODYS, LEAST_S, Seen, register_from
from communities.directory import Role
from communities.meetings import Attendee, Mark
from tests.rules.kent import ABBEY, BEACON, COUNTY, NORTH_TOWN, PEOPLE, person


def seen(name: str, *mails: str, seconds: int = 3_000) -> Seen:
    """Somebody who was there for so long."""
    return Seen(name=name, mails=mails, seconds=seconds)


def present(*people: Seen) -> dict[str, str]:
    """Who stands for each line of the register that is not absent."""
    register, _ = register_from(people, COUNTY, NORTH_TOWN)
    assert all((a.mark is Mark.PRESENT) == bool(a.person) for a in register)
    return {a.of: a.person for a in register if a.mark is Mark.PRESENT}


def test_the_register_has_a_line_for_each_role_and_school() -> None:
    register, unmatched = register_from([], COUNTY, NORTH_TOWN)
    assert register == tuple(
        Attendee(of=of, person="", mark=Mark.ABSENT) for of in ("Chair", "Clerk", "SEN IA", ABBEY, BEACON)
    )
    assert unmatched == ()


def test_people_are_matched_by_the_mail_of_their_role_whatever_its_case() -> None:
    assert present(
        seen("Sam S.", "other@x.example", "SAM@abbey.example"), seen("Cleo", "cleo@County.example"),
        seen("Ina", "ina@county.example"), seen("Lee", "lee@gmail.com"),
    ) == {"Clerk": "Cleo", "SEN IA": "Ina", ABBEY: "Sam S.", BEACON: "Lee"}  # fmt: skip


def test_a_chair_who_leads_a_school_stands_for_both() -> None:
    assert present(seen("Ann", "ann@abbey.example")) == {"Chair": "Ann", ABBEY: "Ann"}


def test_a_colleague_is_matched_by_a_mail_domain_that_is_the_schools_alone() -> None:
    assert present(seen("Tom Teacher", "tom@ABBEY.example")) == {ABBEY: "Tom Teacher"}
    written = replace(COUNTY, people=(*PEOPLE, person("Bo", Role.SENCO, " ".join(BEACON.split()), "bo@two.example")))
    assert register_from([seen("Tom", "tom@two.example")], written, NORTH_TOWN)[1] == ()
    for mail in ("tom@county.example", "tom@gmail.com", "tom@x.example", "tom"):
        assert present(seen("Tom", mail)) == {}


def test_the_senco_or_leader_stands_for_a_school_before_who_stayed_longest() -> None:
    tom, sam = seen("Tom", "tom@abbey.example", seconds=7_000), seen("Sam", "sam@abbey.example", seconds=400)
    assert present(tom, sam) == {ABBEY: "Sam"}
    una = seen("Una", "una@abbey.example", seconds=7_100)
    assert present(tom, una) == {ABBEY: "Una"}
    abe = seen("Abe", "abe@abbey.example", seconds=7_000)
    assert present(tom, abe) == {ABBEY: "Abe"}
    assert register_from([tom, sam, una, abe], COUNTY, NORTH_TOWN)[1] == ()


@pytest.mark.parametrize(("seconds", "came"), [(299, False), (300, True), (301, True), (0, False)])
def test_whoever_was_there_for_less_than_five_minutes_is_told_to_the_clerk(seconds: int, came: bool) -> None:
    assert LEAST_S == 300  # a choice
    sam = seen("Sam", "sam@abbey.example", seconds=seconds)
    register, unmatched = register_from([sam], COUNTY, NORTH_TOWN)
    assert (unmatched == ()) is came
    assert any(a.person == "Sam" for a in register) is came


def test_who_cannot_be_matched_is_told_to_the_clerk() -> None:
    stranger, nameless = seen("Zed", "zed@elsewhere.example"), seen("Phone 1")
    sam = seen("Sam", "sam@abbey.example")
    assert register_from([stranger, sam, nameless], COUNTY, NORTH_TOWN)[1] == (stranger, nameless)


@pytest.mark.parametrize("domain", ANYBODYS)
def test_a_domain_of_mail_for_everybody_is_no_schools(domain: str) -> None:
    county = replace(COUNTY, people=(*PEOPLE, person("Old", Role.SENCO, BEACON, f"old@{domain}")))
    register, unmatched = register_from([seen("Tom", f"tom@{domain}")], county, NORTH_TOWN)
    assert len(unmatched) == 1
    assert {a.mark for a in register} == {Mark.ABSENT}


def test_a_domain_of_two_schools_or_of_the_county_is_nobodys() -> None:
    for role, of in ((Role.SENCO, BEACON), (Role.SEN_IA, NORTH_TOWN), (Role.ATTENDANCE, NORTH_TOWN)):
        county = replace(COUNTY, people=(*PEOPLE, person("Two", role, of, "two@abbey.example")))
        assert len(register_from([seen("Tom", "tom@abbey.example")], county, NORTH_TOWN)[1]) == 1
