"""The product held against the oracle: a sample at every run, five thousand answers and more where there is time."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

from tests.oracle import days
from tests.oracle.chat import ROLES
from tests.oracle.county import County
from tests.oracle.interview import OF_SAMPLE, interview, moments
from tests.oracle.reports import has_kit_item
from tests.oracle.responses import listed_fates, read_responses
from tests.oracle.year import Year

PRODUCT = {"bot", "casework", "communities", "forms_ingest", "graph_sync", "local_tenant", "papers", "service"}
ASKS = ("driver.py", "interview.py", "test_oracle.py")
"""The driver asks the product, and is called by these; all else here reckons apart from it."""


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_the_oracle_knows_nothing_of_the_product() -> None:
    files = sorted(Path(__file__).parent.glob("*.py"))
    assert len(files) > len(ASKS)
    for path in files:
        imported = imports_of(path)
        if path.name != "driver.py":
            assert not {name.partition(".")[0] for name in imported} & PRODUCT, path.name
        if path.name not in ASKS:
            assert not {"tests.oracle.driver", "tests.oracle.interview"} & imported, path.name


@pytest.mark.parametrize(
    ("meeting", "last_day", "papers"),
    [
        ("2026-11-02", "2026-10-19", "2026-10-21"), ("2027-01-04", "2026-12-16", "2026-12-18"),
        ("2027-04-12", "2027-03-25", "2027-03-31"), ("2027-06-07", "2027-05-21", "2027-05-25"),
        ("2026-11-25", "2026-11-11", "2026-11-18"),
    ],
)  # fmt: skip
def test_its_deadlines_are_those_counted_by_hand(meeting: str, last_day: str, papers: str) -> None:
    day = date.fromisoformat(meeting)
    assert days.last_to_submit(day) == date.fromisoformat(last_day)
    assert days.papers_on(day) == date.fromisoformat(papers)


def test_it_judges_the_responses_as_the_sample_lists_them() -> None:
    fates = listed_fates()
    found = read_responses(County())
    judged = {r.number: "refuse" if r.wrong else "held" if r.same_as else "accept" for r in found}
    assert judged == {number: fate.split(" ")[0].rstrip(":") for number, fate in fates.items()}


def test_its_kit_item_is_on_four_agendas_a_year_for_each_community() -> None:
    county = County()
    year = Year(county, county.communities)
    assert {sum(has_kit_item(m, ms) for m in ms) for ms in year.meetings.values()} == {4}


def test_a_sample_of_answers_says_what_it_must(tmp_path: Path) -> None:
    found = interview(tmp_path, OF_SAMPLE, moments(every=3))
    assert not found.differences, found.report()
    assert found.asked.total() >= 500
    assert set(found.asked) == {"chat", "card", "tab", "email", "document"}


@pytest.mark.long
def test_every_answer_of_the_year_says_what_it_must(tmp_path: Path) -> None:
    communities = County().communities
    found = interview(tmp_path, communities, moments())
    print(found.report())
    assert not found.differences, found.report()
    assert found.asked.total() >= 5_000
    assert (len(communities), len(moments())) == (53, 40)
    assert found.roles >= set(ROLES)
