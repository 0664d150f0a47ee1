"""A community's requests at the tab: how many are where, what was asked for and approved, and their history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta

import pytest

from bot.tab.request_page import request_page
from bot.tab.views import GROUPS, community_page
from casework.decide import decide
from casework.desk import SYSTEM, Work
from casework.journal import story_of
from casework.moderate import moderate
from casework.pupils import read_pupils
from casework.request_moves import (
    close_request,
    defer_request,
    pay_request,
    reopen_request,
    return_request,
    withdraw_request,
)
from casework.request_record import perform
from communities.calendars import at_london
from communities.decisions import Response
from communities.directory import Directory
from communities.lifecycle import Move, State
from tests.conftest import Bench
from tests.test_chat import senco
from tests.test_moves import KCC, R1, clerk
from tests.test_record import MEETING, approve, arrive, chair, home, on_agenda, set_up
from tests.test_tab import Site, pages_record, site

__all__ = ["pages_record", "site"]
LATER = MEETING + timedelta(days=40)


def heard(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    on_agenda(bench, directory, requested_pence=2_400.50)


def command(bench: Bench, do: Callable[[Work], object]) -> None:
    with bench.desk.work() as work:
        do(work)


def received(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    arrive(bench, requested_pence=2_400.50)


def submitted_twice(bench: Bench, directory: Directory) -> None:
    received(bench, directory)
    arrive(bench, id=2, requested_pence=2_400.50, solution="A quiet corner at lunch, request 1")
    command(bench, lambda work: withdraw_request(work, R1, "The later one counts", clerk(directory)))


def decided(bench: Bench, directory: Directory) -> None:
    heard(bench, directory)
    command(bench, lambda work: decide(work, R1, approve(2_000), chair(directory)))


def forwarded(bench: Bench, directory: Directory) -> None:
    decided(bench, directory)
    command(bench, lambda work: perform(work, R1, Move.FORWARD, SYSTEM))


def moderated(bench: Bench, directory: Directory) -> None:
    forwarded(bench, directory)
    command(bench, lambda work: moderate(work, R1, 180_050, "Morgan Vale", MEETING, KCC))


def paid(bench: Bench, directory: Directory) -> None:
    moderated(bench, directory)
    bench.at(LATER)
    command(bench, lambda work: pay_request(work, R1, 175_000, LATER, KCC))


def closed(bench: Bench, directory: Directory) -> None:
    paid(bench, directory)
    command(bench, lambda work: close_request(work, R1, clerk(directory)))


def returned(bench: Bench, directory: Directory) -> None:
    received(bench, directory)
    command(bench, lambda work: return_request(work, R1, "Say what you tried", clerk(directory)))


def deferred(bench: Bench, directory: Directory) -> None:
    heard(bench, directory)
    command(bench, lambda work: defer_request(work, R1, "The school could not come", chair(directory)))


def withdrawn(bench: Bench, directory: Directory) -> None:
    received(bench, directory)
    command(bench, lambda work: withdraw_request(work, R1, "The pupil moved", clerk(directory)))


ASKED, NOT_YET = "£2,400.50", "–"
R2 = "R-2026-0002"
LIFE: Mapping[State, tuple[Callable[[Bench, Directory], None], str, str, tuple[str, str, str]]] = {
    State.SUBMITTED: (submitted_twice, "Not decided yet", "On hold", (NOT_YET, NOT_YET, NOT_YET)),
    State.RETURNED: (returned, "Not decided yet", "Returned for correction", (NOT_YET, NOT_YET, NOT_YET)),
    State.RECEIVED: (received, "Not decided yet", "Received", (NOT_YET, NOT_YET, NOT_YET)),
    State.ON_AGENDA: (heard, "Not decided yet", "On the agenda", (NOT_YET, NOT_YET, NOT_YET)),
    State.DEFERRED: (deferred, "Not decided yet", "Deferred", (NOT_YET, NOT_YET, NOT_YET)),
    State.DECIDED: (decided, "Decided", "Not forwarded", ("£2,000", NOT_YET, NOT_YET)),
    State.FORWARDED: (forwarded, "Decided", "Forwarded", ("£2,000", NOT_YET, NOT_YET)),
    State.MODERATED: (moderated, "Decided", "Moderated", ("£2,000", "£1,800.50", NOT_YET)),
    State.PAID: (paid, "Decided", "Paid", ("£2,000", "£1,800.50", "£1,750")),
    State.CLOSED: (closed, "Decided", "Closed", ("£2,000", "£1,800.50", "£1,750")),
    State.WITHDRAWN: (withdrawn, "Withdrawn", "Withdrawn", (NOT_YET, NOT_YET, NOT_YET)),
}
"""Each state of a request that was sent: how it comes to it, where it is counted, approved, final and paid."""


def test_every_state_of_a_request_that_was_sent_is_in_the_table_and_counted_once() -> None:
    assert set(LIFE) == set(State) - {State.DRAFT}
    assert sorted(s for _, states in GROUPS for s in states) == sorted(LIFE)


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("state", LIFE, ids=lambda s: s.value)
def test_a_request_is_counted_where_it_is_and_shows_what_became_of_its_money(
    bench: Bench, directory: Directory, state: State
) -> None:
    reach, group, stage, amounts = LIFE[state]
    reach(bench, directory)
    request_id = R2 if state is State.SUBMITTED else R1
    with bench.desk.work() as work:
        page = community_page(work, clerk(directory), home(directory))
        own = request_page(work, clerk(directory), request_id)
    line = next(r for r in page.requests if r.id == request_id)
    assert (line.state, line.asked, (line.approved, line.final, line.paid)) == (state, ASKED, amounts)
    found = next(g for g in page.groups if g.name == group)
    assert found.count >= 1
    assert dict(found.stages)[stage] == 1
    assert sum(g.count for g in page.groups) == len(page.requests) == (2 if state is State.SUBMITTED else 1)
    assert all(g.count == sum(n for _, n in g.stages) for g in page.groups)
    facts = dict(own.facts)
    assert facts["Asked for"] == ASKED
    for name, amount in zip(("Approved", "KCC's final amount", "Paid"), amounts, strict=True):
        said = facts.get(name, NOT_YET)
        assert "£" not in said if amount == NOT_YET else said.startswith(amount)


def test_support_without_money_is_decided_without_money(bench: Bench, directory: Directory) -> None:
    heard(bench, directory)
    advice = approve(0, responses=(Response.ADVICE,))
    command(bench, lambda work: decide(work, R1, advice, chair(directory)))
    with bench.desk.work() as work:
        page = community_page(work, clerk(directory), home(directory))
        assert dict(request_page(work, clerk(directory), R1).facts)["Approved"] == "no money"
    assert page.requests[0].approved == "no money"
    assert [(g.name, g.count) for g in page.groups] == [("Not decided yet", 0), ("Decided", 1), ("Withdrawn", 0)]


def test_what_was_approved_before_it_was_reopened_counts_no_more(bench: Bench, directory: Directory) -> None:
    decided(bench, directory)
    command(bench, lambda work: reopen_request(work, R1, "The amount was wrong", chair(directory)))
    with bench.desk.work() as work:
        page = community_page(work, clerk(directory), home(directory))
        assert dict(request_page(work, clerk(directory), R1).facts)["Approved"] == "Not decided yet"
    assert page.requests[0].approved == NOT_YET
    assert page.groups[1].count == 0


def test_an_old_request_that_is_over_is_listed_no_more_and_an_open_one_is(bench: Bench, directory: Directory) -> None:
    paid(bench, directory)
    bench.clock.set(at_london(date(2027, 9, 10), time(9)))
    with bench.desk.work() as work:
        assert [r.id for r in community_page(work, clerk(directory), home(directory)).requests] == [R1]
        close_request(work, R1, clerk(directory))
        page = community_page(work, clerk(directory), home(directory))
    assert page.requests == []
    assert sum(g.count for g in page.groups) == 0


def test_the_history_says_what_happened_and_folds_who_opened_pupils_names(bench: Bench, directory: Directory) -> None:
    decided(bench, directory)
    with bench.desk.work() as work:
        for number in range(10):
            read_pupils(work, R1, f"for the test, {number}")
        page = request_page(work, clerk(directory), R1)
        whole = story_of(work.conn, R1)
    assert not any("Pupils' data was read" in t.what for t in page.story)
    assert len(page.readings) >= 10
    assert all("Pupils' data was read" in t.what for t in page.readings)
    assert len(page.story) + len(page.readings) == len(whole), "nothing is lost"
    assert any("It was decided by" in t.what for t in page.story)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_pages_say_it_in_words(site: Site, directory: Directory) -> None:
    command(site.bench, lambda work: read_pupils(work, R1, "for the test"))
    for mail in (senco(directory), chair(directory), clerk(directory)):
        _, html, _ = await site.look("/tab", mail.casefold())
        for said in ("<h3>Decided: 1</h3>", "Asked for", "Approved", "£2,000"):
            assert said in html, said
        _, html, _ = await site.look(f"/tab/request/{R1}", mail.casefold())
        assert "<summary>Pupils' names were opened" in html
        assert html.index("<summary>Pupils") > html.rindex("It was decided by")
        assert "Zebedee" not in html
