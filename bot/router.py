"""Which turn goes where."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.asking import Answer
from bot.behaviours import VERBS
from bot.cards.answer import answer_card
from bot.cards.notice import notice
from bot.chat import answer
from bot.installs import drop_reference, keep_reference
from bot.turns import Card, Handler, Kind, Reply, Turn
from bot.verbs import Press, ReadAnswers
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import mail_of
from casework.errors import AlreadyDone, InputRefused, NeedsAttention, NotAllowed, TryLater

REFUSED: Mapping[type[Exception], str] = MappingProxyType(
    {
        InputRefused: "That cannot be taken",
        NotAllowed: "That is not yours to do",
        AlreadyDone: "Nothing was changed",
        NeedsAttention: "That is not possible until somebody mends it",
        TryLater: "That is not possible just now",
    }
)
"""What is said over the reason, by what must happen next."""


def make_router(desk: Desk, read_answers: ReadAnswers) -> Handler:
    """The handler of all turns; `read_answers` reads a card's answers as the form's are read."""

    async def handle(turn: Turn) -> Reply:
        match turn.kind:
            case Kind.CARD_ACTION:
                return await _pressed(desk, turn, read_answers)
            case Kind.MESSAGE:
                return await answer(desk, turn, read_answers)
            case Kind.INSTALLED:
                await desk.run(SYSTEM, keep_reference, turn)
                return Reply()
            case Kind.REMOVED:
                await desk.run(SYSTEM, drop_reference, turn)
                return Reply()
            case _:
                return Reply()

    return handle


async def _pressed(desk: Desk, turn: Turn, read_answers: ReadAnswers) -> Reply:
    """One transaction; what refuses leaves nothing behind and says why on a card."""
    try:
        return await desk.run(SYSTEM, _press, turn, read_answers)
    except tuple(REFUSED) as error:
        return Reply(cards=(_refusal(error),))


def _refusal(error: Exception) -> Card:
    return notice(next(title for kind, title in REFUSED.items() if isinstance(error, kind)), str(error))


def _press(work: Work, turn: Turn, read_answers: ReadAnswers) -> Reply:
    pressing = VERBS.get(turn.verb)
    if pressing is None:
        return Reply(cards=(notice("This card is out of date", "Ask me again for what you need."),))
    keep_reference(work, turn)
    mail = mail_of(work, turn.object_id)
    if mail is None:
        raise NotAllowed("You are not known here. Ask your clerk to add your mail address to the directory.")
    said = pressing(
        Press(work=work.acting(mail), mail=mail, values=turn.values, read_answers=read_answers,
              is_personal=turn.is_personal)
    )  # fmt: skip
    return Reply(cards=(card_of(said, work),))


def card_of(said: Answer, work: Work) -> dict[str, object]:
    """The one card that takes the place of the one that was pressed."""
    return said.cards[0] if said.is_card else answer_card(said, work.now)
