"""Headings as people and programs change them: read in the right column, or not at all, and said so."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Mapping

import pytest
from openpyxl import Workbook

from communities.headings import UNIT_WORDS, Headings, heading_key, own_key
from papers.directory_workbook import TITLES as DIRECTORY
from papers.people_workbook import TITLES as PEOPLE
from papers.sheets import WorkbookUnreadable, find_table
from tests.headings import FORMS, WRITTEN, figures_of

REQUEST = FORMS["request-for-support"]
TITLES = [said[0] for said in REQUEST.titles.values()]
ROWS = 2_000
OUTCOMES = "Expected outcomes (200 words max)"


def located(**changed: str) -> Headings:
    """The Request for Support's headings with those of some fields in other words, '' for none."""
    header = [changed.get(field, said[0]) for field, said in REQUEST.titles.items()]
    return REQUEST.locate(header)


def test_no_mutated_row_of_headings_is_read_into_a_wrong_column() -> None:
    figures, wrong = figures_of(ROWS, seed=19)
    assert wrong == []
    assert figures["at once"] > ROWS / 2
    assert figures["by likeness"] > ROWS / 10


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", range(len(WRITTEN)))
def test_a_heading_written_in_another_way_is_known(form: str, change: int) -> None:
    questions = FORMS[form]
    for field, said in questions.titles.items():
        for title in said:
            for seed in range(12):
                written = WRITTEN[change](title, random.Random(seed))
                assert questions.field_of(written) == field, written


@pytest.mark.parametrize("form", FORMS)
def test_no_two_questions_of_a_form_are_the_same_heading(form: str) -> None:
    keys = [(heading_key(title), field) for field, said in FORMS[form].titles.items() for title in said]
    assert len({key for key, _ in keys}) == len(set(keys))


@pytest.mark.parametrize(
    ("field", "heading"),
    [
        ("outcomes", "Expected results and outcomes (300 words max)"),
        ("outcomes", "Outcomes"),
        ("solution", "Solution needed (max. 300 words)"),
        ("contact", "Name of contact at the school"),
        ("sen_support", "No. of pupils with SEN Support"),
        ("ehcp", "Pupils with an EHCP"),
        ("looked_after", "Number of Looked After Pupils"),
        ("already_supported", "How have you supported the pupils already?"),
        ("funding_use", "How will funding be used?"),
        ("signature", "Electronic signature"),
        ("key_stages", "Key Stages"),
        ("pupils", "Pupils' names & dates of birth"),
    ],
)
def test_a_few_other_words_are_taken_for_their_question_and_said(field: str, heading: str) -> None:
    found = located(**{field: heading})
    assert found.is_settled
    place = list(REQUEST.titles).index(field)
    assert found.columns[field] == (place,)
    assert REQUEST.said_of(found) == (f"We read the heading '{heading}' as '{REQUEST.titles[field][0]}'.",)


@pytest.mark.parametrize(
    ("field", "heading"),
    [
        ("outcomes", "Your thoughts"),
        ("outcomes", "Outcomes of previous requests"),
        ("sen_support", "Number of pupils not on SEN Support"),
        ("sen_support", "Number of pupils"),
        ("requested_pence", "Total funding received last year (£)"),
        ("key_stages", "Key Stage 2"),
        ("support", "Support from parents"),
        ("school", "School postcode"),
        ("sender", "E-mail of the school"),
        ("sender", "Email2"),
        ("id", "Identity"),
    ],
)
def test_a_heading_that_asks_something_else_is_not_taken(field: str, heading: str) -> None:
    found = located(**{field: heading})
    assert not found.is_settled
    assert field not in found.columns
    assert f"There is no column for '{REQUEST.titles[field][0]}'." in REQUEST.said_of(found)
    assert any(heading in sentence for sentence in REQUEST.said_of(found))


SUM = "Total funding request"
OTHER_UNITS = [
    *(f"{SUM} ({unit})" for unit in (
        "£000s", "£000", "£ 000", "£'000", "£k", "k", "£m", "£ thousands", "hundreds", "1000 £", "pence", "p", "€",
        "EUR", "$", "US dollars", "¥", "CHF", "%", "per cent", "£ per pupil", "£/pupil", "£ per week", "£ p.a.",
        "£ each term", "£, last year", "£ 2024-25", "£ excluding VAT", "so far",
    )),
    *(f"{SUM} {rate} (£)" for rate in ("per pupil", "per week", "a year", "each month", "2024-25", "previously")),
    f"{SUM} £000s", f"Previous {SUM.lower()} (£)", f"Annual {SUM.lower()} (£)", f"Weekly {SUM.lower()} (£)",
]  # fmt: skip
OTHER_COUNTS = [
    ("looked_after", "Number of pupils previously looked after"),
    ("looked_after", "Number of pupils formerly looked after"),
    ("looked_after", "Number Looked After Child (past 3 years)"),
    ("looked_after", "Percentage Looked After Child"),
    ("ehcp", "Number of pupils without an EHCP"),
    ("ehcp", "Number of pupils awaiting an EHCP"),
    ("ehcp", "Number of pupils who had an EHCP"),
    ("ehcp", "% of pupils with an EHCP"),
    ("sen_support", "Number of pupils on SEN Support (2024-25)"),
    ("sen_support", "Number of hours on SEN Support"),
    ("sen_support", "Number of siblings on SEN Support"),
    ("sen_support", "Average number of pupils on SEN Support"),
]


@pytest.mark.parametrize(("field", "heading"), [*(("requested_pence", h) for h in OTHER_UNITS), *OTHER_COUNTS])
def test_a_heading_of_another_unit_or_time_is_asked_about(field: str, heading: str) -> None:
    found = located(**{field: heading})
    assert not found.is_settled
    assert field not in found.columns
    assert found.guesses == ()
    assert any(heading in sentence for sentence in REQUEST.said_of(found))


@pytest.mark.parametrize(
    "heading", [SUM, f"{SUM} (£)2", f"{SUM}ed (£)", f"{SUM} in pounds", f"{SUM} (GBP)", f"{SUM}, £"]
)
def test_an_amount_in_pounds_is_read(heading: str) -> None:
    assert located(requested_pence=heading).is_settled


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("word", sorted(UNIT_WORDS | {"000s", "2024"}))
def test_no_question_of_any_form_is_taken_with_a_unit_it_lacks(form: str, word: str) -> None:
    questions = FORMS[form]
    for field, said in questions.titles.items():
        if field in questions.exact or any(word in re.findall(r"\w+|%", title.casefold()) for title in said):
            continue
        for heading in (f"{said[0]} ({word})", f"{said[0]} {word} in all", f"{word} {said[0]}"):
            header = [heading if other == field else titles[0] for other, titles in questions.titles.items()]
            assert field not in questions.locate(header).columns, heading


def test_two_headings_about_as_near_a_question_stop_the_reading_and_are_both_named() -> None:
    found = REQUEST.locate([*(t for t in TITLES if t != OUTCOMES), "Outcomes needed", "The outcomes"])
    assert not found.is_settled
    assert [d.near for d in found.doubts] == [("outcomes",), ("outcomes",)]
    assert f"More than one column could be '{OUTCOMES}'. One of them is 'The outcomes'." in REQUEST.said_of(found)


@pytest.mark.parametrize("form", FORMS)
def test_a_column_that_was_copied_stops_the_reading_until_somebody_says_what_it_is(form: str) -> None:
    questions = FORMS[form]
    titles = [said[0] for said in questions.titles.values()]
    for field, said in questions.titles.items():
        found = questions.locate([*titles, said[0]])
        assert not found.is_settled
        assert [d.near for d in found.doubts] == [(field,)]
        assert f"More than one column could be '{said[0]}'." in questions.said_of(found)[0]
        if field not in questions.exact:
            assert questions.locate([*titles, f"{said[0]}2"]).is_settled
            assert questions.locate([*titles, said[0]], {own_key(said[0]): field}).is_settled


def test_a_question_called_email_never_overrules_who_was_signed_in() -> None:
    found = REQUEST.locate([*TITLES, "Email2"])
    assert found.is_settled
    assert found.columns["sender"] == (TITLES.index("Email"),)
    assert not REQUEST.locate([*TITLES, "Email"]).is_settled


def test_what_a_person_says_of_a_heading_goes_before_its_words() -> None:
    header = [*(t for t in TITLES if t != OUTCOMES), "Your thoughts", "Outcomes"]
    said = {heading_key("Your thoughts"): "outcomes", heading_key("Outcomes"): ""}
    found = REQUEST.locate(header, said)
    assert found.is_settled
    assert found.columns["outcomes"] == (header.index("Your thoughts"),)
    assert REQUEST.said_of(found) == ()


def test_a_heading_is_shown_without_a_date_that_may_be_a_childs() -> None:
    found = REQUEST.locate([*TITLES, "Sam, born 3/5/2015"])
    assert not any("2015" in sentence for sentence in REQUEST.said_of(found))


def table_of(*titles: str) -> bytes:
    """A workbook with a row of headings and a row of cells."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(titles)
    sheet.append([f"cell {number}" for number, _ in enumerate(titles)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("titles", "needed"), [(DIRECTORY, "community_area"), (PEOPLE, "role")])
def test_a_workbook_that_is_imported_is_read_however_its_headings_are_written_and_never_by_likeness(
    titles: Mapping[str, str], needed: str
) -> None:
    for seed in range(60):
        rng = random.Random(seed)
        header = [rng.choice(WRITTEN)(title, rng) for title in titles.values()]
        ((_, cells),) = find_table(table_of(*header), "d.xlsx", titles, [needed])
        assert cells == {field: f"cell {number}" for number, field in enumerate(titles)}, header
    header = [f"{title} of it" if field == needed else title for field, title in titles.items()]
    hint = f"If '{titles[needed]} of it' is '{titles[needed]}', rename it."
    with pytest.raises(WorkbookUnreadable, match=re.escape(f"has no column '{titles[needed]}'. {hint}")):
        find_table(table_of(*header), "d.xlsx", titles, [needed])
