"""Which team of Teams belongs to which community, by Teams' id of it: a name alone proves nothing.

A team is linked by the community's chair or clerk or an administrator. How Teams tells of teams is `bot.installs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Any

from sqlalchemy import bindparam, select, update

from casework import tables
from casework.desk import CONSOLE, SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of
from casework.effects import effect
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.intake_mail import from_desk
from casework.letters import Letter, letter
from casework.ports import MailDraft, Ports
from casework.stuck import retry_waiting_for
from communities.directory import Role
from communities.matching import find_community

KIND = "mail.team"


class TeamState(StrEnum):
    """Whether the bot can post there, and if not, why."""

    OPEN = "open"
    ARCHIVED = "archived"
    DELETED = "deleted"
    CHANNEL_DELETED = "channel deleted"
    REMOVED = "removed"
    """The bot was taken out."""


class Link(StrEnum):
    """What became of a team the bot was added to."""

    LINKED = "linked"
    WAITS = "waits"
    """It has the name of a community; somebody who may has to link it."""
    TAKEN = "taken"
    """It has the name of a community that is linked to another team."""
    UNNAMED = "unnamed"
    """No community has its name."""


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What became of a team, and whether that is another than before."""

    link: Link
    is_news: bool


@dataclass(frozen=True, kw_only=True)
class SeenTeam:
    """A team as Teams tells of it."""

    id: str
    name: str
    """'' where Teams does not say."""
    reference: Mapping[str, Any]
    """Where posts go: the channel that was chosen, or the one this was said in."""
    is_chosen: bool = False
    """Somebody chose the channel when they added the bot."""

    @property
    def channel(self) -> str:
        """The channel's id."""
        return str(self.reference["conversation"]["id"])


def note_team(work: Work, seen: SeenTeam, by: str) -> Noted:
    """The bot is in this team, as somebody's act shows (`by`, '' where unknown). It is linked to the community of its
    name where that person may do so and the community has no other team; else those who may are told.
    """
    row = team_row(work, seen.id) or _moved_row(work, seen)
    was_open = row is not None and row.state == TeamState.OPEN
    name = seen.name or (row.name if row else "")
    keeps_channel = row is not None and was_open and not seen.is_chosen
    reference = row.reference | {"serviceUrl": seen.reference["serviceUrl"]} if keeps_channel else seen.reference
    community, link = _community_for(work, seen.id, row, name, by)
    kept = {
        "id": seen.id, "name": name, "community": community, "state": TeamState.OPEN, "reference": dict(reference),
    }  # fmt: skip
    work.conn.execute(insert_or_replace(work.conn, tables.teams, kept, ("id",)))
    is_news = row is None or not was_open or row.name != name or row.community != community
    if is_news and link is Link.LINKED:
        (work.acting(by) if by else work).journal("link team", str(community), team=name)
    if is_news and link is not Link.LINKED and name:
        work.journal("team not linked", name, team=name)
        _tell(work, seen.id)
    if community:
        retry_waiting_for(work, team_key(community))
    return Noted(link=link, is_news=is_news)


def _community_for(work: Work, team_id: str, row: Any, name: str, by: str) -> tuple[str | None, Link]:
    named = find_community(name, directory_of(work)) if name else None
    community = row.community if row and row.community else str(named.name) if named else None
    if community is None:
        return None, Link.UNNAMED
    holder = open_team_of(work, community)
    if holder is not None and holder.id != team_id:
        return None, Link.TAKEN
    if (row and row.community) or may_link(work, community, by):
        return community, Link.LINKED
    return None, Link.WAITS


def _moved_row(work: Work, seen: SeenTeam) -> Any:
    """What was kept before teams had their ids: under the id of the channel that posts went to."""
    row = team_row(work, seen.channel)
    if row is not None and row.id != seen.id:
        work.conn.execute(update(tables.teams).where(tables.teams.c.id == row.id).values(id=seen.id))
    return row


def team_key(community: str) -> str:
    """What waits for a community's team waits for this."""
    return f"team:{community}"


def may_link(work: Work, community: str, by: str) -> bool:
    """The community's chair and clerk, and administrators."""
    directory = directory_of(work)
    return by == CONSOLE or (
        directory.holds(by, Role.CHAIR, community)
        or directory.holds(by, Role.CLERK, community)
        or directory.holds(by, Role.ADMINISTRATOR)
    )


def is_news_of_team(work: Work, seen: SeenTeam, by: str) -> bool:
    """Whether what somebody wrote in a team changes what is known of it: the bot is there after all, at another address
    of the service, or the person may say whose team it is and nobody has.
    """
    row = team_row(work, seen.id)
    if row is None or row.state != TeamState.OPEN:
        return True
    if row.community is None and by:
        named = find_community(row.name, directory_of(work))
        return named is not None and may_link(work, named.name, by) and open_team_of(work, named.name) is None
    return bool(row.reference.get("serviceUrl") != seen.reference.get("serviceUrl"))


def link_team(work: Work, community: str, team_id: str, by: str) -> str:
    """Link a team to a community; returns the team's name. An administrator may take it from another community, and the
    community from another team. Raises `InputRefused`, `NotAllowed`, `AlreadyDone`.
    """
    found, row = find_community(community, directory_of(work)), team_row(work, team_id)
    if found is None:
        raise InputRefused(f"There is no community '{community[:80]}'.")
    named = str(found.name)
    if not may_link(work, named, by):
        raise NotAllowed(f"Only the chair or the clerk of {named}, or an administrator, can link a team to it.")
    if row is None or row.state != TeamState.OPEN:
        raise InputRefused(
            f"CoS Desk is in no team with the id '{team_id[:80]}'. Add it to the team in Teams first; `cos teams list` "
            "shows the teams it is in."
        )
    if row.community == named:
        raise AlreadyDone(f"The team '{row.name}' is linked to {named} already. Nothing was changed.")
    is_administrator = by == CONSOLE or directory_of(work).holds(by, Role.ADMINISTRATOR)
    holder = open_team_of(work, named)
    if not is_administrator and (holder is not None or row.community):
        taken = f"{named} is linked to the team '{holder.name}'" if holder else f"The team is {row.community}'s"
        raise InputRefused(f"{taken}. Ask an administrator to change that, or remove CoS Desk from that team first.")
    if holder is not None:
        _set(work, holder.id, community=None)
    _set(work, team_id, community=named)
    work.acting(by).journal("link team", named, team=row.name)
    retry_waiting_for(work, team_key(named))
    return str(row.name)


def close_team(work: Work, team_id: str, state: TeamState) -> None:
    """Nothing can be posted there any more; the community's people and administrators are told, and posts wait."""
    row = team_row(work, team_id)
    if row is None or row.state != TeamState.OPEN:
        return
    _set(work, team_id, state=state)
    if row.community:
        work.journal("close team", row.community, team=row.name, state=state)
        _tell(work, team_id)


def reopen_team(work: Work, team_id: str) -> None:
    """A team that was archived or deleted is there again, unless its community has another by now."""
    row = team_row(work, team_id)
    if row is None or row.state not in (TeamState.ARCHIVED, TeamState.DELETED, TeamState.CHANNEL_DELETED):
        return
    if row.community and open_team_of(work, row.community) is not None:
        return
    _set(work, team_id, state=TeamState.OPEN)
    if row.community:
        work.journal("link team", row.community, team=row.name)
        retry_waiting_for(work, team_key(row.community))


def rename_team(work: Work, team_id: str, name: str) -> None:
    """Only its name is another: whose team it is was never the name's to say."""
    if name:
        _set(work, team_id, name=name)


def _set(work: Work, team_id: str, **values: Any) -> None:
    work.conn.execute(update(tables.teams).where(tables.teams.c.id == team_id).values(**values))


_ROW = select(tables.teams).where(tables.teams.c.id == bindparam("team_id"))


def team_row(work: Work, team_id: str) -> Any:
    """The team of that id, or None."""
    return work.conn.execute(_ROW, {"team_id": team_id}).one_or_none()


_OPEN = select(tables.teams).where(
    tables.teams.c.community == bindparam("of_community"), tables.teams.c.state == TeamState.OPEN
)


def open_team_of(work: Work, community: str) -> Any:
    """The team a community's posts go to, or None."""
    return work.conn.execute(_OPEN, {"of_community": community}).first()


def all_teams(work: Work) -> list[Any]:
    """Every team the bot was added to, those without a community first."""
    teams = tables.teams
    rows = work.conn.execute(select(teams).order_by(teams.c.name, teams.c.id)).all()
    return sorted(rows, key=lambda r: r.community or "")


def communities_without_team(work: Work) -> list[str]:
    """Those whose posts wait."""
    teams = tables.teams
    linked = set(work.conn.execute(select(teams.c.community).where(teams.c.state == TeamState.OPEN)).scalars())
    return [str(c.name) for c in directory_of(work).communities if c.name not in linked]


def team_problem(work: Work, community: str) -> str:
    """Why nothing can be posted for a community that has no open team, and what to do."""
    teams = tables.teams
    row = work.conn.execute(select(teams).where(teams.c.community == community).order_by(teams.c.id)).first()
    if row is not None:
        return f"{_closed(row)} The post waits until then."
    return (
        f"CoS Desk is not linked to a team of {community}. Add it to the community's team in Teams; where it is there "
        "already, `cos teams list` shows its teams and `cos teams link` links one. The post waits until then."
    )


def _closed(row: Any) -> str:
    """What happened to a community's team, and what to do."""
    team = f"The team '{row.name}' of {row.community}"
    match row.state:
        case TeamState.ARCHIVED:
            return f"{team} was archived in Teams. Restore it, or add CoS Desk to the team the community uses now."
        case TeamState.DELETED:
            return f"{team} was deleted in Teams. Restore it, or add CoS Desk to the team the community uses now."
        case TeamState.CHANNEL_DELETED:
            return (
                f"The channel that CoS Desk posts to in the team '{row.name}' of {row.community} was deleted. Restore "
                "it, or remove CoS Desk from the team and add it again with another channel."
            )
        case _:
            return (
                f"CoS Desk was removed from the team '{row.name}' of {row.community}, or cannot post in its channel. "
                "Add it to the team again."
            )


def _tell(work: Work, team_id: str) -> None:
    work.effect(KIND, f"{team_id}#{work.change(f'team {team_id}')}")


@effect(KIND)
async def mail_team(desk: Desk, ports: Ports, subject: str) -> None:
    """Say what is the matter with a team, as it is now; nothing where nothing is any more."""
    draft = await desk.run(SYSTEM, _draft, subject)
    if draft is not None:
        await ports.mail.send(draft)


def _draft(work: Work, subject: str) -> MailDraft | None:
    row, directory = team_row(work, subject.rpartition("#")[0]), directory_of(work)
    if row is None or (row.community and row.state == TeamState.OPEN):
        return None
    named = find_community(row.name, directory) if row.name else None
    community = row.community or (str(named.name) if named else "")
    people = list(directory.people_with(Role.ADMINISTRATOR))
    for role in (Role.CHAIR, Role.CLERK):
        people += directory.people_with(role, community) if community else ()
    to = sorted({str(p.mail) for p in people}) or [work.desk.mailboxes.desk]
    if row.community:
        return from_desk(work, f"team:{subject}", to, team_closed_letter(row.community, _closed(row)))
    holder = open_team_of(work, community) if community else None
    return from_desk(
        work, f"team:{subject}", to, team_unlinked_letter(row.name, community, holder.name if holder else "")
    )


def team_closed_letter(community: str, said: str) -> Letter:
    """A community's team is not there any more."""
    return letter(
        f"{community}: CoS Desk cannot post in Teams",
        escape(said),
        "Agendas, decisions and lists for the channel wait and are posted automatically after that. Emails go out as "
        "before.",
    )


def team_unlinked_letter(team: str, community: str, holder: str) -> Letter:
    """The bot was added to a team that is no community's, or not by somebody who may say whose it is."""
    if holder:
        return letter(
            f"CoS Desk was added to a second team called '{team}'",
            f"{escape(community)} is linked to the team '{escape(holder)}'. CoS Desk was added to another team called "
            f"'{escape(team)}' and posts nothing there.",
            "If the new team is the right one, remove CoS Desk from the old team and add it to the new one again, or "
            "ask an administrator to run <code>cos teams link</code>. If you do not know the new team, remove CoS Desk "
            "from it.",
        )
    if community:
        return letter(
            f"Please confirm the Teams team of {community}",
            f"CoS Desk was added to the team '{escape(team)}', but not by the chair or the clerk of "
            f"{escape(community)} or by an administrator. It posts nothing there until one of you confirms it.",
            "In the team, press <b>Link this team</b> on the card of CoS Desk; or an administrator runs "
            "<code>cos teams link</code>. If you do not know this team, remove CoS Desk from it.",
        )
    return letter(
        f"CoS Desk was added to the team '{team}'",
        f"No community is called '{escape(team)}', so CoS Desk posts nothing there.",
        "If it is a community's team, an administrator runs <code>cos teams list</code>, then "
        "<code>cos teams link</code> with the community's name. If not, remove CoS Desk from the team.",
    )
