"""The field of pupils' names and dates of birth, as schools write it: one record each, no date left in a name."""

from __future__ import annotations

import random
from datetime import date
from time import perf_counter

import pytest

from communities.redaction import without_pupils
from communities.requests import Pupil
from forms_ingest.pupils import read_pupils
from forms_ingest.values import Notes

TODAY = date(2026, 10, 5)
NAMES = [
    "Ann Lee", "Élodie Smith", "Zoë O'Neil", "McDonald Tim", "Jean-Luc Émile de la Tour", "Siân Ní Bhriain",
    "Ann O’Neil-Smith", "Łukasz Nowak", "Øyvind Dahl", "Şule Çelik", "van der Berg Åsa", "Bob Ray",
    "ÁDÁM NAGY", "Ng Wei", "D'Arcy Ó Sé",
]  # fmt: skip
WRITTEN = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%y", "%-d/%-m/%y", "%Y-%m-%d", "%-d %B %Y", "%-d %b %Y", "%-dst %B %Y"]
BESIDE = [
    "{} {}",
    "{} ({})",
    "{}, {}",
    "{} - {}",
    "{} DOB {}",
    "{} D.O.B.: {}",
    "{}, born {}",
    "{}: {}",
    "{} – born on {}",
]
BETWEEN = ["\n", "; ", ", ", " and ", ", and ", " & ", " / ", " ", "\n\n", " • ", ",", ";\n"]


def read(written: str) -> tuple[list[tuple[str, str | None]], list[str]]:
    notes = Notes()
    return [(p.name, p.born) for p in read_pupils(written, notes, TODAY)], notes.mended


def test_names_with_their_dates_are_one_record_each_however_they_are_joined() -> None:
    for seed in range(3_000):
        rng = random.Random(seed)
        truth = [
            (n, date(rng.randint(2008, 2022), rng.randint(1, 12), rng.randint(1, 28))) for n in rng.sample(NAMES, 3)
        ]
        beside, form, between = rng.choice(BESIDE), rng.choice(WRITTEN), rng.choice(BETWEEN)
        written = between.join(beside.format(name, born.strftime(form)) for name, born in truth)
        assert read(written) == ([(name, born.isoformat()) for name, born in truth], []), written


def test_dates_before_their_names_are_read_as_well() -> None:
    for seed in range(500):
        rng = random.Random(seed)
        truth = [
            (n, date(rng.randint(2008, 2022), rng.randint(1, 12), rng.randint(1, 28))) for n in rng.sample(NAMES, 3)
        ]
        form = rng.choice(WRITTEN)
        written = rng.choice((", ", "; ", "\n", " ")).join(f"{born.strftime(form)} {name}" for name, born in truth)
        assert read(written)[0] == [(name, born.isoformat()) for name, born in truth], written


@pytest.mark.parametrize("between", [", ", " and ", " & ", " / ", "\n", "; "])
def test_names_without_dates_are_one_record_each_and_the_clerk_is_told(between: str) -> None:
    names = [name for name in NAMES if name[0].isupper()]
    found, mended = read(between.join(names))
    assert found == [(name, None) for name in names]
    assert "the clerk is told" in mended[0]


@pytest.mark.parametrize(
    ("written", "pupils"),
    [
        ("Ann Lee and Bob Ray 03/04/2016", [("Ann Lee", None), ("Bob Ray", "2016-04-03")]),
        ("Ann & Bob Ray 03/04/2016", [("Ann", None), ("Bob Ray", "2016-04-03")]),
        ("Ann Lee 03/04/2016, Bob", [("Ann Lee", "2016-04-03"), ("Bob", None)]),
        ("Lee, Ann 03/04/2016", [("Lee, Ann", "2016-04-03")]),
        ("1. Ann Lee 03/04/2016 2. Bob Ray 04/04/2016", [("Ann Lee", "2016-04-03"), ("Bob Ray", "2016-04-04")]),
        ("Ann Lee 03/04/2016 (EHCP)", [("Ann Lee (EHCP)", "2016-04-03")]),
        ("J.B. age 7, and two more (see email)", [("J.B. age 7, and two more (see email)", None)]),
        ("Pupils of Year 5 and Year 6", [("Pupils of Year 5 and Year 6", None)]),
        ("Kit Rowe, born 8th January", [("Kit Rowe, born 8th January", None)]),
        ("03/04/2016", [("03/04/2016", None)]),
        ("2", [("2", None)]),
        ("", []),
        (" ; ,\n", []),
    ],
)
def test_what_is_written_in_other_ways(written: str, pupils: list[tuple[str, str | None]]) -> None:
    found, mended = read(written)
    assert found == pupils
    assert bool(mended) is any(born is None for _, born in found)


@pytest.mark.parametrize("day", ["31/02/2015", "01/01/2099", "06/10/2026", "01/01/1970", "13/13/2015", "03/04/99"])
def test_a_date_that_is_no_pupils_stays_beside_its_name_and_the_clerk_is_told(day: str) -> None:
    found, mended = read(f"Ann Lee {day}, Bob Ray 03/04/2016")
    assert found == [(f"Ann Lee {day}", None), ("Bob Ray", "2016-04-03")]
    assert "the clerk is told" in mended[0]


def test_a_name_with_two_dates_is_kept_as_written() -> None:
    assert read("Ann Lee 01/02/2015 03/04/2016")[0] == [("Ann Lee 01/02/2015 03/04/2016", None)]


@pytest.mark.parametrize("name", ["Élodie", "Zoë", "Łukasz", "Siân"])
def test_an_accented_name_in_a_sentence_is_masked_in_papers(name: str) -> None:
    pupil = Pupil(name=f"{name} Rowe, who was born on the 8th of January")
    assert name not in without_pupils(f"{name} needs a quiet room.", [pupil])


@pytest.mark.parametrize("part", ["Ann Lee, ", "Ann and ", "1/2/2015 ", "Ann 1/2/2015, ", ", ", "and ", "1" * 9, "("])
def test_a_cell_full_of_anything_is_read_at_once(part: str) -> None:
    began = perf_counter()
    read(part * (32_000 // len(part)))
    assert perf_counter() - began < 5
