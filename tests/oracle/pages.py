"""What the tab's pages must show: a community at a glance, a request's page, a clerk's desk."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tests.oracle import days
from tests.oracle.answers import Expected, Line
from tests.oracle.chat import SHOWN_AS, Chat
from tests.oracle.county import LINK_ROLES, Held
from tests.oracle.money import printed
from tests.oracle.reports import reports_open
from tests.oracle.year import BEFORE_DECISION, Decision, Request, Year


@dataclass(frozen=True, kw_only=True)
class Look:
    """Somebody opens a page, and what must stand there; without an `expected` it must be refused."""

    mail: str
    path: str
    query: dict[str, str]
    expected: Expected
    is_refused: bool = False


class Pages:
    """The pages of a moment."""

    def __init__(self, year: Year, moment: datetime) -> None:
        self._year, self._county, self._now = year, year.county, moment
        self._today, self._chat = days.day_of(moment), Chat(year, moment)

    def _look(self, who: Held, path: str, rule: str, *, is_refused: bool = False, **what: object) -> Look:
        community = str(what.pop("community", ""))
        asked = f"{who.role} {who.mail} opens {path} {community}".strip()
        expected = Expected(door="tab", asked=asked, rule=rule, at=self._now, **what)  # type: ignore[arg-type]
        query = {"community": community} if community else {}
        return Look(mail=who.mail, path=path, query=query, expected=expected, is_refused=is_refused)

    def community(self, who: Held, community: str) -> Look:
        """A community at a glance; its own people and the county may look."""
        county, today = self._county, self._today
        if not county.is_of_county(who.mail, today) and not county.is_of_community(
            who.mail, community, today, "Chair", "Clerk", "SENCO", "School leader", "SEN IA"
        ):
            rule = "a community's page is for its own people and the county"
            return self._look(who, "/tab", rule, community=community, is_refused=True, pence=(), requests=())
        requests = self._year.requests_of(community, self._now)
        groups = Counter(_group(r.state_at(self._now)) for r in requests)
        stands = self._year.ledger.standing(community, self._now)
        waiting = sum(r.response.pence for r in requests if r.state_at(self._now) in BEFORE_DECISION)
        link = [p for role in LINK_ROLES for p in county.at_work(role, community, today)]
        return self._look(
            who, "/tab", "a community at a glance", community=community, requests={r.id for r in requests},
            says=(*(p.name for p in link), *(f"{name}: {count}" for name, count in groups.items())),
            lines=(
                *self._meeting_lines(community),
                *(self._row(r) for r in requests),
                Line(about=r"^Opening balance \|", pence=[stands.opening]),
                Line(about=r"^Balance \|", pence=[stands.balance]),
                Line(about=r"\bleft: ", pence=printed(self._year, community, self._now)),
                *([Line(about=r"^Paid \|", pence=[-stands.paid])] if stands.paid else []),
                *([Line(about=r"^Asked for, to be decided \|", pence=[-waiting])] if waiting else []),
                *([Line(about=r"^Forecast \|", pence=[stands.balance - waiting])] if waiting else []),
            ),
            pence=None,
        )  # fmt: skip

    def _meeting_lines(self, community: str) -> list[Line]:
        lines = []
        if meeting := self._year.next_meeting(community, self._now):
            lines += [
                Line(about="^When:", days=[meeting.day], times=[f"{meeting.starts_at.astimezone(days.LONDON):%H:%M}"]),
                Line(about="^Submissions close[d]?:", days=[meeting.last_to_submit]),
                Line(about="^Papers (go|went) out:", days=[meeting.papers_on]),
            ]
            on = f"meeting on {meeting.day:%-d %B %Y}"
            if self._now < meeting.closes_at:
                lines.append(Line(about=rf"\| Submission.*{on}", days=[meeting.last_to_submit, meeting.day]))
            if self._now < meeting.papers_at:
                lines.append(Line(about=rf"\| Papers.*{on}", days=[meeting.papers_on, meeting.day]))
        for report, due_on in reports_open(self._today):
            if (self._today - due_on).days < 60:
                lines.append(Line(about=rf"\| {report} {due_on:%B}", days=[due_on]))
        return lines

    def _row(self, request: Request) -> Line:
        """Asked for, approved, final and paid, each as far as it got."""
        state, decision = request.state_at(self._now), request.decision_at(self._now)
        amounts = {request.response.pence}
        if decision:
            amounts |= {decision.agreed.pence}
            amounts |= {decision.final} if state in ("Moderated", "Paid") else set()
            amounts |= {decision.paid} if state == "Paid" else set()
        return Line(about=rf"^{request.id} \|", says=(request.response.school, SHOWN_AS.get(state, state)),
                    pence=amounts - {0})  # fmt: skip

    def request(self, who: Held, request: Request) -> Look:
        """A request's page: its school's, its community's and the county's."""
        county, today, path = self._county, self._today, f"/tab/request/{request.id}"
        of_school = any(of == request.response.school for _, of in county.roles(who.mail, today))
        is_of_county = county.is_of_county(who.mail, today)
        if not of_school and not is_of_county and not county.is_of_community(
            who.mail, request.community, today, "Chair", "Clerk"
        ):  # fmt: skip
            rule = "a request is its school's, its community's and the county's"
            return self._look(who, path, rule, is_refused=True, never=(request.response.school,))
        meeting, decision, state = (
            request.meeting_at(self._now), request.decision_at(self._now), request.state_at(self._now),
        )  # fmt: skip
        lines = [Line(about="^Asked for", pence={request.response.pence} - {0})]
        if meeting:
            lines.append(Line(about="^Meeting:", days=[meeting.day]))
            lines.append(Line(about=r"^Submission .*\|", days=[meeting.last_to_submit]))
            lines.append(Line(about=r"^Papers .*\|", days=[meeting.papers_on]))
        if decision:
            lines += self._decided(decision, state)
        return self._look(
            who, path, "a request's page", requests={request.id, *self._same_as(request)}, lines=tuple(lines),
            says=(f"{request.id}: {SHOWN_AS.get(state, state)}", request.response.school, request.community),
        )  # fmt: skip

    def _decided(self, decision: Decision, state: str) -> Iterator[Line]:
        yield Line(about="^Decision:", days=[decision.day], says=decision.agreed.responses)
        yield Line(about="^Review:", days=[decision.review_on])
        if not decision.agreed.pence:
            return
        yield Line(about="^Approved:", pence=[decision.agreed.pence])
        yield Line(about=r"^Forward .*\|", days=[days.forward_by(decision.day)])
        yield Line(about=r"^Processing .*\|", days=[days.process_by(decision.day)])
        if state in ("Moderated", "Paid") and decision.processed_on:
            yield Line(about="^KCC's final amount:", pence=[decision.final], days=[decision.processed_on])
            yield Line(about=r"^Payment .*\|", days=[days.next_advance(decision.processed_on)])
        if state == "Paid" and decision.paid_on:
            yield Line(about="^Paid:", pence=[decision.paid], days=[decision.paid_on])

    def _same_as(self, request: Request) -> set[str]:
        """The request it was held for as a duplicate of."""
        return {r.id for r in self._year.requests if request.is_held and r.response.number == request.response.same_as}

    def desk(self, who: Held) -> Look:
        """A clerk's desk over the next four weeks: the week's lines are the chat's."""
        expected = self._chat.due(who).expected
        lines = tuple(Line(about=_row_about(line.about), days=line.days, says=line.says) for line in expected.lines)
        return self._look(who, "/tab/desk", "a clerk's desk, by the clocks", lines=lines)


def _group(state: str) -> str:
    """What people read above the counts."""
    return "Not decided yet" if state in BEFORE_DECISION else "Withdrawn" if state == "Withdrawn" else "Decided"


def _row_about(about: str) -> str:
    """The chat's line `What, community` is the page's row `day | what | community |`."""
    return re.sub(r"\$$", r" \\|$", about)
