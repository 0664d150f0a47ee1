"""Which turn goes where."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

import structlog

from bot import action_items
from bot.answers.help import greeted
from bot.asking import UNKNOWN_PERSON, Answer, asker_of
from bot.behaviours import VERBS
from bot.cards.answer import answer_card
from bot.cards.notice import notice
from bot.cards.to_decide import to_decide_card
from bot.chat import answer
from bot.installs import (
    community_at,
    drop_reference,
    is_reference_news,
    keep_joined,
    keep_reference,
    meeting_at,
    seen_team,
    users_of,
)
from bot.notebook import Notebook
from bot.searching import search
from bot.teams import said_on_joining, team_changed
from bot.turns import Card, Handler, Kind, Reply, Turn
from bot.verbs import Press, ReadAnswers
from casework.database import RECORD_AWAY, is_record_away
from casework.decide import undecided_of
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import mail_of
from casework.errors import AlreadyDone, InputRefused, NeedsAttention, NotAllowed, NotReadable, TryLater
from casework.team_links import note_team
from casework.to_decide import to_decide_post

REFUSED: Mapping[type[Exception], str] = MappingProxyType(
    {
        InputRefused: "That cannot be taken",
        NotReadable: "That is not yours to read",
        NotAllowed: "That is not yours to do",
        AlreadyDone: "Nothing was changed",
        NeedsAttention: "That is not possible until somebody mends it",
        TryLater: "That is not possible just now",
    }
)
"""What is said over the reason, by what must happen next."""


TOLD_AGAIN = (Kind.INSTALLED, Kind.REMOVED, Kind.TEAM_CHANGED)
"""Teams tells of these again where the answer is an error."""

EDITED = ("I read messages when they are sent", "Please send what you changed as a new message.")
"""Nothing is done twice because somebody corrected a word of it."""

WAITED_FOR = (Kind.CARD_ACTION, Kind.SEARCH, Kind.DIALOG, Kind.DIALOG_DONE)
ANSWER_S = 8.0
"""Teams waits 10 to 15 seconds for these, then says 'Something went wrong' (MicrosoftDocs/msteams-docs issue 6461)."""

LATE = "This takes longer than usual and goes on. Look again in a minute before you press the button once more."

log = structlog.get_logger()


def make_router(desk: Desk, read_answers: ReadAnswers, notebook: Notebook) -> Handler:
    """The handler of all turns; `read_answers` reads a card's answers as the form's are read."""

    late: set[asyncio.Task[Reply]] = set()

    def over(task: asyncio.Task[Reply]) -> None:
        late.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("what was answered late failed", error=type(error).__name__)

    async def in_time(turn: Turn) -> Reply:
        """The answer, or word that it goes on where Teams would give up waiting."""
        task = asyncio.ensure_future(answered(turn))
        done, _ = await asyncio.wait({task}, timeout=ANSWER_S)
        if done:
            return task.result()
        late.add(task)
        task.add_done_callback(over)
        log.warning("an answer takes longer than Teams waits", kind=turn.kind.value, verb=turn.verb)
        return Reply(text=LATE)

    async def handle(turn: Turn) -> Reply:
        try:
            return await (in_time(turn) if turn.kind in WAITED_FOR else answered(turn))
        except Exception as error:
            if not is_record_away(error) or turn.kind in TOLD_AGAIN:
                raise
            log.warning("the record is away; said so", kind=turn.kind.value, error=type(error).__name__)
            return Reply(text=RECORD_AWAY)

    async def answered(turn: Turn) -> Reply:
        match turn.kind:
            case Kind.CARD_ACTION:
                return await _pressed(desk, turn, read_answers)
            case Kind.MESSAGE:
                return await answer(desk, turn, read_answers, notebook)
            case Kind.EDITED:
                return Reply(cards=(notice(*EDITED),)) if turn.text else Reply()
            case Kind.SEARCH | Kind.DIALOG | Kind.DIALOG_DONE:
                return await _extended(desk, turn)
            case Kind.MEETING_STARTED:
                return await desk.run(SYSTEM, _to_decide, turn)
            case Kind.INSTALLED:
                return await desk.run(SYSTEM, _install, turn)
            case Kind.TEAM_CHANGED:
                await desk.run(SYSTEM, _change_team, turn)
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
    mail = mail_of(work, turn.object_id)
    if mail is None:
        raise NotAllowed(UNKNOWN_PERSON)
    if is_reference_news(work, turn, mail):
        keep_reference(work, turn)
    said = pressing(
        Press(work=work.acting(mail), mail=mail, values=turn.values, read_answers=read_answers,
              is_personal=turn.is_personal)
    )  # fmt: skip
    return Reply(cards=(card_of(said, work),))


async def _extended(desk: Desk, turn: Turn) -> Reply:
    """The message extension; what is refused is said in its own place."""
    try:
        return await desk.run(SYSTEM, _extend, turn)
    except tuple(REFUSED) as error:
        return Reply(text=str(error))


def _extend(work: Work, turn: Turn) -> Reply:
    mail = mail_of(work, turn.object_id)
    if mail is None:
        raise NotAllowed(UNKNOWN_PERSON)
    if turn.kind is Kind.SEARCH:
        return Reply(found=tuple(search(work, mail, turn.verb, turn.text)))
    if turn.verb != action_items.COMMAND:
        raise InputRefused("The app has no such command any more. Update it in Teams.")
    acting = work.acting(mail)
    if turn.kind is Kind.DIALOG:
        return action_items.ask(acting, mail, turn.text, community_at(work, turn))
    return action_items.keep(acting, mail, turn.values)


def _install(work: Work, turn: Turn) -> Reply:
    """Whoever has just been given the app is greeted in their own chat, once: Teams says it in two activities. A team
    is asked whose it is where that is not known.
    """
    if (seen := seen_team(turn)) is not None:
        noted = note_team(work, seen, mail_of(work, turn.object_id) or "")
        return Reply(cards=said_on_joining(work, turn, noted.link) if noted.is_news else ())
    is_new, mail = keep_reference(work, turn), mail_of(work, turn.object_id)
    if not (is_new and turn.is_personal and mail):
        return Reply()
    return Reply(cards=(answer_card(greeted(work, asker_of(work, mail)), work.now),))


def _change_team(work: Work, turn: Turn) -> None:
    keep_joined(work, turn.joined)
    team_changed(work, turn)


def _to_decide(work: Work, turn: Turn) -> Reply:
    """When a meeting begins, its chat sees what is to be decided."""
    meeting = meeting_at(work, turn)
    if meeting is None or not undecided_of(work, meeting.id):
        return Reply()
    post = to_decide_post(work, meeting.id)
    return Reply(cards=(to_decide_card(post, users=users_of(work, post.deciders)),))


def card_of(said: Answer, work: Work) -> dict[str, object]:
    """The one card that takes the place of the one that was pressed."""
    return said.cards[0] if said.is_card else answer_card(said, work.now)
