"""How effective a service is: a rating and two sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microsoft_teams.cards import AdaptiveCard, CardElement, Choice, ChoiceSetInput, ExecuteAction, TextInput

from bot.cards.parts import finish, heading, line, literal
from bot.turns import Card
from communities.evaluations import RATINGS, SERVICES, TEXT_CHARACTERS

VERB = "evaluate"
SAID = {"1": "1, not effective", "5": "5, very effective"}


def evaluation_card(schools: Sequence[str], typed: Mapping[str, str], problems: Sequence[str] = ()) -> Card:
    """The form; what was typed stays."""
    body: list[CardElement] = [
        heading("How effective is a service?"),
        *(line(f"⚠ {literal(p)}", color="Attention") for p in problems),
        line("It counts in your community's report to the KiT meeting. Name no child.", subtle=True),
    ]
    if len(schools) > 1:
        body.append(
            ChoiceSetInput(
                id="school", label="School", value=typed.get("school") or schools[0], style="compact",
                choices=[Choice(title=s, value=s) for s in schools],
            )
        )  # fmt: skip
    body += [
        ChoiceSetInput(
            id="service", label="Service", value=typed.get("service") or SERVICES[0], style="compact",
            choices=[Choice(title=s, value=s) for s in SERVICES],
        ),
        ChoiceSetInput(
            id="effective", label="How effective is it?", value=typed.get("effective") or "3", style="expanded",
            choices=[Choice(title=SAID.get(r, r), value=r) for r in RATINGS],
        ),
        TextInput(id="worked", label="What works well?", value=typed.get("worked", ""), is_multiline=True,
                  max_length=TEXT_CHARACTERS),
        TextInput(id="improve", label="What should be improved?", value=typed.get("improve", ""), is_multiline=True,
                  max_length=TEXT_CHARACTERS),
    ]  # fmt: skip
    data = {"school": schools[0]} if len(schools) == 1 else {}
    action = ExecuteAction(title="Send it", verb=VERB, data=data, style="positive")
    return finish(AdaptiveCard(body=body, actions=[action], lang="en", fallback_text="How effective is a service?"))
