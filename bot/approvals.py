"""Decisions in Teams: the cards that wait for somebody, and what their buttons do, checked at the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.asking import Answer, Answering, Asker, Question, named_community, nothing_about, request_row_of
from bot.cards.decision import (
    CONDITIONS_CHARACTERS,
    DETAILS_CHARACTERS,
    SHOW,
    VERB,
    decided_card,
    decision_card,
    standing_card,
)
from bot.cards.to_decide import APPROVE, LIST, TICK, to_decide_card
from bot.installs import users_of
from bot.turns import Card
from bot.verbs import Press, Pressing
from casework.decide import decide, decision_ask, decision_post, waiting_for
from casework.desk import Work
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.permissions import check_may, may_move
from casework.reading import Thing, check_may_read
from casework.request_record import request_for, request_row
from casework.schedule import meeting_row, runs_meetings
from casework.to_decide import approve_as_asked, to_decide_post
from communities.decisions import DecidedBy, Decision, Response
from communities.lifecycle import BY_MOVE, DECIDED, Move, State
from communities.money import NotAnAmount, pounds, read_pence
from communities.overrides import Override

MOST_AT_ONCE = 30
AT_ONCE = 3
"""Cards in one answer; the rest is named, so that a phone is not flooded."""


def pending(work: Work, asker: Asker, question: Question) -> Answer:
    """The decision cards that wait, in the chair's own chat only; of a request that is named, its card alone."""
    if request_id := question.entities.get("request"):
        row = request_row_of(work, asker, str(request_id))
        if row is None:
            return nothing_about(str(request_id))
        pence = question.entities.get("amount_pence")
        return _request_shown(work, asker.mail, row, {"amount": pence / 100} if pence else {})
    named = named_community(work, asker, question)
    waiting = [r for r in waiting_for(work, asker.mail) if named in ("", request_row(work, r).community)]
    if not waiting:
        said = "" if asker.chaired else "The chair records decisions at the meeting, or the clerk from their tasks."
        return Answer(title="Nothing waits for your decision", sentences=(said,) if said else ())
    cards = tuple(decision_card(decision_ask(work, request_id)) for request_id in waiting[:AT_ONCE])
    count = "1 request waits" if len(waiting) == 1 else f"{len(waiting)} requests wait"
    rest = f"; here are the first {AT_ONCE}" if len(waiting) > AT_ONCE else ""
    return Answer(title=f"{count} for your decision{rest}", cards=cards)


def record_decision(press: Press) -> Answer:
    """Record what the card says, by the person who pressed; every refusal is a card that says why."""
    request_id = press.text("request_id", 40)
    check_may(press.work, request_for(press.work, request_id, press.mail), BY_MOVE[Move.DECIDE], press.mail)
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
    except NotAnAmount as error:
        amount = 0
        problems.append(str(error))
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
    if row.state not in DECIDED:
        raise error
    return _alone(f"{request_id} was decided", decided_card(decision_post(work, request_id), note=str(error)))


def _alone(title: str, card: Card) -> Answer:
    return Answer(title=title, cards=(card,), is_card=True, is_of_now=False)


def show_request(press: Press) -> Answer:
    """A request as the person may see it: who may decide it the card to fill in, others how it stands."""
    row = request_for(press.work, press.text("request_id", 40), press.mail)
    return _request_shown(press.work, press.mail, row, {})


def _request_shown(work: Work, mail: str, row: Any, typed: Mapping[str, Any]) -> Answer:
    """What stands of one request; who may decide it gets the card, with what the sentence said filled in."""
    if row.state in DECIDED:
        return _alone(f"{row.id} was decided", decided_card(decision_post(work, row.id)))
    if row.state != State.ON_AGENDA:
        raise AlreadyDone(f"{row.id} is '{row.state}'; it is not to be decided now.")
    ask = decision_ask(work, row.id)
    if not may_move(work, row, BY_MOVE[Move.DECIDE], mail):
        return _alone(f"{row.id} waits", standing_card(ask))
    return _alone(f"{row.id} is to be decided", decision_card(ask, typed=typed))


def show_list(press: Press) -> Answer:
    """The meeting's list, with buttons for those who decide."""
    meeting_id = press.text("meeting_id")
    _check_reader(press, meeting_row(press.work, meeting_id).community)
    return _listed(press, meeting_id, ())


def _check_reader(press: Press, community: str) -> None:
    check_may_read(press.work, Thing.DECISIONS, press.mail, community)


def approve_ticked(press: Press) -> Answer:
    """Approve each ticked request as it was asked for; one that cannot be says why and holds up none of the others."""
    meeting_id = press.text("meeting_id")
    _check_reader(press, meeting_row(press.work, meeting_id).community)
    ticked = sorted(k.removeprefix(TICK) for k, v in press.values.items() if k.startswith(TICK) and v in (True, "true"))
    if not ticked:
        return _listed(press, meeting_id, ("⚠ Nothing is ticked: tick the requests to approve as asked.",))
    notes = [_approved(press, request_id[:40]) for request_id in ticked[:MOST_AT_ONCE]]
    return _listed(press, meeting_id, notes)


def _approved(press: Press, request_id: str) -> str:
    try:
        post = press.attempt(approve_as_asked, request_id, press.mail)
    except (InputRefused, NotAllowed, AlreadyDone) as error:
        return f"⚠ {request_id}: {error}"
    amount = pounds(post.amount_pence) if post.amount_pence else "no money"
    return f"✓ {request_id}: approved as asked, {amount}."


def _listed(press: Press, meeting_id: str, notes: Sequence[str]) -> Answer:
    post = to_decide_post(press.work, meeting_id)
    may_decide = runs_meetings(press.work, post.community, press.mail)
    card = to_decide_card(post, may_decide=may_decide, notes=notes, users=users_of(press.work, post.deciders))
    return _alone(f"Decisions of {post.community}", card)


ANSWERS: Mapping[str, Answering] = {"pending_decisions": pending}
VERBS: Mapping[str, Pressing] = {
    VERB: record_decision,
    SHOW: show_request,
    LIST: show_list,
    APPROVE: approve_ticked,
}
