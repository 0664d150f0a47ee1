"""The county's table: one line a community, totals that are formulas, no text that is one."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook

from casework.county_rollup import county_lines
from casework.errors import InputRefused
from communities.directory import Directory
from papers.county_table import SUMMED, TITLES, CountyLine, county_csv, county_workbook
from tests.conftest import Bench, begun
from tests.test_record import home, one_decided

decided = begun(one_decided)


@pytest.fixture
def lines(decided: Bench) -> list[CountyLine]:
    """A county with one decided request."""
    with decided.desk.work() as work:
        return list(county_lines(work, "2026-27"))


def test_each_community_has_a_line_of_its_own_figures(lines: list[CountyLine], directory: Directory) -> None:
    assert [line.community for line in lines] == [str(c.name) for c in directory.communities]
    own = next(line for line in lines if line.community == home(directory))
    assert (own.requests, own.decided, own.approved_pence, own.balance_pence) == (1, 1, 200_000, 300_000)
    assert own.days_to_decision == 31
    assert own.days_to_payment is None
    assert sum(line.requests for line in lines) == 1


def test_the_totals_are_formulas_over_all_lines(lines: list[CountyLine]) -> None:
    sheet: Any = load_workbook(io.BytesIO(county_workbook(lines, "2026-27"))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == TITLES
    assert len(rows) == len(lines) + 2
    assert rows[-1][2] == f"=SUM(C2:C{len(lines) + 1})"
    assert sum(str(v).startswith("=SUM") for v in rows[-1]) == len(SUMMED)
    assert sheet.freeze_panes == "B2"


def test_a_name_that_is_a_formula_is_text_in_both(lines: list[CountyLine]) -> None:
    rows = list(csv.reader(io.StringIO(county_csv([replace(lines[0], community="=1+1")]))))
    assert rows[1][0] == "'=1+1"
    assert len(rows[1]) == len(TITLES)
    book = county_workbook([replace(lines[0], community="=1+1")], "2026-27")
    sheet: Any = load_workbook(io.BytesIO(book)).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")


def test_a_year_to_come_is_refused(bench: Bench) -> None:
    with bench.desk.work() as work, pytest.raises(InputRefused, match="has not begun"):
        list(county_lines(work, "2031-32"))
