"""Which column answers which question: headings made comparable, likeness, doubts, and what people are told.

How 2,000 rows of changed headings are read is in tests/test_headings.py; here each rule has its own values.
"""

from __future__ import annotations

import re

import pytest

from communities import headings
from communities.headings import (
    Doubt,
    Guess,
    Headings,
    Questions,
    Rival,
    heading_key,
    own_key,
    plain_title,
    question_named,
    shown_heading,
)

TITLES = {
    "community": ("Name of Community",),
    "outcomes": ("Expected outcomes (200 words max)",),
    "solution": ("Solution required (250 words max)", "What is the solution?"),
    "sen": ("Number of pupils on SEN Support",),
    "ehcp": ("Number of pupils with an EHCP",),
    "total": ("Total funding request (£)",),
    "sender": ("Email",),
}
FORM = Questions(
    TITLES, ["outcomes", "solution"], exact=frozenset({"sender"}), ignored=re.compile("language$|points")
)  # fmt: skip
ROW = [said[0] for said in TITLES.values()]
PLACES = {field: (at,) for at, field in enumerate(TITLES)}


def located(**changed: str) -> Headings:
    """The form's row with some headings in other words, '' for none."""
    return FORM.locate([changed.get(field, said[0]) for field, said in TITLES.items()])


def test_the_limits_are_the_ones_chosen() -> None:
    assert (headings.LIKE, headings.MARGIN, headings.SAME_WORD, headings.LETTERS) == (70.0, 12.0, 80.0, 4)
    assert (headings.LONGEST, headings.SHOWN) == (300, 120)


@pytest.mark.parametrize(
    ("heading", "plain", "own", "key"),
    [
        ("Expected&nbsp;outcomes &amp;amp; “more”", "expected outcomes & more", "expectedoutcomesandmore", None),
        ("4. Part 1: Structure", "4. part 1: structure", "structure", None),
        ("Q12) A–B", "q12) a-b", "ab", None),
        ("A\u2212B\u200b", "a-b", "ab", None),
        ("\u3042 B\u0007", "\u3042 b\u0007", "\u3042b", None),
        ("No. of pupils", "no. of pupils", "numberofpupils", None),
        ("Outcomes2 *", "outcomes2 *", "outcomes2", "outcomes"),
        ("Outcomes12", "outcomes12", "outcomes12", "outcomes"),
        ("Outcomes 2", "outcomes 2", "outcomes2", None),
        ("a1", "a1", "a1", "a"),
        ("3", "3", "3", None),
        ("<b>Total</b> (£)", "total (£)", "total£", None),
        ("(3) x", "(3) x", "x", None),
        ("12 pupils", "12 pupils", "pupils", None),
        ("1) 2) 3) x", "1) 2) 3) x", "3x", None),
        ("2026 budget", "2026 budget", "2026budget", None),
        ("Q3a. Why", "q3a. why", "why", None),
        ("1.2.3 Foo", "1.2.3 foo", "foo", None),
        ("Question: 4 x", "question: 4 x", "x", None),
        ("# 4 Foo", "# 4 foo", "foo", None),
        ("&amp;amp;amp;", "&amp;", "andamp", None),
        ("", "", "", None),
        (None, "", "", None),
        (7, "7", "7", None),
        (0, "0", "0", None),
    ],
)
def test_a_heading_is_compared_without_what_programs_and_people_change(
    heading: object, plain: str, own: str, key: str | None
) -> None:
    assert plain_title(heading) == plain
    assert own_key(heading) == own
    assert heading_key(heading) == (own if key is None else key)


def test_a_very_long_heading_is_compared_by_its_beginning() -> None:
    assert plain_title("x" * 1_300) == "x" * 1_200
    assert own_key("x" * 400) == heading_key("x" * 400) == "x" * 300


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("Expected  outcomes\n&amp; more", "Expected outcomes & more"),
        ("Sam, born 3/5/2015 or 03.05.15", "Sam, born … or …"),
        ("x" * 120, "x" * 120),
        ("x" * 121, "x" * 119 + "…"),
        (None, ""),
        (0, "0"),
    ],
)
def test_a_heading_is_shown_short_and_without_a_date_that_may_be_a_childs(heading: object, shown: str) -> None:
    assert shown_heading(heading) == shown


@pytest.mark.parametrize(
    ("said", "field"),
    [("outcomes", "outcomes"), ("".join(["sol", "ution"]), "solution"), ("zzz", None), ("b", "solution"),
     ("1. EXPECTED outcomes", "outcomes"), ("Nothing", None), ("Expected outcomes2", None)],
)  # fmt: skip
def test_a_question_is_named_by_its_field_or_title(said: str, field: str | None) -> None:
    assert question_named({"outcomes": "Expected outcomes", "solution": "B"}, said) == field


@pytest.mark.parametrize(
    ("heading", "field"),
    [("EXPECTED outcomes 200 words max", "outcomes"), ("3. Name of community", "community"),
     ("Name of Community2", "community"), ("What is the solution", "solution"), ("email", "sender"), ("Email2", None),
     ("Outcomes", None), (None, None), ("", None)],
)  # fmt: skip
def test_a_title_is_known_however_it_is_written_and_a_forms_own_with_no_number(
    heading: object, field: str | None
) -> None:
    assert FORM.field_of(heading) == field


@pytest.mark.parametrize(
    ("heading", "nearest"),
    [
        # 2 x what both share of what they weigh together: a word of one question 1, of two 1/2, small .15, asking .3,
        # strange .5; in brackets .3 of that
        ("Outcomes", [("outcomes", 86.96), ("community", 0.0)]),
        ("Outcomes (needed)", [("outcomes", 86.96), ("community", 0.0)]),
        ("Expected outcomes (300 words max)", [("outcomes", 100.0), ("solution", 16.44)]),
        ("Expected results", [("outcomes", 28.57), ("community", 0.0)]),
        ("The outcomes", [("outcomes", 81.63), ("solution", 11.54)]),
        ("Solution needed", [("solution", 76.92), ("community", 0.0)]),
        ("Pupils with an EHCP", [("ehcp", 84.71), ("sen", 19.61)]),
        ("Number of pupils", [("ehcp", 63.89), ("sen", 51.69)]),
        ("Number of pupils not on SEN Support", [("community", 0.0)]),
        ("Pupils on SEN Support 2", [("community", 0.0)]),
        ("Pupils on SEN support [2]", [("sen", 89.08), ("ehcp", 19.61)]),
        ("Total funding (£)", [("total", 82.14), ("community", 0.0)]),
        ("Total funding request last year", [("community", 0.0)]),
        ("How many pupils have an EHCP", [("ehcp", 67.35), ("sen", 17.39)]),
        ("Name of our community", [("community", 96.63), ("ehcp", 6.32), ("sen", 5.36)]),
        ("pupils on SEN support and pupils with an EHCP", [("sen", 67.09), ("ehcp", 51.06)]),
        ("Name", [("community", 63.49), ("outcomes", 0.0)]),
        ("Pupils [on SEN (Support) of] school", [("sen", 79.96), ("ehcp", 28.99)]),
        ("Pupils) on SEN (Support", [("sen", 87.62), ("ehcp", 24.39)]),
        ("", [("community", 0.0)]),
    ],
)
def test_a_heading_is_like_a_question_by_the_words_that_are_its_alone(
    heading: str, nearest: list[tuple[str, float]]
) -> None:
    found = [(field, round(likeness, 2)) for field, likeness in FORM.likeness(heading)]
    assert found[: len(nearest)] == nearest
    assert len(found) == 6  # never the form's own


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("cat", "cat", True), ("cat", "car", False), ("cats", "cars", False), ("pupil", "pupils", True),
     ("abcde", "abcdx", True), ("abcd", "abcdef", True), ("abc", "abcd", False), ("fund", "funding", False)],
)  # fmt: skip
def test_longer_words_are_the_same_when_misspelt_or_in_the_plural(one: str, other: str, same: bool) -> None:
    form = Questions({"x": (f"{one} gate",)}, [])
    ((_, likeness),) = form.likeness(f"{other} gate")
    assert (likeness > 70) is same


def test_a_turning_word_of_the_title_that_the_heading_lacks_asks_something_else() -> None:
    form = Questions({"x": ("Pupils not supported",)}, [])
    assert form.likeness("Pupils supported") == [("x", 0.0)]
    assert form.likeness("Pupils not supported at all")[0][1] > 70


def test_a_title_that_ends_with_a_number_is_known_without_it() -> None:
    assert Questions({"x": ("Year1",)}, []).field_of("Year") == "x"


def test_a_row_of_headings_is_told_from_a_row_of_answers() -> None:
    row = ["Name of Community", "Outcomes", "The outcomes", "Email", None, 7, "x" * 301, "zzz"]
    assert FORM.known(row) == 2
    assert FORM.alike(row) == 4
    assert [FORM.alike(["Name of Community".ljust(length)]) for length in (299, 300, 301)] == [1, 1, 0]
    assert FORM.alike(["Outcomes " * 40]) == 0
    assert Questions({}, []).alike(["x"]) == 0


def test_the_forms_own_row_is_settled_without_a_word() -> None:
    found = located()
    assert found == Headings(columns=PLACES, keys={title: own_key(title) for title in ROW})
    assert found.is_settled
    assert FORM.said_of(found) == ()


def test_columns_are_found_wherever_they_stand_and_several_of_an_edited_question() -> None:
    found = FORM.locate([None, "", *reversed(ROW), "Name of Community2", "Language", "Points: 3"])
    assert found.columns == {**{field: (8 - at,) for field, (at,) in PLACES.items()}, "community": (8, 9)}
    assert (found.unknown, found.guesses, found.doubts) == ((), (), ())


def test_a_heading_in_other_words_is_taken_and_said() -> None:
    found = located(outcomes="Outcomes", solution="Solution needed")
    assert found.columns == PLACES
    assert found.guesses == (
        Guess(heading="Outcomes", field="outcomes"), Guess(heading="Solution needed", field="solution"),
    )  # fmt: skip
    assert FORM.said_of(found) == (
        "We read the heading 'Outcomes' as 'Expected outcomes (200 words max)'.",
        "We read the heading 'Solution needed' as 'Solution required (250 words max)'.",
    )


def test_a_heading_far_less_like_a_question_is_no_rival_of_the_nearest() -> None:
    found = FORM.locate([*(t for t in ROW if "outcomes" not in t), "Outcomes", "Expected results"])
    assert found.guesses == (Guess(heading="Outcomes", field="outcomes"),)
    assert (found.unknown, found.is_settled) == (("Expected results",), True)


def test_brackets_within_brackets_are_counted() -> None:
    ways = ("(((x) y) expected) outcomes", "((x y) expected) outcomes", "(x y expected) outcomes")
    assert len({FORM.likeness(heading)[0] for heading in ways}) == 1
    assert FORM.likeness("(x y) expected outcomes")[0] > FORM.likeness(ways[0])[0]


def test_the_same_heading_with_a_number_behind_it_is_one_question() -> None:
    found = FORM.locate([*(t for t in ROW if "outcomes" not in t), "The outcomes", "The outcomes2"])
    assert found.columns["outcomes"] == (6, 7)
    assert found.guesses == (Guess(heading="The outcomes", field="outcomes"),)


def test_what_is_needed_and_absent_stops_the_reading() -> None:
    found = located(outcomes="", sen="", solution="Your thoughts")
    assert found.absent == ("outcomes", "solution")
    assert not found.is_settled
    assert FORM.said_of(found) == (
        "There is no column for 'Expected outcomes (200 words max)' and 'Solution required (250 words max)'.",
        "We do not know the heading 'Your thoughts', so we do not read the answers under it.",
    )
    one = located(outcomes="")
    assert FORM.said_of(one) == ("There is no column for 'Expected outcomes (200 words max)'.",)


def test_headings_like_no_question_stop_nothing() -> None:
    found = FORM.locate([*ROW, "Your thoughts", "Exam board", "Shoe size"])
    assert found.unknown == ("Your thoughts", "Exam board", "Shoe size")
    assert found.is_settled
    assert FORM.said_of(found) == (
        "We do not know the headings 'Your thoughts', 'Exam board' and 'Shoe size', so we do not read the answers "
        "under them.",
    )


def test_two_headings_about_as_near_stop_the_reading() -> None:
    found = FORM.locate([*(t for t in ROW if "outcomes" not in t), "Outcomes needed", "The outcomes"])
    assert found.doubts == (
        Doubt(heading="Outcomes needed", near=("outcomes",)), Doubt(heading="The outcomes", near=("outcomes",)),
    )  # fmt: skip
    assert not found.is_settled
    assert FORM.said_of(found)[1] == (
        "More than one column could be 'Expected outcomes (200 words max)'. One of them is 'The outcomes'."
    )


NEAR = Questions({"a": ("Red green blue gold",), "b": ("Red green blue pink",), "c": ("Cup",)}, ["a"])


def test_a_heading_as_near_to_two_questions_is_asked_about() -> None:
    found = NEAR.locate(["Red green blue", "Cup"])
    assert found.doubts == (Doubt(heading="Red green blue", near=("a", "b")),)
    assert NEAR.said_of(found)[0] == (
        "The heading 'Red green blue' could be 'Red green blue gold' or 'Red green blue pink'."
    )


def test_a_rival_of_a_question_that_has_a_column_is_not_read_and_said() -> None:
    found = FORM.locate([*ROW, "Outcomes", "Outcomes2"])
    assert found.rivals == (Rival(heading="Outcomes", field="outcomes", columns=(7, 8)),)
    assert found.is_settled
    assert found.columns == PLACES
    assert FORM.said_of(found) == (
        "The heading 'Outcomes' looks like 'Expected outcomes (200 words max)', which has a column already, so we do "
        "not read it. A response that answers only 'Outcomes' waits until you tell us whether it is the same question.",
    )


def test_a_question_called_email_never_overrules_who_was_signed_in() -> None:
    assert FORM.locate([*ROW, "Email2"]).columns["sender"] == (6,)
    assert "sender" not in located(sender="").columns
    twice = FORM.locate([*ROW, "E-mail"])
    assert twice.doubts == (Doubt(heading="Email", near=("sender",)),)
    assert not twice.is_settled


def test_what_a_person_says_of_a_heading_goes_before_its_words() -> None:
    header = [*(t for t in ROW if "outcomes" not in t), "Your thoughts", "Outcomes", "Shoe size"]
    found = FORM.locate(header, {"yourthoughts": "outcomes", "outcomes": "", "shoesize": "gone"})
    assert found.columns["outcomes"] == (6,)
    assert found.is_settled
    assert (found.unknown, found.rivals) == ((), ())


def test_a_headings_parts_are_empty_unless_found() -> None:
    bare = Headings(columns={}, keys={})
    assert (bare.guesses, bare.doubts, bare.unknown, bare.absent, bare.rivals) == ((), (), (), (), ())
    assert bare.is_settled
