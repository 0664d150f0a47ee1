"""The school year 2026-27 as the oracle has it: when communities meet, what is sent in, decided, processed and paid.

Everything follows from the sample's workbooks and texts; what people do besides is chosen by numbers, the same every
time. `Year.steps` is what the driver lets people do; `Request.state_at` and the ledger say how things stand then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.oracle import days
from tests.oracle.county import County
from tests.oracle.ledger import Ledger
from tests.oracle.responses import Agreed, Response, read_responses

SET_UP = days.at(date(2026, 8, 24), 8)
LAST_DAY = date(2027, 7, 30)
SPREAD = 20
"""The first so many working days of a term on which communities meet; the first fortnight of the year is left out."""

REASON = "The school was unable to send anybody today."


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A community's meeting of a term."""

    community: str
    term: int
    starts_at: datetime

    @property
    def day(self) -> date:
        """In London."""
        return days.day_of(self.starts_at)

    @property
    def ends_at(self) -> datetime:
        """Two hours later (a choice)."""
        return self.starts_at + timedelta(hours=2)

    @property
    def last_to_submit(self) -> date:
        """The last day that counts."""
        return days.last_to_submit(self.day)

    @property
    def closes_at(self) -> datetime:
        """The end of it."""
        return days.at(self.last_to_submit + timedelta(days=1), 0)

    @property
    def papers_on(self) -> date:
        """The day the agenda goes out."""
        return days.papers_on(self.day)

    @property
    def papers_at(self) -> datetime:
        """At seven in the morning (a choice)."""
        return days.at(self.papers_on, 7)


@dataclass(kw_only=True)
class Decision:
    """What was decided at a meeting, and what KCC made of it."""

    meeting: Meeting
    at: datetime
    agreed: Agreed
    made_by: str
    final: int = 0
    processed_on: date | None = None
    paid: int = 0
    paid_on: date | None = None
    taken_back_at: datetime | None = None

    @property
    def day(self) -> date:
        """In London."""
        return days.day_of(self.at)

    @property
    def review_on(self) -> date:
        """So many weeks later; nobody reviews on a bank holiday."""
        day = self.day + timedelta(weeks=self.agreed.review_weeks)
        return day if days.is_working(day) else days.after(day, 1)


@dataclass(kw_only=True)
class Request:
    """A response that was taken, and its life."""

    id: str
    serial: int
    response: Response
    arrived_at: datetime
    is_held: bool = False
    missed: Meeting | None = None
    """The meeting still to come for which submissions had closed when it was sent: it is late for that one."""
    states: list[tuple[datetime, str]] = field(default_factory=list)
    meetings: list[tuple[datetime, Meeting]] = field(default_factory=list)
    """From when it stands for which."""
    decisions: list[Decision] = field(default_factory=list)

    @property
    def community(self) -> str:
        """Whose it is."""
        return self.response.community

    def state_at(self, moment: datetime) -> str:
        """'' before it came."""
        return next((state for since, state in reversed(self.states) if since <= moment), "")

    def meeting_at(self, moment: datetime) -> Meeting | None:
        """The meeting it stands for."""
        return next((m for since, m in reversed(self.meetings) if since <= moment), None)

    def decision_at(self, moment: datetime) -> Decision | None:
        """The decision that stands."""
        found = next((d for d in reversed(self.decisions) if d.at <= moment), None)
        return None if found is None or (found.taken_back_at and found.taken_back_at <= moment) else found


BEFORE_DECISION = ("Submitted", "Returned for correction", "Accepted", "On the agenda", "Deferred")
DECIDED = ("Decided", "Forwarded", "Moderated", "Paid", "Closed")


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something the driver lets somebody do. `what` is one of its methods."""

    at: datetime
    what: str
    values: tuple = ()


class Year:
    """The year of some communities."""

    def __init__(self, county: County, communities: Sequence[str]) -> None:
        self.county, self.communities = county, list(communities)
        self.meetings: dict[str, list[Meeting]] = {c: _meetings(county.communities.index(c), c) for c in communities}
        self.ledger = Ledger({c: county.summaries[c].balance * 100 for c in communities})
        self.steps: list[Step] = []
        self.responses = [r for r in read_responses(county) if r.community in communities or r.wrong]
        """Those of these communities, and whatever is refused: it leaves an email and nothing else."""
        self.requests: list[Request] = []
        self._mornings: set[date] = set()
        self._live()

    def requests_of(self, community: str, moment: datetime) -> list[Request]:
        """Those that have come by then."""
        return [r for r in self.requests if r.community == community and r.arrived_at <= moment]

    def next_meeting(self, community: str, moment: datetime) -> Meeting | None:
        """The first that begins later."""
        return next((m for m in self.meetings[community] if m.starts_at > moment), None)

    def open_meeting(self, community: str, moment: datetime) -> Meeting | None:
        """The first for which requests still count."""
        return next((m for m in self.meetings[community] if m.closes_at > moment), None)

    def last_meeting(self, community: str, moment: datetime) -> Meeting | None:
        """The latest that has begun."""
        return next((m for m in reversed(self.meetings[community]) if m.starts_at < moment), None)

    def on_agenda(self, meeting: Meeting, moment: datetime) -> list[Request]:
        """What is to be heard there, or was, as it stands then."""
        shown = ("On the agenda", "Deferred", *DECIDED)
        return [
            r
            for r in self.requests_of(meeting.community, moment)
            if r.meeting_at(moment) == meeting and r.state_at(moment) in shown
        ]

    # The rest makes the year.

    def _live(self) -> None:
        for meetings in self.meetings.values():
            for meeting in meetings:
                self._mornings |= {meeting.papers_on, days.after(meeting.last_to_submit, 1)}
                self._do(days.at(meeting.day, 18), "tick")
        self._receive()
        for request in sorted(self.requests, key=lambda r: r.arrived_at):
            self._live_request(request)
        self._move_money()
        self.ledger.close()
        for morning in sorted(self._mornings):
            self._do(days.at(morning, 7, 5), "tick")
        self.steps.sort(key=lambda s: s.at)

    def _do(self, at: datetime, what: str, *values: object) -> None:
        self.steps.append(Step(at=at, what=what, values=values))

    def _receive(self) -> None:
        """Responses are read at eight in the morning and six in the evening of working days."""
        looks = [days.at(d, hour) for d in days.working_days(date(2026, 8, 25), LAST_DAY) for hour in (8, 18)]
        brought: dict[datetime, list[Response]] = defaultdict(list)
        for response in self.responses:
            brought[looks[bisect_right(looks, response.sent - timedelta(microseconds=1))]].append(response)
        serials: dict[int, int] = defaultdict(int)
        for look in sorted(brought):
            self._do(look, "receive", [r.number for r in brought[look]])
            for response in brought[look]:
                if response.wrong:
                    continue
                year = days.day_of(response.sent).year
                serials[year] += 1
                self.requests.append(
                    Request(
                        id=f"R-{year}-{serials[year]:04d}", serial=serials[year], response=response, arrived_at=look,
                        is_held=response.same_as != 0,
                    )
                )  # fmt: skip

    def _live_request(self, request: Request) -> None:
        if request.is_held:
            request.states.append((request.arrived_at, "Submitted"))
            self._move(request, days.at(days.after(days.day_of(request.arrived_at), 1), 17), "discard", "Withdrawn")
            return
        sent = request.response.sent
        coming = [m for m in self.meetings[request.community] if m.starts_at > sent]
        meeting = next((m for m in coming if m.closes_at > sent), None)
        request.missed = coming[0] if meeting is not coming[0] else None
        request.states.append((request.arrived_at, "Accepted"))
        if meeting is None:  # the year's last meeting is closed: it waits for the next year's first
            return
        self._wait_for(request, meeting, request.arrived_at)
        if not self._is_ended_early(request, coming[0], meeting):
            self._hear(request)

    def _wait_for(self, request: Request, meeting: Meeting, since: datetime) -> None:
        request.meetings.append((since, meeting))
        request.states.append((max(since, meeting.closes_at), "On the agenda"))

    def _is_ended_early(self, request: Request, first: Meeting, meeting: Meeting) -> bool:
        """What becomes of some before any meeting."""
        soon = days.at(days.after(days.day_of(request.arrived_at), 1), 10)
        if soon >= days.at(meeting.day, 9):
            return False
        if request.response.number % 17 == 5 and request.response.is_known:
            self._move(request, soon, "withdraw", "Withdrawn")
            return True
        if request.response.number % 13 == 7:
            self._move(request, soon, "send_back", "Returned for correction")
            return True
        is_asked = (
            request.missed is not None and request.response.number % 3 == 0 and request.state_at(soon) == "Accepted"
        )
        if is_asked and soon < days.at(first.day, 9):
            self._move(request, soon, "let_in", "On the agenda")
            request.meetings.append((soon, first))
        return False

    def _move(self, request: Request, at: datetime, what: str, state: str) -> None:
        request.states = [*(s for s in request.states if s[0] <= at), (at, state)]
        self._do(at, what, request.id)

    def _hear(self, request: Request) -> None:
        for number in range(2):
            meeting = request.meetings[-1][1]
            at = days.at(meeting.day, 18, 5)
            following = [m for m in self.meetings[request.community] if m.day > meeting.day and m.papers_at > at]
            if number == 0 and request.response.number % 11 == 4 and following:
                self._move(request, at, "defer", "Deferred")
                self._wait_for(request, following[0], at)
                continue
            if number == 0 and request.response.number % 19 == 3 and following and self._decide(request, meeting, at):
                self._take_back(request, following[0])
                continue
            if not request.decisions or request.decisions[-1].meeting != meeting:
                self._decide(request, meeting, at)
            self._finish(request, request.decisions[-1])
            return

    def _decide(self, request: Request, meeting: Meeting, at: datetime) -> int:
        agreed = request.response.agreed
        assert agreed is not None
        chair = self.county.first("Chair", request.community, meeting.day)
        assert chair is not None
        own = {p.of for p in self.county.people if p.mail == chair.mail and p.role in ("SENCO", "School leader")}
        by_chair = request.serial % 7 == 0 and request.response.school not in own
        decision = Decision(meeting=meeting, at=at, agreed=agreed, made_by="Chair" if by_chair else "Consensus")
        request.decisions.append(decision)
        self._move(request, at, "decide", "Forwarded" if agreed.pence else "Decided")
        self.steps[-1] = Step(at=at, what="decide", values=(request.id, decision, chair.mail))
        if agreed.pence:
            self.ledger.commit(request, at, agreed.pence)
        self._mornings.add(decision.review_on)
        return agreed.pence

    def _take_back(self, request: Request, following: Meeting) -> None:
        decision = request.decisions[-1]
        at = days.at(days.after(decision.day, 2), 10)
        decision.taken_back_at = at
        friday = self._friday(decision.day)
        if friday < at:
            self._moderate(request, decision, friday)
        self._move(request, at, "reopen", "Accepted")
        self.ledger.take_back(request, at)
        self._wait_for(request, following, at)

    def _friday(self, day: date) -> datetime:
        """The next Friday that is a working day, in the evening: KCC processes on Fridays."""
        while day.weekday() != 4 or not days.is_working(day):
            day += timedelta(days=1)
        return days.at(day, 18, 30)

    def _moderate(self, request: Request, decision: Decision, at: datetime) -> None:
        pence = decision.agreed.pence
        decision.final = round(pence * 95 / 100) if request.serial % 4 == 0 else pence
        decision.processed_on = days.day_of(at)
        self._move(request, at, "moderate", "Moderated")
        self.steps[-1] = Step(at=at, what="moderate", values=(request.id, decision.final, decision.processed_on))
        self.ledger.moderate(request, at, decision.final)

    def _finish(self, request: Request, decision: Decision) -> None:
        if not decision.agreed.pence:
            if request.serial % 2 == 0:
                self._move(request, days.at(days.after(decision.day, 5), 11), "close", "Closed")
            return
        self._moderate(request, decision, self._friday(decision.day))
        assert decision.processed_on is not None
        decision.paid_on = days.next_advance(decision.processed_on)
        decision.paid = decision.final - 1000 if request.serial % 6 == 0 else decision.final
        at = days.at(decision.paid_on, 18, 40)
        if decision.paid_on > LAST_DAY:
            decision.paid_on = None
            return
        self._move(request, at, "pay", "Paid")
        self.steps[-1] = Step(at=at, what="pay", values=(request.id, decision.paid, decision.paid_on))
        self.ledger.pay(request, at, decision.paid)
        back_at = days.at(days.after(decision.paid_on, 20), 11)
        if request.serial % 5 == 0 and days.day_of(back_at) <= LAST_DAY:
            self._do(back_at, "give_back", request.id, 5025)
            self.ledger.give_back(request, back_at, 5025)

    def _move_money(self) -> None:
        """Corrections and transfers that belong to no request."""
        for number, community in enumerate(self.communities):
            if number % 6 in (1, 2):
                pence = 12_345 if number % 6 == 1 else -43_210
                at = days.at(date(2026, 11, 18) if number % 6 == 1 else date(2027, 2, 24), 11)
                self._do(at, "correct", community, pence)
                self.ledger.correct(community, at, pence)
        for source, target in ((3, 4), (20, 21)):
            if target < len(self.communities):
                at = days.at(date(2027, 1, 20), 11)
                names = self.communities[source], self.communities[target]
                self._do(at, "transfer", *names, 100_000)
                self.ledger.transfer(*names, at, 100_000)


def _meetings(number: int, community: str) -> list[Meeting]:
    """Another day of the term and another hour for each community."""
    found = []
    for term, (first, last) in enumerate(days.TERMS, 1):
        candidates = days.working_days(date(2026, 9, 14) if term == 1 else first, last)[:SPREAD]
        day = candidates[(number * 7 + term * 3) % len(candidates)]
        hour = (13, 30) if (number + term) % 2 else (15, 45)
        found.append(Meeting(community=community, term=term, starts_at=days.at(day, *hour)))
    return found
