"""The rules of communities/ on the whole sample county; tests/rules has them one by one."""

from __future__ import annotations

import pytest

from communities.calendars import is_working_day
from communities.directory import Directory
from communities.matching import find_community, find_school
from communities.meetings import propose_slots
from papers.term_dates import load_school_years


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("The Abbey School", "Abbey School, The"),
        ("Aldington Primary Sch", "Aldington Primary School"),
        ("ADISHAM C.E.P. SCHOOL", "Adisham CEP School"),
        ("All Souls’ CEP School", "All Souls' CEP School"),
        ("Anthony Roper Primry School", "Anthony Roper Primary School, The"),
    ],
)
def test_a_school_written_slightly_differently_is_found(written: str, meant: str, directory: Directory) -> None:
    match = find_school(written, directory)
    assert match.school is not None
    assert match.school.name == meant


@pytest.mark.parametrize("written", ["Ashford School", "St Mark's CEP School", "Hogwarts", ""])
def test_a_school_that_could_be_several_or_none_is_never_guessed(written: str, directory: Directory) -> None:
    assert find_school(written, directory).school is None


def test_communities_are_matched_by_name_but_never_by_likeness(directory: Directory) -> None:
    found = find_community(" canterbury  s3 ", directory)
    assert found is not None
    assert found.name == "Canterbury S3"
    assert find_community("Canterbury S4", directory) is None


def test_the_community_area_decides_the_hnfo(directory: Directory) -> None:
    hnfo = directory.hnfo_for("Mid Kent 3")
    assert hnfo is not None
    assert hnfo.mail == "hnfo.east@kent.example"


def test_a_county_meets_six_times_a_year_and_nobody_in_two_places(directory: Directory) -> None:
    year = load_school_years()["2026-27"]
    slots = list(propose_slots([c.name for c in directory.communities], year))
    assert len(slots) == 53 * 6
    for slot in slots:
        day = slot.starts_at.date()
        assert is_working_day(day)
        assert any(t.first_day <= day <= t.last_day for t in year.terms)
    for clerk in range(9):
        own = [s.starts_at for s in slots if [c.name for c in directory.communities].index(s.community) // 6 == clerk]
        assert len(set(own)) == len(own)
