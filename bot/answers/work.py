"""What waits for somebody: a chair's decisions, a clerk's clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.asking import Answer, Answering, Asker, Question
from bot.cards.decision import decision_card
from casework.clock_record import running_clocks
from casework.decide import decision_ask, waiting_for
from casework.desk import Work

AT_ONCE = 3
"""Cards in one answer; the rest is named, so that a phone is not flooded."""

AHEAD = timedelta(days=7)
MOST = 12


def pending(work: Work, asker: Asker, question: Question) -> Answer:
    """The decision cards that wait, in the chair's own chat only."""
    waiting = waiting_for(work, asker.mail)
    if not waiting:
        return Answer(title="Nothing waits for your decision")
    cards = tuple(decision_card(decision_ask(work, request_id)) for request_id in waiting[:AT_ONCE])
    count = "1 request waits" if len(waiting) == 1 else f"{len(waiting)} requests wait"
    rest = f"; here are the first {AT_ONCE}" if len(waiting) > AT_ONCE else ""
    return Answer(title=f"{count} for your decision{rest}", cards=cards)


def due(work: Work, asker: Asker, question: Question) -> Answer:
    """The clocks of everything the person clerks or chairs that are overdue or run out within a week."""
    communities = dict.fromkeys((*asker.clerked, *asker.chaired))
    if not communities:
        return Answer(title="Nothing is due from you", sentences=("Clerks and chairs see their communities' clocks.",))
    clocks = [
        (clock.due_on, name, of, clock)
        for name in communities
        for of, clock in running_clocks(work, name)
        if clock.due_on <= work.today + AHEAD
    ]
    clocks.sort(key=lambda c: (c[0], c[1], c[2]))
    if not clocks:
        return Answer(title="Nothing is due this week")
    facts = [
        (f"{'overdue since' if on < work.today else 'by'} {on:%a %-d %b}", f"{clock.name}: {name}, {of}")
        for on, name, of, clock in clocks[:MOST]
    ]
    return Answer(title=f"Due within a week: {len(clocks)}", facts=facts)


ANSWERS: Mapping[str, Answering] = {"pending_decisions": pending, "due": due}
