"""Posts for a community's channel: the papers are out, KCC has moderated. Nothing personal is in them."""

from __future__ import annotations

from collections.abc import Sequence

from microsoft_teams.cards import AdaptiveCard, CardElement, OpenUrlAction

from bot.cards.decision import decision_facts, decision_post_card
from bot.cards.parts import balances, facts, finish, heading, line, literal
from bot.cards.to_decide import to_decide_card
from bot.turns import Card
from casework.ports import AgendaPost, DecisionPost, ModerationPost, Post, ToDecidePost
from communities.money import pounds

REQUESTS_SHOWN = 20


def post_card(post: Post, users: Sequence[str] = ()) -> Card:
    """The card for a post; `users` are those whom a list shows buttons."""
    match post:
        case AgendaPost():
            return agenda_card(post)
        case DecisionPost():
            return decision_post_card(post)
        case ModerationPost():
            return moderation_card(post)
        case ToDecidePost():
            return to_decide_card(post, users=users)


def agenda_card(post: AgendaPost) -> Card:
    """The papers for a meeting are out."""
    body: list[CardElement] = [
        heading(f"Agenda: {literal(post.community)}"),
        facts([("Meeting", post.meeting_on), ("Venue", post.venue)]),
    ]
    if post.requests:
        body.append(line(f"To be heard ({len(post.requests)}):"))
        body.append(facts([(number, f"{school}: {asks}") for number, school, asks in post.requests[:REQUESTS_SHOWN]]))
    else:
        body.append(line("No requests are to be heard.", subtle=True))
    return finish(
        AdaptiveCard(
            body=body,
            actions=[OpenUrlAction(title="Open the agenda", url=post.web_url)],
            lang="en",
            fallback_text=f"The agenda of {post.community} for {post.meeting_on} is out: {post.web_url}",
        )
    )


def moderation_card(post: ModerationPost) -> Card:
    """KCC's final amount and the month it is paid in."""
    decision = post.decision
    difference = post.final_pence - decision.amount_pence
    body: list[CardElement] = [
        heading(f"KCC has processed {decision.request_id}"),
        decision_facts(decision),
        facts(
            [
                ("Final amount", pounds(post.final_pence)),
                ("Difference", pounds(difference) if difference else "none"),
                ("Paid with the advance of", f"{post.pays_on:%B %Y}"),
            ]
        ),
    ]
    if post.now:
        body += balances([("Now", post.now)])
    said = f"KCC has processed {decision.request_id} of {decision.school}."
    return finish(AdaptiveCard(body=body, lang="en", fallback_text=said))
