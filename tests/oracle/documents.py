"""What agendas, papers, minutes, letters and forms must say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tests.oracle import days
from tests.oracle.answers import Expected, Line
from tests.oracle.money import printed, seven_twelfths, whole_pounds
from tests.oracle.outgoing import Outgoing, clock, spoken
from tests.oracle.outside import Sent, document_text
from tests.oracle.reports import has_kit_item
from tests.oracle.year import Decision, Meeting, Request

ITEMS = (
    ("Welcome, introductions and register of attendance", 10),
    ("Minutes and review of decisions and actions from previous meeting", 15),
    ("Outcomes data (access to dashboard)", 10),
    ("Report to and from KiT meetings (evaluation)", 10),
    ("Group solution discussions / case studies", 60),
    ("Finance updates, with review of the balance sheet", 15),
)
"""Slide 'Agenda template'; the minutes are a choice, in all the two hours of a meeting."""


class Documents(Outgoing):
    """Those that are filed, and those that go with an email."""

    def attached(self, sent: Sent, kind: str, subject: str) -> Iterator[tuple[Expected, str]]:
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
        names = tuple(word for word in _children(heard) if word[0].isalpha())
        return self._of(sent, "document", "the restricted papers of a meeting", requests={r.id for r in heard},
                        says=(*(r.response.school for r in heard), *names))  # fmt: skip

    def filed(self, sent: Sent) -> Expected | None:
        folder, name = sent.key.split("/")[1:]
        meeting = self._by_file.get(name.partition(" ")[2].removesuffix(".docx"))
        if folder == "Agendas" and meeting:
            return self._agenda(sent, meeting)
        if folder == "Minutes" and meeting:
            return self._minutes(sent, meeting)
        if folder == "Papers" and meeting:
            heard = self._year.on_agenda(meeting, sent.at)
            return self._of(sent, "document", "the papers for circulation", requests={r.id for r in heard},
                            says=tuple(r.response.school for r in heard), never=_children(heard))  # fmt: skip
        return None

    def _minutes(self, sent: Sent, meeting: Meeting) -> Expected:
        return self._of(sent, "document", "the minutes' head", lines=(
            *_head(meeting),
        ), says=(meeting.community,))  # fmt: skip

    def _agenda(self, sent: Sent, meeting: Meeting) -> Expected:
        meetings = self._year.meetings[meeting.community]
        before = next((m for m in reversed(meetings) if m.day < meeting.day), None)
        heard = self._year.on_agenda(meeting, sent.at)
        decided = self._decided_at(before, sent.at) if before else []
        has_kit, lines, at = has_kit_item(meeting, meetings), [], meeting.starts_at
        for number, (title, minutes) in enumerate(ITEMS, 1):
            is_due = number != 4 or has_kit
            lines.append(Line(about=rf"^{number} \| {re.escape(title)}", times=[clock(at)],
                              says=() if is_due else ("not due at this meeting",)))  # fmt: skip
            at += timedelta(minutes=minutes if is_due else 0)
        lines += _head(meeting)
        for request in heard:
            lines.append(Line(about=rf"^{request.id} \|", pence={request.response.pence} - {0},
                              says=(request.response.school, *request.response.support)))  # fmt: skip
        for request, decision in decided:
            lines.append(Line(about=rf"^{request.id} \|", days=[decision.review_on], says=decision.agreed.responses))
        return self._of(
            sent, "document", "the agenda: items and times, KiT report four times a year, requests, balance sheet",
            requests={r.id for r in heard} | {r.id for r, _ in decided}, lines=(*lines, *self._sheet(sent, meeting)),
            says=("Communities of Schools Meeting Agenda", meeting.community),
            never=(*_children(heard), *(("not due at this meeting",) if has_kit else ())),
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
        yield Line(about=r"^Payments agreed by the community[^|]* \|", says=(spoken(-stands.agreed),))


def _counts(request: Request) -> Iterator[Line]:
    names = ("Number of pupils on SEN Support", "Number of pupils with an EHCP", "Number Looked After Child")
    for name, count in zip(names, request.response.counts, strict=True):
        yield Line(about=f"^{name}", says=(f"| {count}",))


def _children(heard: Sequence[Request]) -> tuple[str, ...]:
    """Circulated papers carry no pupil's name or date of birth (DOMAIN.md, 'The agenda': a choice)."""
    return tuple(word for request in heard for word in request.response.pupils)


def _head(meeting: Meeting) -> list[Line]:
    """The day and the hours above an agenda or minutes."""
    times = [clock(meeting.starts_at), clock(meeting.ends_at)]
    return [Line(about="^Date:", days=[meeting.day]), Line(about=r"\bTime:", times=times)]
