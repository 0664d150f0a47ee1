"""The port `Channels`: proactive posts into a community's channel and a chair's own chat."""

from __future__ import annotations

from collections.abc import Mapping

from bot.adapter import TeamsAdapter
from bot.cards.decision import decision_card
from bot.cards.desk import desk_card
from bot.cards.posts import post_card
from bot.installs import any_team_reference, find_reference
from bot.turns import Reference
from casework.desk import SYSTEM, Desk
from casework.directory_record import object_id_of
from casework.errors import NeedsAttention
from casework.ports import AgendaPost, DecisionAsk, DecisionPost, DeskPost, ModerationPost


class TeamsChannels:
    """Posts through the bot."""

    def __init__(self, desk: Desk, adapter: TeamsAdapter) -> None:
        self._desk, self._adapter = desk, adapter

    async def post(self, community: str, post: AgendaPost | DecisionPost | ModerationPost) -> None:
        """Post a card in the community's channel."""
        reference = await self._desk.run(SYSTEM, find_reference, f"team:{community}")
        if reference is None:
            raise NeedsAttention(f"The bot is not installed in the team of {community}. Add it to the team in Teams.")
        await self._adapter.post(reference, post_card(post))

    async def ask(self, mail: str, ask: DecisionAsk) -> Mapping[str, str]:
        """Send a decision card to the chair's own chat, opening it where there was none."""
        return await self._adapter.post(await self._chat_of(mail), decision_card(ask))

    async def tell(self, mail: str, post: DeskPost) -> Mapping[str, str]:
        """Send a clerk what is due."""
        return await self._adapter.post(await self._chat_of(mail), desk_card(post.title, post.lines, post.today))

    async def _chat_of(self, mail: str) -> Reference:
        reference = await self._desk.run(SYSTEM, find_reference, f"person:{mail.casefold()}")
        if reference is None:
            object_id = await self._desk.run(SYSTEM, object_id_of, mail)
            team = await self._desk.run(SYSTEM, any_team_reference)
            if object_id is None or team is None:
                raise NeedsAttention(
                    f"{mail} was not found in Entra ID, or the bot is in no team yet: check the address and the app."
                )
            reference = await self._adapter.open_chat(team, object_id)
        return reference
