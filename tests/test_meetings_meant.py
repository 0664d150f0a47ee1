"""The meeting a sentence means: a month, a feast or 'after that' leads to that meeting, or to a sentence that says that
there is none; never silently to another.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.asking import Answer
from bot.understanding.moments import spans_of
from casework.schedule import schedule_meetings
from communities.directory import Directory
from tests.conftest import Bench, begun
from tests.test_chat import senco
from tests.test_conversation import say
from tests.test_moves import R1
from tests.test_record import arrive, chair, set_up, slot

TODAY = date(2026, 11, 13)
LATER = (date(2027, 1, 19), date(2027, 3, 9))


@begun
def desk(bench: Bench, directory: Directory) -> None:
    """Meetings on 5 November, 10 December, 19 January and 9 March; today is 13 November and one request waits."""
    community = set_up(bench, directory)
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(community, day, term) for term, day in enumerate(LATER, 4)])
    bench.at(TODAY)
    arrive(bench, completed=datetime(2026, 11, 12, 9, tzinfo=UTC))


def answer_to(bench: Bench, directory: Directory, *sentences: str) -> Answer:
    return say(bench, senco(directory), "start over", *sentences)


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize(
    ("sentences", "day"),
    [
        (["when is the meeting in january"], "19 January 2027"),
        (["the january meeting"], "19 January 2027"),
        (["January's meeting please"], "19 January 2027"),
        (["when is the meeting in January 2027"], "19 January 2027"),
        (["when do we meet after christmas"], "19 January 2027"),
        (["when is the next meeting", "after christmas"], "19 January 2027"),
        (["when is the next meeting", "january?"], "19 January 2027"),
        (["when is the first meeting in the new year"], "19 January 2027"),
        (["when is the meeting after january"], "9 March 2027"),
        (["when is the next meeting", "after that"], "19 January 2027"),
        (["when is the next meeting", "and after that?", "and the one after"], "9 March 2027"),
        (["when is the next meeting", "the one after"], "19 January 2027"),
        (["when is the meeting after that"], "19 January 2027"),
        (["when is the meeting in january", "and after that"], "9 March 2027"),
        (["deadline for the march meeting"], "9 March 2027"),
        (["deadline for the january meeting"], "19 January 2027"),
        (["whats the deadline", "and after that"], "19 January 2027"),
        (["send me the agenda of the january meeting"], "19 January 2027"),
        (["when is the december meeting"], "10 December 2026"),
        (["when is the meeting before christmas"], "10 December 2026"),
    ],
)
def test_the_meeting_that_is_named_is_the_one_told_of(
    desk: Bench, directory: Directory, sentences: list[str], day: str
) -> None:
    said = answer_to(desk, directory, *sentences)
    assert day in said.as_text()
    assert "no meeting" not in said.as_text().casefold()


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize(
    ("sentences", "none"),
    [
        (["when is the meeting in february"], "no meeting in February 2027"),
        (["the may meeting"], "no meeting in May 2027"),
        (["deadline for the february meeting"], "no meeting in February 2027"),
        (["when do we meet after easter"], "no meeting from Tuesday 30 March 2027"),
        (["when is the meeting in january", "and after that", "and after that"], "booked after Tuesday 9 March 2027"),
        (["when is the meeting after half term"], "cannot tell which days “half term” is"),
    ],
)
def test_where_there_is_none_that_is_said_with_the_next(
    desk: Bench, directory: Directory, sentences: list[str], none: str
) -> None:
    said = answer_to(desk, directory, *sentences).as_text()
    assert none in said
    assert "This is about Thursday 10 December 2026" in said


@pytest.mark.parametrize("sentence", ["which requests come in december", "which requests are on in december"])
def test_requests_to_come_are_looked_for_ahead(desk: Bench, directory: Directory, sentence: str) -> None:
    said = say(desk, chair(directory), sentence).as_text()
    assert "hears 1 request in December 2026" in said
    assert R1 in said


def test_of_a_month_without_requests_the_next_meeting_is_named(desk: Bench, directory: Directory) -> None:
    said = say(desk, chair(directory), "which requests come in january").as_text()
    assert "no requests to hear in January 2027 yet" in said
    assert "Thursday 10 December 2026" in said


def test_what_was_decided_is_looked_for_in_the_past(desk: Bench, directory: Directory) -> None:
    assert "decided nothing in October 2026" in say(desk, chair(directory), "what did we decide in october").title
    assert "decided nothing in January 2026" in say(desk, chair(directory), "what did we decide in january").title


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("today", [date(2026, 9, 1), TODAY, date(2027, 2, 28), date(2027, 6, 15)])
def test_a_month_without_a_year_is_the_one_under_way_or_the_next_within_half_a_year(today: date, month: int) -> None:
    name = f"{date(2026, month, 1):%B}"
    for sentence in (f"the meeting in {name}", f"the {name} meeting"):
        (span,) = spans_of(sentence, today)
        assert span.first.month == span.last.month == month
        coming = date(today.year + (month < today.month), month, 1)
        assert span.first == coming or span.first.year == coming.year - 1
        if (coming - today).days < 150:
            assert span.first == coming, "a month that soon comes is never looked for in the past"
    (was,) = spans_of(f"what did we decide in {name}", today)
    assert was.first <= today
    assert (today - was.first).days <= 366
