"""Where the bot can post and whom it reaches: kept from installs and from whoever writes to it.

Whose team it is, is `casework.team_links`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select

from bot.turns import Reference, Scope, Turn
from casework import tables
from casework.desk import Work, insert_if_new, insert_or_replace
from casework.directory_record import directory_of, mail_of, object_id_of
from casework.meeting_chat import meeting_of_chat
from casework.stuck import retry_waiting_for
from casework.team_links import (
    SeenTeam,
    TeamState,
    close_team,
    is_news_of_team,
    note_team,
    open_team_of,
    team_row,
)
from communities.directory import SCHOOL_ROLES

REFRESHED = 60
"""People a card may name to be refreshed for (learn.microsoft.com, 'Universal Actions for Adaptive Cards')."""


def seen_team(turn: Turn) -> SeenTeam | None:
    """The team a turn shows the bot to be in, and the channel posts would go to; None outside a team."""
    if not turn.team_id or not turn.reference:
        return None
    channel = turn.channel or turn.conversation.partition(";")[0]
    conversation = turn.reference["conversation"] | {"id": channel}
    reference = {k: v for k, v in turn.reference.items() if k != "user"} | {"conversation": conversation}
    return SeenTeam(id=turn.team_id, name=turn.team, reference=reference, is_chosen=bool(turn.channel))


def keep_reference(work: Work, turn: Turn) -> bool:
    """Keep a team, or a person's own chat under their mail. What could not be posted there for want of it goes out now.
    Returns whether the place was not known before.
    """
    mail = mail_of(work, turn.object_id)
    if (seen := seen_team(turn)) is not None:
        return note_team(work, seen, mail or "").is_news
    key = _key(turn, mail)
    if not key:
        return False
    is_new = insert_if_new(work.conn, tables.conversations, {"key": key, "reference": turn.reference}, ("key",))
    if not is_new:
        save_reference(work, key, turn.reference)
    retry_waiting_for(work, key)
    return is_new


def is_reference_news(work: Work, turn: Turn, mail: str | None) -> bool:
    """Whether the place the turn came from is not kept as it is now. A team's channel is: posts go where it was said
    when the bot was added, not where somebody writes.
    """
    if (seen := seen_team(turn)) is not None:
        return is_news_of_team(work, seen, mail or "")
    key = _key(turn, mail)
    return bool(key) and find_reference(work, key) != turn.reference


def save_reference(work: Work, key: str, reference: Reference) -> None:
    """A person's chat as it is known now."""
    row = {"key": key, "reference": reference}
    work.conn.execute(insert_or_replace(work.conn, tables.conversations, row, ("key",)))


def drop_reference(work: Work, turn: Turn) -> None:
    """The bot was taken out: nothing can be posted there any more."""
    if turn.team_id:
        close_team(work, turn.team_id, TeamState.REMOVED)
    elif key := _key(turn, mail_of(work, turn.object_id)):
        forget_reference(work, key)


def forget_reference(work: Work, key: str) -> None:
    """Teams knows the conversation no more."""
    kind, _, of = key.partition(":")
    if kind == "team":
        row = open_team_of(work, of)
        if row is not None:
            close_team(work, row.id, TeamState.REMOVED)
        return
    conversations = tables.conversations
    work.conn.execute(delete(conversations).where(conversations.c.key == key))


def _key(turn: Turn, mail: str | None) -> str:
    return f"person:{mail.casefold()}" if turn.reference and mail and turn.is_personal else ""


def community_at(work: Work, turn: Turn) -> str:
    """The community whose channel or meeting chat it is; '' anywhere else."""
    match turn.scope:
        case Scope.CHANNEL:
            row = team_row(work, turn.team_id) if turn.team_id else _team_of_channel(work, turn.conversation)
            return str(row.community or "") if row is not None else ""
        case Scope.MEETING:
            meeting = meeting_at(work, turn)
            return str(meeting.community) if meeting else ""
        case _:
            return ""


def _team_of_channel(work: Work, conversation: str) -> Any:
    """A reply in a thread may name no team: its conversation begins with the channel's id."""
    channel = conversation.partition(";")[0]
    rows = work.conn.execute(select(tables.teams)).all()
    return next((r for r in rows if r.reference["conversation"]["id"] == channel), None)


def meeting_at(work: Work, turn: Turn) -> Any:
    """The meeting whose chat it is, or None."""
    return meeting_of_chat(work, turn.conversation.partition(";")[0])


_REFERENCE = select(tables.conversations.c.reference).where(tables.conversations.c.key == bindparam("kept_as"))


def find_reference(work: Work, key: str) -> Reference | None:
    """Where to post for a community (`team:NAME`) or a person (`person:MAIL`)."""
    kind, _, of = key.partition(":")
    if kind == "team":
        row = open_team_of(work, of)
        return dict(row.reference) if row is not None else None
    found: Reference | None = work.conn.execute(_REFERENCE, {"kept_as": key}).scalar_one_or_none()
    return found


def users_of(work: Work, mails: Sequence[str]) -> list[str]:
    """Whom a card names to be refreshed for: those matched to Entra ID, the first of `mails` where it is too many."""
    known = (object_id_of(work, mail) for mail in mails)
    return [f"8:orgid:{object_id}" for object_id in known if object_id][:REFRESHED]


def keep_joined(work: Work, members: Iterable[tuple[str, str]]) -> None:
    """Keep Teams' own ids of the directory's people among those (Teams' id, object id); what waited for one of them
    goes out now.
    """
    for user_id, object_id in members:
        mail = mail_of(work, object_id)
        if mail is None:
            continue
        row = {"aad_object_id": object_id, "user_id": user_id}
        work.conn.execute(insert_or_replace(work.conn, tables.members, row, ("aad_object_id",)))
        retry_waiting_for(work, f"person:{mail.casefold()}")


def user_id_of(work: Work, object_id: str) -> str:
    """Teams' own id of somebody; '' where no roster named them."""
    members = tables.members
    found = work.conn.execute(select(members.c.user_id).where(members.c.aad_object_id == object_id)).scalar()
    return str(found or "")


def teams_of(work: Work, mail: str) -> list[tuple[str, Reference]]:
    """The open teams of a person's communities, as id and reference."""
    directory = directory_of(work)
    held = directory.roles_of(mail)
    homes = [s.community for p in held if p.role in SCHOOL_ROLES for s in directory.schools_named(p.of)]
    named = dict.fromkeys(str(n) for n in (*homes, *(p.of for p in held)))
    rows = (open_team_of(work, community) for community in named)
    return [(str(r.id), dict(r.reference)) for r in rows if r is not None]


def any_team_reference(work: Work) -> Reference | None:
    """Some team's reference: it knows the service URL and the tenant for a new chat."""
    teams = tables.teams
    found: Reference | None = work.conn.execute(
        select(teams.c.reference).where(teams.c.state == TeamState.OPEN).order_by(teams.c.community, teams.c.id)
    ).scalar()
    return found
