"""A case study in the slides' format, to be written and to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microsoft_teams.cards import AdaptiveCard, CardElement, Choice, ChoiceSetInput, ExecuteAction, TextInput

from bot.cards.parts import finish, heading, line, literal, said
from bot.turns import Card
from communities.case_studies import PARTS, WORDS
from communities.continuum import Focus

VERB = "case.share"
CHARACTERS = 2_500
"""250 words of ordinary length, with room."""

HELP: Mapping[str, str] = {
    "description": "The group, cohort or whole-school need that this work addressed.",
    "overview": "What you did.",
    "impact": "What changed, and how you know.",
}


def case_study_form_card(schools: Sequence[str], typed: Mapping[str, str], problems: Sequence[str] = ()) -> Card:
    """The form; what was typed stays."""
    body: list[CardElement] = [heading("Share a case study"), *(_warn(p) for p in problems)]
    body.append(line("Other schools read it: name no child.", subtle=True))
    if len(schools) > 1:
        body.append(
            ChoiceSetInput(
                id="school", label="School", value=typed.get("school") or schools[0], style="compact",
                choices=[Choice(title=s, value=s) for s in schools],
            )
        )  # fmt: skip
    body.append(
        ChoiceSetInput(
            id="focus", label="Area of focus", value=typed.get("focus") or Focus.TEACHING.value, style="compact",
            choices=[Choice(title=f.value, value=f.value) for f in Focus],
        )
    )  # fmt: skip
    body += [
        TextInput(
            id=part, label=f"{title} ({WORDS} words at most)", value=typed.get(part, ""), is_multiline=True,
            is_required=True, error_message="Write a few sentences.", max_length=CHARACTERS, placeholder=HELP[part],
        )
        for part, title in PARTS.items()
    ]  # fmt: skip
    data = {"school": schools[0]} if len(schools) == 1 else {}
    action = ExecuteAction(title="Share it", verb=VERB, data=data, style="positive")
    return finish(AdaptiveCard(body=body, actions=[action], lang="en", fallback_text="Share a case study."))


def _warn(problem: str) -> CardElement:
    return line(f"⚠ {literal(problem)}", color="Attention")


def case_study_card(title: str, school: str, parts: Sequence[tuple[str, str]]) -> Card:
    """One to read."""
    body: list[CardElement] = [heading(literal(title)), line(literal(school), subtle=True)]
    for name, text in parts:
        body += said(name, text)
    return finish(AdaptiveCard(body=body, lang="en", fallback_text=f"{title}, {school}"))
