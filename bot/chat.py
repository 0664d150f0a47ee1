"""What somebody types: understood, answered from the record, or asked back. Nothing is done on a guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.answers.smalltalk import dropped, nothing_waits, started_over, unsure
from bot.asking import UNKNOWN_PERSON, Answer, AskBack, Question, asker_of, focus_of, in_private
from bot.behaviours import ABOUT_A_REQUEST, ANSWERS, PRIVATE, VERBS
from bot.cards.answer import answer_card
from bot.following import chosen_meant, follow
from bot.installs import community_at, is_reference_news
from bot.memory import NOTHING, Memory, recall, remember_all
from bot.notebook import Notebook
from bot.turns import Reply, Scope, Turn
from bot.understanding.entities import Names, read_entities
from bot.understanding.intents import UNKNOWN, Guess, guesses, offers, understood
from bot.verbs import Press, ReadAnswers
from casework.database import READS, HasToWrite
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of, mail_of
from casework.errors import AlreadyDone, InputRefused, NeedsAttention, NotAllowed, NotReadable
from communities.directory import Directory

LONGEST = 1_000
"""Characters of a sentence that are read."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where somebody talks to the bot; `community` is the channel's or the meeting's.

    Without a conversation every sentence stands alone.
    """

    conversation: str = ""
    scope: Scope = Scope.PERSONAL
    community: str = ""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A turn of talk: what was understood and what is answered."""

    question: Question
    answer: Answer
    memory: Memory | None = None
    """What is remembered of it; None leaves what was."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a message came to: the answer, who asked, and what is to be noted."""

    reply: Reply
    mail: str = ""
    memory: Memory | None = None
    is_reference_news: bool = False


async def answer(desk: Desk, turn: Turn, read_answers: ReadAnswers, notebook: Notebook) -> Reply:
    """Answer a message with cards, in a thread: by reading alone where nothing is to be changed, else as a command."""
    try:
        told = await desk.look(_tell, turn, read_answers, notebook.memory_of(turn))
    except HasToWrite:
        async with notebook.turn_of(turn):  # whoever says yes twice at once does it once
            told = await desk.run(SYSTEM, _tell_and_keep, turn, read_answers, notebook.memory_of(turn))
            _note(notebook, turn, told)
    else:
        _note(notebook, turn, told)
    return told.reply


def _note(notebook: Notebook, turn: Turn, told: Told) -> None:
    if told.memory is not None:
        notebook.note(turn, told.mail, told.memory)
    if told.is_reference_news:
        notebook.note_reference(turn)


def _tell(work: Work, turn: Turn, read_answers: ReadAnswers, known: Memory | None) -> Told:
    mail = mail_of(work, turn.object_id)
    is_news = is_reference_news(work, turn, mail)
    if mail is None:
        unknown = Answer(title=UNKNOWN_PERSON, is_of_now=False)
        return Told(reply=Reply(cards=(answer_card(unknown, work.now),)), is_reference_news=is_news)
    place = Place(conversation=turn.conversation, scope=turn.scope, community=community_at(work, turn))
    memory = known or recall(work, place.conversation, mail)
    said = understand(work.acting(mail), turn.text, mail, place, read_answers, memory if memory != NOTHING else None)
    return Told(reply=Reply(cards=cards_of(said, work)), mail=mail, memory=said.memory, is_reference_news=is_news)


def _tell_and_keep(work: Work, turn: Turn, read_answers: ReadAnswers, known: Memory | None) -> Told:
    """What changes something is remembered with the change: a 'yes' is taken once, whatever happens after it."""
    told = _tell(work, turn, read_answers, known)
    if told.memory is not None:
        remember_all(work, [(turn.conversation, told.mail, told.memory, work.now)])
    return told


def cards_of(said: Said, work: Work) -> tuple[dict[str, Any], ...]:
    """The answer's card, then those that stand for themselves."""
    own = () if said.answer.is_card else (answer_card(said.answer, work.now),)
    return (*own, *said.answer.cards)


def talk(work: Work, text: str, mail: str, place: Place, read_answers: ReadAnswers) -> Said:
    """One turn as a command: understood, answered, and remembered at once."""
    memory = recall(work, place.conversation, mail) if place.conversation else None
    said = understand(work, text, mail, place, read_answers, memory)
    if place.conversation and said.memory is not None:
        remember_all(work, [(place.conversation, mail, said.memory, work.now)])
    return said


def understand(
    work: Work, text: str, mail: str, place: Place, read_answers: ReadAnswers, memory: Memory | None
) -> Said:
    """The sentence understood after what was last spoken of, the answer to it, and what to remember."""
    sentence = " ".join(text.split())[:LONGEST]
    names = _names(directory_of(work))
    found = read_entities(sentence, names, work.today)
    meant = follow(sentence, found, memory)
    if meant.is_over:
        return _aside(sentence, "help", started_over(), NOTHING)
    if meant.is_yes or meant.is_no:
        if not meant.is_yes or memory is None or not memory.pending:
            intent = memory.intent if memory else "help"
            if meant.is_yes or memory is None:
                return _aside(sentence, intent, nothing_waits() if meant.is_yes else dropped())
            return _aside(sentence, intent, dropped(), Memory(intent=intent, entities=memory.entities))
        press = Press(
            work=work, mail=mail, values=memory.pending, read_answers=read_answers,
            is_personal=place.scope is Scope.PERSONAL,
        )  # fmt: skip
        return _confirmed(sentence, press, memory)
    if meant.sentence:
        sentence = meant.sentence
        found = read_entities(sentence, names, work.today)
        meant = chosen_meant(found, memory)
    ranked = guesses(found.text)
    best = understood(ranked)
    if meant.is_bare or meant.intent:
        is_new = "request" in found.entities and meant.intent not in ABOUT_A_REQUEST
        intent = "request_status" if is_new else meant.intent or UNKNOWN
        best, ranked = Guess(intent=intent, confidence=1.0), []
    question = Question(
        text=sentence,
        intent=best.intent,
        confidence=best.confidence,
        entities=meant.entities,
        is_personal=place.scope is Scope.PERSONAL,
        home=place.community,
        focus=focus_of(work, mail, memory.entities if memory else {}),
    )
    answer = _answered(work, question, mail, offers(ranked))
    return Said(question=question, answer=answer, memory=_memory_of(question, answer))


_LATEST: dict[str, Names] = {}


def _names(directory: Directory) -> Names:
    """The names of the directory as it stands; it is the same object until somebody imports another."""
    known = _LATEST.get("names")
    if known is None or known.directory is not directory:
        known = _LATEST["names"] = Names(directory)
    return known


def _memory_of(question: Question, answer: Answer) -> Memory:
    entities: Mapping[str, Any] = question.entities
    if not entities and question.focus:  # still about the same community
        entities = {"community": question.focus}
    return Memory(
        intent=question.intent,
        entities=entities,
        options=tuple(answer.listed or (sentence for _, sentence in answer.choices)),
        pending=answer.pending,
    )


def _aside(sentence: str, intent: str, answer: Answer, memory: Memory | None = None) -> Said:
    question = Question(text=sentence, intent=intent, confidence=1.0, entities={})
    return Said(question=question, answer=answer, memory=memory)


def _confirmed(sentence: str, press: Press, memory: Memory) -> Said:
    """A yes does what was last asked about, through the code of the button; it is asked about no more."""
    verb = VERBS[str(memory.pending["verb"])]
    answer = _refusable(press.work, lambda: verb(press))
    return _aside(sentence, memory.intent, answer, Memory(intent=memory.intent, entities=memory.entities))


def _answered(work: Work, question: Question, mail: str, offered: list[str]) -> Answer:
    if question.intent == UNKNOWN:
        return unsure(offered, question.entities)
    if not question.is_personal and question.intent in PRIVATE:
        return in_private()
    try:
        return _refusable(work, lambda: ANSWERS[question.intent](work, asker_of(work, mail), question))
    except AskBack as back:
        return back.answer


def _refusable(work: Work, doing: Callable[[], Answer]) -> Answer:
    """What is refused leaves nothing behind; where there is nothing to leave, no savepoint is taken."""
    try:
        if work.conn.get_execution_options().get(READS):
            return doing()
        with work.conn.begin_nested():
            return doing()
    except NotReadable as error:
        return Answer(title=str(error), is_of_now=False)
    except (InputRefused, NotAllowed, AlreadyDone, NeedsAttention) as error:
        return Answer(title="That cannot be done", sentences=(str(error),), is_of_now=False)
