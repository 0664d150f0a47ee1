"""Trying every permission with the credentials that are set: what works, what is missing, what is granted too widely.

Nothing is left behind: what would write is asked for things that do not exist, where Microsoft answers 404 to whoever
may and 403 to whoever may not; an upload session is opened and closed again, a list's item and a file made and deleted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from kiota_abstractions.method import Method

from casework.errors import NeedsAttention, TryLater
from graph_sync.graph import Answer, Graph
from graph_sync.permissions import Permission, permissions
from graph_sync.places import SITE, drive_key

NOBODY = "AAMkADAwATMwMAItY29zLWRlc2stZG9jdG9yAAA="
"""An id no message or event has."""

NO_MEETING = "https://teams.microsoft.com/l/meetup-join/cos-desk-doctor"
PROBE_FILE = "cos-desk-doctor.tmp"


class Kind(StrEnum):
    """How a finding is to be read."""

    WELL = "well"
    WIDE = "too wide"
    MISSING = "missing"
    UNKNOWN = "not tried"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was tried, how it went, and what an administrator does about it."""

    about: str
    kind: Kind
    said: str
    remedy: str = ""


MOST_NAMED = 5
"""Names in one sentence."""


def named(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    shown = [f"'{name}'" for name in names[:MOST_NAMED]]
    if more := names[MOST_NAMED:]:
        return f"{', '.join(shown)} and {len(more)} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


@dataclass(frozen=True, kw_only=True)
class Patient:
    """What the trial needs to know: the site as it is set, the desk's mailbox, another one that must stay shut."""

    site: str
    mailbox: str
    other_mailbox: str
    places: dict[str, str]
    is_managed: bool = False
    """The application signs in as a managed identity of Azure."""


@dataclass(frozen=True)
class _Trial:
    method: Method
    segments: Sequence[str]
    query: dict[str, str] | None = None
    body: Any = None


async def examine(graph: Graph, patient: Patient) -> AsyncIterator[Finding]:
    """A finding for signing in, one for each permission, and those for what is open that should be shut."""
    user = patient.mailbox
    try:
        known = await graph.send(Method.GET, graph.url("users", user, query={"$select": "id"}))
    except (NeedsAttention, TryLater) as error:
        yield Finding(about="sign-in", kind=Kind.MISSING, said=str(error), remedy=SIGN_IN)
        return
    yield Finding(about="sign-in", kind=Kind.WELL, said="The application signs in.")
    if known.status == 404:
        said = f"There is no user or mailbox {user}."
        yield Finding(about="mailbox", kind=Kind.MISSING, said=said, remedy="Make it in Exchange, or mend COS_MAILBOX.")
    user_id = str(known.json().get("id", user)) if known.status == 200 else user
    for permission in permissions():
        yield await _tried(graph, patient, permission, TRIALS[permission.name](patient, user_id))
    async for finding in _too_wide(graph, patient):
        yield finding


async def _tried(graph: Graph, patient: Patient, permission: Permission, trials: Sequence[_Trial]) -> Finding:
    if not trials:
        said = "The site's libraries are not known yet."
        return Finding(about=permission.name, kind=Kind.UNKNOWN, said=said, remedy="Run `cos provision` first.")
    for trial in trials:
        call = f"{trial.method.value} /{'/'.join(trial.segments)}"
        try:
            answer = await _asked(graph, trial)
        except (NeedsAttention, TryLater) as error:
            said = f"{call} was not answered: {error}"
            return Finding(about=permission.name, kind=Kind.UNKNOWN, said=said, remedy="Try again in a few minutes.")
        if answer.status in (401, 403):
            said = f"{call} was refused ({answer.status} {_message(answer)})."
            only_reads = permission.name == SELECTED and trial.method is not Method.GET  # what reads was tried before
            remedy = ROLE_WRITE if only_reads else _remedy(permission, patient)
            return Finding(about=permission.name, kind=Kind.MISSING, said=said, remedy=remedy)
        if answer.status >= 500 or answer.status == 429:
            said = f"{call} was not answered just now ({answer.status})."
            return Finding(about=permission.name, kind=Kind.UNKNOWN, said=said, remedy="Try again in a few minutes.")
        if trial.segments[-1].endswith("createUploadSession") and answer.status < 300:
            await graph.send_plain("DELETE", answer.json()["uploadUrl"])
    return Finding(about=permission.name, kind=Kind.WELL, said=permission.why)


SELECTED = "Sites.Selected"
ROLE_WRITE = (
    "The permission is granted, but the application's role in the site only reads: give it the role `write`, as "
    f"manifests/permissions.md shows under '{SELECTED}'."
)


async def _asked(graph: Graph, trial: _Trial) -> Answer:
    url = graph.url(*trial.segments, query=trial.query)
    content = None if trial.body is None else msgspec.json.encode(trial.body)
    return await graph.send(trial.method, url, {}, content, "application/json")


def _message(answer: Answer) -> str:
    try:
        error = answer.json()["error"]
        return f"{error['code']}: {error['message']}"[:200]
    except (msgspec.DecodeError, KeyError, TypeError):
        return "without a reason"


def _remedy(permission: Permission, patient: Patient) -> str:
    narrowed = f"narrowed as manifests/permissions.md says under '{permission.name}'"
    if not patient.is_managed:
        return (
            f"An administrator grants the application permission {permission.name} ({permission.id}) and consents to "
            f"it, {narrowed}."
        )
    script = "in Exchange" if permission.is_of_exchange else f"with {GRANT_SCRIPT}"
    return (
        f"An administrator gives the managed identity the permission {permission.name} {script}, {narrowed}; Azure "
        "keeps a managed identity's token for up to 24 hours, so it counts after that."
    )


GRANT_SCRIPT = "manifests/infra/grant-permissions.ps1"
"""A managed identity has no page on which it could be given permissions."""


async def _too_wide(graph: Graph, patient: Patient) -> AsyncIterator[Finding]:
    """What is open and should be shut: other people's mailboxes, other sites."""
    if patient.other_mailbox:
        folders = _Trial(Method.GET, ("users", patient.other_mailbox, "mailFolders"), {"$top": "1", "$select": "id"})
        if (await _asked(graph, folders)).status == 200:
            said = "The application may open any mailbox, not the desk's alone."
            yield Finding(about="other mailboxes", kind=Kind.WIDE, said=said, remedy=NARROW_MAIL)
        else:
            yield Finding(about="other mailboxes", kind=Kind.WELL, said="Other people's mailboxes are shut.")
    else:
        said = "The directory names no clerk or moderator yet whose mailbox could be tried."
        yield Finding(about="other mailboxes", kind=Kind.UNKNOWN, said=said, remedy="Import the people first.")
    if (await _asked(graph, _Trial(Method.GET, ("sites", "root"), {"$select": "id"}))).status == 200:
        said = "The application may read sites other than its own."
        yield Finding(about="other sites", kind=Kind.WIDE, said=said, remedy=NARROW_SITES)
    else:
        yield Finding(about="other sites", kind=Kind.WELL, said="Other sites are shut.")


SIGN_IN = (
    "Check COS_TENANT_ID and COS_CLIENT_ID, and that the managed identity, the certificate or the secret is the "
    "application's and has not run out."
)
NARROW_MAIL = "Give the mail and calendar roles in Exchange for the desk's mailbox alone: manifests/permissions.md."
NARROW_SITES = "Replace Sites.Read(Write).All by Sites.Selected: manifests/permissions.md."


def _of_site(patient: Patient, _: str) -> Sequence[_Trial]:
    host, _, path = patient.site.partition(":")
    find = _Trial(Method.GET, ("sites", f"{host}:{path}"), {"$select": "id"})
    drives = [value for key, value in sorted(patient.places.items()) if key.startswith(drive_key(""))]
    if SITE not in patient.places or not drives:
        return (find,)
    site, drive = patient.places[SITE], drives[0]
    session = {"item": {"@microsoft.graph.conflictBehavior": "replace", "name": PROBE_FILE}}
    return (
        find,
        _Trial(Method.GET, ("sites", site, "lists"), {"$top": "1", "$select": "id"}),
        _Trial(Method.GET, ("drives", drive, "root", "delta"), {"token": "latest"}),
        _Trial(Method.POST, ("drives", drive, f"root:/{PROBE_FILE}:", "createUploadSession"), None, session),
    )


def _of_mail(patient: Patient, _: str) -> Sequence[_Trial]:
    messages = ("users", patient.mailbox, "messages")
    return (
        _Trial(Method.GET, messages, {"$top": "1", "$select": "id"}),
        _Trial(Method.POST, (*messages, NOBODY, "attachments", "createUploadSession"), None,
               {"AttachmentItem": {"attachmentType": "file", "name": PROBE_FILE, "size": 1}}),
    )  # fmt: skip


def _of_sending(patient: Patient, _: str) -> Sequence[_Trial]:
    return (_Trial(Method.POST, ("users", patient.mailbox, "messages", NOBODY, "send")),)


def _of_calendar(patient: Patient, _: str) -> Sequence[_Trial]:
    events = ("users", patient.mailbox, "events", NOBODY)
    return (_Trial(Method.GET, events), _Trial(Method.PATCH, events, None, {"subject": "CoS Desk"}))


def _of_people(_: Patient, __: str) -> Sequence[_Trial]:
    return (_Trial(Method.GET, ("users",), {"$top": "1", "$select": "id,displayName,mail,userPrincipalName"}),)


def _of_meetings(_: Patient, user_id: str) -> Sequence[_Trial]:
    query = {"$filter": f"JoinWebUrl eq '{NO_MEETING}'"}
    return (_Trial(Method.GET, ("users", user_id, "onlineMeetings"), query),)


def _of_attendance(_: Patient, user_id: str) -> Sequence[_Trial]:
    return (_Trial(Method.GET, ("users", user_id, "onlineMeetings", NOBODY, "attendanceReports")),)


TRIALS: dict[str, Callable[[Patient, str], Sequence[_Trial]]] = {
    "Sites.Selected": _of_site,
    "Mail.ReadWrite": _of_mail,
    "Mail.Send": _of_sending,
    "Calendars.ReadWrite": _of_calendar,
    "User.ReadBasic.All": _of_people,
    "OnlineMeetings.Read.All": _of_meetings,
    "OnlineMeetingArtifact.Read.All": _of_attendance,
}
"""How each permission is tried."""
