"""The promise to a new user: `cos demo` runs a county's school year and leaves its report; Microsoft agrees.

`make test` lives through a term of some communities, `make test-all` through the county's year.
"""

from __future__ import annotations

import csv
import email
import json
import re
import subprocess
import sys
from datetime import date
from email import policy
from pathlib import Path
from typing import Any

import pytest

from communities.directory import Directory
from communities.personal_details import PLAIN_WORDS
from forms_ingest.request_for_support import read_response
from service.sample_tenant import SampleForm
from tests.conftest import START
from tests.patience import PATIENCE_S
from tests.pupils_names import places_with

CONTRACT = Path(__file__).parent.parent.parent / "shared" / "graph" / "contract.py"


COUNTS = {
    "term": {
        "received": 42, "accepted": 31, "refused": 10, "duplicates_held": 1, "agendas": 12, "decisions": 16,
        "moderated": 7, "surgeries": 9, "slots": 34, "bookings": 36, "evaluations": 6, "minutes": 12,
        "reports_sent": 24,
    },
    "year": {
        "received": 137, "accepted": 113, "refused": 23, "duplicates_held": 1, "agendas": 318, "decisions": 100,
        "moderated": 60, "surgeries": 35, "slots": 136, "bookings": 140, "evaluations": 75, "minutes": 318,
        "reports_sent": 424,
    },
}  # fmt: skip
"""What a run must come to."""


@pytest.fixture(scope="module", params=["term", pytest.param("year", marks=pytest.mark.long)])
def span(request: pytest.FixtureRequest) -> str:
    """How long it lives."""
    lived: str = request.param
    return lived


@pytest.fixture(scope="module")
def report(span: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder a demo leaves."""
    out = tmp_path_factory.mktemp("demo") / "out"
    command = [sys.executable, "-P", "-m", "service", "demo", "--out", str(out)]
    words = ["--term", "--communities", str(LIVED["term"])] if span == "term" else []
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False, timeout=12 * PATIENCE_S)
    assert done.returncode == 0, done.stderr
    assert "Lost: 0. Doubled: 0." in done.stdout
    assert "Unclosed" not in done.stderr
    (out / "log.txt").write_text(done.stdout + done.stderr, "utf-8")
    return out


@pytest.fixture
def summary(report: Path) -> dict[str, Any]:
    """Its figures."""
    figures: dict[str, Any] = json.loads((report / "summary.json").read_text("utf-8"))
    return figures


LIVED = {"term": 12, "year": 53}


def test_the_summary_counts_the_cycle_and_nothing_is_lost_or_doubled(span: str, summary: dict[str, Any]) -> None:
    assert {key: summary[key] for key in COUNTS[span]} == COUNTS[span]
    assert summary["lost"] == summary["doubled"] == 0
    assert summary["stuck"] == []
    assert len(summary["refusals"]) == summary["refused"] + summary["duplicates_held"]
    assert all(r["reasons"] for r in summary["refusals"])
    abc = next(c for c in summary["communities"] if c["community"] == "ABC")
    assert (abc["opening"], abc["balance"]) == ("£52,308", "£52,308")
    assert len(summary["communities"]) == LIVED[span]


def test_a_community_meets_six_times_reports_four_times_to_kit_and_the_board_and_closes_its_year(
    span: str, report: Path, summary: dict[str, Any]
) -> None:
    if span == "year":
        assert (summary["minutes"], summary["reports_sent"], summary["years_closed"]) == (6 * 53, 8 * 53, 53)
        assert summary["meetings"] == 2 * 6 * 53, "this year's, and the next year's as they are booked"
    made = {"Agendas": 6, "Minutes": 6, "Reports": 8} if span == "year" else {"Agendas": 1, "Minutes": 1, "Reports": 3}
    for kind, count in made.items():
        assert len(list((report / "tenant" / "libraries" / "ABC" / kind).glob("*.docx"))) == count


def test_every_clock_is_met_or_its_breach_is_on_the_record(span: str, summary: dict[str, Any]) -> None:
    late = ["ABC, KiT report February: due 26 February 2027, done late"]
    assert summary["clocks"]["met"] > (1_100 if span == "year" else 60)
    assert summary["clocks"]["breaches"] == (late if span == "year" else [])


def test_what_landed_is_there_as_files(report: Path, summary: dict[str, Any]) -> None:
    tenant = report / "tenant"
    assert len(list(tenant.glob("mail/*.eml"))) == summary["mails"]
    entries = summary["meetings"] + summary["surgeries"] + summary["slots"]
    assert len(list(tenant.glob("events/*.ics"))) == entries
    assert len(list(tenant.glob("libraries/*/Agendas/*.docx"))) == summary["agendas"]
    for kind in ("json", "txt"):
        assert len(list(tenant.glob(f"channels/*.{kind}"))) == len(summary["communities"])
    with (tenant / "lists" / "Requests for Support.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    to_settle = sum("the clerk is asked" in r["reasons"][0] for r in summary["refusals"])
    assert len(rows) == summary["accepted"] + summary["duplicates_held"] - to_settle
    assert {"Decided", "Paid", "Withdrawn"} <= {r["Status"] for r in rows}


def test_a_formula_somebody_typed_is_text_in_every_table(report: Path) -> None:
    found = 0
    for path in (report / "tenant" / "lists").glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            for row in csv.reader(file):
                assert not any(c[:1] in ("=", "+", "@") for c in row)
                found += sum("HYPERLINK" in c for c in row)
    assert found >= 1


def test_the_form_goes_to_the_areas_hnfo_with_the_completed_form(report: Path, summary: dict[str, Any]) -> None:
    forwarded = [p for p in (report / "tenant" / "mail").glob("*.eml") if "approved for" in p.name]
    assert len(forwarded) >= summary["moderated"] >= COUNTS["term"]["moderated"]
    for path in forwarded:
        mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        assert str(mail["To"]).startswith("hnfo.")
        assert [a.get_filename()[-23:] for a in mail.iter_attachments()] == [" Request for Support.docx"[-23:]]


MAY_HOLD = (
    r"tenant/libraries/Documents/Request for Support\.xlsx",
    r"tenant/lists/Request for Support responses\.csv",
    r"tenant/mail/\d+ Restricted- papers pack of .* > Restricted papers .*\.docx",
    r"tenant/mail/.* approved for .* > .* Request for Support\.docx",
    r"traffic: answer to GET .*/lists/[^/]+/items/delta",
    r"traffic: POST .*/users/[^/]+/messages",
)
"""Where a pupil's name may be: what the school sent and how it is read, and the two restricted documents by mail."""


def test_no_pupils_name_is_anywhere_in_the_year_but_where_it_may_be(report: Path, directory: Directory) -> None:
    """Every mail with what is attached, document, list, calendar entry, post, the whole traffic and every log line."""
    names, born = pupils_of_the_sample(directory)
    assert names
    assert len(born) > 100
    found = places_with(report, names, born)
    wrong = {p for p in found if not any(re.fullmatch(allowed, p) for allowed in MAY_HOLD)}
    assert wrong == set()
    unused = [allowed for allowed in MAY_HOLD if not any(re.fullmatch(allowed, p) for p in found)]
    assert unused == [], "a place where they may be and are not: the list is too long, or nothing was looked at"


def is_plain(word: str) -> bool:
    """Whether a word in capitals is no name: `Year`, `The`."""
    return word.casefold() in PLAIN_WORDS


def pupils_of_the_sample(directory: Directory) -> tuple[set[str], set[str]]:
    """What tells a pupil of the sample: the names no adult has, and dates of birth in every way they are written."""
    readings = (read_response(answers, directory, arrived_at=START) for answers in SampleForm().answers.values())
    submissions = [r.submission for r in readings if r is not None and r.submission is not None]
    pupils = [p for s in submissions for p in s.pupils]
    born = {date.fromisoformat(p.born) for p in pupils if p.born}
    adults = " ".join([*(p.name for p in directory.people), *(f"{s.contact} {s.signature}" for s in submissions)])
    written = {pair for p in pupils for pair in re.findall(r"[A-Z][a-z]+ [A-Z][a-z]+", p.name)}
    names = {n for n in written if n.casefold() not in adults.casefold() and not any(is_plain(w) for w in n.split())}
    return names, {w for b in born for w in (b.isoformat(), f"{b:%d/%m/%Y}", f"{b:%-d %B %Y}")}


def test_the_timeline_is_plain_english(span: str, report: Path) -> None:
    text = (report / "timeline.md").read_text("utf-8")
    assert f"## Monday {'24 August' if span == 'year' else '21 September'} 2026" in text
    assert ("53 communities closed their year" in text) == (span == "year")
    assert "came too late for the coming meeting" in text
    assert "(a second run made 0)" in text


@pytest.mark.skipif(not CONTRACT.exists(), reason="Microsoft's metadata is not beside the project")
def test_microsofts_metadata_finds_no_violation_in_the_traffic(report: Path) -> None:
    command = [sys.executable, "-P", str(CONTRACT), str(report / "traffic.har")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert ", 0 violations" in done.stdout
