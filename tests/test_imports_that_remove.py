"""What an import takes out of the directory: nothing that only a refused row names, and not much at once unasked."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook

from casework.directory_record import directory_of, whole_directory
from casework.errors import InputRefused
from communities.directory import Directory, Role, read_dfe
from service.imports import Imported, preview_directory_file, run_import
from service.sample import DIRECTORY, PEOPLE, sample
from tests.conftest import Bench
from tests.test_imports import book

Rows = list[list[Any]]
FILES = {"directory": DIRECTORY, "people": PEOPLE}
WRONG = {
    "DfE Num": "12a",
    "Sch Type": "UNI",
    "Community Area": "Middle",
    "Community Name": None,
    "Mail": "no mail",
    "Role": "Boss",
    "School, community or area": "Nowhere",
    "From": "soon",
    "Until": "later",
}
"""By column: a value that no row may have."""
CELLS = [("directory", c) for c in ("DfE Num", "Sch Type", "Community Area", "Community Name")] + [
    ("people", c) for c in ("Mail", "Role", "School, community or area", "From", "Until")
]


def rows_of(kind: str) -> Rows:
    """The sample's rows, the header first; people with the columns that may be left out."""
    sheet = load_workbook(io.BytesIO(sample(FILES[kind]))).active
    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    for column in ("From", "Until") if kind == "people" else ():
        if column not in rows[0]:
            rows[0].append(column)
            for row in rows[1:]:
                row.append(None)
    return rows


def read_in(bench: Bench, kind: str, rows: Rows, *, allow_removal: bool = False) -> Imported:
    content = book(*map(tuple, rows))
    return run_import(bench.desk, kind, content, f"{kind}.xlsx", "test", allow_removal=allow_removal)


def held(bench: Bench, kind: str) -> set[Any]:
    """Who holds which role, or which school belongs where, today."""
    with bench.desk.reading() as work:
        found = directory_of(work)
    if kind == "people":
        return {(p.mail, p.role, p.of) for p in found.people}
    return {(s.name, s.community, s.dfe) for s in found.schools}


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize(("kind", "column"), CELLS)
def test_a_refused_row_leaves_what_it_names_as_it_is(bench: Bench, kind: str, column: str) -> None:
    before, rows = held(bench, kind), rows_of(kind)
    at = rows[0].index(column)
    for row in rows[1::7]:
        row[at] = WRONG[column]
    done = read_in(bench, kind, rows)
    assert done.refused
    assert "0 gone" in done.said[0]
    assert "kept as before" in done.said[0]
    assert held(bench, kind) == before


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize(("kind", "column"), [c for c in CELLS if c[1] != "School, community or area"])
def test_a_workbook_without_a_usable_row_changes_nothing(bench: Bench, kind: str, column: str) -> None:
    before, rows = held(bench, kind), rows_of(kind)
    at = rows[0].index(column)
    for row in rows[1:]:
        row[at] = WRONG[column]
    with pytest.raises(InputRefused, match=r"that we can accept\. Row 2: .* Nothing was changed\.$"):
        read_in(bench, kind, rows)
    assert held(bench, kind) == before


@pytest.mark.parametrize("kind", FILES)
def test_a_row_that_is_left_out_goes_though_another_is_refused(bench: Bench, kind: str) -> None:
    rows = rows_of(kind)
    lost, name = rows.pop(), rows[0].index("School Name" if kind == "directory" else "Mail")
    rows[1][rows[0].index("Sch Type" if kind == "directory" else "Role")] = "odd"
    done = read_in(bench, kind, rows)
    assert "1 gone" in done.said[0]
    assert not any(lost[name] in one for one in held(bench, kind))


@pytest.mark.parametrize("kind", FILES)
def test_an_import_that_removes_more_than_a_tenth_is_refused_until_it_is_said(bench: Bench, kind: str) -> None:
    before, rows = held(bench, kind), rows_of(kind)
    kept = [rows[0], *(r for n, r in enumerate(rows[1:]) if n % 8 or "Administrator" in r)]
    with pytest.raises(InputRefused, match=r"would remove \d+ of \d+ .* --allow-removal\. Nothing was changed\.$"):
        read_in(bench, kind, kept)
    assert held(bench, kind) == before
    read_in(bench, kind, kept, allow_removal=True)
    assert len(held(bench, kind)) < len(before) * 0.9


@pytest.mark.parametrize("kind", FILES)
def test_an_import_that_removes_a_tenth_or_less_asks_nothing(bench: Bench, kind: str) -> None:
    before, rows = held(bench, kind), rows_of(kind)
    kept = [rows[0], *(r for n, r in enumerate(rows[1:]) if n % 12 or "Administrator" in r)]
    read_in(bench, kind, kept)
    assert 0.9 * len(before) <= len(held(bench, kind)) < len(before)


def administrators_gone(rows: Rows) -> Rows:
    return [r for r in rows if Role.ADMINISTRATOR.value not in r]


def administrators_ended(rows: Rows) -> Rows:
    until = rows[0].index("Until")
    for row in rows:
        if Role.ADMINISTRATOR.value in row:
            row[until] = "01/09/2026"
    return rows


@pytest.mark.parametrize("without", [administrators_gone, administrators_ended])
def test_the_last_administrator_does_not_go_unasked(bench: Bench, without: Callable[[Rows], Rows]) -> None:
    before, rows = held(bench, "people"), without(rows_of("people"))
    with pytest.raises(InputRefused, match=r"every administrator .* --allow-removal\. Nothing was changed\.$"):
        read_in(bench, "people", rows)
    assert held(bench, "people") == before
    read_in(bench, "people", rows, allow_removal=True)
    assert not any(role is Role.ADMINISTRATOR for _, role, _ in held(bench, "people"))


@pytest.mark.parametrize("rows", [[], [["", "", "", "North", "North", 1, "Nowhere", "PRI"]]])
def test_a_dry_run_refuses_what_the_import_would(bench: Bench, rows: Rows) -> None:
    content = book(*map(tuple, [rows_of("directory")[0], *rows]))
    for attempt in (
        lambda: run_import(bench.desk, "directory", content, "d.xlsx", "test"),
        lambda: preview_directory_file(bench.desk, content, "d.xlsx", "test"),
    ):
        with pytest.raises(InputRefused, match="holds no school that we can accept"):
            attempt()


def test_a_dry_run_says_what_the_import_then_does(bench: Bench) -> None:
    rows = rows_of("directory")
    rows.pop()
    rows[1][rows[0].index("Sch Type")] = "odd"
    content = book(*map(tuple, rows))
    said = preview_directory_file(bench.desk, content, "d.xlsx", "test").said[-1]
    counts = said.partition(";")[0]
    assert counts == "0 added, 0 changed, 1 gone"
    assert counts in run_import(bench.desk, "directory", content, "d.xlsx", "test").said[0]


def test_a_school_that_moves_is_not_removed(bench: Bench, directory: Directory) -> None:
    """A restructuring moves many schools at once, and every one of them is in the workbook."""
    rows = rows_of("directory")
    name, target = rows[0].index("Community Name"), directory.communities[5]
    for row in rows[1:200]:
        row[name] = target.name
        row[rows[0].index("Community Area")] = target.community_area
    read_in(bench, "directory", rows)
    with bench.desk.reading() as work:
        assert len(whole_directory(work).on(work.today).schools) == len(directory.schools)


@pytest.mark.parametrize(
    ("written", "number"),
    [("4033", 4033), ("886/4033", 4033), ("886 / 4033", 4033), ("886-4033", 4033), ("8864033", 8864033), ("12", 12),
     ("12a", None), ("886/40", None), ("88/4033", None), ("", None), ("-4033", None), ("٤٠٣٣", None)],
)  # fmt: skip
def test_a_dfe_number_is_read_with_the_authoritys_own_before(written: str, number: int | None) -> None:
    assert read_dfe(written) == number


def test_dfe_numbers_as_councils_write_them_change_nothing(bench: Bench) -> None:
    before, rows = held(bench, "directory"), rows_of("directory")
    at = rows[0].index("DfE Num")
    for row in rows[1:]:
        row[at] = f"886/{row[at]}" if row[at] else row[at]
    assert "0 added, 0 changed, 0 gone" in read_in(bench, "directory", rows).said[0]
    assert held(bench, "directory") == before


def test_a_school_whose_community_was_left_without_rows_keeps_it(bench: Bench, directory: Directory) -> None:
    community = directory.communities[3]
    rows = rows_of("directory")
    for row in rows[1:]:
        if row[0] == community.name:
            row[rows[0].index("Sch Type")] = "odd"
    read_in(bench, "directory", rows)
    with bench.desk.reading() as work:
        found = directory_of(work)
    assert found.community(community.name) == community
    assert {s.name for s in found.schools_of(community.name)} == {s.name for s in directory.schools_of(community.name)}
