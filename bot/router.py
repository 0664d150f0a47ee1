"""Which turn goes where."""

from __future__ import annotations

from bot.approvals import VERB, record_decision
from bot.cards.notice import notice
from bot.chat import answer
from bot.installs import drop_reference, keep_reference
from bot.turns import Handler, Kind, Reply, Turn
from casework.desk import SYSTEM, Desk


def make_router(desk: Desk) -> Handler:
    """The handler of all turns."""

    async def handle(turn: Turn) -> Reply:
        match turn.kind:
            case Kind.CARD_ACTION if turn.verb == VERB:
                return await record_decision(desk, turn)
            case Kind.CARD_ACTION:
                return Reply(cards=(notice("This card is out of date", "Ask me again for what you need."),))
            case Kind.MESSAGE:
                return await answer(desk, turn)
            case Kind.INSTALLED:
                await desk.run(SYSTEM, keep_reference, turn)
                return Reply()
            case Kind.REMOVED:
                await desk.run(SYSTEM, drop_reference, turn)
                return Reply()
            case _:
                return Reply()

    return handle
