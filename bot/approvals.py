"""The chair presses 'Record the decision': read, checked at the command, answered with a card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.cards.decision import CONDITIONS_CHARACTERS, DETAILS_CHARACTERS, VERB, decided_card, decision_card
from bot.cards.notice import notice
from bot.turns import Reply, Turn
from casework.decide import decide, decision_ask, decision_post
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import mail_of
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from communities.decisions import DecidedBy, Decision, Override, Response
from communities.money import NotAnAmount, read_pence

__all__ = ["VERB", "record_decision"]


async def record_decision(desk: Desk, turn: Turn) -> Reply:
    """Record what the card says, by the person who pressed; every refusal is a card that says why."""
    request_id = str(turn.values.get("request_id", ""))[:40]
    mail = await desk.run(SYSTEM, mail_of, turn.object_id)
    if mail is None:
        return _notice("You are not known here", "Ask your clerk to add your mail address to the directory.")
    try:
        decision = read_decision(turn.values)
        post = await desk.run(mail, decide, request_id, decision, mail)
    except InputRefused as error:
        return await _ask_again(desk, request_id, turn.values, error)
    except NotAllowed as error:
        return _notice("This decision is not yours to record", str(error))
    except AlreadyDone as error:
        return await _show_what_stands(desk, request_id, error)
    return Reply(cards=(decided_card(post),))


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


async def _ask_again(desk: Desk, request_id: str, values: Mapping[str, Any], error: InputRefused) -> Reply:
    try:
        ask = await desk.run(SYSTEM, decision_ask, request_id)
    except InputRefused as unknown:
        return _notice("This card is out of date", str(unknown))
    return Reply(cards=(decision_card(ask, typed=values, problems=error.sentences),))


async def _show_what_stands(desk: Desk, request_id: str, error: AlreadyDone) -> Reply:
    try:
        post = await desk.run(SYSTEM, _post_if_decided, request_id)
    except InputRefused:
        return _notice("Nothing was changed", str(error))
    return Reply(cards=(decided_card(post, note=str(error)),))


def _post_if_decided(work: Work, request_id: str) -> Any:
    return decision_post(work, request_id)


def _notice(title: str, sentence: str) -> Reply:
    return Reply(cards=(notice(title, sentence),))
