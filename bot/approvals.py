"""The chair presses 'Record the decision': read, checked at the command, answered with a card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.asking import Answer
from bot.cards.decision import CONDITIONS_CHARACTERS, DETAILS_CHARACTERS, VERB, decided_card, decision_card
from bot.turns import Card
from bot.verbs import Press, Pressing
from casework.decide import decide, decision_ask, decision_post
from casework.desk import Work
from casework.errors import AlreadyDone, InputRefused
from casework.permissions import check_may
from casework.request_record import request_row
from communities.decisions import DecidedBy, Decision, Override, Response
from communities.lifecycle import BY_MOVE, HEARD, Move
from communities.money import NotAnAmount, read_pence


def record_decision(press: Press) -> Answer:
    """Record what the card says, by the person who pressed; every refusal is a card that says why."""
    request_id = press.text("request_id", 40)
    check_may(press.work, request_row(press.work, request_id), BY_MOVE[Move.DECIDE], press.mail)
    try:
        decision = read_decision(press.values)
        post = press.attempt(decide, request_id, decision, press.mail)
    except InputRefused as error:
        return _alone(f"{request_id} is to be decided", _asked_again(press, request_id, error))
    except AlreadyDone as error:
        return _what_stands(press.work, request_id, error)
    return _alone(f"{request_id} was decided", decided_card(post))


def read_decision(values: Mapping[str, Any]) -> Decision:
    """The CoS section from a card's values. They are untrusted: `InputRefused` names what does not fit."""
    problems: list[str] = []
    responses = [r for r in str(values.get("responses") or "").split(",") if r]
    unknown = [r for r in responses if r not in {x.value for x in Response}]
    if unknown:
        problems.append(f"'{unknown[0][:60]}' is not a response.")
    try:
        amount = read_pence(values.get("amount") or 0)
    except NotAnAmount:
        amount = 0
        problems.append(f"'{str(values.get('amount'))[:30]}' is not an amount in pounds, for example 3250.")
    written = str(values.get("review_on") or "")
    try:
        review_on = date.fromisoformat(written) if written else None
    except ValueError:
        review_on = None
        problems.append(f"'{written[:30]}' is not a date.")
    made_by = str(values.get("made_by") or "")
    if made_by not in {x.value for x in DecidedBy}:
        problems.append("Say who made the decision: consensus or the chair.")
    if problems:
        raise InputRefused(*problems)
    return Decision(
        responses=tuple(dict.fromkeys(Response(r) for r in responses)),
        details=str(values.get("details") or "").strip()[:DETAILS_CHARACTERS],
        amount_pence=amount,
        review_on=review_on,
        made_by=DecidedBy(made_by),
        conditions=str(values.get("conditions") or "").strip()[:CONDITIONS_CHARACTERS],
        override=_read_override(values),
    )


def _read_override(values: Mapping[str, Any]) -> Override | None:
    allowed_by = str(values.get("override_by") or "").strip()[:200]
    return (
        Override(allowed_by=allowed_by, reason=str(values.get("override_reason") or "").strip()[:500])
        if allowed_by
        else None
    )


def _asked_again(press: Press, request_id: str, error: InputRefused) -> Card:
    return decision_card(decision_ask(press.work, request_id), typed=press.values, problems=error.sentences)


def _what_stands(work: Work, request_id: str, error: AlreadyDone) -> Answer:
    row = request_row(work, request_id)
    if row.state not in HEARD[2:]:
        raise error
    return _alone(f"{request_id} was decided", decided_card(decision_post(work, request_id), note=str(error)))


def _alone(title: str, card: Card) -> Answer:
    return Answer(title=title, cards=(card,), is_card=True, is_of_now=False)


VERBS: Mapping[str, Pressing] = {VERB: record_decision}
