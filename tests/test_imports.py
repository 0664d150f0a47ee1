"""The directory's, people's and budget's workbooks."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook

from communities.directory import Directory
from communities.money import whole_pounds
from papers.budget_workbook import read_budgets
from papers.directory_workbook import TITLES, read_directory
from papers.people_workbook import read_people
from papers.sheets import WorkbookUnreadable
from service.sample import BUDGETS, DIRECTORY, sample


def book(*rows: tuple[Any, ...]) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_the_directory_holds_53_communities_and_600_schools(directory: Directory) -> None:
    assert (len(directory.communities), len(directory.schools)) == (53, 600)
    first = directory.schools[0]
    assert (first.name, first.community, first.dfe, first.type) == ("Abbey School, The", "Mid Kent 3", 4033, "SEC")
    assert next(s for s in directory.schools if s.name.startswith("Alkerden")).dfe is None


def test_every_refused_row_of_a_directory_is_named_with_its_reason() -> None:
    good = ("ABC", "ABC", "Maidstone", "West", "West", 2027, "Good School", "PRI")
    content = book(
        tuple(TITLES.values()),
        good,
        ("", "x", "x", "West", "West", 1, "Lost School", "PRI"),
        ("ABC", "x", "x", "West", "Middle", 2, "Middle School", "PRI"),
        ("ABC", "x", "x", "West", "West", "12a", "Number School", "PRI"),
        ("ABC", "x", "x", "West", "West", 3, "Type School", "UNI"),
        ("ABC", "x", "x", "West", "East", 4, "Torn School", "PRI"),
        ("ABC", "x", "x", "West", "West", 2027, "Twin School", "PRI"),
        good,
        ("ABC", "x", "x", "West", "West", 5, "", "PRI"),
    )
    found, refused = read_directory(content, "d.xlsx")
    assert [s.name for s in found.schools] == ["Good School"]
    assert [r.row for r in refused] == [3, 4, 5, 6, 7, 8, 9, 10]
    said = "\n".join(map(str, refused))
    for part in (
        "no community name",
        "'Middle'",
        "'12a'",
        "'UNI'",
        "one community has one area",
        "2027",
        "twice",
        "no school",
    ):
        assert part in said


def test_a_directory_without_its_columns_says_which() -> None:
    with pytest.raises(WorkbookUnreadable, match="has no column 'Community Area'"):
        read_directory(book(("Community Name", "School Name", "DfE Num")), "d.xlsx")


def test_people_are_matched_to_the_directory_and_refused_rows_named(directory: Directory) -> None:
    rows = (
        ("Name", "Mail", "Role", "School, community or area"),
        ("A", "a@x.example", "Chair", "abc"),
        ("B", "no mail", "Chair", "ABC"),
        ("C", "c@x.example", "Boss", "ABC"),
        ("D", "d@x.example", "Clerk", "Nowhere"),
        ("E", "e@x.example", "HNFO", "Centre"),
        ("F", "f@x.example", "SENCO", "The Abbey School"),
    )
    people, refused = read_people(book(*rows), "p.xlsx", directory)
    assert [(p.name, p.of) for p in people] == [("A", "ABC"), ("F", "Abbey School, The")]
    assert [r.row for r in refused] == [3, 4, 5, 6]


def test_the_budget_gives_the_slides_figures_to_the_pound(directory: Directory) -> None:
    (summary,), refused = read_budgets(sample(BUDGETS[0]), BUDGETS[0], directory)
    assert not refused
    assert (summary.community, summary.academic_year) == ("ABC", "2025-26")
    assert whole_pounds(summary.before_top_slices_pence) == "£332,203"
    assert whole_pounds(summary.stls_top_slice_pence) == "-£36,203"
    assert whole_pounds(summary.chair_and_clerking_pence) == "-£4,764"
    assert whole_pounds(summary.after_top_slices_pence) == "£291,236"
    assert whole_pounds(summary.protected_payments_pence) == "£238,928"
    assert whole_pounds(summary.after_protected_pence) == "£52,308"
    assert whole_pounds(summary.balance_pence) == "£52,308"
    assert whole_pounds(summary.total_funding_pence) == "£599,412"
    schools = summary.schools
    assert len(schools) == 8
    assert sum(s.notional_budget_pence for s in schools) == 335_042_500
    assert sum(s.notional_top_up_pence for s in schools) == 2_647_200
    assert sum(s.automatic_payments_pence for s in schools) == 28_170_400
    assert sum(s.automatic_payments for s in schools) == 27
    # the slide's total is rounded after summing: its eight rows come to £1 less
    assert abs(sum(s.protected_payments_pence for s in schools) - 23_892_800) <= 100
    assert sum(s.protected_payments for s in schools) == 47


def test_a_budget_whose_lines_do_not_add_up_is_refused(directory: Directory) -> None:
    rows = [
        ("2025-26 Academic Year Budget",), ("Community:", "ABC"),
        ("Community Budget before STLS/Chair and Clerking", 1000), ("STLS top-slice", -100),
        ("Chair and Clerking", -50),
        ("Community Budget after STLS & Chair/Clerking", 900), ("Estimated Protected Payments", 500),
        ("Payments agreed by Community", 0), ("Balance", 350),
    ]  # fmt: skip
    summaries, refused = read_budgets(book(*rows), "b.xlsx", directory)
    assert not summaries
    assert "says £900, but its lines come to £850" in refused[0].reason


def test_a_workbook_without_a_budget_says_what_was_looked_for(directory: Directory) -> None:
    with pytest.raises(WorkbookUnreadable, match="no sheet holds a Community Budget Summary"):
        read_budgets(sample(DIRECTORY), DIRECTORY, directory)
