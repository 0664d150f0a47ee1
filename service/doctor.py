"""`cos doctor`: whether the service can do its work here, and what to do where it cannot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.turns import Reference
from casework.desk import SYSTEM, Work
from casework.directory_record import directory_of, mail_of
from casework.errors import NeedsAttention, TryLater
from casework.team_links import TeamState, all_teams, communities_without_team
from communities.directory import Role
from graph_sync.doctor import Finding, Kind, Patient, examine, named
from graph_sync.doctor_attendance import examine_attendance
from graph_sync.doctor_coming_in import examine_way_in
from graph_sync.doctor_files import examine_files
from graph_sync.doctor_lists import examine_lists
from graph_sync.doctor_outlook import examine_outlook
from graph_sync.places import all_places
from graph_sync.subscriptions import PATHS
from service.credentials import credential_kind
from service.office import Office, open_office
from service.record import or_an_empty_one
from service.settings import Settings

LINK = "Have the chair, the clerk or an administrator add CoS Desk to the team; `cos teams list` shows those it is in."
MATCH = "Run `cos provision` again, which finds the directory's people in Entra ID by the addresses they sign in with."
TOKEN = "CoS Desk doctor & friend"


async def findings(tell: Callable[[str], None]) -> AsyncIterator[Finding]:
    """Everything, as it is found, with the settings of this machine; it needs no database yet, and begins none."""
    with or_an_empty_one(Settings()) as settings:
        office = open_office(settings)
        try:
            async for finding in examine_office(office, tell):
                yield finding
        finally:
            await office.close()


async def examine_office(office: Office, tell: Callable[[str], None] = lambda _: None) -> AsyncIterator[Finding]:
    """The credentials' kind, each permission, and the way in for notifications; `tell` hears what takes its time."""
    yield _credential(office.settings)
    patient = await office.desk.run(SYSTEM, patient_of, office.settings)
    async for finding in examine(office.graph, patient):
        yield finding
    async for finding in examine_way_in(office.graph, patient):
        yield finding
    async for finding in examine_lists(office.desk, office.graph, patient):
        yield finding
    async for finding in examine_files(office.graph, patient, tell):
        yield finding
    async for finding in examine_outlook(office.desk, office.graph, patient):
        yield finding
    async for finding in examine_attendance(office.desk, office.graph, patient):
        yield finding
    yield await _way_in(office.settings)
    yield await _teams(office)


async def _teams(office: Office) -> Finding:
    """Whether each community has a team to post in, and Teams gives the roster by which people are reached."""
    about = "teams"
    without, known = await office.desk.run(SYSTEM, _linked)
    if known is None:
        said = "CoS Desk was added to no team yet."
        return Finding(about=about, kind=Kind.UNKNOWN, said=said, remedy="Add it to a community's team in Teams.")
    team_id, name, reference = known
    try:
        members = await office.adapter.roster(reference, team_id)
    except (NeedsAttention, TryLater) as error:
        said = f"Teams does not give the roster of the team '{name}': {error}"
        remedy = "Remove CoS Desk from the team and add it again."
        return Finding(about=about, kind=Kind.MISSING, said=said, remedy=remedy)
    if without:
        count = "One community has" if len(without) == 1 else f"{len(without)} communities have"
        said = f"{count} no team to post in: {named(without)}."
        return Finding(about=about, kind=Kind.MISSING, said=said, remedy=LINK)
    matched = await office.desk.run(SYSTEM, _matched, [object_id for _, object_id in members])
    if members and not matched:
        said = f"None of the {len(members)} people in the team '{name}' is in the directory."
        return Finding(about=about, kind=Kind.MISSING, said=said, remedy=MATCH)
    said = (
        f"Every community has its team; {matched} of {len(members)} people in the team '{name}' are in the directory."
    )
    return Finding(about=about, kind=Kind.WELL, said=said)


def _linked(work: Work) -> tuple[list[str], tuple[str, str, Reference] | None]:
    linked = [r for r in all_teams(work) if r.community and r.state == TeamState.OPEN]
    first = (str(linked[0].id), str(linked[0].name), dict(linked[0].reference)) if linked else None
    return communities_without_team(work), first


def _matched(work: Work, object_ids: list[str]) -> int:
    return sum(mail_of(work, object_id) is not None for object_id in object_ids)


def patient_of(work: Work, settings: Settings) -> Patient:
    """What the trials need to know here."""
    people = (p for role in (Role.CLERK, Role.MODERATOR) for p in directory_of(work).people if p.role is role)
    other = next((p.mail for p in people if p.mail.casefold() != settings.mailbox.casefold()), "")
    return Patient(
        site=settings.site, mailbox=settings.mailbox, other_mailbox=other, places=all_places(work),
        is_managed=credential_kind(settings) == "a managed identity",
    )  # fmt: skip


def _credential(settings: Settings) -> Finding:
    kind = credential_kind(settings)
    if kind == "a secret":
        return Finding(
            about="credential", kind=Kind.WIDE, said="The application signs in with a secret, which can be copied.",
            remedy="Use a managed identity, a workload identity or a certificate (docs/settings.md).",
        )  # fmt: skip
    return Finding(about="credential", kind=Kind.WELL, said=f"The application signs in with {kind}.")


async def _way_in(settings: Settings) -> Finding:
    about = "notifications"
    if not settings.public_url:
        said = f"COS_PUBLIC_URL is not set: Graph is asked every {settings.poll_s:.0f} s instead of telling."
        return Finding(about=about, kind=Kind.UNKNOWN, said=said)
    url = settings.public_url.rstrip("/") + PATHS[0]
    remedy = "It must be https and lead to `cos serve`, from outside and without a sign-in page before it."
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=10)) as session,
            session.post(url, params={"validationToken": TOKEN}) as response,
        ):
            said = await response.text() if response.content_type == "text/plain" else ""
            if response.status == 200 and said == TOKEN:
                return Finding(about=about, kind=Kind.WELL, said=f"{url} answers as Graph wants it.")
            return Finding(about=about, kind=Kind.MISSING, said=f"{url} answered {response.status}.", remedy=remedy)
    except (ClientError, TimeoutError) as error:
        said = f"{url} was not reached ({type(error).__name__}). Is `cos serve` running?"
        return Finding(about=about, kind=Kind.MISSING, said=said, remedy=remedy)
