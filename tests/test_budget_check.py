"""KCC's workbook held against the record: whatever number in it is changed is named."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache

import pytest
from openpyxl import load_workbook

from casework.budget_check import differences
from casework.budget_record import import_budget
from casework.directory_record import directory_of
from communities.directory import Directory
from papers.budget_workbook import read_budgets, read_sheets
from service.sample import sample
from tests.conftest import Bench, begun

BUDGET = "community-budget-summary.xlsx"
LAYOUTS = ("workbook", "slide")
"""The total of the schools' funding stands far to the right, or as on the slide under the financial years."""


@cache
def content(layout: str, cell: str = "", by: int = 0) -> bytes:
    """The sample workbook, one of its numbers changed."""
    book = load_workbook(io.BytesIO(sample(BUDGET)))
    sheet = book.worksheets[0]
    if layout == "slide":
        for name, to in (("F14", "C14"), ("I14", "D14")):
            sheet[to], sheet[name] = sheet[name].value, None
    if cell:
        sheet[cell] = sheet[cell].value + by
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def numbers() -> Iterator[tuple[str, str]]:
    """Every number printed: its cell, and the line or school it is of."""
    for layout in LAYOUTS:
        for row in load_workbook(io.BytesIO(content(layout))).worksheets[0].iter_rows():
            name = next((str(c.value).splitlines()[0] for c in row[:2] if isinstance(c.value, str)), "")
            yield from ((layout, c.coordinate, name) for c in row if isinstance(c.value, int | float))


NUMBERS = list(numbers())


def checked(bench: Bench, book: bytes) -> list[str]:
    with bench.desk.work() as work:
        sheets, refused = read_sheets(book, BUDGET, directory_of(work))
        return [*map(str, refused), *(d for sheet in sheets for d in differences(work, sheet))]


@begun
def with_budget(bench: Bench, directory: Directory) -> None:
    """KCC's summary of ABC on the record."""
    (summary,), _ = read_budgets(content("workbook"), BUDGET, directory)
    with bench.desk.work() as work:
        import_budget(work, summary)


def test_all_the_numbers_of_the_slide_are_looked_at() -> None:
    """Eight lines, four shares by financial year, the total; eight totals of the schools, nine figures of each of 8."""
    assert len(NUMBERS) == len(LAYOUTS) * (8 + 4 + 1 + 8 + 9 * 8)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_workbook_as_kcc_printed_it_agrees(with_budget: Bench, layout: str) -> None:
    assert checked(with_budget, content(layout)) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whatever_number_is_changed_is_named(with_budget: Bench) -> None:
    """£10,000, and what is left of them at the line: 2025-26's share of £169,888 as £159,888 'agreed' before."""
    silent = []
    for layout, cell, name in NUMBERS:
        said = checked(with_budget, content(layout, cell, 10_000))
        mine = [s for s in said if named(s, name)]
        if not mine:
            silent.append((layout, cell, name, said))
    assert not silent


def named(sentence: str, row: str) -> bool:
    """Whether a sentence is about the line, the total of the schools or the school that row of the sheet is of."""
    plain = row.casefold().replace(" & ", " and ").replace("stls/chair", "stls / chair")
    plain = plain.replace("chair/clerking", "chair and clerking")
    return plain in sentence.casefold() or (plain == "balance" and "total estimated mainstream" in sentence.casefold())


@pytest.mark.parametrize(
    ("cell", "by", "said"),
    [
        ("C10", -10_000, "'Community budget after STLS and chair and clerking' in 2025-26: the workbook says "
                         "£159,887.67, the record £169,887.67."),
        ("D11", 10_000, "'Estimated protected payments' in 2026-27: the workbook says £109,553.33, the record "
                        "£99,553.33."),
        ("I14", 10_000, "high needs funding for schools in the community': the workbook says £609,412, the record "
                        "£599,412."),
        ("F19", 2_000, "the row 'Totals', estimated automatic payments: the workbook says £283,704, the record "
                       "£281,704."),
        ("G19", 1, "the row 'Totals', number of automatic payments: the workbook says 28, the record 27."),
        ("A25", 10_000, "'Birchwell Academy, The', DfE number: the workbook says 12415, the record 2415."),
        ("B12", 2, "'Community budget after protected payments': the workbook says £52,310, the record £52,308."),
    ],
)  # fmt: skip
def test_a_difference_says_which_figure_and_both_values(with_budget: Bench, cell: str, by: int, said: str) -> None:
    (sentence,) = checked(with_budget, content("workbook", cell, by))
    assert sentence.endswith(said)


@pytest.mark.parametrize("cell", ["C10", "D10", "C11", "D11", "B10", "B12", "B14", "I14", "D19", "F19", "H19", "G19"])
def test_a_sheet_whose_figures_contradict_each_other_is_not_imported(directory: Directory, cell: str) -> None:
    summaries, refused = read_budgets(content("workbook", cell, 10_000), BUDGET, directory)
    assert (summaries, len(refused)) == ([], 1)
    assert "but its lines come to" in str(refused[0])
