"""Questions to KCC, asked in chat; what became of those asked before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.asking import Answer, Answering, Asker, Question
from bot.cards.question import VERB, question_card
from bot.verbs import Press, Pressing
from casework.asking_kcc import ask, open_questions, question_row, questions_of
from casework.desk import Work
from casework.errors import InputRefused
from casework.reading import Thing, may_read
from communities.calendars import london
from communities.questions import Part, part_of

_LEAD = re.compile(
    r"^\W*(?:(?:hi|hello|please|can|could|i|we|you|have|has|had|would|like|want|need|to|put|ask|send|pass|a|the|my|our"
    r"|questions?|quer(?:y|ies)|open|new|waiting"
    r"|for|at|kcc|kent|county|council|the county|is|there|one|got|it|on|along|i'd|we'd|i've)\b[\s,:]*)+",
    re.IGNORECASE,
)
"""What leads up to a question; what is left after it is the question itself."""

_TRAIL = re.compile(
    r"(?:[,.;]|(?<!\s))\s*+(?:(?:please|thanks|thank you|can you|could you|and)\s*+)?(?:pass|send) it (?:on|along).*$",
    re.IGNORECASE,
)
SHORTEST, SHOWN = 3, 4
"""Words a sentence has to have left to be taken as the question; questions shown of those asked before."""


def show(work: Work, asker: Asker, question: Question) -> Answer:
    """The form, with what was typed as the question where it says one; nothing is sent before it is pressed."""
    left = _TRAIL.sub("", _LEAD.sub("", question.text)).strip(" ?.,:")
    text = f"{left[:1].upper()}{left[1:]}?" if len(left.split()) >= SHORTEST else ""
    if not text and may_read(work, Thing.QUESTIONS, asker.mail):
        return _waiting(work)
    card = question_card(part_of(question.text), text, _asked(work, asker.mail))
    return Answer(title="Put a question to KCC", cards=(card,), is_card=True, is_of_now=False)


def _waiting(work: Work) -> Answer:
    """For KCC: the questions that wait for its answer, the oldest first."""
    rows = open_questions(work)
    if not rows:
        return Answer(title="No questions wait for KCC's answer")
    count = "1 question waits" if len(rows) == 1 else f"{len(rows)} questions wait"
    facts = [(f"{r.id}, {london(r.asked_at):%-d %b}", _short(r.text)) for r in rows[:SHOWN]]
    said = ("Answer them in the list 'Questions and answers'.",)
    return Answer(title=f"{count} for KCC's answer", sentences=said, facts=facts)


def _asked(work: Work, mail: str) -> list[tuple[str, str]]:
    return [(f"{r.id}, {london(r.asked_at):%-d %b}", _standing(r)) for r in questions_of(work, mail)[:SHOWN]]


def _standing(row: Any) -> str:
    return f"{_short(row.text)} – {'answered: ' + _short(row.answer) if row.answer else 'waits for KCC'}"


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:159] + "…"


def send(press: Press) -> Answer:
    """Put it to KCC; one that names a child is asked for again."""
    text, part = press.text("text", 1_100), press.text("part", 60)
    try:
        question_id = press.attempt(ask, Part(part) if part in list(Part) else part_of(text), text, press.mail)
    except InputRefused as error:
        known = Part(part) if part in list(Part) else part_of(text)
        card = question_card(known, text, _asked(press.work, press.mail), str(error))
        return Answer(title=str(error), cards=(card,), is_card=True, is_of_now=False)
    row = question_row(press.work, question_id)
    if row.answer:
        return Answer(title=f"{question_id}: that was answered already", sentences=(row.answer,))
    same = row.group_id != question_id
    said = "Others asked the same; you all get the answer." if same else "The answer comes to you by mail."
    return Answer(title=f"{question_id} is with KCC", sentences=(said,))


ANSWERS: Mapping[str, Answering] = {"question": show}
VERBS: Mapping[str, Pressing] = {VERB: send}
