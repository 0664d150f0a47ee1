"""The rules of communities/: each named after what it says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.budget import LedgerLine, LineKind, position_of, split_by_financial_year
from communities.calendars import WEEKDAYS, academic_year, at_london, financial_years, is_working_day
from communities.clocks import (
    forward_due_on,
    next_advance_on,
    papers_due_on,
    submissions_close,
    submissions_close_on,
)
from communities.decisions import Circumstances, DecidedBy, Decision, Response, Voice, decision_problems
from communities.directory import Directory
from communities.lifecycle import Move, State, after
from communities.matching import find_community, find_school
from communities.meetings import agenda_items, propose_slots
from communities.money import NotAnAmount, pounds, read_pence, whole_pounds
from communities.overrides import Override
from communities.redaction import without_names
from communities.requests import Pupil, word_problem
from communities.words import count_words
from papers.term_dates import load_school_years


@pytest.mark.parametrize(
    ("written", "pence"),
    [("£3,250.00", 325000), ("3250", 325000), ("3,250", 325000), (3250, 325000), (7250.5, 725050), ("£ 12", 1200),
     (5800.400000000001, 580040), ("-3", -300)],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(written: object, pence: int) -> None:
    assert read_pence(written) == pence


@pytest.mark.parametrize("written", ["3.255555k", "about 3000", "3,25", "1.234", "", "£", "3 25", "1e3", True, 1.005])
def test_amounts_that_need_a_guess_are_not_read(written: object) -> None:
    with pytest.raises(NotAnAmount):
        read_pence(written)


@given(st.integers(-(10**9), 10**9))
def test_a_written_amount_reads_back_as_itself(pence: int) -> None:
    assert read_pence(pounds(pence).replace("-£", "-")) == pence


@given(st.integers(-(10**9), 10**9))
def test_the_two_financial_years_always_make_the_whole(pence: int) -> None:
    split = split_by_financial_year(pence)
    assert split.first_pence + split.second_pence == pence


def test_the_slide_splits_to_the_pound() -> None:
    split = split_by_financial_year(29_123_600)
    assert (whole_pounds(split.first_pence), whole_pounds(split.second_pence)) == ("£169,888", "£121,348")


@given(st.lists(st.tuples(st.sampled_from(LineKind), st.integers(-(10**7), 10**7)), max_size=40))
def test_the_balance_is_the_sum_of_the_ledger(lines: list[tuple[LineKind, int]]) -> None:
    position = position_of(LedgerLine(kind=k, amount_pence=p) for k, p in lines)
    assert position.balance_pence == sum(p for _, p in lines)


@pytest.mark.parametrize(
    ("text", "words"), [("one-to-one support", 2), ("a – b", 3), ("  two\nwords ", 2), ("no\u00a0break", 2), ("", 0)]
)
def test_words_are_counted_as_word_counts_them(text: str, words: int) -> None:
    assert count_words(text) == words


def test_exactly_250_words_are_allowed_and_251_say_by_how_many() -> None:
    assert word_problem("solution", "word " * 250) is None
    problem = word_problem("solution", "word " * 251)
    assert problem is not None
    assert "has 251 words; the limit is 250. Shorten it by 1 word." in problem.sentence


@pytest.mark.parametrize(
    ("meeting", "closes"),
    [
        (date(2026, 11, 5), date(2026, 10, 22)),
        (date(2027, 1, 12), date(2026, 12, 24)),  # Christmas, the substitute day and New Year
        (date(2027, 4, 6), date(2027, 3, 19)),  # Easter
        (date(2022, 1, 10), date(2021, 12, 22)),  # 3 January was the substitute day
    ],
)
def test_submissions_close_ten_working_days_before(meeting: date, closes: date) -> None:
    assert submissions_close_on(meeting) == closes


def test_submissions_close_at_the_end_of_the_day_in_london_on_both_sides_of_the_clock_change() -> None:
    assert submissions_close(date(2026, 11, 5)).at == datetime(2026, 10, 22, 23, 0, tzinfo=UTC)
    assert submissions_close(date(2026, 11, 20)).at == datetime(2026, 11, 7, 0, 0, tzinfo=UTC)


def test_papers_go_out_five_working_days_before() -> None:
    assert papers_due_on(date(2026, 11, 5)) == date(2026, 10, 29)


def test_decisions_are_forwarded_within_three_working_days() -> None:
    assert forward_due_on(date(2026, 12, 23)) == date(2026, 12, 30)


def test_payment_comes_with_the_advance_of_the_next_month() -> None:
    assert next_advance_on(date(2026, 12, 10)) == date(2027, 1, 4)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(1, 15))
def test_counting_working_days_back_lands_on_one(day: date, count: int) -> None:
    found = WEEKDAYS.before(day, count)
    assert is_working_day(found)
    assert found < day


def test_academic_years_turn_in_september_and_lie_in_two_financial_years() -> None:
    assert academic_year(date(2026, 8, 31)) == "2025-26"
    assert academic_year(date(2026, 9, 1)) == "2026-27"
    assert financial_years("2025-26") == ("2025-26", "2026-27")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("The Abbey School", "Abbey School, The"),
        ("Aldington Primary Sch", "Aldington Primary School"),
        ("ADISHAM C.E.P. SCHOOL", "Adisham CEP School"),
        ("All Souls’ CEP School", "All Souls' CEP School"),
        ("Anthony Roper Primry School", "Anthony Roper Primary School, The"),
    ],
)
def test_a_school_written_slightly_differently_is_found(written: str, meant: str, directory: Directory) -> None:
    match = find_school(written, directory)
    assert match.school is not None
    assert match.school.name == meant


@pytest.mark.parametrize("written", ["Ashford School", "St Mark's CEP School", "Hogwarts", ""])
def test_a_school_that_could_be_several_or_none_is_never_guessed(written: str, directory: Directory) -> None:
    assert find_school(written, directory).school is None


def test_communities_are_matched_by_name_but_never_by_likeness(directory: Directory) -> None:
    found = find_community(" canterbury  s3 ", directory)
    assert found is not None
    assert found.name == "Canterbury S3"
    assert find_community("Canterbury S4", directory) is None


def test_the_community_area_decides_the_hnfo(directory: Directory) -> None:
    hnfo = directory.hnfo_for("Mid Kent 3")
    assert hnfo is not None
    assert hnfo.mail == "hnfo.east@kent.example"


def a_decision(**changed: object) -> Decision:
    given_values: dict[str, object] = {
        "responses": (Response.FINANCIAL,), "details": "", "amount_pence": 1000, "review_on": None,
        "made_by": DecidedBy.CONSENSUS,
    }  # fmt: skip
    return Decision(**{**given_values, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "interest", "said"),
    [
        ({}, False, ""),
        ({"amount_pence": 5001}, False, "more than the balance"),
        ({"amount_pence": 5000}, False, ""),
        ({"responses": ()}, False, "Choose at least one response"),
        ({"responses": (Response.ADVICE,)}, False, "needs the response 'Financial contribution'"),
        ({"amount_pence": 0}, False, "needs an amount"),
        ({"amount_pence": -1}, False, "cannot be below"),
        ({"review_on": date(2026, 11, 1)}, False, "must lie after today"),
        ({"made_by": DecidedBy.CHAIR}, True, "your own school"),
        ({"made_by": DecidedBy.CONSENSUS}, True, ""),
    ],
)
def test_what_stands_against_a_decision(changed: dict[str, object], interest: bool, said: str) -> None:
    circumstances = Circumstances(balance_pence=5000, decided_on=date(2026, 11, 1), chair_has_interest=interest)
    problems = list(decision_problems(a_decision(**changed), circumstances))
    assert (said in " ".join(problems)) if said else not problems


@pytest.mark.parametrize(
    ("override", "may", "said"),
    [
        (None, False, "name who at KCC allows more"),
        (Override(allowed_by="Morgan Vale", reason="A placement would break down"), True, ""),
        (Override(allowed_by="Sam Field", reason="Because"), False, "'Sam Field' is no KCC moderator"),
        (Override(allowed_by="Morgan Vale", reason=" "), True, "needs a reason"),
    ],
)
def test_spending_below_zero_needs_a_named_override_with_a_reason(
    override: Override | None, may: bool, said: str
) -> None:
    circumstances = Circumstances(balance_pence=500, decided_on=date(2026, 11, 1), may_override=may)
    problems = " ".join(decision_problems(a_decision(override=override), circumstances))
    assert (said in problems) if said else not problems


def test_there_is_no_consensus_while_a_school_objects() -> None:
    voices = {"A": Voice.AGREES, "B": Voice.OBJECTS, "C": Voice.ABSTAINS}
    circumstances = Circumstances(balance_pence=5000, decided_on=date(2026, 11, 1), voices=voices)
    assert "There is no consensus: B objects." in " ".join(decision_problems(a_decision(), circumstances))
    by_chair = a_decision(made_by=DecidedBy.CHAIR)
    assert not list(decision_problems(by_chair, circumstances))


ALLOWED = {
    (State.DRAFT, Move.SAVE): State.DRAFT,
    (State.DRAFT, Move.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Move.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Move.RECEIVE): State.RECEIVED,
    (State.SUBMITTED, Move.RETURN): State.RETURNED,
    (State.RECEIVED, Move.RETURN): State.RETURNED,
    (State.ON_AGENDA, Move.RETURN): State.RETURNED,
    (State.RECEIVED, Move.PUT_ON_AGENDA): State.ON_AGENDA,
    (State.DEFERRED, Move.PUT_ON_AGENDA): State.ON_AGENDA,
    (State.RECEIVED, Move.LET_IN): State.ON_AGENDA,
    (State.ON_AGENDA, Move.DEFER): State.DEFERRED,
    (State.ON_AGENDA, Move.DECIDE): State.DECIDED,
    (State.DECIDED, Move.REOPEN): State.RECEIVED,
    (State.FORWARDED, Move.REOPEN): State.RECEIVED,
    (State.MODERATED, Move.REOPEN): State.RECEIVED,
    (State.DECIDED, Move.FORWARD): State.FORWARDED,
    (State.DECIDED, Move.MODERATE): State.MODERATED,
    (State.FORWARDED, Move.MODERATE): State.MODERATED,
    (State.MODERATED, Move.PAY): State.PAID,
    (State.DECIDED, Move.CLOSE): State.CLOSED,
    (State.MODERATED, Move.CLOSE): State.CLOSED,
    (State.PAID, Move.CLOSE): State.CLOSED,
    **{(s, Move.WITHDRAW): State.WITHDRAWN
       for s in (State.SUBMITTED, State.RETURNED, State.RECEIVED, State.ON_AGENDA, State.DEFERRED)},
    **{(s, Move.AMEND): s for s in State if s not in (State.DRAFT, State.CLOSED, State.WITHDRAWN)},
}  # fmt: skip


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_state_and_move_has_one_answer(state: State, move: Move) -> None:
    assert after(state, move) == ALLOWED.get((state, move))


def test_a_county_meets_six_times_a_year_and_nobody_in_two_places(directory: Directory) -> None:
    year = load_school_years()["2026-27"]
    slots = list(propose_slots([c.name for c in directory.communities], year))
    assert len(slots) == 53 * 6
    for slot in slots:
        day = slot.starts_at.date()
        assert is_working_day(day)
        assert any(t.first_day <= day <= t.last_day for t in year.terms)
    for clerk in range(9):
        own = [s.starts_at for s in slots if [c.name for c in directory.communities].index(s.community) // 6 == clerk]
        assert len(set(own)) == len(own)


def test_the_agenda_begins_when_the_meeting_does() -> None:
    items = agenda_items(at_london(date(2026, 11, 5), time(13, 30)))
    assert [i.time for i in items] == ["13:30", "13:40", "13:55", "14:05", "14:15", "15:15"]


def test_pupils_names_are_masked_in_circulated_texts() -> None:
    pupils = [Pupil(name="Zebedee Quill"), Pupil(name="Jo Okoro")]
    text = "Zebedee and Jo Okoro sit apart; zebedee quill and Quill agree, so does jo."
    assert without_names(text, pupils) == "[pupil] and [pupil] sit apart; [pupil] and [pupil] agree, so does jo."


def test_names_within_a_sentence_are_masked_too() -> None:
    pupils = [
        Pupil(name="Solomon Abendana, born 8th January 2016"),
        Pupil(name="The whole class with Bo Ray in Year 2"),
    ]
    text = "In January Solomon, Bo Ray and Abendana's class were in The Hub with Year 2."
    assert (
        without_names(text, pupils)
        == "In January [pupil], [pupil] [pupil] and [pupil]'s class were in The Hub with Year 2."
    )
