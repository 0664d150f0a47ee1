"""Reports and the year from the console, on a record with the sample county."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.sample import BUDGETS, DIRECTORY, PEOPLE
from tests.console import cos
from tests.test_year_end import TERMS_OF_NEXT

SAMPLES = Path(__file__).parent.parent / "sample_world"
ABC = ("--community", "ABC", "--year", "2025-26")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    for kind, name in (("directory", DIRECTORY), ("people", PEOPLE), ("budget", BUDGETS[0])):
        assert cos("import", kind, SAMPLES / name, folder=folder).returncode == 0
    return folder


def test_a_year_is_agreed_and_closed_with_every_obstacle_named(county: Path) -> None:
    assert "ABC" in cos("year", "standing", "--year", "2025-26", folder=county).stdout
    refused = cos("year", "close", *ABC, folder=county)
    assert (refused.returncode, "KCC has not agreed the balance of ABC 2025-26" in refused.stderr) == (1, True)
    wrong = cos("year", "agree", *ABC, "--balance", "1", folder=county)
    assert "KCC has £1, the record £52,308" in wrong.stderr
    agreed = cos("year", "agree", *ABC, "--balance", "52,308", folder=county)
    assert agreed.stdout.strip() == "The balance of ABC 2025-26 is agreed: £52,308."
    closed = cos("year", "close", *ABC, folder=county)
    assert closed.stdout.strip() == "The year 2025-26 of ABC is closed; 0 carried over."
    assert cos("year", "standing", "--year", "nineties", folder=county).returncode == 2


def test_a_year_nobody_published_is_opened_from_the_countys_own_term_dates(county: Path, tmp_path: Path) -> None:
    unknown = cos("year", "open", "--year", "2027-28", folder=county)
    assert (unknown.returncode, "set COS_TERM_DATES" in unknown.stderr) == (1, True)
    own = tmp_path / "terms.json"
    own.write_text(json.dumps({"terms": {"2027-28": TERMS_OF_NEXT}}), "utf-8")
    opened = cos("year", "open", "--year", "2027-28", folder=county, COS_TERM_DATES=str(own))
    assert "318 meetings booked" in opened.stdout
    assert "ABC: no budget imported." in opened.stdout
    own.write_text("{", "utf-8")
    broken = cos("year", "open", "--year", "2027-28", folder=county, COS_TERM_DATES=str(own))
    assert (broken.returncode, "cannot be read" in broken.stderr) == (1, True)


def test_reports_are_drafted_listed_and_what_came_of_them_is_reported_back(county: Path, tmp_path: Path) -> None:
    assert "No report waits" in cos("report", "list", folder=county).stdout
    for kind, which in (
        ("kit", ("--community", "ABC")),
        ("board", ("--community", "ABC")),
        ("area", ("--area", "west")),
    ):
        file = tmp_path / f"{kind}.docx"
        assert cos("report", kind, *which, "-o", file, folder=county).returncode == 0
        assert file.read_bytes()[:2] == b"PK"
    assert (
        "Only a community's chair and clerk can read its reports"
        in cos("report", "sign", "KiT 1999", "--as", "x@y.example", folder=county).stderr
    )
    said = cos("report", "improvement", "More visits of the STLS.", "--area", "west", folder=county)
    assert "stands on the next agenda of the West area" in said.stdout
