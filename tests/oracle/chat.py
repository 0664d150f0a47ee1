"""What the bot must answer in chat, whoever asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tests.oracle import days
from tests.oracle.answers import Expected, Line
from tests.oracle.county import LINK_ROLES, Held
from tests.oracle.money import printed, shares, whole_pounds
from tests.oracle.reports import BOARD, KIT, due_days, reports_open
from tests.oracle.year import BEFORE_DECISION, Request, Year

ROLES = ("Chair", "Clerk", "SENCO", "School leader", *LINK_ROLES, "HNFO", "Area Board", "KiT meeting",
         "KCC moderator", "Administrator")  # fmt: skip

SHOWN_AS = {"Accepted": "Received"}
"""A request that only arrived was received; nobody has accepted anything yet."""


OWN = ("Chair", "Clerk", "SENCO", "School leader", "SEN IA")
"""A community's own people, beside the county."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Somebody's question and what must come back."""

    mail: str
    role: str
    sentence: str
    expected: Expected
    has_same_card: bool = True
    """Whether its card says the same in other dress."""


class Chat:
    """The questions of a moment."""

    def __init__(self, year: Year, moment: datetime) -> None:
        self._year, self._county, self._now = year, year.county, moment
        self._today = days.day_of(moment)

    def person(self, role: str, community: str, number: int) -> Held | None:
        """Somebody of that role who has to do with the community."""
        if role in ("SENCO", "School leader"):
            schools = self._county.schools[community]
            for n in range(len(schools)):
                if found := self._county.first(role, schools[(number + n) % len(schools)], self._today):
                    return found
            return None
        of = {"HNFO": 1, "Area Board": 1, "KiT meeting": 1, "KCC moderator": 2, "Administrator": 2}.get(role, 0)
        return self._county.first(role, (community, self._county.area[community], "")[of], self._today)

    def _expected(self, who: Held, sentence: str, rule: str, **what: object) -> Ask:
        asked = f"{who.role} {who.mail}: '{sentence}'"
        expected = Expected(door="chat", asked=asked, rule=rule, at=self._now, **what)  # type: ignore[arg-type]
        return Ask(mail=who.mail, role=who.role, sentence=sentence, expected=expected)

    def _named(self, who: Held, community: str, sentence: str, preposition: str) -> str:
        """People who have one community alone need not name it."""
        is_theirs = who.of == community or self._county.community_of.get(who.of) == community
        roles = ("Chair", "SENCO", "School leader")
        if is_theirs and who.role in roles and self._county.alone_with(who.mail, self._today):
            return sentence
        return f"{sentence} {preposition} {community}"

    def next_meeting(self, who: Held, community: str) -> Ask:
        """When we meet."""
        meeting = self._year.next_meeting(community, self._now)
        sentence = self._named(who, community, "when is the next meeting", "of")
        if meeting is None:
            return self._expected(who, sentence, "no meeting is booked", days=(), says=(community,))
        return self._expected(
            who, sentence, "next meeting; 10 working days to submit, 5 for the papers",
            days=(meeting.day, meeting.last_to_submit, meeting.papers_on), times=(_clock(meeting.starts_at),),
            says=(community,),
            lines=(
                Line(about="^when|meets on", days=[meeting.day]),
                Line(about="submission|close", days=[meeting.last_to_submit]),
                Line(about="papers", days=[meeting.papers_on]),
            ),
        )  # fmt: skip

    def deadline(self, who: Held, community: str) -> Ask:
        """Until when a request counts, and for which meeting."""
        sentence = self._named(who, community, "what is the deadline for requests", "for")
        first, coming = self._year.open_meeting(community, self._now), self._year.next_meeting(community, self._now)
        closed = [coming.day, coming.last_to_submit] if coming and coming != first else []
        rule = "the last day on which a request still counts: 10 working days before the meeting"
        if first is None:
            return self._expected(who, sentence, "no meeting is open", days=(), may_days=closed, says=(community,))
        return self._expected(
            who, sentence, rule, days=(first.day, first.last_to_submit), may_days=closed, says=(community,),
            lines=(Line(about=f"^{re.escape(community)}:", days=[first.last_to_submit]),),
        )  # fmt: skip

    def papers(self, who: Held, community: str) -> Ask:
        """The agenda, or when it comes."""
        sentence = self._named(who, community, "send me the agenda for the next meeting", "of")
        if not self._may_read(who.mail, community, *OWN):
            return self._expected(
                who,
                sentence,
                "an agenda is for the community's own people and the county",
                days=(),
                pence=(),
                never=("open the agenda",),
            )
        meeting = self._year.next_meeting(community, self._now)
        if meeting is None:
            return self._expected(who, sentence, "no meeting is booked", days=())
        is_out = self._now >= meeting.papers_at
        wanted = [meeting.day] if is_out else [meeting.day, meeting.papers_on]
        never = ("not out yet",) if is_out else ("open the agenda",)
        return self._expected(who, sentence, "papers 5 working days before", days=wanted, never=never)

    def minutes(self, who: Held, community: str) -> Ask:
        """The last meeting's."""
        sentence = self._named(who, community, "show me the minutes of the last meeting", "of")
        if not self._may_read(who.mail, community, *OWN):
            return self._expected(
                who,
                sentence,
                "minutes are for the community's own people and the county",
                days=(),
                pence=(),
                never=("open the minutes",),
            )
        meeting = self._year.last_meeting(community, self._now)
        if meeting is None:
            return self._expected(who, sentence, "it has not met yet", days=())
        is_filed = self._now >= days.at(meeting.day, 18)
        due, rule = ([] if is_filed else [days.minutes_by(meeting.day)]), "the meeting before; minutes by a day"
        if self._county.is_of_community(who.mail, community, self._today, "Chair", "Clerk"):  # who may write them
            return self._expected(who, sentence, rule, days=[meeting.day], may_days=due)
        never = ("not filed yet",) if is_filed else ()
        return self._expected(who, sentence, rule, days=[meeting.day, *due], never=never)

    def decisions(self, who: Held, community: str) -> Ask:
        """What the last meeting decided."""
        sentence = self._named(who, community, "what was decided at the last meeting", "of")
        if not self._may_read(who.mail, community, *OWN):
            return self._expected(
                who, sentence, "decisions are for the community's own people and the county", days=(), pence=()
            )
        meeting = self._year.last_meeting(community, self._now)
        if meeting is None:
            return self._expected(who, sentence, "it has not met yet", days=(), pence=())
        found = [
            (r, d)
            for r in self._year.requests_of(community, self._now)
            if (d := r.decision_at(self._now)) and d.day >= meeting.day
        ]
        return self._expected(
            who, sentence, "decisions of the last meeting that stand", days={meeting.day, self._today},
            requests={r.id for r, _ in found}, pence={d.agreed.pence for _, d in found if d.agreed.pence},
            says=tuple(r.response.school for r, _ in found),
            lines=tuple(
                Line(about=re.escape(r.id), pence={d.agreed.pence} - {0}, says=d.agreed.responses) for r, d in found
            ),
        )  # fmt: skip

    def hnfo(self, who: Held, community: str) -> Ask:
        """Where approved forms go: by community area."""
        officer = self._county.hnfo(community, self._today)
        sentence = f"who do approved forms go to for {community}"
        return self._expected(
            who, sentence, "the HNFO of the community area", says=(officer.name, officer.mail, officer.of)
        )

    def practitioners(self, who: Held, school: str) -> Ask:
        """A school's link practitioners on that day."""
        found = self._county.practitioners(school, self._today)
        sentence = f"who are the link practitioners of {school}"
        return self._expected(
            who, sentence, "six link practitioners; who stands in is named in their place",
            says=tuple(f"{p.name}, {p.mail}" for p in found),
        )  # fmt: skip

    def balance(self, who: Held, community: str) -> Ask:
        """What is left. For the community's own people and the county."""
        sentence = self._named(who, community, "how much is left in the community budget", "of")
        if not self._may_read(who.mail, community, *OWN):
            return self._expected(who, sentence, "a balance is for the community's own people and the county", pence=())
        first, second = shares(self._year, community, self._now)
        return self._expected(
            who, sentence, "balance: opening, less what is agreed or paid, plus what came back",
            pence=printed(self._year, community, self._now),
            lines=(
                Line(about="^of it in 2026-27", pence=[whole_pounds(first)]),
                Line(about="^of it in 2027-28", pence=[whole_pounds(second)]),
            ),
        )  # fmt: skip

    def school_budget(self, who: Held, community: str, school: str) -> Ask:
        """A school's own line of KCC's summary."""
        sentence = f"school figures of {school}"
        known = self._county.summaries[community].schools.get(school)
        agreed, pupils = self._year.ledger.of_school(school, self._now)
        waiting = sum(r.response.pence for r in self._waiting(community) if r.response.school == school)
        if known is None:  # KCC's summary of ABC, the slide's, lists eight of its schools
            found = {0, agreed, waiting} if agreed or waiting else ()
            return self._expected(who, sentence, "a school that KCC's summary does not list", pence=found)
        return self._expected(
            who, sentence, "a school's line of KCC's summary, kept up by what was agreed",
            pence={known.notional * 100, known.top_up * 100, known.automatic * 100, known.protected * 100, agreed}
            | ({waiting} if waiting else set()),
            lines=(
                Line(about="automatic payments", pence=[known.automatic * 100], says=(str(known.automatic_count),)),
                Line(about="protected payments", pence=[known.protected * 100], says=(str(known.protected_count),)),
                Line(about="agreed by the community", pence=[agreed], says=(f"{pupils} pupil",)),
            ),
        )  # fmt: skip

    def notional(self, who: Held, community: str, school: str) -> Ask:
        """A school's notional SEN budget and its top-up, 5/12 of it for April to August."""
        sentence = f"what is the notional SEN budget of {school}"
        known = self._county.summaries[community].schools.get(school)
        if known is None:
            return self._expected(who, sentence, "a school that KCC's summary does not list", pence=None)
        return self._expected(
            who, sentence, "notional SEN budget; top-up for the year, and 5/12 of it for April to August", pence=None,
            lines=(
                Line(about="^Notional SEN budget", pence=[known.notional * 100]),
                Line(about="^Notional SEN top-up, April 2026 to March 2027", pence=[known.top_up * 100]),
                Line(about="^Notional SEN top-up, April 2027 to", pence=[whole_pounds(known.top_up * 500 // 12)]),
            ),
        )  # fmt: skip

    def processing(self, who: Held) -> Ask:
        """KCC's commitment."""
        return self._expected(who, "how long does KCC take to process a request", "KCC processes within 30 days",
                              days=(), says=("30 calendar days", "3 working days"))  # fmt: skip

    def reports(self, who: Held) -> Ask | None:
        """When the next ones are due; None once the year's last was."""
        kit, board = (next((d for d in due_days(kind) if d >= self._today), None) for kind in (KIT, BOARD))
        if kit is None or board is None:
            return None
        return self._expected(
            who, "when is the next KiT report due", "reports are due in term: November, February, April, July",
            days=(kit, board), lines=(Line(about="^KiT report:", days=[kit]), Line(about="^Area Board report:",
                                                                                   days=[board])),
        )  # fmt: skip

    def late(self, who: Held, community: str) -> Ask:
        """Who may let a late request in, and the coming meeting."""
        chair, meeting = self._county.first("Chair", community, self._today), self._year.next_meeting(
            community, self._now
        )  # fmt: skip
        assert chair is not None
        return self._expected(
            who, f"can a late request be heard by {community}", "only the chair lets a late request in",
            days=[meeting.day] if meeting else [], says=("10 working days", chair.name),
        )  # fmt: skip

    def top_slice(self, who: Held, community: str) -> Ask:
        """KCC's summary, line by line."""
        sentence = f"what is the STLS top slice of {community} in pounds"
        if not self._may_read(who.mail, community, *OWN):
            return self._expected(who, sentence, "a budget is for the community's own people and the county", pence=())
        known = self._county.summaries[community]
        return self._expected(
            who, sentence, "KCC's summary: top-slices, protected payments, total funding",
            lines=(
                Line(about="^STLS top-slice", pence=[known.stls * 100]),
                Line(about="^Chair and clerking", pence=[known.clerking * 100]),
                Line(about="^Community budget before STLS", pence=[known.before * 100]),
                Line(about="^Community budget after STLS", pence=[known.after * 100]),
                Line(about="^Estimated protected payments", pence=[-known.protected * 100]),
                Line(about="^Community budget after protected", pence=[known.balance * 100]),
                Line(about="^Total estimated", pence=[known.total_funding * 100]),
                Line(about="^Balance", pence=[self._year.ledger.standing(community, self._now).balance]),
            ),
        )  # fmt: skip

    def _may_read(self, mail: str, community: str, *roles: str) -> bool:
        county, today = self._county, self._today
        return county.is_of_county(mail, today) or county.is_of_community(mail, community, today, *roles)

    def _waiting(self, community: str) -> list[Request]:
        return [r for r in self._year.requests_of(community, self._now) if r.state_at(self._now) in BEFORE_DECISION]

    def request(self, who: Held, request: Request) -> Ask:
        """How a request stands; strangers learn nothing."""
        sentence, state = f"status of {request.id}", request.state_at(self._now)
        of_school = any(of == request.response.school for _, of in self._county.roles(who.mail, self._today))
        if not of_school and not self._may_read(who.mail, request.community, *OWN):
            return self._expected(who, sentence, "a request is its school's, its community's and the county's", days=(),
                                  pence=(), never=(request.response.school,))  # fmt: skip
        meeting, decision = request.meeting_at(self._now), request.decision_at(self._now)
        amounts = {decision.agreed.pence if decision else request.response.pence} - {0}
        more = {decision.final, decision.paid, request.response.pence} if decision else set[int]()
        wanted, missed = {meeting.day} if meeting else set[date](), request.missed
        is_late = state == "Accepted" and missed is not None and missed.starts_at > self._now
        wanted |= {missed.day, missed.last_to_submit} if missed and is_late else set()
        return self._expected(
            who, sentence, "state, meeting and amount of a request; late while that meeting is to come",
            days=wanted, may_days=_clocks_of(request, self._now), pence=amounts, may_pence=more, requests={request.id},
            says=(SHOWN_AS.get(state, state), request.response.school, request.community),
            never=() if is_late else ("may still let it in",),
        )  # fmt: skip

    def my_requests(self, who: Held, community: str) -> Ask:
        """A school's requests of the year."""
        found = [r for r in self._year.requests_of(community, self._now) if r.response.school == who.of]
        sentence = f"show the requests of {who.of}"
        states = tuple(SHOWN_AS.get(s, s) for s in (r.state_at(self._now) for r in found))
        return self._expected(
            who, sentence, "a school's requests with their states", requests={r.id for r in found},
            days={days.day_of(r.response.sent) for r in found}, says=states,
        )  # fmt: skip

    def pending(self, who: Held) -> Ask:
        """What waits for the chair's decision."""
        chaired = {p.of for p in self._county.people if p.mail == who.mail and p.role == "Chair"
                   and p.first <= self._today <= p.last}  # fmt: skip
        found = [r for r in self._year.requests if r.community in chaired and r.state_at(self._now) == "On the agenda"]
        said = f"{len(found)} request" if found else "nothing"
        return self._expected(who, "what is waiting for my decision", "requests on the agenda wait for the chair",
                              says=(said,))  # fmt: skip

    def due(self, who: Held) -> Ask:
        """What a clerk has to do within a week."""
        clerked = [p.of for p in self._county.people if p.mail == who.mail and p.role == "Clerk"
                   and p.first <= self._today <= p.last]  # fmt: skip
        lines = [line for community in clerked for line in self._due_of(community)]
        meant = {day for line in lines for day in line.days or ()}
        near = {m.day for c in clerked for m in self._year.meetings.get(c, ()) if abs((m.day - self._today).days) < 30}
        found = self._expected(who, "what is due from me this week", "what is due within a week, by the clocks",
                               days=meant, may_days=near, lines=tuple(lines))  # fmt: skip
        return replace(found, has_same_card=False)  # the card has twelve lines at most, and buttons between them

    def _due_of(self, community: str) -> Iterator[Line]:
        until, name = self._today + timedelta(days=7), re.escape(community) + r"$"
        for meeting in self._year.meetings.get(community, ()):
            spoken = f"meeting on {meeting.day:%-d %b}"
            if self._now < meeting.closes_at and meeting.last_to_submit <= until:
                waiting = sum(r.meeting_at(self._now) == meeting for r in self._heard(community))
                yield Line(about=f"submissions close.*{spoken}.*{name}", days=[meeting.last_to_submit, meeting.day],
                           says=(f"{waiting} so far",))  # fmt: skip
            if self._now < meeting.papers_at and meeting.papers_on <= until:
                yield Line(about=f"agenda and papers.*{spoken}.*{name}", days=[meeting.papers_on, meeting.day])
            if meeting.starts_at <= self._now < days.at(meeting.day, 18):
                yield Line(about=f"register.*{spoken}.*{name}", days=[days.after(meeting.day, 1), meeting.day])
            if meeting.ends_at <= self._now < days.at(meeting.day, 18):
                yield Line(about=f"minutes.*{spoken}.*{name}", days=[days.minutes_by(meeting.day), meeting.day])
        for request in self._year.requests_of(community, self._now):
            if request.is_held and request.state_at(self._now) == "Submitted":
                day = days.after(days.day_of(request.response.sent), 1)
                if day <= until:
                    yield Line(about=f"{request.id}.*{name}", days=[day])
            decision = request.decision_at(self._now)
            if decision and (day := _money_due(request, self._now)) and day <= until:
                yield Line(about=f"{request.id}.*{name}", days=[day])
        for report, due_on in reports_open(self._today):
            if due_on <= until:
                yield Line(about=f"{report} {due_on:%B}.*{name}", days=[due_on])

    def _heard(self, community: str) -> list[Request]:
        found = self._year.requests_of(community, self._now)
        return [r for r in found if r.state_at(self._now) in ("Accepted", "Deferred", "On the agenda")]


def _money_due(request: Request, now: datetime) -> date | None:
    """The next day by which KCC does something about approved money."""
    decision, state = request.decision_at(now), request.state_at(now)
    assert decision is not None
    if state == "Forwarded":
        return days.process_by(decision.day)
    if state == "Moderated" and decision.processed_on:
        return days.next_advance(decision.processed_on)
    return None


def _clocks_of(request: Request, now: datetime) -> set[date]:
    """Days that may be named beside how a request stands."""
    decision = request.decision_at(now)
    found = {days.day_of(request.response.sent)}
    if decision:
        found |= {decision.day, decision.review_on, days.forward_by(decision.day), days.process_by(decision.day)}
        found |= {days.next_advance(decision.processed_on)} if decision.processed_on else set()
        found |= {decision.paid_on} if decision.paid_on else set()
    return found


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(days.LONDON):%H:%M}"
