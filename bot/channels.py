"""The port `Channels`: proactive posts into a community's channel and a person's own chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from bot.adapter import ConversationGone, TeamsAdapter
from bot.cards.decision import decision_card
from bot.cards.desk import desk_card
from bot.cards.posts import post_card
from bot.installs import (
    any_team_reference,
    find_reference,
    forget_reference,
    keep_joined,
    save_reference,
    teams_of,
    user_id_of,
    users_of,
)
from bot.turns import Card, Reference
from casework.desk import SYSTEM, Desk
from casework.directory_record import object_id_of
from casework.each import each
from casework.errors import NeedsAttention
from casework.ports import DecisionAsk, DeskPost, Post, ToDecidePost
from casework.team_links import team_problem

Sending = Callable[[Reference], Awaitable[Mapping[str, str]]]


class TeamsChannels:
    """Posts through the bot."""

    def __init__(self, desk: Desk, adapter: TeamsAdapter) -> None:
        self._desk, self._adapter = desk, adapter

    async def post(self, community: str, post: Post) -> Mapping[str, str]:
        """Post a card in the community's channel."""
        card = await self._card(post)
        return await self._send(f"team:{community}", lambda where: self._adapter.post(where, card))

    async def replace(self, message: Mapping[str, str], post: Post) -> bool:
        """Put another card in the place of one that was posted; False where the message or its conversation is gone."""
        card, key = await self._card(post), message.get("key", "")
        where = await self._desk.run(SYSTEM, find_reference, key)
        if where is None or not message.get("activity"):
            return False
        try:
            await self._adapter.replace(where, message["activity"], card)
        except ConversationGone:
            return False
        return True

    async def ask(self, mail: str, ask: DecisionAsk) -> Mapping[str, str]:
        """Send a decision card to the chair's own chat, opening it where there was none."""
        return await self._tell(mail, decision_card(ask))

    async def tell(self, mail: str, post: DeskPost) -> Mapping[str, str]:
        """Send a clerk what is due."""
        return await self._tell(mail, desk_card(post.title, post.lines, post.today))

    async def _tell(self, mail: str, card: Card) -> Mapping[str, str]:
        return await self._send(f"person:{mail.casefold()}", lambda where: self._adapter.post(where, card))

    async def _card(self, post: Post) -> Card:
        if isinstance(post, ToDecidePost):
            return post_card(post, await self._desk.run(SYSTEM, users_of, post.deciders))
        return post_card(post)

    async def _send(self, key: str, send: Sending) -> Mapping[str, str]:
        """Send to the conversation of that key; one that is lost is forgotten, and a person's is opened anew, once."""
        where = await self._desk.run(SYSTEM, find_reference, key) or await self._open(key)
        try:
            sent = await send(where)
        except ConversationGone:
            await self._desk.run(SYSTEM, forget_reference, key)
            sent = await send(await self._open(key))
        return {**sent, "key": key}

    async def _open(self, key: str) -> Reference:
        kind, _, of = key.partition(":")
        if kind == "team":
            raise NeedsAttention(await self._desk.run(SYSTEM, team_problem, of), key)
        opened = await self._open_chat(of, key)
        await self._desk.run(SYSTEM, save_reference, key, opened)
        return opened

    async def _open_chat(self, mail: str, key: str) -> Reference:
        """A chat with somebody: by Teams' own id, which the roster of a team gives, then by object id."""
        object_id = await self._desk.run(SYSTEM, object_id_of, mail)
        if object_id is None:
            raise NeedsAttention(
                f"{mail} was not found in Entra ID. Check the address in the directory, or add them as a guest.", key
            )
        known = await self._desk.run(SYSTEM, any_team_reference)
        if known is None:
            raise NeedsAttention("CoS Desk is in no team yet. Add it to a community's team in Teams.", key)
        user_id = await self._user_id(mail, object_id)
        for tried in dict.fromkeys((user_id, "")):
            try:
                return await self._adapter.open_chat(known, tried, object_id)
            except ConversationGone:
                continue
        raise NeedsAttention(
            f"{mail} cannot be reached in Teams: they are in no team that CoS Desk was added to, and do not have the "
            "app. Add them to their community's team, or install CoS Desk for them in the Teams admin centre.",
            key,
        )

    async def _user_id(self, mail: str, object_id: str) -> str:
        """Teams' own id of somebody, looked for in the rosters of their communities' teams where it is not kept."""
        kept = await self._desk.run(SYSTEM, user_id_of, object_id)
        if kept:
            return kept
        teams = dict(await self._desk.run(SYSTEM, teams_of, mail))

        async def look(team_id: str) -> None:
            with suppress(ConversationGone):
                await self._desk.run(SYSTEM, keep_joined, await self._adapter.roster(teams[team_id], team_id))

        looked = await each(teams, look)
        found = await self._desk.run(SYSTEM, user_id_of, object_id)
        if not found:
            looked.complain()  # it may stand in the roster that could not be read
        return found
