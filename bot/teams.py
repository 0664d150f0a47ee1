"""Teams the bot is added to: what is said there, and the button that links one to its community."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from bot.asking import Answer
from bot.cards.notice import notice
from bot.cards.team import VERB, unlinked_card
from bot.turns import Card, TeamEvent, Turn
from bot.verbs import Press, Pressing
from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import AlreadyDone
from casework.team_links import (
    Link,
    TeamState,
    close_team,
    link_team,
    rename_team,
    reopen_team,
    team_row,
)
from communities.matching import find_community

CLOSED = {
    TeamEvent.ARCHIVED: TeamState.ARCHIVED,
    TeamEvent.DELETED: TeamState.DELETED,
    TeamEvent.HARD_DELETED: TeamState.DELETED,
}
OPENED = (TeamEvent.UNARCHIVED, TeamEvent.RESTORED)


def team_changed(work: Work, turn: Turn) -> None:
    """A team or one of its channels is another than before. Only a name changes what is kept of a team that goes on."""
    row = team_row(work, turn.team_id)
    is_own_channel = row is not None and turn.channel == row.reference["conversation"]["id"]
    if turn.event in CLOSED:
        close_team(work, turn.team_id, CLOSED[turn.event])
    elif turn.event in OPENED or (turn.event is TeamEvent.CHANNEL_RESTORED and is_own_channel):
        reopen_team(work, turn.team_id)
    elif turn.event is TeamEvent.CHANNEL_DELETED and is_own_channel:
        close_team(work, turn.team_id, TeamState.CHANNEL_DELETED)
    elif turn.event is TeamEvent.RENAMED:
        rename_team(work, turn.team_id, turn.team)


def said_on_joining(work: Work, turn: Turn, link: Link) -> tuple[Card, ...]:
    """What the channel is told when the bot was added; nothing where all is well or no name is known yet."""
    found = find_community(turn.team, directory_of(work)) if turn.team else None
    if found is not None and link is Link.WAITS:
        return (unlinked_card(str(found.name), turn.team_id),)
    if found is not None and link is Link.TAKEN:
        said = "I post nothing here. Its chair, its clerk and the administrators were told by email."
        return (notice(f"{found.name} is linked to another team", said),)
    return ()


def link(press: Press) -> Answer:
    """Link a team to a community, by who may. That they press it there links it already where it has the name."""
    community = press.text("community")
    with suppress(AlreadyDone):
        press.attempt(link_team, community, press.text("team"), press.mail)
    said = f"I post the agendas and decisions of {community} here from now on."
    card = notice("This team is linked", said)
    return Answer(title="This team is linked", cards=(card,), is_card=True, is_of_now=False)


VERBS: Mapping[str, Pressing] = {VERB: link}
