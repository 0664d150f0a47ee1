"""What cards that the bot posts by itself must say."""

from __future__ import annotations

import re

from tests.oracle import days
from tests.oracle.answers import Expected, Line
from tests.oracle.money import APRIL, expected_advance, shares, whole_pounds
from tests.oracle.outgoing import Outgoing, clock, spoken
from tests.oracle.outside import Sent
from tests.oracle.year import Request


class Cards(Outgoing):
    """In channels, and in the chair's own chat."""

    def expected(self, sent: Sent) -> Expected | None:
        kind, _, rest = sent.key.partition(" ")
        found = sorted(set(re.findall(r"\bR-\d{4}-\d{4}\b", sent.text)))
        if kind == "DecisionAsk":
            return self._ask(sent, self._by_id[rest.split(" ")[0]], rest.split(" ")[1])
        if kind == "DecisionPost":
            return self._decided(sent, self._by_id[found[0]])
        if kind == "ModerationPost":
            return self._processed(sent, self._by_id[found[0]])
        if kind == "AgendaPost":
            return self._agenda(sent, rest)
        return self._of(sent, "card", "a card that nobody expects", says=("a card of a kind expected",))

    def _agenda(self, sent: Sent, community: str) -> Expected:
        meeting = next((m for m in self._year.meetings[community] if m.papers_on == days.day_of(sent.at)), None)
        if meeting is None:
            return self._of(sent, "card", "an agenda on the day it is due", says=("an agenda of that day",))
        heard = self._year.on_agenda(meeting, sent.at)
        return self._of(
            sent, "card", "the agenda is out", days=[meeting.day], times=[clock(meeting.starts_at)],
            requests={r.id for r in heard}, pence={r.response.pence for r in heard if r.response.pence},
        )  # fmt: skip

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
            lines.append(Line(about="^After, if this request alone is approved", pence=amounts))
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
        amount = spoken(pence) if pence else "no money"
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
