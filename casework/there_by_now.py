"""What an effect was stuck for may come in the moment in which it fails: nobody finds it then among those that wait.
The sweep looks for such effects, and begins them again.
"""

from __future__ import annotations

from sqlalchemy import select

from casework import tables
from casework.desk import Work
from casework.effects import EffectState
from casework.stuck import PLACE, ROOM, begin_again
from casework.team_links import TeamState, team_key


def there_by_now(work: Work) -> list[str]:
    """The sweep's question: what is stuck for want of a place, a team or a chat that is there."""
    effects, places, teams, chats = tables.effects, tables.places, tables.teams, tables.conversations
    waits = select(effects.c.id, effects.c.needs).where(
        effects.c.state == EffectState.STUCK, effects.c.needs.not_in(("", ROOM))
    )
    if not (rows := work.conn.execute(waits).all()):
        return []
    there = {f"{PLACE}{key}" for key in work.conn.execute(select(places.c.key)).scalars()}
    open_ones = select(teams.c.community).where(teams.c.state == TeamState.OPEN, teams.c.community.is_not(None))
    there |= {team_key(str(community)) for community in work.conn.execute(open_ones).scalars()}
    there |= set(work.conn.execute(select(chats.c.key)).scalars())
    return [r.id for r in rows if r.needs in there]


def go_on(work: Work, effect_id: str) -> None:
    """Begin it again."""
    begin_again(work, [effect_id])
