"""Money lies in the financial year it is paid in; only KCC's budget is split 7/12 and 5/12.

The budget here is £5,000 for 2026-27: £2,916.67 of it in 2026-27 and £2,083.33 in 2027-28, from 1 April 2027 on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.decision import decision_card
from bot.tab.views import community_page
from casework.agenda_paper import unbooked_agenda
from casework.budget_moves import record_correction, record_return, record_transfer
from casework.budget_record import import_budget
from casework.decide import decide, decision_ask, decision_post
from casework.desk import CONSOLE, Work
from casework.financial_years import movements, positions, waiting_split
from casework.moderate import moderate
from casework.request_moves import pay_request, reopen_request
from casework.sweep import sweep
from communities.budget import LedgerLine, LineKind, Position
from communities.clocks import expected_advance_on
from communities.directory import Directory
from communities.financial_years import positions_of
from local_tenant.card_text import card_as_text
from service.budget_commands import _in_both_years, _known
from tests.conftest import Bench, begun
from tests.test_chat import asked
from tests.test_moves import KCC, R1
from tests.test_record import MEETING, NEXT, a_budget, approve, arrive, chair, home, one_waiting, set_up

waiting = begun(one_waiting)


YEAR = "2026-27"
AMOUNTS: dict[str, Callable[[Position], int]] = {
    "committed": lambda p: p.committed_pence,
    "outstanding": lambda p: p.outstanding_pence,
    "paid": lambda p: p.paid_pence,
    "returned": lambda p: p.returned_pence,
    "transferred": lambda p: p.transferred_pence,
    "corrected": lambda p: p.corrected_pence,
    "balance": lambda p: p.balance_pence,
}


def lies(work: Work, community: str, name: str) -> tuple[int, int]:
    """One of the budget's amounts in each financial year, in pence."""
    stands = positions(work, community, YEAR)
    assert stands is not None
    split = stands.split(AMOUNTS[name])
    assert split.pence == AMOUNTS[name](stands.year)
    return split.first_pence, split.second_pence


def test_money_paid_on_1_december_lies_wholly_in_the_first_financial_year(waiting: Bench, directory: Directory) -> None:
    """£2,280 paid on 1 December 2026 was shown as £1,330 and £950."""
    community = home(directory)
    with waiting.desk.work() as work:
        decide(work, R1, approve(2_280), chair(directory))
        assert lies(work, community, "outstanding") == (228_000, 0)
        moderate(work, R1, 228_000, "Morgan Vale", MEETING, KCC)
    waiting.at(date(2026, 12, 1))
    with waiting.desk.work() as work:
        pay_request(work, R1, 228_000, date(2026, 12, 1), KCC)
        assert lies(work, community, "paid") == (228_000, 0)
        assert lies(work, community, "outstanding") == (0, 0)
        assert lies(work, community, "balance") == (63_667, 208_333)


def test_approved_money_lies_where_the_advance_that_pays_it_does_and_moves_on_with_it(
    waiting: Bench, directory: Directory
) -> None:
    """Approved on 5 November: with the HNFO by the 10th, paid with December's advance; KCC takes its time."""
    community = home(directory)
    with waiting.desk.work() as work:
        decide(work, R1, approve(2_000), chair(directory))
        assert [m.line.counts_on for m in movements(work, community, YEAR)] == [None, date(2026, 12, 1)]
    waiting.at(date(2027, 3, 1))  # not processed: the next advance is that of April
    with waiting.desk.work() as work:
        assert lies(work, community, "outstanding") == (0, 200_000)
        moderate(work, R1, 190_000, "Morgan Vale", date(2027, 2, 26), KCC)  # pays with March's
        assert lies(work, community, "outstanding") == (190_000, 0)
        pay_request(work, R1, 190_000, date(2027, 3, 1), KCC)
    waiting.at(date(2027, 4, 6))
    with waiting.desk.work() as work:
        record_return(work, R1, 30_000, "Less was needed", KCC)
        assert lies(work, community, "paid") == (190_000, 0)
        assert lies(work, community, "returned") == (0, 30_000)
        assert lies(work, community, "balance") == (291_667 - 190_000, 208_333 + 30_000)


def test_a_commitment_that_is_released_leaves_both_years_as_they_were(waiting: Bench, directory: Directory) -> None:
    community = home(directory)
    with waiting.desk.work() as work:
        decide(work, R1, approve(2_000), chair(directory))
    waiting.at(date(2027, 4, 6))
    with waiting.desk.work() as work:
        reopen_request(work, R1, "The amount was for two terms", chair(directory))
        assert lies(work, community, "balance") == (291_667, 208_333)


@pytest.mark.parametrize(("day", "first"), [(date(2027, 3, 31), True), (date(2027, 4, 1), False)])
def test_corrections_and_transfers_count_on_their_day(
    bench: Bench, directory: Directory, day: date, first: bool
) -> None:
    community, other = set_up(bench, directory), directory.communities[1].name
    with bench.desk.work() as work:
        import_budget(work, a_budget(other, 1_000))
    bench.at(day)
    with bench.desk.work() as work:
        record_correction(work, community, -10_000, "KCC's books", CONSOLE)
        record_transfer(work, (community, YEAR), (other, YEAR), 50_000, "Shared support", CONSOLE)
        assert lies(work, community, "corrected") == ((-10_000, 0) if first else (0, -10_000))
        assert lies(work, community, "transferred") == ((-50_000, 0) if first else (0, -50_000))
        assert lies(work, other, "transferred") == ((50_000, 0) if first else (0, 50_000))


@pytest.mark.parametrize(
    ("approved", "today", "advance"),
    [
        (date(2026, 11, 5), date(2026, 11, 5), date(2026, 12, 1)),
        (date(2026, 11, 26), date(2026, 11, 26), date(2027, 1, 4)),  # forwarded by 1 December; 1 January is a holiday
        (date(2027, 2, 25), date(2027, 2, 25), date(2027, 4, 1)),  # forwarded by 2 March
        (date(2026, 11, 5), date(2026, 12, 20), date(2027, 1, 4)),  # not processed in time
    ],
)
def test_an_approved_amount_is_expected_with_the_next_advance(approved: date, today: date, advance: date) -> None:
    assert expected_advance_on(approved, today) == advance


def test_requests_that_wait_lie_where_they_would_be_paid_if_their_meeting_approved_them(
    bench: Bench, directory: Directory
) -> None:
    community = set_up(bench, directory)
    arrive(bench)  # £2,400
    with bench.desk.work() as work:
        split = waiting_split(work, community, YEAR)
    assert (split.first_pence, split.second_pence) == (240_000, 0)
    bench.at(date(2027, 3, 5))
    with bench.desk.work() as work:
        split = waiting_split(work, community, YEAR)
    assert (split.first_pence, split.second_pence) == (0, 240_000)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(LineKind),
            st.integers(-(10**7), 10**7),
            st.dates(date(2026, 1, 1), date(2029, 12, 31)),
        ),
        max_size=30,
    )
)
def test_the_two_financial_years_sum_to_the_years_amount(movements: list[tuple[LineKind, int, date]]) -> None:
    lines = [
        LedgerLine(kind=kind, amount_pence=pence, counts_on=None if kind is LineKind.OPENING else day)
        for kind, pence, day in movements
    ]
    stands = positions_of(lines, YEAR)
    for amount in (*AMOUNTS.values(), lambda p: p.opening_pence, lambda p: p.spent_pence):
        assert stands.split(amount).pence == amount(stands.year)
    assert stands.first.spent_pence == -sum(
        line.amount_pence
        for line in lines
        if line.counts_on and line.counts_on < date(2027, 4, 1) and line.kind not in SOURCES
    )


SOURCES = (LineKind.TRANSFER, LineKind.CORRECTION)


def test_every_door_shows_the_same_two_years(bench: Bench, directory: Directory) -> None:
    """£2,280 approved in November of £5,000: £636.67 are left in 2026-27 and £2,083.33 in 2027-28."""
    community = set_up(bench, directory)
    arrive(bench)
    arrive(bench, id=2, requested_pence="£300", solution="Another one")
    bench.at(MEETING)
    sweep(bench.desk)
    with bench.desk.work() as work:
        decide(work, R1, approve(2_280), chair(directory))
        post, ask = decision_post(work, R1), decision_ask(work, "R-2026-0002")
        paper = unbooked_agenda(work, community, NEXT)
        page = community_page(work, chair(directory), community)
        summary, stands = _known(work, community, YEAR)
        printed = {row[0]: row[1:] for row in _in_both_years(summary, stands, waiting_split(work, community, YEAR))}
    left = ("£2,720", "£637", "£2,083")
    assert post.before is not None
    assert post.after is not None
    assert (post.before.split.first_pence, post.before.split.second_pence) == (291_667, 208_333)
    assert (post.after.split.first_pence, post.after.split.second_pence) == (63_667, 208_333)
    sheet = {line.label: (line.year, line.first, line.second) for line in paper.balance}
    assert sheet["Balance"] == printed["Balance"] == left
    assert sheet["Payments agreed by the community"] == ("-£2,280", "-£2,280", "£0")
    assert printed["Committed, not paid yet"] == ("-£2,280", "-£2,280", "£0")
    assert printed["Requests that wait for a decision"] == ("-£300", "-£300", "£0")
    assert printed["Forecast"] == ("£2,420", "£337", "£2,083")
    card = card_as_text(decision_card(ask))
    assert "Before | £2,720 | £637 | £2,083" in card
    assert "After, if this request alone is approved as asked | £2,420 | £337 | £2,083" in card
    assert page.budget is not None
    assert list(page.budget.split) == [("2026-27", "£637"), ("2027-28", "£2,083")]
    said = asked(bench, f"balance of {community}", chair(directory)).as_text()
    assert "of it in 2026-27 (financial year): £637" in said
    assert "of it in 2027-28 (financial year): £2,083" in said
