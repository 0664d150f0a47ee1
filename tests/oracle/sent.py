"""What emails, cards and documents must say that left the product: by their keys, nothing of a kind is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from tests.oracle import days
from tests.oracle.answers import Expected, Line
from tests.oracle.money import APRIL, expected_advance, printed, seven_twelfths, shares, whole_pounds
from tests.oracle.outside import Sent, document_text
from tests.oracle.reports import due_days, has_kit_item
from tests.oracle.year import Decision, Meeting, Request, Year

NO_NAME = ("born", "date of birth")
"""Circulated papers carry no pupil's name or date of birth (DOMAIN.md, 'The agenda': a choice)."""

ITEMS = (
    ("Welcome, introductions and register of attendance", 10),
    ("Minutes and review of decisions and actions from previous meeting", 15),
    ("Outcomes data (access to dashboard)", 10),
    ("Report to and from KiT meetings (evaluation)", 10),
    ("Group solution discussions / case studies", 60),
    ("Finance updates, with review of the balance sheet", 15),
)
"""Slide 'Agenda template'; the minutes are a choice, in all the two hours of a meeting."""

LEFT_OUT = ("evaluate", "report", "DeskPost", "ToDecidePost")
"""Of emails and cards: surveys, and what repeats a clerk's desk or a meeting's decisions for others to press."""


class SentOut:
    """What is expected of whatever was sent."""

    def __init__(self, year: Year) -> None:
        self._year, self._county = year, year.county
        self._by_id = {r.id: r for r in year.requests}
        self._meetings = {f"{m.community} 2026-27 T{m.term}": m for ms in year.meetings.values() for m in ms}
        self._by_file = {f"{m.day.isoformat()} {m.community}": m for m in self._meetings.values()}
        self._emails: dict[str, Callable[[Sent, str], Expected]] = {
            "receipt": self._receipt, "refusal": self._refusal, "held": self._held, "to-check": self._to_check,
            "agenda": self._agenda_mail, "pack": self._pack_mail, "minutes": self._minutes_mail,
            "register": self._register_mail, "forward": self._forward, "letter": self._letter_mail, "told": self._told,
            "review": self._review, "report-draft": self._report_draft,
        }  # fmt: skip

    def expected_of(self, sent: Sent) -> Iterator[tuple[Expected, str]]:
        """What it must say, with what it does; a document that is attached is one of its own."""
        if sent.door == "email":
            kind, _, subject = sent.key.partition(":")
            if kind in LEFT_OUT:
                return
            text = f"To: {', '.join(sorted(sent.to))}\n{sent.text}"
            make = self._emails.get(kind)
            if make is None:
                yield (
                    self._of(sent, "email", "an email that nobody expects", says=("an email of a kind expected",)),
                    text,
                )
                return
            yield make(sent, subject), text
            yield from self._attached(sent, kind, subject)
        elif sent.door == "document":
            if found := self._document(sent):
                yield found, sent.text
        elif not sent.key.startswith(LEFT_OUT) and (found := self._card(sent)):
            yield found, sent.text

    def _of(self, sent: Sent, door: str, rule: str, **what: object) -> Expected:
        return Expected(door=door, asked=sent.key, rule=rule, at=sent.at, **what)  # type: ignore[arg-type]

    def _to(self, mails: Iterable[str]) -> str:
        return f"To: {', '.join(sorted({m.lower() for m in mails}))}"

    def _mail_of(self, role: str, community: str, at: datetime) -> str:
        found = self._county.first(role, community, days.day_of(at))
        return found.mail if found else "desk@kent.example"

    def _email(self, sent: Sent, rule: str, to: Iterable[str], **what: object) -> Expected:
        one = self._of(sent, "email", rule, **what)
        wanted = self._to(to)
        return replace(one, lines=(*one.lines, Line(about="^To: ", is_just=wanted)))

    # Emails about a request.

    def _request(self, subject: str) -> Request:
        return self._by_id[re.split("[#@]", subject)[0]]

    def _receipt(self, sent: Sent, subject: str) -> Expected:
        request = self._request(subject)
        meeting = request.meeting_at(request.arrived_at)
        late = ("closed",) if request.is_late and meeting else ()
        return self._email(
            sent, "received: its number, its meeting, late or not", [request.response.sender], requests={request.id},
            days=[meeting.day] if meeting else [], times=[_clock(meeting.starts_at)] if meeting else [],
            says=(request.response.school, *late), never=() if late else ("had closed", "too late"),
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

    def _decision(self, request: Request, at: datetime) -> Decision:
        return next(d for d in reversed(request.decisions) if d.at <= at)

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
        acted = {"Returned for correction": clerk, "Withdrawn": clerk if request.is_held else request.response.sender}
        to = self._concerned(request, sent.at) - {acted.get(state, "")}
        is_heard = state in ("Deferred", "On the agenda", "Accepted") and meeting is not None
        decision = next((d for d in reversed(request.decisions) if d.paid_on), None)
        paid = {decision.paid} if state == "Paid" and decision else set[int]()
        return self._email(
            sent, "what was done with a request: to school and clerk, not to who did it", to, requests={request.id},
            days=[meeting.day] if is_heard and meeting else [],
            times=[_clock(meeting.starts_at)] if is_heard and meeting else [], pence=paid,
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
                           times=[_clock(meeting.starts_at)], says=(said, meeting.community))  # fmt: skip

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

    # Documents.

    def _attached(self, sent: Sent, kind: str, subject: str) -> Iterator[tuple[Expected, str]]:
        for name, content in sent.files:
            if kind == "forward":
                yield self._form(sent, self._request(subject)), document_text(content)
            elif kind == "letter":
                yield self._letter(sent, self._request(subject)), document_text(content)
            elif kind == "pack":
                yield self._pack(sent, self._meetings[subject], name), document_text(content)

    def _form(self, sent: Sent, request: Request) -> Expected:
        decision, officer = self._decision(request, sent.at), self._county.hnfo(request.community, days.day_of(sent.at))
        return self._of(
            sent, "document", "the completed form: what was asked, what was decided",
            says=(request.response.school, request.community, officer.mail),
            lines=(
                Line(about="^Date of request", days=[days.day_of(request.response.sent)]),
                Line(about="^Total funding request", pence={request.response.pence}),
                Line(about="^Final amount approved", pence={decision.agreed.pence}),
                Line(about="^Date approved", days=[decision.day]),
                Line(about="^Review date", days=[decision.review_on]),
                Line(about="^Decision made by", says=(decision.made_by,)),
                *_counts(request),
            ),
        )  # fmt: skip

    def _letter(self, sent: Sent, request: Request) -> Expected:
        decision = self._decision(request, sent.at)
        pence, forward = decision.agreed.pence, days.forward_by(decision.day)
        lines = [Line(about="^Review date", days=[decision.review_on])]
        if pence:
            asked = {request.response.pence, pence} if request.response.pence != pence else set[int]()
            lines += [
                Line(about="^Amount approved", pence=[pence]),
                Line(about="asked for|were approved", pence=asked) if asked else lines[0],
                Line(about="goes to the Area High Needs Funding Officer", days=[forward]),
                Line(about="KCC processes", days=[days.process_by(forward)], says=("30 days",)),
            ]
        how = "by the chair" if decision.made_by == "Chair" else "by consensus"
        return self._of(sent, "document", "the decision letter: amount, days and what happens next",
                        says=(request.response.school, request.id, how), lines=tuple(lines))  # fmt: skip

    def _pack(self, sent: Sent, meeting: Meeting, name: str) -> Expected:
        heard = self._year.on_agenda(meeting, sent.at)
        return self._of(sent, "document", "the restricted papers of a meeting", requests={r.id for r in heard},
                        says=tuple(r.response.school for r in heard))  # fmt: skip

    def _document(self, sent: Sent) -> Expected | None:
        folder, name = sent.key.split("/")[1:]
        meeting = self._by_file.get(name.partition(" ")[2].removesuffix(".docx"))
        if folder == "Agendas" and meeting:
            return self._agenda(sent, meeting)
        if folder == "Minutes" and meeting:
            return self._minutes(sent, meeting)
        if folder == "Papers" and meeting:
            heard = self._year.on_agenda(meeting, sent.at)
            return self._of(sent, "document", "the papers for circulation", requests={r.id for r in heard},
                            says=tuple(r.response.school for r in heard), never=NO_NAME)  # fmt: skip
        return None

    def _minutes(self, sent: Sent, meeting: Meeting) -> Expected:
        ends = meeting.ends_at
        return self._of(sent, "document", "the minutes' head", lines=(
            Line(about="^Date", days=[meeting.day], times=[_clock(meeting.starts_at), _clock(ends)]),
        ), says=(meeting.community,))  # fmt: skip

    def _agenda(self, sent: Sent, meeting: Meeting) -> Expected:
        meetings = self._year.meetings[meeting.community]
        before = next((m for m in reversed(meetings) if m.day < meeting.day), None)
        heard = self._year.on_agenda(meeting, sent.at)
        decided = self._decided_at(before, sent.at) if before else []
        has_kit, lines, at = has_kit_item(meeting, meetings), [], meeting.starts_at
        for number, (title, minutes) in enumerate(ITEMS, 1):
            is_due = number != 4 or has_kit
            lines.append(Line(about=rf"^{number} \| {re.escape(title)}", times=[_clock(at)],
                              says=() if is_due else ("not due at this meeting",)))  # fmt: skip
            at += timedelta(minutes=minutes if is_due else 0)
        lines.append(
            Line(about="^Date", days=[meeting.day], times=[_clock(meeting.starts_at), _clock(meeting.ends_at)])
        )
        for request in heard:
            lines.append(Line(about=rf"^{request.id} \|", pence={request.response.pence} - {0},
                              says=(request.response.school, *request.response.support)))  # fmt: skip
        for request, decision in decided:
            lines.append(Line(about=rf"^{request.id} \|", days=[decision.review_on], says=decision.agreed.responses))
        return self._of(
            sent, "document", "the agenda: items and times, KiT report four times a year, requests, balance sheet",
            requests={r.id for r in heard} | {r.id for r, _ in decided}, lines=(*lines, *self._sheet(sent, meeting)),
            says=("Communities of Schools Meeting Agenda", meeting.community),
            never=(*NO_NAME, *(("not due at this meeting",) if has_kit else ())),
        )  # fmt: skip

    def _decided_at(self, meeting: Meeting, now: datetime) -> list[tuple[Request, Decision]]:
        return [
            (r, d)
            for r in self._year.requests_of(meeting.community, now)
            if (d := r.decision_at(now)) and d.meeting == meeting
        ]

    def _sheet(self, sent: Sent, meeting: Meeting) -> Iterator[Line]:
        known = self._county.summaries[meeting.community]
        stands = self._year.ledger.standing(meeting.community, sent.at)
        whole = (
            ("Community budget before STLS", known.before),
            ("STLS top-slice", known.stls),
            ("Chair and clerking", known.clerking),
        )
        for name, pounds in whole:
            yield Line(about=rf"^{name}[^|]* \|", pence=[pounds * 100])
        for name, pounds in (("Community budget after STLS", known.after), ("Estimated protected", -known.protected)):
            first = seven_twelfths(pounds * 100)
            amounts = {pounds * 100, whole_pounds(first), whole_pounds(pounds * 100 - first)}
            yield Line(about=rf"^{name}[^|]* \|", pence=amounts)
        yield Line(about=r"^Balance \|", pence=printed(self._year, meeting.community, sent.at))
        yield Line(about="^Total estimated", pence=[known.total_funding * 100])
        yield Line(about=r"^Payments agreed by the community[^|]* \|", says=(_spoken(-stands.agreed),))

    # Cards.

    def _card(self, sent: Sent) -> Expected | None:
        kind, _, rest = sent.key.partition(" ")
        found = sorted(set(re.findall(r"\bR-\d{4}-\d{4}\b", sent.text)))
        if kind == "DecisionAsk":
            return self._ask(sent, self._by_id[rest.split(" ")[0]], rest.split(" ")[1])
        if kind == "DecisionPost":
            return self._decided(sent, self._by_id[found[0]])
        if kind == "ModerationPost":
            return self._processed(sent, self._by_id[found[0]])
        if kind == "AgendaPost":
            meeting = next(m for m in self._year.meetings[rest] if m.papers_on == days.day_of(sent.at))
            heard = self._year.on_agenda(meeting, sent.at)
            return self._of(sent, "card", "the agenda is out", days=[meeting.day], times=[_clock(meeting.starts_at)],
                            requests={r.id for r in heard},
                            pence={r.response.pence for r in heard if r.response.pence})  # fmt: skip
        return self._of(sent, "card", "a card that nobody expects", says=("a card of a kind expected",))

    def _ask(self, sent: Sent, request: Request, chair: str) -> Expected:
        meeting, asked = request.meeting_at(sent.at), request.response.pence
        balance = self._year.ledger.standing(request.community, sent.at).balance
        first, second = shares(self._year, request.community, sent.at)
        assert meeting is not None
        lines = [Line(about="^Meeting", days=[meeting.day]), Line(about="^Requested", pence={asked} - {0}),
                 Line(about="^Before", pence=[balance, whole_pounds(first), whole_pounds(second)])]  # fmt: skip
        if asked:
            is_first = expected_advance(meeting.day, days.day_of(sent.at)) < APRIL
            left = [first - asked, second] if is_first else [first, second - asked]
            amounts = [balance - asked, *map(whole_pounds, left)]
            lines.append(Line(about="^After, if all is approved", pence=amounts))
        lines.append(Line(about="^Pupils", says=tuple(
            f"{n} {what}" for n, what in zip(request.response.counts,
                                             ("on SEN Support", "with an EHCP", "looked after"), strict=True)
        )))  # fmt: skip
        own = self._mail_of("Chair", request.community, sent.at)
        rule = "a request as the chair decides it" if own == chair else f"the chair is {own}"
        return self._of(sent, "card", rule, requests={request.id}, lines=tuple(lines),
                        says=(request.response.school, request.community))  # fmt: skip

    def _decided(self, sent: Sent, request: Request) -> Expected:
        decision = self._decision(request, sent.at)
        pence = decision.agreed.pence
        amount = _spoken(pence) if pence else "no money"
        return self._of(sent, "card", "a decision as the channel reads it", requests={request.id}, lines=(
            Line(about="^Amount approved", says=(amount,)), Line(about="^Review date", days=[decision.review_on]),
            Line(about="^Decided by", says=(decision.made_by,)),
            Line(about="^Response", says=decision.agreed.responses),
        ), says=(request.response.school,))  # fmt: skip

    def _processed(self, sent: Sent, request: Request) -> Expected:
        decision = self._decision(request, sent.at)
        assert decision.processed_on is not None
        return self._of(sent, "card", "what KCC made of it, and the month it pays", requests={request.id}, lines=(
            Line(about="^Amount approved", pence=[decision.agreed.pence]),
            Line(about="^Final amount", pence=[decision.final]),
            Line(about="^Paid with", says=(f"{days.next_advance(decision.processed_on):%B %Y}",)),
        ))  # fmt: skip


def _counts(request: Request) -> Iterator[Line]:
    names = ("Number of pupils on SEN Support", "Number of pupils with an EHCP", "Number Looked After Child")
    for name, count in zip(names, request.response.counts, strict=True):
        yield Line(about=f"^{name}", says=(f"| {count}",))


def _spoken(pence: int) -> str:
    sign, whole, rest = "-" if pence < 0 else "", abs(pence) // 100, abs(pence) % 100
    return f"{sign}£{whole:,}" + (f".{rest:02d}" if rest else "")


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(days.LONDON):%H:%M}"
