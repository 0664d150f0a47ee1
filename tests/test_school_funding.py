"""A school's level template and notional SEN budget: imported, checked against their sums, shown to whom they concern.

The figures are the slides' (`slide_budget.json`) and, for the sample, those of ABC's summary, reckoned by hand.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from bot.asking import Answer
from casework.desk import CONSOLE
from casework.errors import NotAllowed
from casework.school_funding import import_school_funding, school_money
from communities.directory import Directory, Role
from communities.notional import Factor, notional_budget_pence, top_up_by_financial_year
from papers.school_funding_workbook import read_school_funding
from papers.sheets import WorkbookUnreadable
from service.sample import SCHOOL_FUNDING, sample, sample_budgets, sample_school_funding
from tests.conftest import Bench, begun
from tests.console import cos
from tests.test_chat import asked
from tests.test_cli import DIRECTORY, SAMPLES

SLIDE: dict[str, Any] = json.loads((Path(__file__).parent / "slide_budget.json").read_text("utf-8"))["school_template"]
ABC, SCHOOL, BIRCHWELL = "ABC", "Ashmead Primary School", "Birchwell Academy, The"
SCHOOLS = (
    "Archbishop Courtenay Primary School", "Ashbourne Junior School, The", "St Mark's CEP School, Larkden", SCHOOL,
    "Pearfield Primary School", BIRCHWELL, "Ashden School", "Larkden Infant School",
)  # fmt: skip
Rows = list[list[Any]]


def slides_rows(school: str = SCHOOL) -> Rows:
    """The slide 'School Level Template' as a sheet, its slip 'ECHP' included."""
    t, eligible = SLIDE, SLIDE["eligible"]
    return [
        ["School Level Template, 2025-26 academic year"],
        ["School:", school],
        ["Pupils with an ECHP (greater than £6,000)", *t["ehcp_above"]],
        ["Pupils with an ECHP (less than £6,000)", *t["ehcp_below"], None, None, *eligible[0]],
        ["Subtotal number of payments (EHCP)", *t["ehcp"]],
        ["Pupils on SEN Support (greater than £6,000)", *t["sen_support_above"], None, None, *eligible[1]],
        ["Pupils on SEN Support (less than £6,000)", *t["sen_support_below"], None, None, *eligible[2]],
        ["Subtotal number of payments (SEN Support)", *t["sen_support"]],
        ["Total current payments", *t["current"]],
        ["Subtotal estimated payments 2025-26 academic year", None, None, *t["automatic"], *t["protected"]],
        ["Total estimated payments for 2025-26 academic year (prior to …)", None, None, t["total_estimated"]],
        ["April 2025 to March 2026", 38, 0, t["notional_top_up"], t["notional_top_up"]],
        ["April 2026 to August 2026", None, 0, t["notional_top_up_second_year"], t["notional_top_up_second_year"]],
    ]


def workbook(*sheets: Rows) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_slides_template_is_read_and_comes_to_its_figures(directory: Directory) -> None:
    (found,), refused = read_school_funding(workbook(slides_rows()), "t.xlsx", directory)
    assert not refused
    assert (found.school, found.academic_year) == (SCHOOL, "2025-26")
    template = found.template
    assert template is not None
    assert (template.protected.pence, template.protected.pupils) == (
        15_749_400,
        25,
    )  # 75% of 209,992; the slide: 157,495
    assert template.total_estimated_pence == 23_163_800
    assert top_up_by_financial_year(template.notional_top_up_pence, "2025-26") == (
        ("April 2025 to March 2026", 3_330_900), ("April 2026 to August 2026", 1_387_875),  # 5/12 of 33,309
    )  # fmt: skip


PRINTED = [
    (row, column) for row in (4, 7, 8, 9, 10, 12) for column, cell in enumerate(slides_rows()[row])
    if isinstance(cell, int) and cell > 100 and (row, column) not in {(9, 3), (12, 3)}
]  # fmt: skip
"""Every printed sum but the automatic payments, which the template does not break down."""


@pytest.mark.parametrize(("row", "column"), PRINTED)
def test_a_printed_sum_that_is_ten_thousand_pounds_off_is_refused_with_both(
    directory: Directory, row: int, column: int
) -> None:
    rows = slides_rows()
    rows[row][column] += 10_000
    found, refused = read_school_funding(workbook(rows), "t.xlsx", directory)
    assert not found
    assert "says £" in str(refused[0])
    assert "come to £" in str(refused[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[1].__setitem__(1, "Nowhere School"), "'Nowhere School' is not in the directory"),
        (lambda rows: rows.pop(8), "'total current' is missing"),
        (
            lambda rows: rows[2].__setitem__(1, "lots"),
            "'lots' in 'Pupils with an ECHP (greater than £6,000)' is not an",
        ),
        (lambda rows: rows[4].__setitem__(2, 13), "says 13 pupils, but its lines come to 12"),
        (lambda rows: rows[0].__setitem__(0, "School Level Template"), "no academic year"),
    ],
)
def test_a_sheet_that_cannot_be_taken_is_named_with_the_reason(
    directory: Directory, change: Callable[[Rows], Any], said: str
) -> None:
    rows = slides_rows()
    change(rows)
    if "academic year" in said:
        rows[9][0], rows[10][0] = "Subtotal estimated payments", "Total estimated payments"
    found, refused = read_school_funding(workbook(rows, slides_rows()), "t.xlsx", directory)
    assert len(found) == 1  # the other sheet is taken
    assert said in str(refused[0])


def test_another_workbook_is_refused_by_what_is_missing(directory: Directory) -> None:
    with pytest.raises(WorkbookUnreadable, match="no sheet holds a school level template"):
        read_school_funding(workbook([["Dear all"]]), "t.xlsx", directory)


def test_factors_that_do_not_come_to_the_printed_budget_are_refused(directory: Directory) -> None:
    head = ["School Name", *(f.value for f in Factor), "Notional SEN budget"]
    thousand_each = [1_000] * len(Factor)  # 5 + 70 + 70 + 100 + 70 + 43 per cent of it: 3,580
    rows = [["Factors 2025-26"], head, [SCHOOL, *thousand_each, 3_580], [BIRCHWELL, *thousand_each, 4_580]]
    (found,), refused = read_school_funding(workbook(rows), "t.xlsx", directory)
    assert found.factors is not None
    assert notional_budget_pence(found.factors) == 358_000
    assert "says £4,580, but its lines come to £3,580" in str(refused[0])


def test_the_samples_figures_are_those_of_the_communitys_summary(bench: Bench, directory: Directory) -> None:
    sample_budgets(bench.desk, "2025-26", "test")
    assert read_school_funding(sample(SCHOOL_FUNDING), SCHOOL_FUNDING, directory)[1] == []
    assert sample_school_funding(bench.desk, "2025-26", "test") == 16
    with bench.desk.work() as work:
        for school in SCHOOLS:
            money = school_money(work, school, ABC, "2025-26", "CoS Desk")
            assert money.template is not None
            assert money.line is not None
            line = money.line.allocation
            assert money.notional_pence == line.notional_budget_pence
            assert money.template.protected.pence == line.protected_payments_pence
            assert money.template.automatic.pence == line.automatic_payments_pence
            assert money.top_up_pence == line.notional_top_up_pence


def test_a_workbook_imported_again_changes_nothing_and_the_other_kind_stays(bench: Bench, directory: Directory) -> None:
    sample_school_funding(bench.desk, "2026-27", "test")
    (slide,), _ = read_school_funding(workbook(slides_rows()), "t.xlsx", directory)
    with bench.desk.work() as work:
        assert import_school_funding(work, slide) == f"the level template of '{SCHOOL}' for 2025-26"
        assert import_school_funding(work, slide).endswith("(unchanged)")
    sample_school_funding(bench.desk, "2025-26", "test")
    with bench.desk.work() as work:
        money = school_money(work, SCHOOL, ABC, "2025-26", "CoS Desk")
    assert money.template is not None
    assert money.factors is not None


@begun
def funded(bench: Bench, _: Directory) -> None:
    sample_budgets(bench.desk, "2026-27", "test")
    sample_school_funding(bench.desk, "2026-27", "test")


def told(bench: Bench, directory: Directory, sentence: str, school: str = SCHOOL) -> Answer:
    return asked(bench, sentence, directory.people_with(Role.SENCO, school)[0].mail)


TOP_UP = "£8,970"
"""5/12 of Ashmead's £21,527, which is £8,969.58."""
SUMMER = (
    "how much top-up do we get from April to August",
    "how much top-up for April to August",
    "what is our top-up April to August",
    "notional SEN top-up for April to August",
    "how much notional top up does our school get between April and August",
    "what top-up do we have for the summer",
    "what is our school's notional top-up from April to August 2027",
    "our top-up April to August please",
    "what is 5/12 of our top-up",
)


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("sentence", SUMMER)
def test_the_top_up_of_april_to_august_is_five_twelfths(funded: Bench, directory: Directory, sentence: str) -> None:
    said = told(funded, directory, sentence)
    assert said.title == f"Notional SEN top-up, April 2027 to August 2027: {TOP_UP}", said.title
    assert ("Notional SEN top-up, April 2026 to March 2027", "£21,527") in said.facts


BUDGET = (
    "what is our notional SEN budget",
    "notional SEN budget of Birchwell Academy",
    "how much is our notional budget",
    "what is the notional SEN budget of Birchwell Academy",
    "how is our notional SEN budget made up",
    "show my school's notional budget",
    "notional budget for our school",
    "what's our notional SEN funding",
    "how much notional SEN money does Birchwell Academy have",
)


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("sentence", BUDGET)
def test_the_notional_budget_comes_from_the_factors(funded: Bench, directory: Directory, sentence: str) -> None:
    said = told(funded, directory, sentence, BIRCHWELL)
    assert said.title == "Notional SEN budget: £532,709", said.title
    parts = {name.partition(" (")[0]: amount for name, amount in said.facts}
    assert parts["Basic entitlement"] == "£117,196"  # 22% of it, in the sample
    assert not any("summary says" in s for s in said.sentences)


TEMPLATE = (
    "show our school level template",
    "what is our school level template",
    "school level template of Ashmead Primary School",
    "what do we get above £6,000",
    "how many of our pupils are below £6,000",
    "open the level template for our school",
    "can I see our level template",
    "my school's level template please",
)


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("sentence", TEMPLATE)
def test_the_level_template_says_above_and_below_six_thousand(
    funded: Bench, directory: Directory, sentence: str
) -> None:
    said = told(funded, directory, sentence)
    assert said.title == f"School level template of {SCHOOL}", said.title
    facts = dict(said.facts)
    assert facts["Estimated protected payments (75% of eligible existing payments)"] == "£58,290 for 8 pupils"
    assert "Pupils on SEN Support, above £6,000" in facts
    assert "Pupils on SEN Support, below £6,000" in facts


def test_another_budget_in_the_summary_is_told(funded: Bench, directory: Directory) -> None:
    rows = [["Factors 2026-27"], ["School Name", *(f.value for f in Factor)], [SCHOOL, *[1_000] * len(Factor)]]
    (found,), _ = read_school_funding(workbook(rows), "t.xlsx", directory)
    with funded.desk.work() as work:
        import_school_funding(work, found)
    said = told(funded, directory, "what is our notional SEN budget")
    assert said.title == "Notional SEN budget: £3,580"
    assert "KCC's community budget summary says £53,817; the factors come to £3,580." in said.sentences


WHO = {
    "its SENCO": True, "its head": True, "its community's chair": True, "its community's clerk": True,
    "KCC's moderator": True, "an administrator": True, "the console": True,
    "another school of the community": False, "another community's chair": False, "a stranger": False,
}  # fmt: skip


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("who", list(WHO))
def test_a_schools_figures_are_for_whom_they_concern(funded: Bench, directory: Directory, who: str) -> None:
    others = next(c.name for c in directory.communities if directory.clerk_of(c.name) != directory.clerk_of(ABC))
    neighbour = directory.schools_of(ABC)[0].name
    mails = {
        "its SENCO": lambda: directory.people_with(Role.SENCO, SCHOOL)[0].mail,
        "its head": lambda: directory.people_with(Role.LEADER, SCHOOL)[0].mail,
        "its community's chair": lambda: directory.people_with(Role.CHAIR, ABC)[0].mail,
        "its community's clerk": lambda: directory.people_with(Role.CLERK, ABC)[0].mail,
        "KCC's moderator": lambda: next(p.mail for p in directory.people if p.role is Role.MODERATOR),
        "an administrator": lambda: next(p.mail for p in directory.people if p.role is Role.ADMINISTRATOR),
        "the console": lambda: CONSOLE,
        "another school of the community": lambda: directory.people_with(Role.SENCO, neighbour)[0].mail,
        "another community's chair": lambda: directory.people_with(Role.CHAIR, others)[0].mail,
        "a stranger": lambda: "nobody@elsewhere.example",
    }
    if who == "its head" and not directory.people_with(Role.LEADER, SCHOOL):
        pytest.skip("the sample names no head of this school")
    mail = mails[who]()
    with funded.desk.work() as work:
        if WHO[who]:
            assert school_money(work, SCHOOL, ABC, "2026-27", mail).template is not None
        else:
            with pytest.raises(NotAllowed):
                school_money(work, SCHOOL, ABC, "2026-27", mail)
    if "@" in mail:
        said = asked(funded, f"school level template of {SCHOOL}", mail).as_text()
        assert ("£" in said) is WHO[who]


def test_the_console_imports_and_shows_it(tmp_path: Path) -> None:
    now = {"COS_NOW": "2026-06-01T09:00:00+01:00", "COLUMNS": "200"}
    for words in (("directory", DIRECTORY), ("budget", SAMPLES / "community-budget-summary.xlsx"),
                  ("school-funding", SAMPLES / SCHOOL_FUNDING)):  # fmt: skip
        done = cos("import", *words, folder=tmp_path, **now)
        assert done.returncode == 0, done.stderr
    assert f"the level template of '{SCHOOL}' for 2025-26" in done.stdout
    shown = dict(
        line.split("\t") for line in
        cos("budget", "school", "--school", "ashmead primary school", folder=tmp_path, **now).stdout.splitlines()
        if line.count("\t") == 1
    )  # fmt: skip
    assert shown["Notional SEN budget"] == "£53,817"
    assert shown["Notional SEN top-up, April 2025 to March 2026"] == "£21,527"
    assert shown["Notional SEN top-up, April 2026 to August 2026"] == TOP_UP
    assert shown["Estimated protected payments (75% of eligible existing payments)"] == "£58,290 for 8 pupils"
    refused = cos("budget", "school", "--school", SCHOOL, "--as", "nobody@x.example", folder=tmp_path, **now)
    assert refused.returncode == 1
    assert "£" not in refused.stdout
