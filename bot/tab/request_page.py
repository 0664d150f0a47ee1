"""A request's page: what is asked for, what became of it, and its history out of the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.tab.views import NO_MONEY, NOT_YET, spoken_amount
from casework.clock_record import clocks_of_request
from casework.decide import decision_row
from casework.desk import Work
from casework.directory_record import directory_of
from casework.journal import story_of
from casework.letters import spoken_day
from casework.meeting_record import day_of
from casework.moderate import moderation_row
from casework.reading import Thing, may_read
from casework.request_money import money_of
from casework.request_moves import payment_row
from casework.request_record import request_for
from casework.schedule import meeting_row
from communities.calendars import london
from communities.clocks import Clock, Standing
from communities.decisions import DecidedBy
from communities.lifecycle import BEFORE_DECISION

STATUSES: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.RUNNING: "Not due yet",
        Standing.MET: "Met",
        Standing.LATE: "Done late",
        Standing.MISSED: "Overdue",
    }
)
"""How a deadline is met, as people say it."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A line of a request's history."""

    when: str
    who: str
    what: str


@dataclass(frozen=True, kw_only=True)
class RequestPage:
    """One request's timeline."""

    id: str
    school: str
    community: str
    state: str
    facts: Sequence[tuple[str, str]]
    """What is asked for and what became of it: name and value."""
    may_open_community: bool
    story: Sequence[Told]
    readings: Sequence[Told]
    """Who opened the pupils' names, and why; apart, so that it does not hide what happened."""
    clocks: Sequence[tuple[Clock, str]]
    """Each deadline with how it is met."""


def request_page(work: Work, mail: str, request_id: str) -> RequestPage:
    """A request's story out of the journal. Raises `InputRefused` and `NotReadable`; the journal names no pupil."""
    row = request_for(work, request_id, mail, Thing.REQUEST)
    names = {p.mail.casefold(): p.name for p in directory_of(work).people}
    entries = story_of(work.conn, row.id)
    told = [
        Told(when=f"{london(e.at):%-d %b %Y, %H:%M}", who=names.get(e.actor.casefold(), e.actor), what=e.sentence)
        for e in entries
    ]
    return RequestPage(
        id=row.id,
        school=row.school,
        community=row.community,
        state=row.state,
        facts=_facts(work, row),
        may_open_community=may_read(work, Thing.PAGE, mail, row.community),
        story=[t for t, e in zip(told, entries, strict=True) if not e.is_reading],
        readings=[t for t, e in zip(told, entries, strict=True) if e.is_reading],
        clocks=[(c, STATUSES[c.standing(work.today)]) for c in clocks_of_request(work, row.id)],
    )


def _facts(work: Work, row: Any) -> list[tuple[str, str]]:
    """Asked, approved, final, paid, each as far as it got; no text of the school's, which may name a child."""
    asked, money = row.submission, money_of(work, [row.id])[row.id]
    stages = ", ".join(asked["key_stages"])
    meeting = meeting_row(work, row.meeting_id) if row.meeting_id else None
    facts = [
        ("Support asked for", ", ".join(asked["support"])),
        ("Pupils", f"{asked['sen_support']} on SEN Support, {asked['ehcp']} with an EHCP, "
                   f"{asked['looked_after']} looked after; {stages}"),
        ("Meeting", spoken_day(day_of(meeting)) if meeting else "No meeting yet"),
    ]  # fmt: skip
    asked_for = ("Asked for", spoken_amount(money.asked_pence, NO_MONEY))
    if money.approved_pence is None:
        return [*facts, asked_for, ("Approved", "Not decided yet" if row.state in BEFORE_DECISION else NOT_YET)]
    decision, final, paid = decision_row(work, row.id), moderation_row(work, row.id), payment_row(work, row.id)
    made_by = "the chair" if decision.made_by == DecidedBy.CHAIR else "consensus"
    facts += [
        ("Decision", f"{', '.join(decision.responses)}, by {made_by} on {_on(london(decision.decided_at))}"),
        asked_for,
        ("Approved", spoken_amount(money.approved_pence)),
    ]
    if final:
        facts.append(
            ("KCC's final amount", f"{spoken_amount(money.final_pence)}, recorded on {_on(final.processed_on)}")
        )
    if paid:
        facts.append(("Paid", f"{spoken_amount(money.paid_pence)} on {_on(paid.paid_on)}"))
    if decision.review_on:
        facts.append(("Review", _on(decision.review_on)))
    return facts


def _on(day: date) -> str:
    return f"{day:%-d %B %Y}"
