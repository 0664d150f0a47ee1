"""What somebody types: understood, answered from the record, or asked back. Nothing is done on a guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.answers import ANSWERS
from bot.answers.smalltalk import unsure
from bot.asking import Answer, AskBack, Question, asker_of
from bot.cards.answer import answer_card
from bot.turns import Reply, Turn
from bot.understanding.entities import Names, read_entities
from bot.understanding.intents import UNKNOWN, guesses, offers, understood
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of, mail_of
from casework.errors import InputRefused, NotAllowed

LONGEST = 1_000
"""Characters of a sentence that are read."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A turn of talk: what was understood and what is answered."""

    question: Question
    answer: Answer


async def answer(desk: Desk, turn: Turn) -> Reply:
    """Answer a message with a card."""
    mail = await desk.run(SYSTEM, mail_of, turn.object_id)
    if mail is None:
        unknown = Answer(
            title="You are not known here", sentences=("Ask your clerk to add you to the directory.",), is_of_now=False
        )
        return Reply(cards=(answer_card(unknown, desk.clock.now()),))
    said = await desk.run(mail, talk, turn.text, mail, turn.is_personal)
    return Reply(cards=cards_of(said, desk))


def cards_of(said: Said, desk: Desk) -> tuple[dict[str, Any], ...]:
    """The answer's card, then those that stand for themselves."""
    return (answer_card(said.answer, desk.clock.now()), *said.answer.cards)


def talk(work: Work, text: str, mail: str, is_personal: bool = True) -> Said:
    """One turn: the sentence understood, and the answer to it."""
    sentence = " ".join(text.split())[:LONGEST]
    found = read_entities(sentence, Names(directory_of(work)), work.today)
    ranked = guesses(found.text)
    best = understood(ranked)
    question = Question(
        text=sentence,
        intent=best.intent,
        confidence=best.confidence,
        entities=found.entities,
        is_personal=is_personal,
    )
    return Said(question=question, answer=_answered(work, question, mail, offers(ranked)))


def _answered(work: Work, question: Question, mail: str, offered: list[str]) -> Answer:
    if question.intent == UNKNOWN:
        return unsure(offered)
    try:
        return ANSWERS[question.intent](work, asker_of(work, mail), question)
    except AskBack as back:
        return back.answer
    except (InputRefused, NotAllowed) as error:
        return Answer(title="That cannot be answered", sentences=(str(error),), is_of_now=False)
