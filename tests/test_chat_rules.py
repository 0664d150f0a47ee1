"""Rules people ask about in chat: answered with the slide's figure, and with the community's own days."""

from __future__ import annotations

from datetime import date

import pytest

from bot.guidance import passages
from bot.guidance_facts import FACTS
from casework.decide import decide
from communities.directory import Directory, Role
from tests.conftest import Bench, begun
from tests.test_chat import asked, senco
from tests.test_moves import R1, clerk
from tests.test_record import approve, chair, home, one_waiting, set_up

waiting = begun(one_waiting)


KCC_TAKES = (
    "how long does KCC take",
    "how long does KCC take to process a request",
    "how many days does KCC have to process our request",
    "how soon does KCC process an approved request",
    "how long will the council take to deal with it",
    "how long do we wait for KCC",
    "when does KCC have to be done with an approved request",
    "what is KCC's deadline for processing",
    "how quickly will KCC process the request",
    "how many days has the county got to process a form",
    "is there a time limit for KCC to process requests",
)
REPORTS_DUE = (
    "when is the next KiT report due",
    "when is the Area Board report due",
    "when are the next reports due",
    "by when does the KiT report have to be in",
    "what is the deadline for the Area Board report",
    "when do we have to send the keeping in touch report",
    "due date of the next KiT report",
    "when is our next report to the Area Board due",
    "what day is the kit report due",
    "how long have we got for the area board report",
)
LATE = (
    "late requests",
    "can a late request be heard",
    "can a late request still be heard at the meeting",
    "what happens to late requests",
    "who can let a late request in",
    "who decides whether a late request is heard",
    "is there any way to get a late request heard",
    "our request is late, can it still be heard",
    "can the chair let a late request in",
    "are late requests allowed",
    "may a request that came late be heard",
)


def both(bench: Bench, directory: Directory, sentence: str) -> list[str]:
    """What a chair and a SENCO are told."""
    return [asked(bench, sentence, mail).as_text() for mail in (chair(directory), senco(directory))]


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("sentence", KCC_TAKES)
def test_how_long_kcc_takes_is_thirty_calendar_days(bench: Bench, directory: Directory, sentence: str) -> None:
    for said in both(bench, directory, sentence):
        assert "30 calendar days" in said, said


def test_a_request_kcc_has_is_named_with_its_day(waiting: Bench, directory: Directory) -> None:
    with waiting.desk.work() as work:
        decide(work, R1, approve(2_000), chair(directory))
        work.journal("forward to HNFO", R1)
    said = asked(waiting, "how long does KCC take", senco(directory)).as_text()
    assert "R-2026-0001: by the end of Saturday 5 December 2026" in said  # sent on 5 November, 30 days on
    other = directory.schools_of(directory.communities[1].name)[0]
    stranger = directory.people_with(Role.SENCO, other.name)[0].mail
    assert R1 not in asked(waiting, "how long does KCC take", stranger).as_text()


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("sentence", REPORTS_DUE)
def test_when_the_next_reports_are_due(bench: Bench, directory: Directory, sentence: str) -> None:
    bench.at(date(2026, 11, 3))
    for said in both(bench, directory, sentence):
        assert "KiT report: by the end of Monday 30 November 2026" in said, said
        assert "Area Board report: by the end of Friday 18 December 2026" in said, said


def test_after_the_years_last_report_the_next_years_is_named(bench: Bench, directory: Directory) -> None:
    bench.at(date(2027, 8, 3))
    said = asked(bench, "when is the next KiT report due", chair(directory)).as_text()
    assert "KiT report: by the end of Tuesday 30 November 2027" in said
    assert "Area Board report: by the end of Thursday 30 September 2027" in said


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("sentence", LATE)
def test_a_late_request_is_heard_where_the_chair_lets_it_in(bench: Bench, directory: Directory, sentence: str) -> None:
    set_up(bench, directory)
    leads = directory.chair_of(home(directory))
    assert leads is not None
    for said in both(bench, directory, sentence):
        assert "10 working days" in said, said
        assert f"{leads.name}, the chair of {home(directory)}" in said, said


def test_the_rule_on_late_requests_is_told_to_who_has_several_communities(bench: Bench, directory: Directory) -> None:
    assert "unless the chair" in asked(bench, "can a late request be heard", clerk(directory)).as_text()


def test_every_fact_belongs_to_a_passage_there_is() -> None:
    assert set(FACTS) <= {p.title for p in passages()}
