"""A question to KCC: the part of the form it belongs to, and the question."""

from __future__ import annotations

from collections.abc import Sequence

from microsoft_teams.cards import AdaptiveCard, CardElement, Choice, ChoiceSetInput, ExecuteAction, TextInput

from bot.cards.parts import facts, finish, heading, line, literal
from bot.turns import Card
from communities.questions import QUESTION_CHARACTERS, Part

VERB = "question.ask"


def question_card(part: Part, text: str, asked: Sequence[tuple[str, str]], problem: str = "") -> Card:
    """The form; under it what the person asked before, and how it stands."""
    body: list[CardElement] = [heading("Put a question to KCC")]
    if problem:
        body.append(line(f"⚠ {literal(problem)}", color="Attention"))
    body += [
        TextInput(
            id="text", label="Your question", value=text[:QUESTION_CHARACTERS], is_multiline=True, is_required=True,
            error_message="Write your question.", max_length=QUESTION_CHARACTERS, placeholder="Name no child.",
        ),
        ChoiceSetInput(
            id="part", label="It is about", value=part.value, style="compact",
            choices=[Choice(title=p.value, value=p.value) for p in Part],
        ),
        line("The answer comes to you by mail, and once KCC publishes it, into the guidance here.", subtle=True),
    ]  # fmt: skip
    if asked:
        body += [line("**You asked**"), facts(asked)]
    action = ExecuteAction(title="Send it to KCC", verb=VERB, data={}, style="positive")
    return finish(AdaptiveCard(body=body, actions=[action], lang="en", fallback_text="Put a question to KCC."))
