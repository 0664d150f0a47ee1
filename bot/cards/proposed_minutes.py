"""A change that somebody else made to the minutes in Word: what is recorded, what was written, and two buttons."""

from __future__ import annotations

from microsoft_teams.cards import AdaptiveCard, CardElement, ExecuteAction

from bot.cards.parts import finish, heading, line, literal, said
from bot.turns import Card
from casework.minutes_proposals import Proposal

VERB = "minutes.proposed"
ACCEPT, REJECT = "accept", "reject"


def proposed_card(title: str, proposal: Proposal, more: int) -> Card:
    """`more` are those that come after it."""
    body: list[CardElement] = [
        heading(literal(title)),
        line(f"{literal(proposal.where)}: changed in Word by {literal(proposal.authors)}"),
        *said("What we have recorded", proposal.now),
        *said("What the Word file says", proposal.proposed),
    ]
    if more:
        body.append(line("1 more change comes next." if more == 1 else f"{more} more changes come next.", subtle=True))
    actions = [
        ExecuteAction(title=name, verb=VERB, data={"proposal_id": proposal.id, "is": which})
        for name, which in (("Accept this change", ACCEPT), ("Reject this change", REJECT))
    ]
    spoken = f"{title}. {proposal.where}: {proposal.proposed}"
    return finish(AdaptiveCard(body=body, actions=actions, lang="en", fallback_text=spoken[:SPOKEN]))


SPOKEN = 500
"""Characters of a card in words."""
