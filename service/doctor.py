"""`cos doctor`: whether the service can do its work here, and what to do where it cannot."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import ClientError, ClientSession, ClientTimeout

from casework.desk import SYSTEM, Work
from casework.directory_record import directory_of
from communities.directory import Role
from graph_sync.doctor import Finding, Kind, Patient, examine
from graph_sync.places import all_places
from graph_sync.subscriptions import PATHS
from service.credentials import credential_kind
from service.office import Office, open_office
from service.record import or_an_empty_one
from service.settings import Settings

TOKEN = "CoS Desk doctor & friend"


async def findings() -> AsyncIterator[Finding]:
    """Everything, as it is found, with the settings of this machine; it needs no database yet, and begins none."""
    with or_an_empty_one(Settings()) as settings:
        office = open_office(settings)
        try:
            async for finding in examine_office(office):
                yield finding
        finally:
            await office.close()


async def examine_office(office: Office) -> AsyncIterator[Finding]:
    """The credentials' kind, each permission, and the way in for notifications."""
    yield _credential(office.settings)
    async for finding in examine(office.graph, await office.desk.run(SYSTEM, _patient, office.settings)):
        yield finding
    yield await _way_in(office.settings)


def _patient(work: Work, settings: Settings) -> Patient:
    people = (p for role in (Role.CLERK, Role.MODERATOR) for p in directory_of(work).people if p.role is role)
    other = next((p.mail for p in people if p.mail.casefold() != settings.mailbox.casefold()), "")
    return Patient(site=settings.site, mailbox=settings.mailbox, other_mailbox=other, places=all_places(work))


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
