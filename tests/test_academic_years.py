"""An academic year as people write it: read in one place, and refused where its two parts do not follow."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.main import get_command
from typer.testing import CliRunner

from communities.calendars import NotAYear, read_academic_year, year_of_sheet
from communities.directory import Directory
from papers.budget_workbook import read_budgets
from papers.school_funding_workbook import read_school_funding
from papers.term_dates import TermDatesUnreadable, load_school_years
from service.cli import app
from service.sample import BUDGETS, SCHOOL_FUNDING, sample

NO_YEARS = ["2025-27", "1999-12", "2026-25", "2025-2027", "2025/27", "2026-26", "9999-99"]


@pytest.mark.parametrize("written", ["2025-26", "2025/26", "2025-2026", "2025 – 26", "2025—26", " 2025-26 "])
def test_a_year_is_read_as_people_write_it(written: str) -> None:
    assert read_academic_year(written) == "2025-26"


@pytest.mark.parametrize("first", [1998, 1999, 2025, 2099])
def test_only_two_years_that_follow_are_one(first: int) -> None:
    for second in range(100):
        written = f"{first}-{second:02d}"
        if second == (first + 1) % 100:
            assert read_academic_year(written) == written
        else:
            with pytest.raises(NotAYear, match=f"'{written}' is not an academic year; its two parts must follow"):
                read_academic_year(written)


@pytest.mark.parametrize("written", ["2025", "25-26", "soon", "", "2025-6", "2026-09-01", "٢٠٢٥-٢٦"])
def test_what_is_no_year_is_named(written: str) -> None:
    with pytest.raises(NotAYear, match="is not an academic year like 2026-27"):
        read_academic_year(written)


@pytest.mark.parametrize(
    ("cells", "year"),
    [
        (["Printed 1999-12 rev", "2025-26 Academic Year Budget"], "2025-26"),
        (["2024-25 was less", "2025/26 Academic Year Budget"], "2025-26"),
        (["Printed 2026-09-01", "Budget 2026-27"], "2026-27"),
        (["Printed 1999-12 rev", "Budget 2026-27"], "2026-27"),
        (["Tel. 01622-20252-26", "Budget 2026-2027"], "2026-27"),
    ],
)
def test_the_year_of_a_sheet_is_the_one_beside_its_words(cells: list[str], year: str) -> None:
    assert year_of_sheet(cells) == year


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["Printed 1999-12 rev"], "'1999-12'"),
        (["2025-27 Academic Year Budget", "2025-26"], "'2025-27'"),
        (["Printed 2026-09-01"], "no academic year is named"),
        ([], "no academic year is named"),
    ],
)
def test_a_sheet_without_a_year_says_which_was_wrong(cells: list[str], said: str) -> None:
    with pytest.raises(NotAYear, match=said):
        year_of_sheet(cells)


def with_year(name: str, year: str) -> bytes:
    """A sample workbook with another year wherever it names its own."""
    book = load_workbook(io.BytesIO(sample(name)))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = cell.value.replace("2025-26", year)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


READERS: list[tuple[str, Callable[..., Any]]] = [(BUDGETS[0], read_budgets), (SCHOOL_FUNDING, read_school_funding)]


@pytest.mark.parametrize(("name", "read"), READERS)
@pytest.mark.parametrize("year", NO_YEARS)
def test_no_importer_takes_a_year_whose_parts_do_not_follow(
    directory: Directory, name: str, read: Callable[..., Any], year: str
) -> None:
    found, refused = read(with_year(name, year), name, directory)
    assert not found
    assert refused
    assert all(f"'{year}' is not an academic year" in str(row) for row in refused)


@pytest.mark.parametrize(("name", "read"), READERS)
def test_every_importer_takes_a_year_written_with_a_stroke(
    directory: Directory, name: str, read: Callable[..., Any]
) -> None:
    found, _ = read(with_year(name, "2025/26"), name, directory)
    assert {one.academic_year for one in found} == {"2025-26"}


@pytest.mark.parametrize("year", NO_YEARS)
def test_term_dates_of_no_year_are_refused(tmp_path: Path, year: str) -> None:
    own = tmp_path / "terms.json"
    own.write_text(json.dumps({"terms": {year: [["2026-09-01", "2026-09-02"]] * 6}}), "utf-8")
    with pytest.raises(TermDatesUnreadable, match="is not an academic year"):
        load_school_years(own)


def year_options(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every command with an option that takes a year."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from year_options(inner, (*path, name))
    for parameter in command.params:
        if "year" in str(parameter.name) and parameter.param_type_name == "option" and not parameter.is_flag:
            yield path, parameter.opts[0]


COMMANDS = list(year_options(get_command(app)))


def test_the_commands_that_take_a_year_were_found() -> None:
    assert len(COMMANDS) >= 12


@pytest.mark.parametrize(("path", "option"), COMMANDS)
@pytest.mark.parametrize("year", NO_YEARS)
def test_no_command_takes_a_year_whose_parts_do_not_follow(path: tuple[str, ...], option: str, year: str) -> None:
    ran = CliRunner().invoke(app, [*path, option, year])
    assert ran.exit_code == 2
    assert option in ran.output
    assert "is not an academic year" in " ".join(ran.output.replace("│", " ").split())
