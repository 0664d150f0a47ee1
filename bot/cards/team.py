"""What a team sees that the bot was added to and that is not linked to a community."""

from __future__ import annotations

from microsoft_teams.cards import AdaptiveCard, ExecuteAction

from bot.cards.parts import finish, heading, line, literal
from bot.turns import Card

VERB = "team.link"


def unlinked_card(community: str, team_id: str) -> Card:
    """Somebody who may is asked to link the team to the community of its name."""
    return finish(
        AdaptiveCard(
            body=[
                heading(f"Is this the team of {literal(community)}?"),
                line(
                    f"I post nothing here until the chair or the clerk of {literal(community)}, or an administrator, "
                    "confirms it."
                ),
            ],
            actions=[ExecuteAction(title="Link this team", verb=VERB, data={"team": team_id, "community": community})],
            lang="en",
            fallback_text=f"Is this the team of {community}? Its chair, its clerk or an administrator confirms it.",
        )
    )
