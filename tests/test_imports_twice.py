"""What an imported workbook holds twice is named and refused: the last one never counts without a word."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from communities.directory import Directory
from papers.budget_workbook import BudgetSummary, read_budgets
from papers.directory_workbook import TITLES as DIRECTORY_TITLES
from papers.directory_workbook import read_directory
from papers.money_cells import check_notes, check_pounds
from papers.people_workbook import TITLES as PEOPLE_TITLES
from papers.people_workbook import read_people
from papers.refusals import RefusedRow
from papers.school_funding_workbook import read_school_funding
from papers.sheets import WorkbookUnreadable, column_name
from service.sample import BUDGETS, DIRECTORY, PEOPLE, SCHOOL_FUNDING, sample
from tests.test_imports import book

Cells = list[Any]
BUDGET = BUDGETS[0]


def changed(name: str, change: Callable[[Workbook], None]) -> bytes:
    """A sample workbook with something done to it."""
    return with_a_change(sample(name), change)


@cache
def beginning(name: str) -> bytes:
    """A sample workbook with its first rows alone."""
    return with_a_change(sample(name), lambda made: made.worksheets[0].delete_rows(8, made.worksheets[0].max_row))


def with_a_change(content: bytes, change: Callable[[Workbook], None]) -> bytes:
    """A workbook with something done to it."""
    made = load_workbook(io.BytesIO(content))
    change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def said(refused: Sequence[RefusedRow]) -> str:
    return "\n".join(map(str, refused))


TABLES = [(DIRECTORY, title) for title in DIRECTORY_TITLES.values()] + [(PEOPLE, t) for t in PEOPLE_TITLES.values()]


@pytest.mark.parametrize(("name", "title"), TABLES)
@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize("behind", ["", "2", ":"])
def test_a_column_that_is_there_twice_is_refused(
    directory: Directory, name: str, title: str, filled: bool, behind: str
) -> None:
    def twice(made: Workbook) -> None:
        sheet = made.worksheets[0]
        header = [cell.value for cell in sheet[1]]
        if title not in header:
            sheet.cell(1, len(header) + 1, title)
        at = sheet.max_column + 1
        sheet.cell(1, at, f"{title}{behind}")
        for row in range(2, sheet.max_row + 1) if filled else ():
            sheet.cell(row, at, "Administrator")

    content = with_a_change(beginning(name), twice)
    with pytest.raises(WorkbookUnreadable, match=rf"has the column '{title}' twice, in [A-Z] and [A-Z]\. Delete one"):
        read_directory(content, name) if name == DIRECTORY else read_people(content, name, directory)


@pytest.mark.parametrize("name", [DIRECTORY, PEOPLE])
def test_a_table_on_two_sheets_is_refused_and_both_are_named(directory: Directory, name: str) -> None:
    def second(made: Workbook) -> None:
        made.copy_worksheet(made.worksheets[0]).title = "West only"

    content = changed(name, second)
    with pytest.raises(WorkbookUnreadable, match=r"and 'West only' all hold such a table\. Put all rows into one"):
        read_directory(content, name) if name == DIRECTORY else read_people(content, name, directory)


PEOPLE_HEADER = ("Name", "Mail", "Role", "School, community or area", "From", "Until")
CHAIR = ("A", "a@x.example", "Chair", "ABC")


@pytest.mark.parametrize(
    ("first", "second", "is_twice"),
    [
        ((), (), True),
        (("01/09/2026", ""), ("", ""), True),
        (("", "31/12/2026"), ("31/12/2026", ""), True),
        (("01/09/2026", "31/12/2026"), ("01/10/2026", "02/10/2026"), True),
        (("", "31/12/2026"), ("01/01/2027", ""), False),
        (("01/04/2027", ""), ("", "01/01/2027"), False),
    ],
)
def test_a_role_that_is_there_twice_for_the_same_time_is_refused(
    directory: Directory, first: tuple[str, ...], second: tuple[str, ...], is_twice: bool
) -> None:
    other = ("A. N. Other", "A@X.example", "Chair", "abc")
    content = book(PEOPLE_HEADER, (*CHAIR, *first), (*other, *second))
    people, refused = read_people(content, "p.xlsx", directory)
    assert people[0].name == "A"
    assert len(people) == 2 - is_twice
    if is_twice:
        assert said(refused) == "Row 3: row 2 has 'A@X.example' as Chair of 'ABC' for the same time already"


def summaries(content: bytes, directory: Directory) -> tuple[list[BudgetSummary], str]:
    found, refused = read_budgets(content, "b.xlsx", directory)
    return found, said(refused)


def test_two_sheets_of_one_budget_are_both_refused(directory: Directory) -> None:
    def second(made: Workbook) -> None:
        made.copy_worksheet(made.worksheets[0]).title = "Revised"

    found, why = summaries(changed(BUDGET, second), directory)
    assert found == []
    assert "the sheets 'Community summary' and 'Revised' are all the budget of ABC for 2025-26" in why


def test_two_sheets_of_two_years_are_two_budgets(directory: Directory) -> None:
    def second(made: Workbook) -> None:
        sheet = made.copy_worksheet(made.worksheets[0])
        sheet["A4"] = "2026-27 Academic Year Budget"
        sheet["C5"], sheet["D5"] = "2026-27", "2027-28"

    found, why = summaries(changed(BUDGET, second), directory)
    assert why == ""
    assert [s.academic_year for s in found] == ["2025-26", "2026-27"]


@pytest.mark.parametrize("row", [7, 8, 9, 10, 11, 12, 13, 14])
@pytest.mark.parametrize("other", [True, False])
def test_a_line_of_a_budget_that_is_there_twice_counts_only_if_it_says_the_same(
    directory: Directory, row: int, other: bool
) -> None:
    def again(made: Workbook) -> None:
        sheet = made.worksheets[0]
        sheet["A15"], sheet["B15"] = sheet.cell(row, 1).value, sheet.cell(row, 2).value + 10_000 * other

    found, why = summaries(changed(BUDGET, again), directory)
    assert len(found) == 1 - other
    assert ("is there twice, with" in why) is other


@pytest.mark.parametrize("column", range(4, 12))
def test_a_column_of_a_budgets_schools_that_is_there_twice_is_refused(directory: Directory, column: int) -> None:
    def again(made: Workbook) -> None:
        sheet = made.worksheets[0]
        sheet.cell(18, 12, sheet.cell(18, column).value)

    found, why = summaries(changed(BUDGET, again), directory)
    assert found == []
    assert f"the columns {column_name(column - 1)} and L both hold" in why


def test_a_school_that_is_there_twice_in_a_budget_is_refused(directory: Directory) -> None:
    def again(made: Workbook) -> None:
        sheet = made.worksheets[0]
        for at in range(1, 12):
            sheet.cell(28, at, sheet.cell(20, at).value)

    found, why = summaries(changed(BUDGET, again), directory)
    assert found == []
    assert "'Archbishop Courtenay Primary School' is in row 20 and in row 28" in why


def test_a_schools_template_that_is_there_twice_is_refused_and_the_rest_read(directory: Directory) -> None:
    def again(made: Workbook) -> None:
        made.copy_worksheet(made["Larkden Infant School"])

    before, _ = read_school_funding(sample(SCHOOL_FUNDING), SCHOOL_FUNDING, directory)
    found, refused = read_school_funding(changed(SCHOOL_FUNDING, again), SCHOOL_FUNDING, directory)
    assert len(found) == len(before) - 1
    assert "the school level template of 'Larkden Infant School' for 2025-26 is there more than once" in said(refused)


def test_a_schools_factors_that_are_there_twice_are_refused_and_the_rest_read(directory: Directory) -> None:
    def again(made: Workbook) -> None:
        sheet = made["Budget factors"]
        sheet.append([cell.value for cell in sheet[3]])

    before, _ = read_school_funding(sample(SCHOOL_FUNDING), SCHOOL_FUNDING, directory)
    found, refused = read_school_funding(changed(SCHOOL_FUNDING, again), SCHOOL_FUNDING, directory)
    assert len(found) == len(before) - 1
    assert "the budget factors of 'Archbishop Courtenay Primary School' for 2025-26 is there" in said(refused)


def test_a_factor_or_line_that_is_there_twice_is_refused(directory: Directory) -> None:
    def again(made: Workbook) -> None:
        made["Budget factors"].cell(2, 14, "Mobility")
        sheet = made["Larkden Infant School"]
        sheet["A21"], sheet["B21"] = sheet["A7"].value, 5000

    before, _ = read_school_funding(sample(SCHOOL_FUNDING), SCHOOL_FUNDING, directory)
    found, refused = read_school_funding(changed(SCHOOL_FUNDING, again), SCHOOL_FUNDING, directory)
    assert {f.school for f in before if f.template} - {f.school for f in found} == {"Larkden Infant School"}
    assert not any(f.factors for f in found)
    assert "the columns H and N are both 'mobility'" in said(refused)
    assert "'pupils with an ehcp (greater' is there twice" in said(refused)


OTHER_UNITS = ["(£000s)", "(£'000)", "(£k)", "(pence)", "(€)", "in thousands", "£ 000", "(p)", "(US dollars)"]


@pytest.mark.parametrize("unit", OTHER_UNITS)
@pytest.mark.parametrize("cell", ["A7", "A8", "A14", "F14", "D18", "K18"])
def test_a_budget_in_another_unit_is_refused(directory: Directory, unit: str, cell: str) -> None:
    def rename(made: Workbook) -> None:
        sheet = made.worksheets[0]
        sheet[cell] = f"{sheet[cell].value} {unit}"

    if cell == "F14":
        cell = "E14"
    found, why = summaries(changed(BUDGET, rename), directory)
    assert found == []
    assert "every amount must be in pounds" in why


@pytest.mark.parametrize("note", ["All figures in £000s", "Amounts in pence", "£000", "in thousands", "All sums in €"])
@pytest.mark.parametrize(("name", "sheet"), [(BUDGET, "Community summary"), (SCHOOL_FUNDING, "Larkden Infant School")])
def test_a_sheet_whose_note_names_another_unit_is_refused(
    directory: Directory, note: str, name: str, sheet: str
) -> None:
    def write(made: Workbook) -> None:
        made[sheet]["B3"] = note

    content = changed(name, write)
    read: Any = read_budgets if name == BUDGET else read_school_funding
    _, refused = read(content, name, directory)
    assert "every amount must be in pounds" in said(refused)


def test_the_samples_own_titles_are_in_pounds() -> None:
    for name in (*BUDGETS, SCHOOL_FUNDING):
        for sheet in load_workbook(io.BytesIO(sample(name))).worksheets:
            cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)]
            check_notes(cells)
            check_pounds(c for c in cells if "per pupil" not in c)
