"""Keeping a message as an action: what, who, by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microsoft_teams.cards import AdaptiveCard, CardElement, Choice, ChoiceSetInput, DateInput, SubmitAction, TextInput

from bot.cards.parts import finish, line, literal
from bot.turns import Card

WHAT_CHARACTERS, OWNER_CHARACTERS = 500, 200


def action_card(typed: Mapping[str, str], communities: Sequence[str], problems: Sequence[str] = ()) -> Card:
    """The dialog; `typed` is the message or what was written before."""
    first = typed.get("community") or communities[0]
    body: list[CardElement] = [
        *(line(f"⚠ {literal(p)}", color="Attention") for p in problems),
        TextInput(id="what", label="What is to be done", value=typed.get("what", "")[:WHAT_CHARACTERS],
                  is_multiline=True, is_required=True, error_message="Say what is to be done.",
                  max_length=WHAT_CHARACTERS),
        line("It stands in the minutes and on the next agenda: name no pupil.", subtle=True),
        TextInput(id="owner", label="Who does it", value=typed.get("owner", ""), is_required=True,
                  error_message="Say who does it.", max_length=OWNER_CHARACTERS),
        DateInput(id="due_on", label="By when", value=typed.get("due_on") or None, is_required=True,
                  error_message="Say by when."),
        ChoiceSetInput(id="community", label="Community", value=first, style="compact",
                       choices=[Choice(title=c, value=c) for c in communities]),
    ]  # fmt: skip
    return finish(
        AdaptiveCard(
            body=body, actions=[SubmitAction(title="Keep the action")], lang="en",
            fallback_text="Keep this message as an action of the community.",
        )
    )  # fmt: skip
