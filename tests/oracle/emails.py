"""What each email must say, and to whom it must go."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime

from tests.oracle import days
from tests.oracle.answers import Expected, Line
from tests.oracle.outgoing import Outgoing, clock
from tests.oracle.outside import Sent
from tests.oracle.reports import due_days
from tests.oracle.year import Meeting, Request, Year


class Emails(Outgoing):
    """By the kind of their key."""

    def __init__(self, year: Year) -> None:
        super().__init__(year)
        self._kinds: dict[str, Callable[[Sent, str], Expected]] = {
            "receipt": self._receipt, "refusal": self._refusal, "held": self._held, "to-check": self._to_check,
            "agenda": self._agenda_mail, "pack": self._pack_mail, "minutes": self._minutes_mail,
            "register": self._register_mail, "forward": self._forward, "letter": self._letter_mail, "told": self._told,
            "review": self._review, "report-draft": self._report_draft,
        }  # fmt: skip

    def expected(self, sent: Sent) -> Expected:
        """What it must say."""
        kind, _, subject = sent.key.partition(":")
        make = self._kinds.get(kind)
        if make is None:
            return self._of(sent, "email", "an email that nobody expects", says=("an email of a kind expected",))
        return make(sent, subject)

    def _to(self, mails: Iterable[str]) -> str:
        return f"To: {', '.join(sorted({m.lower() for m in mails}))}"

    def _email(self, sent: Sent, rule: str, to: Iterable[str], **what: object) -> Expected:
        one = self._of(sent, "email", rule, **what)
        wanted = self._to(to)
        return replace(one, lines=(*one.lines, Line(about="^To: ", is_just=wanted)))

    # Emails about a request.

    def _receipt(self, sent: Sent, subject: str) -> Expected:
        request = self._request(subject)
        meeting = request.meeting_at(request.arrived_at)
        missed, wanted = request.missed, {meeting.day} if meeting else set[date]()
        late = ("It is late",) if missed else ()
        wanted |= {missed.day, missed.last_to_submit} if missed else set()
        return self._email(
            sent, "received: its number, its meeting, late or not", [request.response.sender], requests={request.id},
            days=wanted, times=[clock(meeting.starts_at)] if meeting else [],
            says=(request.response.school, *late), never=() if late else ("It is late",),
        )  # fmt: skip

    def _refusal(self, sent: Sent, subject: str) -> Expected:
        number = int(subject.partition("/")[2].partition("#")[0])
        response = next(r for r in self._year.responses if r.number == number)
        to = response.sender if response.is_known else self._mail_of("Clerk", response.community, sent.at)
        limits = [w for w in response.wrong if w.endswith(" words")]
        return self._email(sent, "what keeps a form from being taken: each reason", [to], says=tuple(response.wrong),
                           lines=tuple(Line(about=w, says=("the limit is",)) for w in limits))  # fmt: skip

    def _held(self, sent: Sent, subject: str) -> Expected:
        request = self._request(subject)
        first = next(r for r in self._year.requests if r.response.number == request.response.same_as)
        return self._email(sent, "held: sent twice", [self._mail_of("Clerk", request.community, sent.at)],
                           requests={request.id, first.id}, says=(request.response.school,))  # fmt: skip

    def _to_check(self, sent: Sent, subject: str) -> Expected:
        request = self._request(subject)
        return self._email(sent, "the clerk is told what was corrected",
                           [self._mail_of("Clerk", request.community, sent.at)], requests={request.id},
                           says=(request.response.school, request.community))  # fmt: skip

    def _forward(self, sent: Sent, subject: str) -> Expected:
        request = self._request(subject)
        decision, officer = self._decision(request, sent.at), self._county.hnfo(request.community, days.day_of(sent.at))
        return self._email(
            sent, "forwarded to the HNFO of the community area within 3 working days", [officer.mail],
            requests={request.id}, pence={decision.agreed.pence},
            days={decision.day, days.forward_by(decision.day)}, says=(request.response.school, request.community),
        )  # fmt: skip

    def _school_mails(self, request: Request, at: datetime) -> list[str]:
        if request.response.is_known:
            return [request.response.sender]
        found = [p.mail for p in self._county.holding("SENCO", request.response.school, days.day_of(at))]
        return found or [self._mail_of("Clerk", request.community, at)]

    def _letter_mail(self, sent: Sent, subject: str) -> Expected:
        request = self._request(subject)
        return self._email(sent, "the decision goes to the school", self._school_mails(request, sent.at),
                           requests={request.id}, days={self._decision(request, sent.at).day},
                           says=(request.response.school, request.community))  # fmt: skip

    def _concerned(self, request: Request, at: datetime) -> set[str]:
        clerk = self._mail_of("Clerk", request.community, at)
        return {clerk, request.response.sender} if request.response.is_known else {clerk}

    def _told(self, sent: Sent, subject: str) -> Expected:
        request = self._request(subject)
        state, meeting = request.state_at(sent.at), request.meeting_at(sent.at)
        clerk = self._mail_of("Clerk", request.community, sent.at)
        chair = self._mail_of("Chair", request.community, sent.at)
        acted = {
            "Returned for correction": clerk, "Withdrawn": clerk if request.is_held else request.response.sender,
            "Deferred": chair, "On the agenda": chair, "Accepted": chair,
        }  # fmt: skip
        to = self._concerned(request, sent.at) - {acted.get(state, "")}
        is_heard = state in ("Deferred", "On the agenda", "Accepted") and meeting is not None
        decision = next((d for d in reversed(request.decisions) if d.paid_on), None)
        paid = {decision.paid} if state == "Paid" and decision else set[int]()
        return self._email(
            sent, "what was done with a request: to school and clerk, not to who did it", to, requests={request.id},
            days=[meeting.day] if is_heard and meeting else [],
            times=[clock(meeting.starts_at)] if is_heard and meeting else [], pence=paid,
            says=(request.response.school,),
        )  # fmt: skip

    def _review(self, sent: Sent, subject: str) -> Expected:
        request = self._request(subject)
        decision = self._decision(request, sent.at)
        days_late = (days.day_of(sent.at) - decision.review_on).days
        rule = "on the review day, school and clerk are asked" if 0 <= days_late < 5 else f"{days_late} days off"
        about = [Line(about=f"approved: £{decision.agreed.pence // 100:,}", pence={decision.agreed.pence})]
        return self._email(sent, rule, self._concerned(request, sent.at), requests={request.id},
                           lines=tuple(about if decision.agreed.pence else ()))  # fmt: skip

    # Emails about a meeting.

    def _everybody(self, meeting: Meeting, at: datetime) -> set[str]:
        found = self._county.circulated_to(meeting.community, days.day_of(at))
        return found | {self._mail_of("Clerk", meeting.community, at).lower()}

    def _agenda_mail(self, sent: Sent, subject: str) -> Expected:
        meeting = self._meetings[subject]
        count = len(self._year.on_agenda(meeting, sent.at))
        said = "No requests" if not count else "One request" if count == 1 else f"{count} requests"
        rule = "the agenda goes to chair, clerk, SEN IA and SENCOs 5 working days before"
        if days.day_of(sent.at) != meeting.papers_on:
            rule = f"sent on {days.day_of(sent.at)}, due {meeting.papers_on}"
            said = "an agenda sent on its day"
        return self._email(sent, rule, self._everybody(meeting, sent.at), days=[meeting.day],
                           times=[clock(meeting.starts_at)], says=(said, meeting.community))  # fmt: skip

    def _pack_mail(self, sent: Sent, subject: str) -> Expected:
        meeting = self._meetings[subject]
        to = {self._mail_of(role, meeting.community, sent.at) for role in ("Chair", "Clerk")}
        count = len(self._year.on_agenda(meeting, sent.at))
        return self._email(sent, "restricted papers go to chair and clerk alone", to, days=[meeting.day],
                           says=("one request" if count == 1 else f"{count} requests",))  # fmt: skip

    def _minutes_mail(self, sent: Sent, subject: str) -> Expected:
        meeting = self._meetings[subject.rpartition("#")[0]]
        return self._email(sent, "minutes go to whoever gets the papers", self._everybody(meeting, sent.at),
                           days=[meeting.day], says=(meeting.community,))  # fmt: skip

    def _register_mail(self, sent: Sent, subject: str) -> Expected:
        meeting = self._meetings[subject.partition("#")[0]]
        to = [self._mail_of("Clerk", meeting.community, sent.at)]
        return self._email(sent, "the register is checked by the clerk", to, days=[meeting.day])

    def _report_draft(self, sent: Sent, subject: str) -> Expected:
        match = re.match(r"(.+) (\d{4}-\d\d-\d\d) (.+)", subject)
        assert match is not None
        kind, due_on, community = match[1], date.fromisoformat(match[2]), match[3]
        near = [d for d in due_days(kind) if abs((d - due_on).days) < 31]
        to = {self._mail_of(role, community, sent.at) for role in ("Chair", "Clerk")}
        return self._email(sent, "reports are due in term: November, February, April, July; once a quarter", to,
                           days=near, says=(community,))  # fmt: skip
