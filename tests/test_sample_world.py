"""The sample county: its workbooks agree with the texts, and the texts with what they are for."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from communities.case_studies import CaseStudy, case_study_problems
from communities.continuum import Focus
from communities.decisions import Response
from communities.directory import Directory, Role
from communities.evaluations import SERVICES, Evaluation, evaluation_problems
from communities.personal_details import personal_details
from communities.questions import Part
from sample_world import build
from sample_world.texts import AREAS_OF_NEED, RequestText, requests, table, texts
from service.sample import BUDGETS, EXPECTED, PEOPLE, RESPONSES, sample

MADE = (RESPONSES, PEOPLE, BUDGETS[1])
NOT_WRITTEN = ("people", "chairs", "names", "cast")
"""Tables of names, not texts."""

WRITTEN = ("solution", "outcomes", "funding_use", "already_supported")
OK = [r for r in requests() if r.kind == "ok"]


def cells(content: bytes) -> list[list[object]]:
    return [[c.value for c in row] for sheet in load_workbook(io.BytesIO(content)) for row in sheet.iter_rows()]


def test_the_workbooks_are_made_of_the_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("directory.xlsx", "community-budget-summary.xlsx"):
        (tmp_path / name).write_bytes(sample(name))
    monkeypatch.setattr(build, "HERE", tmp_path)
    build.main()
    for name in MADE:
        assert cells((tmp_path / name).read_bytes()) == cells(sample(name)), (
            f"run `python -m sample_world.build`: {name}"
        )
    assert json.loads((tmp_path / EXPECTED).read_bytes()) == json.loads(sample(EXPECTED))


def test_there_are_over_120_requests_of_every_need_and_phase_and_no_two_say_the_same() -> None:
    assert len(requests()) > 120
    assert set(Counter(r.need for r in requests())) == set(AREAS_OF_NEED)
    stages = Counter(stage for r in requests() for stage in str(r.key_stage).strip(";").split(";"))
    assert min(stages[k] for k in ("EYFS", "KS1", "KS2", "KS3", "KS4", "KS5")) >= 3, stages
    for field in WRITTEN:
        said = Counter(text for r in requests() if (text := getattr(r, field)))
        assert [t for t, n in said.items() if n > 1] == []


@pytest.mark.parametrize("request_", [r for r in requests() if r.decision], ids=lambda r: r.id)
def test_a_decision_is_one_a_chair_can_record(request_: RequestText) -> None:
    decision = request_.decision
    assert decision is not None
    assert set(decision.responses) <= {r.value for r in Response}
    assert (Response.FINANCIAL in decision.responses) == (decision.amount > 0)
    assert min(map(len, (decision.details, decision.discussion))) > 60


def named(directory: Directory) -> Iterator[str]:
    yield from (str(s.name) for s in directory.schools)
    yield from (str(c.name) for c in directory.communities)
    yield from (p.name for p in directory.people)


def test_nothing_that_is_circulated_names_a_child_or_is_taken_for_it(directory: Directory) -> None:
    known = list(named(directory))
    said = [(r.id, t) for r in requests() if (d := r.decision) for t in (d.details, d.conditions, d.discussion)]
    files = [f.stem for f in (Path(build.__file__).parent / "texts").glob("*.toml") if f.stem not in NOT_WRITTEN]
    assert len(files) == 8
    for file in files:
        rows = (row for rows in table(file).values() for row in rows)
        said += [(file, v) for row in rows for k, v in row.items() if isinstance(v, str) and k != "service"]
    assert {where: signs for where, text in said if (signs := list(personal_details(text, known)))} == {}


def test_every_role_has_somebody_some_have_two_and_some_come_and_go(directory: Directory) -> None:
    assert {p.role for p in directory.people} == set(Role)
    roles: dict[str, set[Role]] = {}
    for person in directory.people:
        roles.setdefault(person.mail, set()).add(person.role)
    assert sum(len(r - {Role.LEADER}) > 1 for r in roles.values()) >= 4
    assert sum(p.until is not None for p in directory.people) > 10
    assert any(p.covers for p in directory.people)


def test_every_tenth_request_is_of_the_chairs_own_school(directory: Directory) -> None:
    own = [r for r in OK if (c := directory.chair_of(r.community)) and directory.has_interest(c.mail, r.school)]
    assert 0.08 <= len(own) / len(OK) <= 0.2


def test_case_studies_questions_and_evaluations_would_be_taken() -> None:
    for text in texts("case_studies", "case_study"):
        parts = {k: text.about[k] for k in ("description", "overview", "impact")}
        assert list(case_study_problems(CaseStudy(focus=Focus(text.about["focus"]), **parts))) == []
    for text in texts("evaluations", "evaluation"):
        assert list(evaluation_problems(Evaluation(**text.about))) == []
    assert {t.about["service"] for t in texts("evaluations", "evaluation")} == set(SERVICES)
    parts_asked = Counter(t.about["part"] for t in texts("questions", "question"))
    assert set(parts_asked) == {p.value for p in Part}
