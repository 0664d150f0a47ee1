"""A school takes its request back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.answers.requests import request_meant
from bot.asking import Answer, Answering, Asker, Question
from bot.cards.withdraw import VERB, withdraw_card
from bot.verbs import Press, Pressing
from casework.desk import Work
from casework.errors import AlreadyDone, InputRefused
from casework.permissions import check_may
from casework.request_moves import withdraw_request
from casework.request_record import REASON_CHARACTERS, request_for
from communities.lifecycle import BY_MOVE, Move, State

_WHY = re.compile(r"\b(?:because|since|as|the reason is|reason:)\s+(?=\w+\s+\w+)(.+)$", re.IGNORECASE)
"""Why, where the sentence says it already."""
NO_REASON = "Write why on this card, or on the one before, and press the button: a yes alone says no reason."


def ask(work: Work, asker: Asker, question: Question) -> Answer:
    """The card that asks why; nothing happens before it is pressed."""
    row = request_meant(work, asker, question)
    check_may(work, row, BY_MOVE[Move.WITHDRAW], asker.mail)
    if State(row.state) not in BY_MOVE[Move.WITHDRAW].starts:
        raise AlreadyDone(f"{row.id} is '{row.state}' and cannot be withdrawn any more.")
    given = _WHY.search(question.text)
    card = withdraw_card(row.id, row.school, reason=given[1].strip()[:REASON_CHARACTERS] if given else "")
    pending = {"verb": VERB, "request_id": row.id}  # without the reason: what somebody typed is not remembered
    return Answer(title=f"Withdraw {row.id}?", cards=(card,), is_card=True, is_of_now=False, pending=pending)


def withdraw(press: Press) -> Answer:
    """Withdraw it with the reason; one that cannot be taken is asked for again."""
    request_id = press.text("request_id", 40)
    row = request_for(press.work, request_id, press.mail)
    if "reason" not in press.values:
        card = withdraw_card(request_id, row.school, NO_REASON)
        return Answer(title=f"Withdraw {request_id}?", cards=(card,), is_card=True, is_of_now=False)
    try:
        press.attempt(withdraw_request, request_id, press.text("reason", REASON_CHARACTERS + 1), press.mail)
    except InputRefused as error:
        card = withdraw_card(request_id, row.school, str(error))
        return Answer(title=f"Withdraw {request_id}?", cards=(card,), is_card=True, is_of_now=False)
    return Answer(title=f"{request_id} was withdrawn", sentences=("The clerk and the chair are told.",))


ANSWERS: Mapping[str, Answering] = {"withdraw_request": ask}
VERBS: Mapping[str, Pressing] = {VERB: withdraw}
