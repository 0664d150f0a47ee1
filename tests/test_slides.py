"""Every figure of the slides' budget pages, read from one fixture: `slide_budget.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from communities.budget import BudgetSummary, SchoolAllocation, split_by_financial_year
from communities.directory import CommunityName, Directory
from communities.notional import (
    NOTIONAL_PERCENT,
    Factor,
    Payments,
    SchoolTemplate,
    notional_budget_pence,
)
from papers.budget_workbook import read_budgets
from service.sample import BUDGETS, sample

SLIDE: dict[str, Any] = json.loads((Path(__file__).parent / "slide_budget.json").read_text("utf-8"))
COMMUNITY, TEMPLATE = SLIDE["community"], SLIDE["school_template"]
POUND = 100


def is_printed_as(pence: int, pounds: int) -> bool:
    """The slides print whole pounds, and their totals are rounded after summing: to £1."""
    return abs(pence - pounds * 100) <= POUND


@pytest.fixture
def summary() -> BudgetSummary:
    schools = tuple(
        SchoolAllocation(
            dfe=None, school=f"School {n}", phase=phase, notional_budget_pence=notional * 100,
            notional_top_up_pence=top_up * 100, automatic_payments_pence=automatic * 100, automatic_payments=automatics,
            protected_payments_pence=protected * 100, protected_payments=protecteds, agreed_payments_pence=0,
            agreed_pupils=0,
        )
        for n, (phase, notional, top_up, automatic, automatics, protected, protecteds) in enumerate(SLIDE["schools"], 1)
    )  # fmt: skip
    return BudgetSummary(
        community=CommunityName("ABC"), academic_year="2025-26",
        before_top_slices_pence=COMMUNITY["before_top_slices"] * 100,
        stls_top_slice_pence=COMMUNITY["stls_top_slice"] * 100,
        chair_and_clerking_pence=COMMUNITY["chair_and_clerking"] * 100,
        protected_payments_pence=COMMUNITY["protected"] * 100, agreed_payments_pence=COMMUNITY["agreed"] * 100,
        schools=schools,
    )  # fmt: skip


@pytest.mark.parametrize("line", ["after_top_slices", "after_protected", "balance", "total_funding"])
def test_the_lines_of_the_community_budget_are_the_slides(summary: BudgetSummary, line: str) -> None:
    assert is_printed_as(getattr(summary, f"{line}_pence"), COMMUNITY[line])


@pytest.mark.parametrize("line", ["after_top_slices", "protected"])
def test_seven_and_five_twelfths_are_the_slides_and_make_the_whole(line: str) -> None:
    split = split_by_financial_year(COMMUNITY[line] * 100)
    first, second = COMMUNITY[f"{line}_split"]
    assert is_printed_as(split.first_pence, first)
    assert is_printed_as(split.second_pence, second)
    assert split.first_pence + split.second_pence == COMMUNITY[line] * 100


def test_the_schools_lines_sum_to_the_slides_totals(summary: BudgetSummary) -> None:
    fields = ("notional_budget_pence", "notional_top_up_pence", "automatic_payments_pence", "automatic_payments",
              "protected_payments_pence", "protected_payments")  # fmt: skip
    for field, total in zip(fields, SLIDE["school_totals"], strict=True):
        summed = sum(getattr(s, field) for s in summary.schools)
        assert is_printed_as(summed, total) if field.endswith("_pence") else summed == total, field


def test_the_sample_workbook_says_the_same(summary: BudgetSummary, directory: Directory) -> None:
    (read,), refused = read_budgets(sample(BUDGETS[0]), BUDGETS[0], directory)
    assert not refused
    for line in ("before_top_slices", "stls_top_slice", "chair_and_clerking", "after_top_slices", "balance"):
        assert is_printed_as(getattr(read, f"{line}_pence"), COMMUNITY[line])


@pytest.fixture
def template() -> SchoolTemplate:
    def paid(name: str) -> Payments:
        pounds, pupils = TEMPLATE[name]
        return Payments(pence=pounds * 100, pupils=pupils)

    return SchoolTemplate(
        ehcp_above=paid("ehcp_above"), ehcp_below=paid("ehcp_below"), sen_support_above=paid("sen_support_above"),
        sen_support_below=paid("sen_support_below"), automatic=paid("automatic"),
        eligible=tuple(Payments(pence=p * 100, pupils=n) for p, n in TEMPLATE["eligible"]),
        notional_top_up_pence=TEMPLATE["notional_top_up"] * 100,
    )  # fmt: skip


@pytest.mark.parametrize("line", ["ehcp", "sen_support", "current", "protected"])
def test_the_school_level_template_sums_to_the_slides(template: SchoolTemplate, line: str) -> None:
    found, (pounds, pupils) = getattr(template, line), TEMPLATE[line]
    assert is_printed_as(found.pence, pounds)
    assert found.pupils == pupils


def test_the_school_level_template_totals_are_the_slides(template: SchoolTemplate) -> None:
    assert is_printed_as(template.total_estimated_pence, TEMPLATE["total_estimated"])
    assert is_printed_as(template.top_up_second_year_pence, TEMPLATE["notional_top_up_second_year"])


def test_the_notional_shares_are_the_slides() -> None:
    assert {f.name: percent for f, percent in NOTIONAL_PERCENT.items()} == SLIDE["notional_percent"]
    thousand_each = dict.fromkeys(Factor, 100_000)
    assert notional_budget_pence(thousand_each) == sum(SLIDE["notional_percent"].values()) * 1_000
