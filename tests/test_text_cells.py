"""Whatever a text begins with, it is text in every table written anywhere: one module puts it there."""

from __future__ import annotations

import ast
import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from papers.county_table import county_csv, county_workbook
from papers.text_cells import begins_like_a_formula, put_text, separated
from tests.test_county import decided, lines  # noqa: F401  fixtures

ROOT = Path(__file__).parent.parent
BEFORE = ("", " ", "\t", "\r", "\n", "\r\n", "\u00a0", "\u200b", "\ufeff", "\x0b")
LEADS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹢", "﹣")
FORMULAS = [before + lead + "1+1" for before in BEFORE for lead in LEADS]
WRITERS = {"papers/text_cells.py", "papers/county_table.py", "papers/balance_workbook.py"}
INVENTED = {"service/sample_tenant.py", "service/sample_part.py", "local_tenant/export.py", "sample_world/build.py"}


def test_a_text_that_begins_like_a_formula_is_marked_in_sheets_and_files() -> None:
    assert [f for f in FORMULAS if not begins_like_a_formula(f) or not str(separated(f)).startswith("'")] == []
    book = Workbook()
    sheet: Any = book.active
    for row, text in enumerate(FORMULAS, 1):
        put_text(sheet, row, 1, text)
    out = io.BytesIO()
    book.save(out)
    cells: Any = [row[0] for row in load_workbook(io.BytesIO(out.getvalue())).active.iter_rows(max_col=1)]
    assert [(c.data_type, c.quotePrefix, c.value[-3:]) for c in cells] == [("s", True, "1+1")] * len(FORMULAS)


@pytest.mark.parametrize("text", ["", " ", "Ashford", "1-2", "a=b", "£5", "'=1", "(see note)", "–", "−1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert separated(text) == text


def test_the_countys_table_marks_each_text_of_it(lines: list[Any]) -> None:  # noqa: F811
    said = [replace(lines[0], community=text, area=text) for text in FORMULAS]
    rows = list(csv.reader(io.StringIO(county_csv(said), newline="")))
    assert [[cell[0] for cell in row[:2]] for row in rows[1 : len(said) + 1]] == [["'", "'"]] * len(said)
    sheet: Any = load_workbook(io.BytesIO(county_workbook(said, "2026-27"))).active
    cells = [sheet[f"{column}{row}"] for row in range(2, len(said) + 2) for column in "AB"]
    assert [(cell.data_type, cell.quotePrefix) for cell in cells] == [("s", True)] * len(cells)


def test_nobody_else_writes_cells() -> None:
    found = set()
    for room in ("bot", "casework", "communities", "forms_ingest", "graph_sync", "local_tenant", "papers",
                 "sample_world", "service"):  # fmt: skip
        for file in (ROOT / room).rglob("*.py"):
            named = {n.attr for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Attribute)}
            called = {n.id for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Name)}
            if "writerow" in named or "Workbook" in called or "put_text" in called:
                found.add(str(file.relative_to(ROOT)))
    assert found - INVENTED <= WRITERS
