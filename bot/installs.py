"""Where the bot can post: conversation references, kept from installs and from whoever writes to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from sqlalchemy import bindparam, delete, select

from bot.turns import Reference, Scope, Turn
from casework import tables
from casework.desk import Work, insert_if_new, insert_or_replace
from casework.directory_record import directory_of, mail_of
from casework.stuck import retry_waiting_for
from communities.matching import find_community


def keep_reference(work: Work, turn: Turn) -> bool:
    """Keep a team's channel under its community's name, or a person's own chat under their mail. What could not be
    posted there for want of it goes out now. Returns whether the place was not known before.
    """
    key = _key(work, turn, mail_of(work, turn.object_id))
    if not key:
        return False
    is_new = insert_if_new(work.conn, tables.conversations, {"key": key, "reference": turn.reference}, ("key",))
    if not is_new:
        save_reference(work, key, turn.reference)
    retry_waiting_for(work, key)
    return is_new


def is_reference_news(work: Work, turn: Turn, mail: str | None) -> bool:
    """Whether the place the turn came from is not kept as it is now."""
    key = _key(work, turn, mail)
    return bool(key) and find_reference(work, key) != turn.reference


def save_reference(work: Work, key: str, reference: Reference) -> None:
    """A conversation as it is known now."""
    row = {"key": key, "reference": reference}
    work.conn.execute(insert_or_replace(work.conn, tables.conversations, row, ("key",)))


def drop_reference(work: Work, turn: Turn) -> None:
    """The bot was taken out: nothing can be posted there any more."""
    if key := _key(work, turn, mail_of(work, turn.object_id)):
        forget_reference(work, key)


def forget_reference(work: Work, key: str) -> None:
    """Teams knows the conversation no more."""
    conversations = tables.conversations
    work.conn.execute(delete(conversations).where(conversations.c.key == key))


def _key(work: Work, turn: Turn, mail: str | None) -> str:
    if not turn.reference:
        return ""
    if turn.team:
        community = find_community(turn.team, directory_of(work))
        return f"team:{community.name}" if community else f"unmatched:{turn.team}"
    return f"person:{mail.casefold()}" if mail and turn.is_personal else ""


def community_at(work: Work, turn: Turn) -> str:
    """The community whose channel or meeting chat it is; '' anywhere else."""
    match turn.scope:
        case Scope.CHANNEL:
            found = find_community(turn.team, directory_of(work)) if turn.team else None
            return str(found.name) if found else _community_of_channel(work, turn.conversation)
        case Scope.MEETING:
            meeting = meeting_at(work, turn)
            return str(meeting.community) if meeting else ""
        case _:
            return ""


def _community_of_channel(work: Work, conversation: str) -> str:
    """A reply in a thread names no team: its conversation begins with the channel's id."""
    conversations = tables.conversations
    channel = conversation.partition(";")[0]
    rows = work.conn.execute(select(conversations).where(conversations.c.key.like("team:%")))
    known = {str(r.reference.get("conversation", {}).get("id", "")).partition(";")[0]: r.key for r in rows}
    return str(known.get(channel, "")).removeprefix("team:")


def meeting_at(work: Work, turn: Turn) -> Any:
    """The meeting whose chat it is, or None: the chat's thread stands in the meeting's join link."""
    meetings, thread = tables.meetings, turn.conversation.partition(";")[0]
    if not thread:
        return None
    rows = work.conn.execute(select(meetings).where(meetings.c.join_url.is_not(None)).order_by(meetings.c.starts_at))
    return next((r for r in rows if thread in unquote(r.join_url)), None)


_REFERENCE = select(tables.conversations.c.reference).where(tables.conversations.c.key == bindparam("kept_as"))


def find_reference(work: Work, key: str) -> Reference | None:
    """A kept reference."""
    found: Reference | None = work.conn.execute(_REFERENCE, {"kept_as": key}).scalar_one_or_none()
    return found


def users_of(work: Work, mails: Sequence[str]) -> list[str]:
    """Teams' own ids of these people, as far as they have a chat with the bot."""
    known = (find_reference(work, f"person:{mail.casefold()}") for mail in mails)
    return [str(r["user"]["id"]) for r in known if r and (r.get("user") or {}).get("id")]


def any_team_reference(work: Work) -> Reference | None:
    """Some team's reference: it knows the service URL and the tenant for a new chat."""
    conversations = tables.conversations
    found: Reference | None = work.conn.execute(
        select(conversations.c.reference).where(conversations.c.key.like("team:%")).order_by(conversations.c.key)
    ).scalar()
    return found
