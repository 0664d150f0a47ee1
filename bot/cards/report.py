"""A report to be signed: when it is due, who has signed, the Word file, and one button."""

from __future__ import annotations

from collections.abc import Sequence

from microsoft_teams.cards import AdaptiveCard, CardElement, ExecuteAction, Fact, FactSet, OpenUrlAction

from bot.cards.parts import finish, heading, line, literal
from bot.turns import Card

VERB = "report.sign"


def report_card(title: str, report_id: str, facts: Sequence[tuple[str, str]], url: str, *, may_sign: bool) -> Card:
    """`facts` say when it is due and who has signed."""
    body: list[CardElement] = [
        heading(literal(title)),
        FactSet(facts=[Fact(title=name, value=literal(value)) for name, value in facts]),
        line("Complete the themes and suggestions in Word first: what you sign is the file as it lies there now. "
             "It is sent once clerk and chair have both signed.", subtle=True),
    ]  # fmt: skip
    actions: list[OpenUrlAction | ExecuteAction] = [OpenUrlAction(title="Open it in Word", url=url)] if url else []
    if may_sign:
        actions.append(ExecuteAction(title="Sign the report", verb=VERB, data={"report_id": report_id},
                                     style="positive"))  # fmt: skip
    said = ", ".join(f"{name}: {value}" for name, value in facts)
    return finish(AdaptiveCard(body=body, actions=actions, lang="en", fallback_text=f"{title}. {said}"))
