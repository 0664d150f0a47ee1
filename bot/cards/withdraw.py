"""Taking a request back: the reason is asked for, and a person presses."""

from __future__ import annotations

from microsoft_teams.cards import AdaptiveCard, ExecuteAction, TextInput

from bot.cards.parts import finish, heading, line, literal
from bot.turns import Card
from casework.request_record import REASON_CHARACTERS

VERB = "withdraw"


def withdraw_card(request_id: str, school: str, problem: str = "", reason: str = "") -> Card:
    """Ask why, with the `reason` that was given already, and say what follows."""
    said = [line(f"⚠ {literal(problem)}", color="Attention")] if problem else []
    return finish(
        AdaptiveCard(
            body=[
                heading(f"Withdraw {request_id} of {literal(school)}?"),
                *said,
                line("It is not heard then. It stays in the record, and you can send a new one at any time."),
                TextInput(
                    id="reason", label="Why? The clerk and the chair read it.", is_required=True,
                    error_message="Say why in a few words.", max_length=REASON_CHARACTERS, is_multiline=True,
                    value=reason or None,
                ),
            ],
            actions=[
                ExecuteAction(
                    title=f"Withdraw {request_id}", verb=VERB, data={"request_id": request_id}, style="destructive"
                )
            ],
            lang="en",
            fallback_text=f"To withdraw {request_id}, write to your clerk.",
        )
    )  # fmt: skip
