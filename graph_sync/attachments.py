"""What goes with a mail: within the draft, by a request of its own or by an upload session, and looked up before the
mail is sent.

Microsoft: under 3 MB one POST, an upload session above ('Attach large files to Outlook messages or events'). Where
exactly the one ends and the other begins is told differently, so each that is refused is tried in the other way.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from kiota_abstractions.method import Method

from casework.errors import NeedsAttention, TryLater
from casework.ports import Attachment, MailDraft
from graph_sync.graph import Graph
from graph_sync.uploads import upload

ONE_REQUEST_BYTES = 3_000_000
"""What one request may bring, as bytes of files: as base64 these are 4,000,000 of the 4 MiB a request may have."""

TOO_SMALL = "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"
TOO_LARGE = "answered 413"
"""How `Graph` says that a request was too large."""

LOOK_AGAIN_S = 5.0


def inline(draft: MailDraft) -> Sequence[Attachment]:
    """The attachments that go within the draft itself: as many as one request may bring, its text counted too."""
    left, found = ONE_REQUEST_BYTES - len(draft.html.encode()), []
    for attachment in draft.attachments:
        if len(attachment.content) <= left:
            left -= len(attachment.content)
            found.append(attachment)
    return found


def as_attachment(attachment: Attachment) -> dict[str, Any]:
    """A Graph `fileAttachment`."""
    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": attachment.name,
        "contentType": attachment.content_type,
        "contentBytes": base64.b64encode(attachment.content).decode(),
    }


async def attach(graph: Graph, url: str, draft: MailDraft) -> None:
    """Bring a draft's attachments, at `url`, to what is to be sent; what an earlier try attached is kept.

    Raises `TryLater` where they are not all there, whole and once each, after all was attached: it must not be sent.
    """
    if not draft.attachments:
        return
    missing, wrong = compare(draft.attachments, await _there(graph, url))
    if not missing and not wrong:
        return
    for attachment_id in wrong:
        await graph.change(f"{url}/{attachment_id}", None)
    for attachment in missing:
        await _add(graph, url, attachment)
    missing, wrong = compare(draft.attachments, await _there(graph, url))
    if missing or wrong:
        names = ", ".join(f"'{a.name}'" for a in missing) or "one that was not to be sent"
        raise TryLater(f"Outlook does not show the email's attachments as they were sent: {names}.", LOOK_AGAIN_S)


def compare(
    wanted: Sequence[Attachment], there: Sequence[Mapping[str, Any]]
) -> tuple[Sequence[Attachment], Sequence[str]]:
    """Which attachments are missing, and the ids of those that are there and should not be.

    Outlook counts more than a file's bytes (microsoft-graph-docs 9796: 1,053 for 816), never less: what is smaller was
    not taken whole.
    """
    left, missing = list(there), []
    for attachment in wanted:
        same = [t for t in left if t["name"] == attachment.name and t["size"] >= len(attachment.content)]
        if same:
            left.remove(same[0])
        else:
            missing.append(attachment)
    return missing, [str(t["id"]) for t in left]


async def _there(graph: Graph, url: str) -> Sequence[Mapping[str, Any]]:
    """What is attached, without its bytes, which Graph would send along."""
    found: list[Mapping[str, Any]] = []
    async for page in graph.pages(f"{url}?$select=id,name,size"):
        found += page["value"]
    return found


async def _add(graph: Graph, url: str, attachment: Attachment) -> None:
    is_small = len(attachment.content) <= ONE_REQUEST_BYTES
    first, second, refused = (_post, _by_session, TOO_LARGE) if is_small else (_by_session, _post, TOO_SMALL)
    try:
        await first(graph, url, attachment)
    except NeedsAttention as error:
        if refused not in str(error):
            raise
        await second(graph, url, attachment)


async def _post(graph: Graph, url: str, attachment: Attachment) -> None:
    await graph.write(Method.POST, url, as_attachment(attachment))


async def _by_session(graph: Graph, url: str, attachment: Attachment) -> None:
    item = {"attachmentType": "file", "name": attachment.name, "size": len(attachment.content)}
    session = await graph.write(Method.POST, f"{url}/createUploadSession", {"AttachmentItem": item}, is_harmless=True)
    await upload(graph, session.json(), attachment.content)
