"""A request that was probably sent twice: what it says, what it is like, and two buttons."""

from __future__ import annotations

from microsoft_teams.cards import AdaptiveCard, CardElement, ExecuteAction

from bot.cards.parts import finish, heading, line, literal
from bot.turns import Card

VERB = "held"
OWN, TWICE = "own", "twice"


def held_card(request_id: str, school: str, note: str, solution: str) -> Card:
    """`note` says which other request it is like."""
    body: list[CardElement] = [
        heading(f"{request_id}: sent twice?"),
        line(literal(school), subtle=True),
        line(literal(note)),
        line(literal(solution)),
    ]
    actions = [
        ExecuteAction(title=title, verb=VERB, data={"request_id": request_id, "is": which})
        for title, which in (("It is a request of its own", OWN), ("It was sent twice", TWICE))
    ]
    said = f"{request_id}: sent twice? {note}"
    return finish(AdaptiveCard(body=body, actions=actions, lang="en", fallback_text=said))
