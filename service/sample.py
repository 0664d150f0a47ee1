"""The sample world: an invented county's workbooks, shipped with the package."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from casework.budget_record import import_budget
from casework.desk import Desk
from casework.directory_record import directory_of
from casework.school_funding import import_school_funding
from papers.budget_workbook import read_budgets
from papers.school_funding_workbook import read_school_funding


def sample(name: str) -> bytes:
    """A file of `sample_world`."""
    return (files("sample_world") / name).read_bytes()


def sample_budgets(desk: Desk, year: str, actor: str) -> int:
    """Record the sample's budgets as those of an academic year; returns how many there are."""
    with desk.work(actor) as work:
        known, count = directory_of(work), 0
        for name in BUDGETS:
            for summary in read_budgets(sample(name), name, known)[0]:
                import_budget(work, replace(summary, academic_year=year))
                count += 1
    return count


def sample_school_funding(desk: Desk, year: str, actor: str) -> int:
    """Record the sample's school level templates and budget factors as those of an academic year; returns how many."""
    with desk.work(actor) as work:
        found, _ = read_school_funding(sample(SCHOOL_FUNDING), SCHOOL_FUNDING, directory_of(work))
        for one in found:
            import_school_funding(work, replace(one, academic_year=year))
    return len(found)


DIRECTORY = "directory.xlsx"
PEOPLE = "people.xlsx"
BUDGETS = ("community-budget-summary.xlsx", "county-budget-summaries.xlsx")
SCHOOL_FUNDING = "school-funding.xlsx"
RESPONSES = "request-for-support-responses.xlsx"
EXPECTED = "request-for-support-expected.json"
