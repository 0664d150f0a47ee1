"""Every place of the product that says something to a person, asked in somebody's name; nothing asked stays done.

Each function gives what comes back, whole. What there is to ask is named here, and a test fails where that is not all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from bot import action_items
from bot.asking import Question
from bot.behaviours import ANSWERS, VERBS
from bot.cards.answer import answer_card
from bot.cards.to_decide import TICK
from bot.cards.wizard import CLOSE, DISCARD, GO, SEND
from bot.chat import _answered
from bot.clerks_desk import DOES, OPENS
from bot.router import REFUSED, card_of
from bot.searching import SEARCHES, search
from bot.verbs import Press
from casework.desk import Work
from casework.meeting_record import close_action
from casework.request_record import perform
from communities.lifecycle import Move
from forms_ingest.request_for_support import read_response
from tests.attack.marked_world import Side, word
from tests.test_authorisation import COMMANDS

SENTENCES: Mapping[str, tuple[str, ...]] = {
    **{intent: (intent.replace("_", " "),) for intent in (
        "actions", "amend_request", "deadline", "elsewhere", "evaluation", "guidance", "help", "hnfo", "minutes",
        "my_requests", "next_meeting", "papers", "reports", "request_status", "submit_request",
        "surgery_book", "surgery_cancel", "surgery_feedback", "surgery_list", "thanks", "withdraw_request",
        "pending_decisions")},
    "attendance": ("who came", "send my apologies"),
    "budget_balance": ("what is left", "what was spent", "county totals", "forecast if all are approved"),
    "case_study": ("show case studies", "show case study C-2026-0001", "show case study C-2026-0002", "share one"),
    "decisions": ("what was decided", "what was deferred", "what is not paid yet", "what was decided this school year"),
    "due": ("what is due", "what is stuck"),
    "link_practitioner": ("who is our SEN IA", "who is the chair", "which schools do I serve"),
    "question": ("questions", "who pays for transport to school in winter?"),
    "school_budget": ("our budget", "school level template", "notional SEN budget", "top-up"),
}  # fmt: skip
"""Intent to what is typed; what the sentence names is added to it, of both communities."""

VALUES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    **{verb: ({},) for verb in (
        "decide", "decide.show", "list.show", "list.approve", CLOSE, DISCARD, SEND, "register", "minutes",
        "minutes.proposed", "apologies", "case.share", "evaluate", "held", "report.sign", "question.ask",
        "surgery.book", "surgery.cancel", "surgery.move", "surgery.feedback", "surgery.stop-mails",
        "surgery.resume-mails", "surgery.new", "surgery.publish", "surgery.sum-up-form", "surgery.sum-up",
        "surgery.call-off", "team.link")},
    GO: ({"to": 0}, {"to": 4}),
    "withdraw": ({}, {"reason": "Because"}),
    "papers-by-hand": ({}, {"sent_on": "2026-11-02"}),
    "desk": tuple({"task": task.name} for task in (*DOES, *OPENS)),
}  # fmt: skip
"""Verb to what its card sends beside the numbers of whatever it is about."""

NO_NUMBER = "R-2026-9999"


def named(side: Side) -> Iterator[Mapping[str, Any]]:
    """What a sentence can name of a side."""
    yield {"community": side.name}
    yield {"school": side.schools[0]}
    yield from ({"request": number} for number in (*side.requests, NO_NUMBER))


def said_in_chat(
    work: Work, mail: str, sides: Mapping[str, Side], **place: Any
) -> Iterator[tuple[str, str]]:  # place: as in `Question`
    """Each intent about everything that can be named, and about nothing."""
    for intent, sentences in SENTENCES.items():
        for text in sentences:
            for entities in ({}, *named(sides["own"]), *named(sides["other"])):
                question = Question(text=text, intent=intent, confidence=1.0, entities=entities, **place)
                with undone(work):
                    answer = _answered(work, question, mail, [])
                    cards = json.dumps([answer_card(answer, work.now), *answer.cards], ensure_ascii=False)
                    yield f"{intent} {text} {entities}", f"{answer.as_text()} {cards} {answer.choices} {answer.pending}"


def said_on_cards(work: Work, mail: str, sides: Mapping[str, Side]) -> Iterator[tuple[str, str]]:
    """Each verb with the numbers of either side, of neither, and of one's own meeting with the other's request."""
    for verb, several in VALUES.items():
        for more in several:
            for about, values in subjects(sides).items():
                given = {**values, **more}
                if verb == "desk":
                    of_request = given["task"] in ("FORWARD", "CHASE", "HELD")
                    report = given["task"] == "SIGN"
                    subject = "request_id" if of_request else "report_id" if report else "meeting_id"
                    given["subject"] = values[subject]
                yield f"{verb} {more} {about}", pressed_alone(work, mail, verb, given)


def pressed_alone(work: Work, mail: str, verb: str, values: Mapping[str, Any]) -> str:
    """What one press brings, or is refused with; taken back."""
    press = Press(work=work.acting(mail), mail=mail, values=values, read_answers=read_response)
    return refusable(work, lambda: pressed(press, verb))


def pressed(press: Press, verb: str) -> str:
    """What a press brings, the card and the text."""
    said = VERBS[verb](press)
    return f"{said.as_text()} {json.dumps(card_of(said, press.work), ensure_ascii=False)}"


def subjects(sides: Mapping[str, Side]) -> Mapping[str, Mapping[str, Any]]:
    """The values of a card by what it is about."""
    found = {}
    for name, side in sides.items():
        for number in side.requests:
            found[f"{name} {number}"] = _values(side, number)
    found["a request of none"] = _values(sides["own"], NO_NUMBER)
    found["the other's request at one's own meeting"] = _values(sides["own"], sides["other"].waiting)
    found["one's own request at the other's meeting"] = _values(sides["other"], sides["own"].waiting)
    return found


def _values(side: Side, number: str) -> Mapping[str, Any]:
    return {
        "request_id": number, "meeting_id": side.meeting, "report_id": side.report, "surgery_id": side.surgery,
        "proposal_id": f"{side.meeting}#1", "is": "own", "community": side.name, "school": side.schools[0],
        f"{TICK}{number}": "true", "responses": "Financial contribution", "amount": 900, "made_by": "Consensus",
        "review_on": "2027-02-01", "of.0": "Present", "item.1": "Welcomed", "signature": "S", "to": 1, "slot": "3",
        "focus": "Pastoral", "description": "A", "overview": "B", "impact": "C", "service": "Health Navigator",
        "effective": "4", "booking_id": "1", "useful": "5", "day": "2026-11-19", "at": "10:00", "slots": "3",
        "minutes": "20", "team": "19:team", "text": "Who pays for the bus to the next town?",
    }  # fmt: skip


def said_by_commands(work: Work, mail: str, sides: Mapping[str, Side]) -> Iterator[tuple[str, str]]:
    """Each move of a request and each command of the console in somebody's name: what it refuses with."""
    numbers = [n for side in sides.values() for n in (*side.requests, NO_NUMBER)]
    for move in Move:
        for number in numbers:
            yield f"{move} {number}", moved(work, number, move, mail)
    for name, (_, doing) in COMMANDS.items():
        for side in sides.values():
            yield f"{name} {side.name}", refusable(work, lambda d=doing, s=side: d(work, mail, s.name, s.meeting))
    for action in ("A-2026-0001", "A-2026-0002", "A-2026-9999"):
        yield f"close {action}", refusable(work, lambda a=action: close_action(work, a, "Done", mail))


def said_by_the_extension(work: Work, mail: str, sides: Mapping[str, Side]) -> Iterator[tuple[str, str]]:
    """Each search, and the dialog that keeps an action."""
    words = ("R-2026", "school", *(w for side in sides.values() for w in (side.name, side.schools[0], word("own", ""))))
    for command in SEARCHES:
        for text in words:
            yield f"{command} {text}", refusable(work, lambda c=command, t=text: search(work, mail, c, t))
    for side in sides.values():
        yield f"dialog {side.name}", refusable(work, lambda s=side: action_items.ask(work, mail, "x", s.name))
        typed = {"what": "x", "owner": "y", "due_on": date(2027, 1, 1).isoformat(), "community": side.name}
        yield f"action {side.name}", refusable(work, lambda t=typed: action_items.keep(work, mail, t))


def moved(work: Work, number: str, move: Move, mail: str) -> str:
    """What comes of a move, or its refusal."""
    return refusable(work, lambda: perform(work, number, move, mail, reason="R"))


class undone:
    """What is done here is taken back."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __enter__(self) -> None:
        self._point = self._work.conn.begin_nested()

    def __exit__(self, *_: object) -> None:
        self._point.rollback()


def refusable(work: Work, doing: Callable[[], Any]) -> str:
    """What comes of it, or the sentence it was refused with; taken back."""
    with undone(work):
        try:
            return str(doing())
        except tuple(REFUSED) as error:
            return f"{type(error).__name__} {error}"


def missing() -> set[str]:
    """What the product has and nobody is asked here, and the other way round."""
    return (set(ANSWERS) ^ set(SENTENCES)) | (set(VERBS) ^ set(VALUES))
