"""Help and the greeting: everything a person can ask for, by what they hold, made from one catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from types import MappingProxyType

from bot.answers.smalltalk import EXAMPLES
from bot.asking import Answer, Answering, Asker, Question
from bot.cards.answer import MOST_ACTIONS
from casework.desk import Work
from casework.directory_record import directory_of
from communities.directory import Role


class Holds(StrEnum):
    """What a person holds, as far as help differs by it."""

    SCHOOL = "at a school"
    CLERK = "clerk"
    CHAIR = "chair"
    ADVISER = "SEN Inclusion Adviser"
    COUNTY = "at KCC"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that can be done: its intent, who does it, what it is called and the sentence that asks for it."""

    intent: str
    who: frozenset[Holds]
    title: str
    sentence: str


EVERYBODY = frozenset(Holds)
_OWN = EVERYBODY - {Holds.ADVISER}
_SCHOOLS = frozenset({Holds.SCHOOL})
_SENDERS = frozenset({Holds.SCHOOL, Holds.CLERK})
_RUN = frozenset({Holds.CLERK, Holds.CHAIR})


def _line(intent: str, who: frozenset[Holds], title: str = "", sentence: str = "") -> Line:
    usual = EXAMPLES[intent]
    return Line(intent=intent, who=who, title=title or usual[0], sentence=sentence or usual[1])


CATALOGUE: tuple[Line, ...] = (
    _line("submit_request", _SENDERS),
    _line("request_status", frozenset({Holds.SCHOOL})),
    _line("my_requests", _SCHOOLS),
    _line("amend_request", _SCHOOLS),
    _line("withdraw_request", _SCHOOLS),
    _line("due", _RUN, "My tasks"),
    _line("pending_decisions", frozenset({Holds.CHAIR})),
    _line("attendance", _RUN, "Take the register"),
    _line("attendance", _SCHOOLS, "Send apologies", "send my apologies for the next meeting"),
    _line("minutes", EVERYBODY - _RUN),
    _line("minutes", _RUN, "Read or write the minutes"),
    _line("papers", EVERYBODY),
    _line("actions", EVERYBODY),
    _line("decisions", EVERYBODY),
    _line("next_meeting", EVERYBODY),
    _line("deadline", EVERYBODY),
    _line("budget_balance", EVERYBODY),
    _line("school_budget", _SCHOOLS),
    _line("reports", _RUN),
    _line("link_practitioner", _SCHOOLS),
    _line("hnfo", EVERYBODY),
    _line("surgery_list", EVERYBODY),
    _line("surgery_book", _SCHOOLS),
    _line("surgery_book", frozenset({Holds.ADVISER}), "Publish a surgery", "publish a surgery"),
    _line("surgery_cancel", _SCHOOLS),
    _line("surgery_feedback", _SCHOOLS),
    _line("case_study", EVERYBODY),
    _line("evaluation", _SCHOOLS),
    _line("guidance", EVERYBODY),
    _line("question", EVERYBODY),
)
"""Every intent but help itself, thanks and what is done elsewhere; a test asks each sentence as each role."""

FIRST: Mapping[Holds, tuple[str, ...]] = MappingProxyType(
    {
        Holds.CLERK: ("due", "attendance", "minutes", "actions", "papers", "deadline"),
        Holds.CHAIR: ("pending_decisions", "budget_balance", "due", "papers", "actions", "reports"),
        Holds.SCHOOL: ("submit_request", "my_requests", "deadline", "next_meeting", "surgery_book", "school_budget"),
        Holds.ADVISER: ("surgery_book", "surgery_list", "next_meeting", "papers", "actions", "guidance"),
        Holds.COUNTY: ("budget_balance", "decisions", "papers", "hnfo", "question", "guidance"),
    }
)
"""What each role does most: their buttons, six at most on a card (a choice)."""


def held_by(work: Work, asker: Asker) -> list[Holds]:
    """What the person holds, in the order of `FIRST`; whoever holds nothing is helped as a school is."""
    is_adviser = any(p.role is Role.SEN_IA for p in directory_of(work).roles_of(asker.mail))
    has = {
        Holds.CLERK: bool(asker.clerked), Holds.CHAIR: bool(asker.chaired), Holds.SCHOOL: bool(asker.schools),
        Holds.ADVISER: is_adviser, Holds.COUNTY: asker.is_county,
    }  # fmt: skip
    return [held for held in FIRST if has[held]] or [Holds.SCHOOL]


def lines_for(held: Sequence[Holds]) -> list[Line]:
    """Everything these roles can do, in the catalogue's order."""
    return [line for line in CATALOGUE if not line.who.isdisjoint(held)]


def _buttons(held: Sequence[Holds], lines: Sequence[Line]) -> tuple[tuple[str, str], ...]:
    """What each role does most, taken in turn where somebody has several."""
    first = [intent for row in zip_longest(*(FIRST[h] for h in held)) for intent in row if intent]
    chosen = [next(line for line in lines if line.intent == intent) for intent in dict.fromkeys(first)]
    return tuple((line.title, line.sentence) for line in chosen)


def helped(work: Work, asker: Asker, question: Question) -> Answer:
    """Everything the person can ask for, each with a sentence that asks for it; the most usual as buttons."""
    held = held_by(work, asker)
    lines = lines_for(held)
    return Answer(
        title="I run the paperwork of your Community of Schools",
        sentences=("Write to me as you would to a colleague. You can, for example, ask for:",),
        facts=[(line.title, f"“{line.sentence}”") for line in lines],
        choices=_buttons(held, lines)[:MOST_ACTIONS],
        is_of_now=False,
    )


def greeted(work: Work, asker: Asker) -> Answer:
    """The first word to somebody who has just been given the app."""
    held = held_by(work, asker)
    name = next((p.name.split()[0] for p in directory_of(work).roles_of(asker.mail)), "")
    return Answer(
        title=f"Hello {name}, I am CoS Desk".replace(" ,", ","),
        sentences=(
            "I run the paperwork of your Community of Schools: requests, meetings, papers, decisions and the budget.",
            "Write to me as you would to a colleague, or start with one of these. Write “help” to see everything.",
        ),
        choices=(*_buttons(held, lines_for(held))[: MOST_ACTIONS - 1], EXAMPLES["help"]),
        is_of_now=False,
    )


ANSWERS: Mapping[str, Answering] = {"help": helped}
