"""What somebody types. Thin for now: chairs see what waits for them, everybody else gets help."""

from __future__ import annotations

import re

from bot.cards.decision import decision_card
from bot.cards.notice import notice
from bot.turns import Reply, Turn
from casework.decide import decision_ask, waiting_for
from casework.desk import SYSTEM, Desk
from casework.directory_record import mail_of

WAITING = re.compile(r"\b(waiting|decide|decision|decisions|approve|approval|pending)\b", re.IGNORECASE)
AT_ONCE = 3
"""Cards in one answer; the rest is named, so that a phone is not flooded."""


async def answer(desk: Desk, turn: Turn) -> Reply:
    """Answer a message; decisions are shown in the person's own chat only."""
    mail = await desk.run(SYSTEM, mail_of, turn.object_id)
    if mail is None:
        return Reply(cards=(notice("You are not known here", "Ask your clerk to add you to the directory."),))
    if not WAITING.search(turn.text):
        return Reply(cards=(_help(),))
    if not turn.is_personal:
        return Reply(cards=(notice("Let us talk in private", "Write to me in our own chat about decisions."),))
    waiting = await desk.run(SYSTEM, waiting_for, mail)
    if not waiting:
        return Reply(cards=(notice("Nothing waits for your decision"),))
    shown = [decision_card(await desk.run(SYSTEM, decision_ask, r)) for r in waiting[:AT_ONCE]]
    rest = f"{len(waiting)} requests wait for your decision; here are the first {AT_ONCE}."
    return Reply(text=rest if len(waiting) > AT_ONCE else "", cards=tuple(shown))


def _help() -> dict[str, object]:
    return notice(
        "I run the paperwork of your Community of Schools",
        "Chairs: write **what is waiting for my decision** to see the requests you can decide on.",
        "Decisions, agendas and balances are posted in your community's channel.",
    )
