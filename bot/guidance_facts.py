"""What the record adds to a passage of the guidance: the days and people it comes to for whoever asks.

A passage gives the rule; nothing here repeats one. Who may read a request is asked as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from bot.asking import AskBack, Asker, Question, community_of
from casework.clock_record import running_clocks
from casework.desk import Work
from casework.directory_record import directory_of
from casework.letters import spoken_day
from casework.meeting_record import day_of
from casework.reading import Thing, may_read_request
from casework.request_record import request_row
from casework.schedule import next_meeting
from communities.clocks import PROCESSING
from communities.reports import ReportKind, period_of

Fact = tuple[str, str]
MOST = 6


def with_kcc(work: Work, asker: Asker, question: Question) -> list[Fact]:
    """The requests KCC has, each with the day by which it is processed; in the person's own chat alone."""
    if not question.is_personal:
        return []
    return [
        (request_id, f"by the end of {spoken_day(clock.due_on)}")
        for community in asker.communities
        for request_id, clock in running_clocks(work, community)
        if clock.name == PROCESSING and may_read_request(work, Thing.REQUEST, request_row(work, request_id), asker.mail)
    ][:MOST]


def next_reports(work: Work, asker: Asker, question: Question) -> list[Fact]:
    """When the next report of each kind is due."""
    periods = ((kind, period_of(kind, work.today, work.desk.school_years)) for kind in ReportKind)
    return [(kind.value, f"by the end of {spoken_day(period.due_on)}") for kind, period in periods]


def who_lets_in(work: Work, asker: Asker, question: Question) -> list[Fact]:
    """The community's chair, and the meeting a late request would be let into; nothing where the community is open."""
    try:
        community = community_of(work, asker, question)
    except AskBack:
        return []
    chair, meeting = directory_of(work).chair_of(community), next_meeting(work, community, None)
    facts = [("Who can let it in", f"{chair.name}, the chair of {community}")] if chair else []
    return [*facts, ("Next meeting", spoken_day(day_of(meeting)))] if meeting else facts


FACTS: Mapping[str, Callable[[Work, Asker, Question], Sequence[Fact]]] = MappingProxyType(
    {
        "How long KCC takes to process a request": with_kcc,
        "When reports are due": next_reports,
        "Late requests": who_lets_in,
    }
)
"""A passage's title to what the record adds."""
