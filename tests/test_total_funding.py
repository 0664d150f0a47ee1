"""The schools' total estimated mainstream high needs funding (slide '2025-26 Academic Year Budget': £599,412) stands
wherever the balance does, and each line of the balance sheet is answered in pounds.
"""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.tab.views import community_page
from casework.agenda_paper import unbooked_agenda
from communities.budget import TOTAL_FUNDING
from communities.directory import Directory, Role
from papers.agenda import render_agenda
from papers.word import template
from service.sample import sample_budgets
from tests.conftest import Bench, begun
from tests.console import cos
from tests.test_chat import asked
from tests.test_cli import DIRECTORY, SAMPLES
from tests.word_check import text_of

ABC, TOTAL = "ABC", "£599,412"
PARTS = ("£26,472", "£281,704", "£291,236")
"""The slide's figures: notional SEN top-up, automatic payments, community budget; they sum to the total."""


@begun
def budgeted(bench: Bench, _: Directory) -> None:
    sample_budgets(bench.desk, "2026-27", "test")


def of_abc(directory: Directory, role: Role) -> str:
    return directory.people_with(role, ABC)[0].mail


def test_the_agendas_balance_sheet_ends_with_it_unsplit(budgeted: Bench) -> None:
    with budgeted.desk.work() as work:
        paper = unbooked_agenda(work, ABC, date(2026, 11, 5))
    last = next(line for line in reversed(paper.balance) if line.year)  # below it stands where figures are rounded
    assert (last.label, last.year, last.first, last.second) == (TOTAL_FUNDING, TOTAL, "", "")
    for name in ("agenda.docx", "agenda-first.docx"):
        assert TOTAL in text_of(render_agenda(paper, template(name)))


def test_the_tab_says_it_with_its_parts(budgeted: Bench, directory: Directory) -> None:
    with budgeted.desk.work() as work:
        budget = community_page(work, of_abc(directory, Role.CHAIR), ABC).budget
    assert budget is not None
    assert budget.total == TOTAL
    assert tuple(amount for _, amount in budget.total_parts) == PARTS


def test_the_console_shows_and_exports_it(tmp_path: Path) -> None:
    now = {"COS_NOW": "2026-06-01T09:00:00+01:00", "COLUMNS": "250"}
    assert cos("import", "directory", DIRECTORY, folder=tmp_path, **now).returncode == 0
    budget = SAMPLES / "community-budget-summary.xlsx"
    assert cos("import", "budget", budget, folder=tmp_path, **now).returncode == 0
    shown = cos("budget", "show", "--community", ABC, folder=tmp_path, **now).stdout
    assert [line.split("\t")[:2] for line in shown.splitlines() if line.startswith("Total est")] == [
        [TOTAL_FUNDING, TOTAL]
    ]
    assert cos("budget", "export", "--community", ABC, "-o", "b.xlsx", folder=tmp_path, **now).returncode == 0
    sheet = load_workbook(io.BytesIO((tmp_path / "b.xlsx").read_bytes()))["Balance sheet"]
    formulas = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=4)}
    assert formulas[TOTAL_FUNDING] == "=Schools!E10+Schools!F10+B7"  # eight schools, then their totals


SAID = {
    "£36,203": (
        "what is the STLS top slice", "what is the STLS top slice in pounds", "how much is the STLS top-slice",
        "how many pounds is the top slice for STLS", "how much do we lose to the STLS top slice",
        "how much is taken off for STLS", "stls top slice amount", "how big is the top-slice for specialist teachers",
        "what does the STLS top slice come to", "tell me the STLS top-slice in £",
    ),
    "£4,764": ("how much goes on chair and clerking", "what is taken off for chair and clerking"),
    TOTAL: (
        "what is the total high needs funding for our schools", "total estimated mainstream HN funding",
        "how much high needs funding do the schools in our community get in total",
        "what is the total estimated mainstream high needs funding", "total high needs funding this year",
        "what do our schools get in high needs funding altogether", "show me the total HN funding for the community",
        "how much total high needs funding is there",
    ),
}  # fmt: skip


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize(("amount", "sentence"), [(a, s) for a, sentences in SAID.items() for s in sentences])
def test_a_line_of_the_balance_sheet_is_answered_in_pounds(
    budgeted: Bench, directory: Directory, amount: str, sentence: str
) -> None:
    for role in (Role.CHAIR, Role.CLERK):
        said = asked(budgeted, f"{sentence} for {ABC}" if role is Role.CLERK else sentence, of_abc(directory, role))
        assert said.title.endswith(amount), (said.title, sentence)


@pytest.mark.parametrize("sentence", ["what is the STLS top slice of ABC in pounds", "total high needs funding of ABC"])
def test_another_communitys_lines_are_not_told(budgeted: Bench, directory: Directory, sentence: str) -> None:
    other = next(c.name for c in directory.communities if c.name != ABC)
    school = directory.schools_of(other)[0].name
    said = asked(budgeted, sentence, directory.people_with(Role.SENCO, school)[0].mail).as_text()
    assert "£" not in said
