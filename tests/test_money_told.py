"""What chat, card and tab say of money: what was spent, what would be left, the balance round a decision, and KCC's
final amount wherever the approved one is told.
"""

from __future__ import annotations

from datetime import date

import pytest

from bot.approvals import pending
from bot.asking import Question, asker_of
from bot.cards.decision import IF_APPROVED, decision_card
from bot.tab.views import WITHOUT_MONEY, community_page
from casework.agenda_paper import balance_sheet
from casework.budget_moves import record_correction
from casework.budget_record import summary_of
from casework.decide import decide, decision_ask
from casework.financial_years import positions
from casework.moderate import moderate
from casework.request_moves import pay_request
from communities.budget import FinancialYearSplit, rounded_note
from communities.decisions import Response
from communities.directory import Directory, Role
from local_tenant.card_text import card_as_text
from tests.conftest import Bench, begun
from tests.test_chat import asked, senco
from tests.test_moves import KCC, R1
from tests.test_record import MEETING, approve, arrive, chair, home, one_decided, one_waiting

waiting = begun(one_waiting)


R2 = "R-2026-0002"


@begun
def desk(bench: Bench, directory: Directory) -> None:
    """£2,000 of £5,000 approved, £100.50 added by a correction, KCC's final amount £1,844; another request waits."""
    one_decided(bench, directory)
    with bench.desk.work() as work:
        record_correction(work, home(directory), 10_050, "As in KCC's books", KCC)
        moderate(work, R1, 184_400, "Morgan Vale", MEETING, KCC)
    arrive(bench, id=2, requested_pence=700, outcomes="Calm", solution="A garden")


def everybody(directory: Directory) -> dict[str, str]:
    return {"chair": chair(directory), "senco": senco(directory), "kcc": KCC}


@pytest.mark.parametrize(
    "sentence",
    ["what did we spend", "how much have we spent so far", "how much did ABC spend", "how much has been committed"],
)
def test_what_was_spent_is_told_where_that_is_asked(desk: Bench, directory: Directory, sentence: str) -> None:
    said = asked(desk, sentence, chair(directory)).as_text()
    assert "has spent £1,844 so far" in said
    assert "Approved, not paid yet: £1,844" in said
    assert "Left: £3,256.50" in said


@pytest.mark.parametrize(
    "sentence",
    [
        "if we say yes to everything what is left",
        "what is left if we approve everything",
        "what is the forecast for the year",
    ],
)
def test_what_would_be_left_counts_all_that_is_asked_for(desk: Bench, directory: Directory, sentence: str) -> None:
    said = asked(desk, sentence, chair(directory)).as_text()
    assert "would have £2,556.50 left" in said
    assert "Asked for, to be decided: £700" in said


@pytest.mark.parametrize("sentence", ["how much is left to spend", "can we spend £500 more", "balance of ABC"])
def test_what_is_left_is_told_where_that_is_asked(desk: Bench, directory: Directory, sentence: str) -> None:
    assert asked(desk, sentence, chair(directory)).title == "ABC has £3,256.50 left"


def test_the_county_totals_are_kccs(desk: Bench, directory: Directory) -> None:
    assert "All communities together have £3,256.50 left" in asked(desk, "county totals", KCC).title
    assert "Only KCC can read" in asked(desk, "county totals", chair(directory)).title


def test_before_and_after_a_decision_are_the_decision_alone(desk: Bench, directory: Directory) -> None:
    """Neither the correction nor KCC's difference came with it."""
    with desk.desk.work() as work:
        question = Question(text=R1, intent="pending_decisions", confidence=1, entities={"request": R1})
        (card,) = pending(work, asker_of(work, chair(directory)), question).cards
    text = card_as_text(card)
    assert "Before this decision | £5,000 |" in text
    assert "After this decision | £3,000 |" in text
    assert "KCC's final amount: £1,844" in text


@pytest.mark.parametrize("who", ["chair", "senco", "kcc"])
@pytest.mark.parametrize("sentence", [f"status of {R1}", f"final amount of {R1}", f"when is {R1} paid"])
def test_the_final_amount_and_its_day_are_told_where_they_are_known(
    desk: Bench, directory: Directory, who: str, sentence: str
) -> None:
    said = asked(desk, sentence, everybody(directory)[who]).as_text()
    assert "£2,000" in said
    assert "KCC's final amount: £1,844" in said
    assert "To be paid: with the schools' advance of Tuesday 1 December 2026" in said


def test_what_was_paid_is_told_with_its_day(desk: Bench, directory: Directory) -> None:
    desk.at(date(2026, 12, 2))
    with desk.desk.work() as work:
        pay_request(work, R1, 184_400, date(2026, 12, 1), KCC)
    assert "Paid: £1,844 on Tuesday 1 December 2026" in asked(desk, f"status of {R1}", senco(directory)).as_text()


def test_what_the_community_agreed_is_what_it_agreed(desk: Bench, directory: Directory) -> None:
    said = asked(desk, "how much do we get", senco(directory)).as_text()
    assert "Agreed by the community (3 pupils): £2,000" in said
    assert "Of that, with KCC's final amounts: £1,844" in said


def test_a_decision_without_money_is_not_one_that_waits_to_be_forwarded(waiting: Bench, directory: Directory) -> None:
    advice = approve(0, responses=(Response.ADVICE,), details="Ask the STLS")
    with waiting.desk.work() as work:
        decide(work, R1, advice, chair(directory))
        stages = dict(community_page(work, chair(directory), home(directory)).groups[1].stages)
    assert (stages["Not forwarded"], stages[WITHOUT_MONEY]) == (0, 1)
    assert "nothing goes to the Area HNFO" in asked(waiting, f"status of {R1}", senco(directory)).as_text()


def test_a_status_is_told_to_the_community_in_chat_as_in_the_tab(desk: Bench, directory: Directory) -> None:
    other = directory.people_with(Role.SENCO, directory.schools_of(home(directory))[-1].name)[0].mail
    with desk.desk.work() as work:
        lines = community_page(work, other, home(directory)).requests
    assert R1 in [line.id for line in lines]
    assert "Moderated" in asked(desk, f"status of {R1}", other).as_text()


def test_rounded_years_are_said_to_be_rounded_at_every_door(waiting: Bench, directory: Directory) -> None:
    note = rounded_note(FinancialYearSplit(first_pence=1, second_pence=99))
    assert note
    assert rounded_note(FinancialYearSplit(first_pence=100, second_pence=-200)) == ""
    with waiting.desk.work() as work:
        card = card_as_text(decision_card(decision_ask(work, R1)))
        page = community_page(work, chair(directory), home(directory))
        year = "2026-27"
        sheet = balance_sheet(summary_of(work, home(directory), year), positions(work, home(directory), year))
    assert page.budget is not None
    said = asked(waiting, "balance", chair(directory)).as_text()
    for told in (card, page.budget.note, said, [x.label for x in sheet]):
        assert note in told
    assert f"{IF_APPROVED} |" in card
    assert "(financial year)" in said
