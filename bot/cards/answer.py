"""An answer in chat as a card: title, sentences, facts, links, and buttons that ask on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import Action, AdaptiveCard, CardElement, OpenUrlAction

from bot.asking import Answer
from bot.cards.parts import asking, facts, finish, heading, image, line, literal
from bot.turns import Card
from communities.calendars import london

MOST_ACTIONS = 6
"""Teams shows six at most (Microsoft: 'Cards reference')."""


def answer_card(answer: Answer, now: datetime) -> Card:
    """The card; what comes out of the record says as of when."""
    body: list[CardElement] = [heading(literal(answer.title)), *(line(literal(s)) for s in answer.sentences)]
    if answer.facts:
        body.append(facts(answer.facts))
    if answer.picture:
        body.append(image(answer.picture))
    if answer.is_of_now:
        body.append(line(f"As of {london(now):%-d %b %Y, %H:%M}.", subtle=True))
    return finish(AdaptiveCard(body=body, actions=_actions(answer) or None, lang="en", fallback_text=answer.as_text()))


def _actions(answer: Answer) -> Sequence[Action]:
    links: list[Action] = [OpenUrlAction(title=title, url=url) for title, url in answer.links]
    asks = [asking(title, sentence) for title, sentence in answer.choices]
    return [*links, *asks][:MOST_ACTIONS]
