"""The decision card for the chair, what replaces it once decided, and the post for the channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from microsoft_teams.cards import (
    AdaptiveCard,
    CardElement,
    Choice,
    ChoiceSetInput,
    DateInput,
    ExecuteAction,
    FactSet,
    NumberInput,
    RefreshDefinition,
    TextInput,
)

from bot.cards.parts import balances, facts, finish, heading, line, literal, said
from bot.turns import Card
from casework.ports import DecisionAsk, DecisionPost
from communities.decisions import DecidedBy, Response
from communities.money import pounds

VERB = "decide"
SHOW = "decide.show"
IF_APPROVED = "After, if this request alone is approved as asked"
DETAILS_CHARACTERS = 2_000
CONDITIONS_CHARACTERS = 1_000


def decision_card(ask: DecisionAsk, *, typed: Mapping[str, Any] | None = None, problems: Sequence[str] = ()) -> Card:
    """The request, the balance before and after, and the CoS section to fill in.

    `typed` keeps what the chair had entered when `problems` send the card back.
    """
    body: list[CardElement] = [heading(f"{ask.request_id}: {literal(ask.school)}")]
    body += [line(f"⚠ {p}", color="Attention") for p in problems]
    body.append(
        facts(
            [
                ("Community", ask.community),
                ("Meeting", ask.meeting_on),
                ("Support requested", ", ".join(ask.support)),
                ("Requested", pounds(ask.requested_pence) if ask.requested_pence else "–"),
                ("Pupils", "{} on SEN Support, {} with an EHCP, {} looked after".format(*ask.pupils)),
                ("Key stage", ", ".join(ask.key_stages)),
            ]
        )
    )
    for label, text in (
        ("Solution required", ask.solution),
        ("Expected outcomes", ask.outcomes),
        ("How will the funding be used?", ask.funding_use),
        ("Support so far", ask.already_supported),
    ):
        if text:
            body += said(label, text)
    body += _cautions(ask)
    body += _balance(ask)
    body += _inputs(ask, typed or {})
    return finish(
        AdaptiveCard(
            body=body,
            actions=[
                ExecuteAction(
                    title="Record the decision",
                    verb=VERB,
                    style="positive",
                    data={"request_id": ask.request_id, "version": ask.version},
                )
            ],
            refresh=_refresh(ask.request_id),
            lang="en",
            fallback_text=f"{ask.request_id} of {ask.school} waits for your decision.",
        )
    )


def _refresh(request_id: str) -> RefreshDefinition:
    """Teams asks again whenever it is opened: a card that was overtaken shows what stands."""
    return RefreshDefinition(action=ExecuteAction(title="Refresh", verb=SHOW, data={"request_id": request_id}))


def _cautions(ask: DecisionAsk) -> list[CardElement]:
    said = []
    if ask.has_interest:
        said.append("This is your own school's request: it is decided by consensus, or by another chair.")
    if ask.objecting:
        said.append(f"Objecting: {literal(', '.join(ask.objecting))}. Without consensus, the chair decides.")
    return [line(s, color="Warning") for s in said]


def _balance(ask: DecisionAsk) -> list[CardElement]:
    if ask.budget is None:
        return [line("No budget was imported for this community yet: no amount can be approved.", color="Attention")]
    rows = [("Before", ask.budget)]
    if ask.budget_if_approved:
        rows.append((IF_APPROVED, ask.budget_if_approved))
    return balances(rows)


def _inputs(ask: DecisionAsk, typed: Mapping[str, Any]) -> list[CardElement]:
    asked = ",".join(r.value for r in Response if r.value in ask.support)
    amount = typed.get("amount", ask.requested_pence / 100 if ask.requested_pence else 0)
    return [
        ChoiceSetInput(
            id="responses",
            label="Request response",
            is_multi_select=True,
            is_required=True,
            error_message="Choose at least one response.",
            value=str(typed.get("responses", asked)),
            choices=[Choice(title=r.value, value=r.value) for r in Response],
        ),
        NumberInput(
            id="amount",
            label="Final amount approved (£)",
            min=0,
            value=_number(amount),
            error_message="Enter an amount in pounds, 0 if none.",
        ),
        TextInput(
            id="details",
            label="Details of support agreed",
            is_multiline=True,
            max_length=DETAILS_CHARACTERS,
            value=str(typed.get("details", "")),
        ),
        TextInput(
            id="conditions",
            label="Conditions, if any",
            is_multiline=True,
            max_length=CONDITIONS_CHARACTERS,
            value=str(typed.get("conditions", "")),
        ),
        DateInput(id="review_on", label="Review date", value=str(typed.get("review_on", ask.review_on.isoformat()))),
        ChoiceSetInput(
            id="made_by",
            label="Decision made by",
            style="expanded",
            is_required=True,
            error_message="Say who made the decision.",
            value=str(typed.get("made_by", DecidedBy.CONSENSUS.value)),
            choices=[Choice(title=d.value, value=d.value) for d in DecidedBy],
        ),
        *_override_inputs(ask, typed),
    ]


def _override_inputs(ask: DecisionAsk, typed: Mapping[str, Any]) -> list[CardElement]:
    """Asked for only where the money may not suffice: what is asked, or what was typed, is above the balance."""
    if ask.budget is None:
        return []
    wanted = max(ask.requested_pence or 0, round((_number(typed.get("amount", 0)) or 0) * 100))
    if wanted <= max(ask.budget.balance_pence, 0):
        return []
    return [
        TextInput(
            id="override_by",
            label="To spend below zero: who at KCC allows it (name or mail)",
            max_length=200,
            value=str(typed.get("override_by", "")),
        ),
        TextInput(
            id="override_reason",
            label="The reason",
            max_length=500,
            value=str(typed.get("override_reason", "")),
        ),
    ]


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def standing_card(ask: DecisionAsk) -> Card:
    """A request that waits, for those who do not decide it."""
    body: list[CardElement] = [
        heading(f"{ask.request_id}: {literal(ask.school)}"),
        line(f"It waits for the decision of {literal(ask.community)}, {ask.meeting_on}."),
    ]
    said = f"{ask.request_id} of {ask.school} waits for its decision."
    return finish(AdaptiveCard(body=body, refresh=_refresh(ask.request_id), lang="en", fallback_text=said))


def decided_card(post: DecisionPost, note: str = "") -> Card:
    """What stands after the decision; it replaces the card that was used."""
    body: list[CardElement] = [heading(f"Decided: {post.request_id}, {literal(post.school)}")]
    if note:
        body.append(line(note, color="Warning"))
    body += _decision(post)
    return finish(AdaptiveCard(body=body, lang="en", fallback_text=f"{post.request_id} of {post.school} was decided."))


def decision_post_card(post: DecisionPost) -> Card:
    """The decision for the community's channel, with the new balance."""
    body: list[CardElement] = [heading(f"Decision on {post.request_id}"), *_decision(post)]
    return finish(AdaptiveCard(body=body, lang="en", fallback_text=f"Decision on {post.request_id} of {post.school}."))


def decision_facts(post: DecisionPost) -> FactSet:
    """Who decided what about which school's request."""
    pairs = [
        ("School", post.school),
        ("Community", post.community),
        ("Response", ", ".join(post.responses)),
        ("Amount approved", pounds(post.amount_pence) if post.amount_pence else "no money"),
        ("Review date", f"{post.review_on:%-d %B %Y}" if post.review_on else "–"),
        ("Decided by", post.made_by.value),
    ]
    return facts(pairs)


def _decision(post: DecisionPost) -> list[CardElement]:
    body: list[CardElement] = [decision_facts(post)]
    if post.details:
        body += said("Details of support agreed", post.details)
    if post.conditions:
        body += said("Conditions", post.conditions)
    if post.since:
        body.append(facts(post.since))
    if post.before and post.after and post.amount_pence:
        body += balances([("Before this decision", post.before), ("After this decision", post.after)])
    elif post.after:
        body += balances([("Balance at this decision", post.after)])
    return body
