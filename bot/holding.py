"""Requests that are held because they were probably sent twice: the clerk says what they are."""

from __future__ import annotations

from collections.abc import Mapping

from bot.asking import Answer
from bot.cards.held import OWN, TWICE, VERB, held_card
from bot.verbs import Press, Pressing
from casework.errors import AlreadyDone, InputRefused
from casework.permissions import check_may
from casework.receive import discard_held, release_held
from casework.request_record import request_for
from casework.request_view import circulated_view
from communities.lifecycle import BY_MOVE, Move, State


def held_form(press: Press, request_id: str) -> Answer:
    """The request behind a line of the desk, for whoever may say what it is."""
    row = request_for(press.work, request_id, press.mail)
    check_may(press.work, row, BY_MOVE[Move.RECEIVE], press.mail)
    if row.state != State.SUBMITTED:
        raise AlreadyDone(f"{request_id} is not held any more.")
    view = circulated_view(row)
    card = held_card(row.id, row.school, row.note, view.solution)
    return Answer(title=f"{row.id}: sent twice?", cards=(card,), is_card=True)


def settle(press: Press) -> Answer:
    """It goes on, or it is withdrawn."""
    request_id, which = press.text("request_id", 40), press.text("is")
    if which not in (OWN, TWICE):
        raise InputRefused(f"'{which[:20]}' is no answer: it is a request of its own, or it was sent twice.")
    press.attempt(release_held if which == OWN else discard_held, request_id, press.mail)
    return Answer(title=f"{request_id} goes on" if which == OWN else f"{request_id} is withdrawn: it was sent twice")


VERBS: Mapping[str, Pressing] = {VERB: settle}
