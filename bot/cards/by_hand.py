"""The day on which chair or clerk sent a meeting's papers themselves."""

from __future__ import annotations

from datetime import date

from microsoft_teams.cards import AdaptiveCard, CardElement, DateInput, ExecuteAction

from bot.cards.parts import finish, heading, line, literal
from bot.turns import Card

VERB = "papers-by-hand"


def by_hand_card(meeting_id: str, community: str, meeting_on: str, today: date) -> Card:
    """Asks for the day; it is today unless somebody chooses another."""
    body: list[CardElement] = [
        heading(f"Papers of the meeting on {meeting_on}"),
        line(literal(community), subtle=True),
        line("CoS Desk could not send them. If you sent agenda and papers to the schools yourself, record the day."),
        DateInput(
            id="sent_on", label="Sent on", value=today.isoformat(), max=today.isoformat(), is_required=True,
            error_message="Choose the day you sent the papers.",
        ),
    ]  # fmt: skip
    send = ExecuteAction(title="Record that I sent them", verb=VERB, data={"meeting_id": meeting_id})
    said = f"Papers of the meeting on {meeting_on}, {community}: say on which day you sent them."
    return finish(AdaptiveCard(body=body, actions=[send], lang="en", fallback_text=said))
