"""What waits for a chair: decision cards."""

from __future__ import annotations

from collections.abc import Mapping

from bot.asking import Answer, Answering, Asker, Question
from bot.cards.decision import decision_card
from casework.decide import decision_ask, waiting_for
from casework.desk import Work

AT_ONCE = 3
"""Cards in one answer; the rest is named, so that a phone is not flooded."""


def pending(work: Work, asker: Asker, question: Question) -> Answer:
    """The decision cards that wait, in the chair's own chat only."""
    waiting = waiting_for(work, asker.mail)
    if not waiting:
        return Answer(title="Nothing waits for your decision")
    cards = tuple(decision_card(decision_ask(work, request_id)) for request_id in waiting[:AT_ONCE])
    count = "1 request waits" if len(waiting) == 1 else f"{len(waiting)} requests wait"
    rest = f"; here are the first {AT_ONCE}" if len(waiting) > AT_ONCE else ""
    return Answer(title=f"{count} for your decision{rest}", cards=cards)


ANSWERS: Mapping[str, Answering] = {"pending_decisions": pending}
