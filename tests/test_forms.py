"""Foreign rows: the 61 sample responses, the mistakes people make, and files that are no workbooks."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openpyxl import Workbook, load_workbook

from communities.directory import Directory
from communities.intake import Outcome, Reading
from communities.money import read_pence
from forms_ingest.columns import load_mapping
from forms_ingest.list_item import COLUMNS, ListFields, answers_of
from forms_ingest.request_for_support import FORM, hold_duplicates, read_response
from forms_ingest.workbook import read_answers
from graph_sync.provision import load_lists
from papers.sheets import UNPACKED_BYTES, WorkbookUnreadable
from service.sample import EXPECTED, RESPONSES, sample
from tests.conftest import submitted

NOW = datetime(2026, 10, 19, tzinfo=UTC)
MAPPING = load_mapping(FORM)


def read_all(content: bytes, directory: Directory, name: str = "responses.xlsx") -> list[Reading]:
    rows = read_answers(content, name, MAPPING)
    readings = (read_response(a, directory, arrived_at=NOW) for _, a in rows)
    return list(hold_duplicates(r for r in readings if r))


def one(directory: Directory, **changed: Any) -> Reading:
    reading = read_response(submitted(directory, **changed), directory, arrived_at=NOW)
    assert reading is not None
    return reading


SAMPLES = Path(__file__).parent / "samples"
"""A workbook of the owner's, and what must become of each of its 61 responses."""

WORKBOOKS = {
    "owner": ((SAMPLES / RESPONSES).read_bytes(), json.loads((SAMPLES / EXPECTED).read_bytes())),
    "sample world": (sample(RESPONSES), json.loads(sample(EXPECTED))),
}
ALL_EXPECTED = [(whose, e) for whose, (_, expected) in WORKBOOKS.items() for e in expected]


@pytest.fixture(scope="module")
def readings(directory: Directory) -> dict[str, dict[int, Reading]]:
    """Of each workbook, by the response's number."""
    return {
        whose: {r.response_id: r for r in read_all(content, directory)} for whose, (content, _) in WORKBOOKS.items()
    }


@pytest.mark.parametrize("whose", WORKBOOKS)
def test_there_is_a_reading_for_each_of_the_responses(whose: str, readings: dict[str, dict[int, Reading]]) -> None:
    assert list(readings[whose]) == [e["id"] for e in WORKBOOKS[whose][1]]


@pytest.mark.parametrize(("whose", "expected"), ALL_EXPECTED, ids=lambda x: x if isinstance(x, str) else x["id"])
def test_the_sample_responses_are_read_as_expected(
    whose: str, expected: dict[str, Any], readings: dict[str, dict[int, Reading]]
) -> None:
    reading, wanted = readings[whose][expected["id"]], expected["expect"]
    said = " ".join((*reading.reasons, *reading.mended)).casefold()
    if wanted.startswith("refuse"):
        assert reading.outcome is Outcome.REFUSED
        assert len(reading.reasons) == 1
        assert all(number in said.replace(",", "") for number in re.findall(r"\d+", wanted))
        named = {
            "long_solution": "solution required", "long_outcomes": "expected outcomes", "negative": "negative number",
            "unknown_community": "unknown community", "wrong_community": "is not in", "huge_cell": "already supported",
            "no_funding_use": "how will the funding be used?' is missing", "blank_solution": "required' is missing",
            "no_amount_but_financial": "total funding request (£)' is missing",
        }  # fmt: skip
        assert named[expected["kind"]] in said
    elif wanted.startswith("held"):
        assert reading.outcome is Outcome.HELD
        assert "response 3, 2 minutes apart" in said
    else:
        assert reading.outcome is Outcome.ACCEPTED
        assert reading.submission is not None
        check_accepted(expected["kind"], wanted, reading, said)


def check_accepted(kind: str, wanted: str, reading: Reading, said: str) -> None:
    submission = reading.submission
    assert submission is not None
    match kind:
        case "misspelt_school":
            assert submission.school == wanted.partition("school ")[2]
            assert submission.school.casefold() in said
        case "number_as_text":
            assert (submission.sen_support, submission.ehcp) == (7, 0)
            assert "was read as 7" not in said, "spaces are nobody's to check"
            assert "'none' was read as 0" in said
        case "formula":
            assert submission.contact == '=HYPERLINK("http://x.example","call me")'
        case "anonymous":
            assert not submission.is_verified
            assert "not verified" in said
        case "two_supports":
            assert [s.value for s in submission.support] == ["Advice and guidance", "Financial contribution"]
        case "bad_dob":
            assert re.match(r"[A-Z]\.[A-Z]\.", submission.pupils[0].name)
            assert submission.pupils[0].born is None
            assert "dates of birth not readable" in said
        case "amount_text":
            assert submission.requested_pence == read_pence(wanted.partition(": ")[2])
        case _:
            assert [m for m in reading.mended if "dates of birth not readable" not in m] == []


def test_every_reason_is_named_not_only_the_first(directory: Directory) -> None:
    reading = one(
        directory, solution="w " * 251, sen_support=-1, funding_use=None, requested_pence="about 3k", signature=""
    )
    assert [p.field for p in reading.problems] == [
        "solution", "sen_support", "funding_use", "requested_pence", "signature",
    ]  # fmt: skip


def test_an_amount_that_needs_a_guess_is_asked_about(directory: Directory) -> None:
    assert "'about 3k', which cannot be read for certain" in one(directory, requested_pence="about 3k").reasons[0]


def test_a_school_that_could_be_several_is_held_for_the_clerk(directory: Directory) -> None:
    unsure = one(directory, school="St Mark's CEP School")
    assert unsure.outcome is Outcome.HELD
    assert "the clerk is asked" in unsure.reasons[0]


def test_columns_may_stand_in_another_order_with_others_between(directory: Directory) -> None:
    book = load_workbook(io.BytesIO(sample(RESPONSES)))
    old = book.worksheets[0]
    rows = [list(r) for r in old.iter_rows(values_only=True)]
    new = Workbook()
    sheet = new.active
    assert sheet is not None
    for number, row in enumerate(rows):
        moved = [*row[9:], *row[:9]]
        moved.insert(3, "Last modified time" if number == 0 else None)
        if number == 0:
            moved = [f"{str(t).upper()}\u00a0" for t in moved]
        sheet.append([f"'{c}" if isinstance(c, str) and c.startswith("=") else c for c in moved])
    out = io.BytesIO()
    new.save(out)
    outcomes = [r.outcome for r in read_all(out.getvalue(), directory)]
    assert outcomes == [r.outcome for r in read_all(sample(RESPONSES), directory)]


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (UNPACKED_BYTES + 1))
    return out.getvalue()


def plain_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return out.getvalue()


TITLES = [titles[0] for titles in MAPPING.questions.titles.values()]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Id,Name\n1,x\n", "is not an Excel workbook"),
        (b"", "is not an Excel workbook"),
        (plain_zip(), "is not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "is encrypted or an old .xls"),
        (sample(RESPONSES)[:20_000], "is not an Excel workbook"),
        (workbook([1, 2, 3], ["a", "b"]), "no header row was found"),
        (workbook(), "no header row was found"),
        (workbook([t for t in TITLES if t != "Support requested"]), "There is no column for 'Support requested'"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_is_missing(content: bytes, said: str) -> None:
    with pytest.raises(WorkbookUnreadable, match=re.escape(said)) as error:
        list(read_answers(content, "form.xlsx", MAPPING))
    assert str(error.value).startswith("form.xlsx:")


def test_a_file_that_is_too_large_unpacked_is_said_to_be() -> None:
    with pytest.raises(WorkbookUnreadable, match=r"^form\.xlsx:.* MB unpacked"):
        list(read_answers(bomb(), "form.xlsx", MAPPING))


def test_a_workbook_with_titles_only_has_no_responses() -> None:
    assert list(read_answers(workbook(list(TITLES)), "form.xlsx", MAPPING)) == []


def test_a_list_item_reads_like_its_row(directory: Directory) -> None:
    answers = submitted(directory)
    fields = {COLUMNS[f]: v for f, v in answers.items() if f in COLUMNS}
    fields["CompletionTime"] = "2026-10-05T09:00:00Z"
    fields["SupportRequested"] = ["Advice and guidance", "Financial contribution"]
    reading = read_response(answers_of(msgspec.convert(fields, ListFields)), directory, arrived_at=NOW)
    assert reading is not None
    assert reading.outcome is Outcome.ACCEPTED
    assert reading.submission is not None
    assert len(reading.submission.support) == 2


def test_the_list_has_a_column_for_each_field_of_the_form() -> None:
    assert {c["name"] for c in load_lists()["responses"]["columns"]} == set(COLUMNS.values())
