"""The mask over the invented county's own texts: what schools wrote in the place of a name hides no ordinary word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from casework.amend import kept_answers
from communities.directory import Directory
from communities.redaction import MASK, without_pupils
from communities.requests import FREE_TEXTS, Pupil, Submission
from forms_ingest.request_for_support import read_response
from sample_world.texts import table
from service.sample_tenant import SampleForm

NOW = datetime(2026, 9, 1, tzinfo=UTC)
FILES = ("questions", "case_studies", "evaluations", "improvements", "minutes", "surgeries", "reasons", "reports")
NO_NAME = re.compile(r"^[a-z]|^(?:YR|Y\d+|The|Others?|Names?|Cohort|Whole|Full|Please|No)$")


def submissions(directory: Directory) -> Iterator[Submission]:
    for answers in SampleForm().answers.values():
        reading = read_response(answers, directory, arrived_at=NOW)
        if reading is not None and reading.submission is not None:
            yield reading.submission


def said() -> list[str]:
    """Everything people of the county write beside the form."""
    rows = [row for name in FILES for kind in table(name).values() if isinstance(kind, list) for row in kind]
    values = [value for row in rows if isinstance(row, dict) for value in row.values()]
    return [value for value in values if isinstance(value, str) and " " in value]


def test_no_text_of_the_county_names_a_pupil_by_the_whole_name(directory: Directory) -> None:
    pupils = [p for s in submissions(directory) for p in s.pupils]
    adults, written = [p.name for p in directory.people], said()
    assert len(pupils) > 100
    assert len(written) > 100
    kept = [without_pupils(text, pupils, adults, [p.name for p in pupils]) for text in written]
    assert [pair for pair in zip(kept, written, strict=True) if pair[0] != pair[1]] == []


def hidden(before: str, after: str) -> list[str]:
    """What stood where the mask stands now."""
    parts = after.split(MASK)
    match = re.fullmatch("(.+?)".join(map(re.escape, parts)), before, re.DOTALL)
    assert match is not None, (before, after)
    return list(match.groups())


def test_what_the_mask_hides_in_a_request_is_a_name(directory: Directory) -> None:
    found = []
    for submission in submissions(directory):
        kept = kept_answers(submission)
        for field in FREE_TEXTS:
            found += hidden(getattr(submission, field), kept[field])
    assert len(found) >= 15
    assert [word for word in found if NO_NAME.search(word)] == []


@pytest.mark.parametrize(
    "name",
    ["2 more, forms not signed yet", "whole class (both Y2 classes), no individual pupils", "names in the envelope",
     "J.B. age 7, and two more (see email)", "Y8", "H.A"],
)  # fmt: skip
def test_what_is_no_name_hides_nothing(name: str) -> None:
    for text in said():
        assert without_pupils(text, [Pupil(name=name)]) == text
