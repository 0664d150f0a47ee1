"""What `cos doctor` tries with a file of its own in each community's library, which it deletes again: what SharePoint
does to Office files, whether they can be replaced, are seen and kept in versions, and whether there is room.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kiota_abstractions.method import Method

from casework.each import each
from casework.errors import Conflict, NeedsAttention, TryLater
from casework.ports import PAPER_BYTES
from casework.stuck import ROOM
from graph_sync.doctor import ROLE_WRITE, Finding, Kind, Patient, named
from graph_sync.doctor_coming_in import PROVISION
from graph_sync.editors import is_applications, person_of
from graph_sync.file_versions import versions_of
from graph_sync.graph import Graph
from graph_sync.patience import Forbidden
from papers.encrypted import is_encrypted
from papers.marker import fingerprint, marked, marker_of
from papers.word import template

DRIVE = "drive:"
PROBE = "cos-desk-doctor.docx"
TYPE = "application/octet-stream"
ABOUT = "files"
STORAGE = "storage"

LIBRARIES = "{libraries}"
"""Stands in a sentence for the libraries that it is true of."""


@dataclass(frozen=True, kw_only=True)
class _Trial:
    """The trial file after two writes: how the second went, what it says of itself, and what is read of it."""

    item: Mapping[str, Any]
    sent: bytes
    content: bytes
    versions: int
    refused: str
    unread: str
    """Why the version before the last cannot be read."""


async def examine_files(
    graph: Graph, patient: Patient, tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Finding]:
    """A finding for the room there is, then for each thing that a trial file shows, in every community's library.

    Eight requests a library, one after the other; `tell` hears how far it is.
    """
    libraries = {key.removeprefix(DRIVE): drive for key, drive in patient.places.items() if key.startswith(DRIVE)}
    if not libraries:
        yield Finding(about=ABOUT, kind=Kind.UNKNOWN, said="The libraries are not known yet.", remedy=PROVISION)
        return
    try:
        storage = await _storage(graph, min(libraries.values()))
    except (NeedsAttention, TryLater) as error:
        yield Finding(about=ABOUT, kind=Kind.UNKNOWN, said=f"The libraries could not be opened: {error}",
                      remedy=remedy_after(error))  # fmt: skip
        return
    yield storage
    first = await asyncio.to_thread(marked, template("minutes.docx"), PROBE)
    second = await asyncio.to_thread(marked, template("agenda.docx"), PROBE)

    async def tried(library: str) -> _Trial:
        tell(f"Trying a file in each library: {list(libraries).index(library) + 1} of {len(libraries)} …")
        return await _tried(graph, libraries[library], first, second)

    trials = await each(libraries, tried)
    for finding in _not_tried(trials.failed):
        yield finding
    for probe in PROBES:
        for finding in _together({library: probe(trial) for library, trial in trials.brought.items()}):
            yield finding


def _not_tried(failed: Mapping[str, Exception]) -> list[Finding]:
    """The libraries in which no file could be tried, by why."""
    said = f"No file could be tried in {LIBRARIES}"
    return _together({
        library: Finding(about=ABOUT, kind=Kind.UNKNOWN, said=f"{said}: {error}", remedy=remedy_after(error))
        for library, error in failed.items()
    })  # fmt: skip


def _together(found: Mapping[str, Finding]) -> list[Finding]:
    """What several libraries show, once for all of them: each fault with the libraries that have it, or all is well."""
    alike: dict[Finding, list[str]] = {}
    for library, finding in found.items():
        alike.setdefault(finding, []).append(library)
    faults = {finding: names for finding, names in alike.items() if finding.kind is not Kind.WELL}
    return [
        replace(finding, said=finding.said.replace(LIBRARIES, named(names)))
        for finding, names in (faults or alike).items()
    ]


def remedy_after(error: Exception) -> str:
    """What to do before it is tried again, by what stood against it."""
    match error:
        case NeedsAttention(needs=needs) if needs == ROOM:
            return "Make room as said above, and run `cos doctor` again."
        case Forbidden():
            return ROLE_WRITE
        case TryLater() | Conflict():
            return "Close the file there if somebody has it open, and run `cos doctor` again."
        case _:
            return "Do what the reason says, and run `cos doctor` again."


async def _storage(graph: Graph, drive: str) -> Finding:
    answer = await graph.get(graph.url("drives", drive, query={"$select": "id,quota"}))
    state = ((answer.json() if answer else {}).get("quota") or {}).get("state", "")
    if state in ("critical", "exceeded"):
        said = f"The storage of the SharePoint site is nearly or quite full ('{state}')."
        remedy = "Raise the site's storage limit in the SharePoint admin centre, or delete what is not needed."
        return Finding(about=STORAGE, kind=Kind.MISSING, said=said, remedy=remedy)
    return Finding(about=STORAGE, kind=Kind.WELL, said="There is room for files in the site.")


async def _tried(graph: Graph, drive: str, first: bytes, second: bytes) -> _Trial:
    """Write it twice, look at it, and delete it, whatever happened."""
    at = f"{graph.url('drives', drive)}/root:/{PROBE}:/content"
    made = (await graph.write(Method.PUT, at, first, content_type=TYPE, is_harmless=True)).json()
    try:
        return await _looked_at(graph, drive, made["id"], second)
    finally:
        await graph.change(graph.url("drives", drive, "items", made["id"]), None)


async def _looked_at(graph: Graph, drive: str, item_id: str, second: bytes) -> _Trial:
    url, refused = graph.url("drives", drive, "items", item_id), ""
    try:
        await graph.write(Method.PUT, f"{url}/content", second, content_type=TYPE, is_harmless=True)
    except (NeedsAttention, Conflict) as error:
        refused = str(error)
    content = await graph.download(f"{url}/content", PAPER_BYTES)
    shown = await graph.get(f"{url}?$select=id,size,lastModifiedBy,publication")
    versions, unread = await versions_of(graph, drive, item_id), ""
    try:
        for older in versions[1:2]:
            await graph.download(f"{url}/versions/{older['id']}/content", PAPER_BYTES)
    except NeedsAttention as error:
        unread = str(error)
    return _Trial(item=shown.json() if shown else {}, sent=second, content=content, versions=len(versions),
                  refused=refused, unread=unread)  # fmt: skip


def _labels(trial: _Trial) -> Finding:
    about = "sensitivity labels"
    if trial.refused or is_encrypted(trial.content):
        said = (
            f"A file in {LIBRARIES} cannot be replaced or read once it is there: {trial.refused or 'it is encrypted'}. "
            "Most often a default sensitivity label encrypts new files."
        )
        remedy = (
            "Choose a default label without encryption for the site's libraries (library settings, Default sensitivity "
            "labels); until then new versions of papers are put beside the old ones."
        )
        return Finding(about=about, kind=Kind.MISSING, said=said, remedy=remedy)
    return Finding(
        about=about,
        kind=Kind.WELL,
        said="A file can be replaced and read again in every library; no label encrypts it.",
    )


def _rewritten(trial: _Trial) -> Finding:
    about, by = "files as they were sent", trial.item.get("lastModifiedBy")
    if trial.refused or is_encrypted(trial.content):
        return Finding(about=about, kind=Kind.UNKNOWN, said="It could not be read: see sensitivity labels.")
    who = "us" if is_applications(by) else "a person" if person_of(by) else "nobody we know"
    if trial.content == trial.sent:
        said = f"SharePoint left a Word file as it was sent; it names {who} as having saved it last."
        return Finding(about=about, kind=Kind.WELL, said=said)
    if fingerprint(trial.content) != fingerprint(trial.sent) or marker_of(trial.content) is None:
        said = f"SharePoint changed the text or our mark in a Word file; it names {who} as having saved it last."
        remedy = "Tell whoever maintains CoS Desk: papers may be put beside one another."
        kind = Kind.WELL if is_applications(by) else Kind.MISSING
        return Finding(about=about, kind=kind, said=said, remedy="" if kind is Kind.WELL else remedy)
    said = f"SharePoint wrote its properties into a Word file, as expected; it names {who} as having saved it last."
    return Finding(about=about, kind=Kind.WELL, said=said)


def _check_out(trial: _Trial) -> Finding:
    about = "check-out"
    if (trial.item.get("publication") or {}).get("level") == "checkout":
        said = f"Check-out is demanded by {LIBRARIES}: nobody sees a paper that somebody saves and does not check in."
        remedy = "Switch off 'Require documents to be checked out' in that library's versioning settings."
        return Finding(about=about, kind=Kind.MISSING, said=said, remedy=remedy)
    return Finding(about=about, kind=Kind.WELL, said="Papers are seen as soon as they are filed, in every library.")


def _versions(trial: _Trial) -> Finding:
    about = "versions of files"
    if trial.refused:
        return Finding(about=about, kind=Kind.UNKNOWN, said="It could not be replaced: see sensitivity labels.")
    if trial.versions < 2:
        said = f"No versions are kept by {LIBRARIES}: what two people save in one moment can be lost."
        remedy = "Switch on 'Create major versions' in that library's versioning settings."
        return Finding(about=about, kind=Kind.MISSING, said=said, remedy=remedy)
    if trial.unread:
        said = f"The older versions of a file in {LIBRARIES} cannot be read: {trial.unread}"
        remedy = "Ask Microsoft's support why; until then, minutes two people changed in Word wait for the clerk."
        return Finding(about=about, kind=Kind.UNKNOWN, said=said, remedy=remedy)
    return Finding(about=about, kind=Kind.WELL, said="Every library keeps the versions of its files.")


PROBES: tuple[Callable[[_Trial], Finding], ...] = (_labels, _rewritten, _check_out, _versions)
"""What the trial file shows."""
