"""The sample world: an invented county's workbooks, shipped with the package."""

from __future__ import annotations

from importlib.resources import files


def sample(name: str) -> bytes:
    """A file of `sample_world`."""
    return (files("sample_world") / name).read_bytes()


DIRECTORY = "directory.xlsx"
PEOPLE = "people.xlsx"
BUDGETS = ("community-budget-summary.xlsx", "county-budget-summaries.xlsx")
RESPONSES = "request-for-support-responses.xlsx"
EXPECTED = "request-for-support-expected.json"
