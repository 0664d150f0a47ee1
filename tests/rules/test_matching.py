"""Which school or community was meant: one clear answer, or none."""

from __future__ import annotations

import pytest
from rapidfuzz import fuzz

from communities.directory import Area, Community, CommunityName, Directory, School, SchoolName
from communities.matching import CLEAR, MARGIN, NEAR, SchoolMatch, find_community, find_school, nearest_communities
from tests.rules.kent import ABBEY, BEACON, COUNTY, NORTH_TOWN

A, B = CommunityName("Town A"), CommunityName("Town B")


def schools(*names: str, of: CommunityName = A) -> tuple[School, ...]:
    """Schools of one community."""
    return tuple(School(name=SchoolName(n), community=of) for n in names)


def found(written: str, *names: str) -> tuple[str, list[str]]:
    """Which of schools so named is taken for the one written, and which are near."""
    match = find_school(written, Directory(communities=(), schools=schools(*names)))
    return match.school.name if match.school else "", [s.name for s in match.near]


def test_the_likenesses_are_the_ones_chosen() -> None:
    assert (CLEAR, MARGIN, NEAR) == (92.0, 5.0, 75.0)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Abbey School, The", ABBEY), (" Abbey School, The ", ABBEY), ("THE ABBEY SCH.", ABBEY),
     ("Beacon Primry School", BEACON)],
)  # fmt: skip
def test_a_school_written_slightly_differently_is_found(written: str, meant: str) -> None:
    match = find_school(written, COUNTY, NORTH_TOWN)
    assert (match.school and match.school.name, match.near) == (meant, ())


def test_among_schools_of_one_name_the_communitys_own_is_meant() -> None:
    directory = Directory(communities=(), schools=(*schools("St Mark's"), *schools("St Mark's", of=B)))
    for community in ("".join(["Town ", letter]) for letter in "AB"):
        own = next(s for s in directory.schools if s.community == community)
        assert find_school("St Marks", directory, community) == SchoolMatch(school=own)
    for community in (None, "C"):
        assert find_school("St Marks", directory, community) == SchoolMatch(school=None, near=directory.schools)
    twice = Directory(communities=(), schools=(*schools("St Mark's"), *schools("St Mark's")))
    assert find_school("St Marks", twice, A) == SchoolMatch(school=None, near=twice.schools)
    one = Directory(communities=(), schools=schools("St Mark's"))
    assert find_school("St Marks", one, B) == SchoolMatch(school=one.schools[0])


WRITTEN = "abcdefghijklmnopqrstuvwxy"


@pytest.mark.parametrize(
    ("names", "likenesses", "meant"),
    [
        (["abcdefghijklmnopqrstuvw12"], [92.0], True),
        (["1bcdefghijklmnopqrstuvwxy"], [96.0], True),
        (["1234567ghijklmnopqrstuvwxyzzzz"[:25]], [74.5], False),
        (["abcdefghijklmnopqrstuvwxy12345"[:28]], [94.3], True),
        (["defghijklmnopqrstuvwxy1"], [91.7], False),
        (["abcdefghijklmnopqrstuvw12", "zzz"], [92.0, 0.0], True),
        (["1bcdefghijklmnopqrstuvwxy", "defghijklmnopqrstuvwxy1"], [96.0, 91.7], False),
        (["1bcdefghijklmnopqrstuvwxy", "abcdefghijklmnopqrs123"], [96.0, 80.9], True),
    ],
)
def test_a_likeness_of_92_is_clear_where_no_other_comes_near(
    names: list[str], likenesses: list[float], meant: bool
) -> None:
    if likenesses[0] != 74.5:
        assert [round(fuzz.ratio(WRITTEN, n), 1) for n in names] == likenesses
    school, near = found(WRITTEN, *names)
    assert school == (names[0] if meant else "")
    assert not (meant and near)


TWENTY = "abcdefghijklmnopqrst"


def test_a_margin_of_five_is_enough() -> None:
    ahead, behind = "1bcdefghijklmnopqrst", "12cdefghijklmnopqrst"
    assert [fuzz.ratio(TWENTY, n) for n in (ahead, behind)] == [95.0, 90.0]
    assert found(TWENTY, behind, ahead) == (ahead, [])


@pytest.mark.parametrize(
    ("written", "name", "near"),
    [("abcd", "abcx", True), ("abcde", "abcxy", False), ("a" * 23 + "x" * 8, "a" * 23 + "y" * 8, False),
     ("a" * 24 + "x" * 8, "a" * 24 + "y" * 8, True), ("a" * 25 + "x" * 8, "a" * 25 + "y" * 8, True)],
)  # fmt: skip
def test_a_likeness_of_75_is_worth_a_question(written: str, name: str, near: bool) -> None:
    assert found(written, name) == ("", [name] if near else [])


def test_at_most_three_are_near_the_likeliest_first() -> None:
    names = ["abcdefghijklmnop1234", "abcdefghijklmnopq123", "abcdefghijklmnopqr12", "abcdefghijklmnopqrs1", "zzz",
             "abcdefghijklmnopqrs2"]  # fmt: skip
    assert found(TWENTY, *names) == ("", ["abcdefghijklmnopqrs1", "abcdefghijklmnopqrs2", "abcdefghijklmnopqr12"])
    assert found("", "abc") == ("", [])
    assert find_school("x", Directory(communities=(), schools=())) == SchoolMatch(school=None)


def communities(*names: str) -> Directory:
    """A directory of communities so named."""
    made = (
        Community(name=CommunityName(n), primary_care_network="", district="", geographic_area=Area.EAST,
                  community_area=Area.EAST)
        for n in names
    )  # fmt: skip
    return Directory(communities=tuple(made), schools=())


def test_communities_are_matched_by_name_but_never_by_likeness() -> None:
    directory = communities("Canterbury S2", "Canterbury S3", "Mid-Kent 3", "Mid Kent 3")
    one = find_community(" canterbury  s3 ", directory)
    assert one is not None
    assert one.name == "Canterbury S3"
    assert find_community("Canterbury S4", directory) is None
    assert find_community("mid kent 3", directory) is None  # two are alike


def test_up_to_three_communities_are_asked_about() -> None:
    directory = communities("Ashford", "Canterbury S1", "Canterbury S2", "Canterbury S33", "Canterbury S444")
    assert [c.name for c in nearest_communities("canterbury s2", directory)] == [
        "Canterbury S2", "Canterbury S1", "Canterbury S33",
    ]  # fmt: skip
    assert [c.name for c in nearest_communities("abcd", communities("abcx", "abxy", "zz"))] == ["abcx"]
    assert [c.name for c in nearest_communities("aaax", communities("aaa"))] == ["aaa"]
    assert nearest_communities("Hogwarts", directory) == ()
