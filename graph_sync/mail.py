"""The port `Mail` on the desk's mailbox: drafted with a key and looked up before it is sent, its papers compared."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from kiota_abstractions.method import Method

from casework.effects import IS_FIRST_TRY
from casework.errors import NeedsAttention
from casework.ports import MailDraft
from graph_sync.attachments import as_attachment, attach, inline
from graph_sync.graph import Graph
from graph_sync.outlook import message_key, of_mailbox

KEY_PROPERTY = "String {6f1d5a44-2c0e-4f57-9d2a-9b6f3a1c7e10} Name CosKey"
"""An extended property that carries the effect's key, so that a draft is found again after a crash."""


class OutlookMail:
    """Mail from a mailbox."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def send(self, draft: MailDraft) -> None:
        """Look for a message of that key; make the draft where there is none; send it if it is still a draft.

        At an effect's first try nothing of it can be there, and nobody looks: a third of all requests less.
        """
        found = [] if IS_FIRST_TRY.get() else await self._known(draft)
        if not found:
            url, body = self._messages(draft.sender), message_body(draft)
            found = [(await of_mailbox(draft.sender, self._graph.write(Method.POST, url, body))).json()]
        if found[0]["isDraft"]:
            await _of_a_size(
                draft, attach(self._graph, self._messages(draft.sender, found[0]["id"], "attachments"), draft)
            )
            url = self._messages(draft.sender, found[0]["id"], "send")
            await self._graph.write(Method.POST, url, b"", content_type="text/plain")

    async def _known(self, draft: MailDraft) -> list[dict[str, Any]]:
        query = {
            "$filter": f"singleValueExtendedProperties/any(ep: ep/id eq '{KEY_PROPERTY}' "
            f"and ep/value eq '{message_key(draft.key)}')",
            "$select": "id,isDraft,hasAttachments",
        }
        answer = await of_mailbox(draft.sender, self._graph.get(self._messages(draft.sender, query=query)))
        assert answer is not None
        known: list[dict[str, Any]] = answer.json()["value"]
        return known

    def _messages(self, mailbox: str, *segments: str, query: Mapping[str, str] | None = None) -> str:
        return self._graph.url("users", mailbox, "messages", *segments, query=query)


async def _of_a_size(draft: MailDraft, attaching: Awaitable[None]) -> None:
    """Raises `NeedsAttention` that says how large the mail is where Exchange does not take it."""
    try:
        await attaching
    except NeedsAttention as error:
        if "ErrorMessageSizeExceeded" not in str(error):
            raise
        size = sum(len(a.content) for a in draft.attachments) / 1_000_000
        raise NeedsAttention(
            f"The email '{draft.subject}' has {size:.1f} MB of attachments; Exchange takes 35 MB an email unless an "
            f"administrator sets more. Raise it for {draft.sender} (Set-Mailbox -MaxSendSize 60MB), then try again."
        ) from error


def message_body(draft: MailDraft) -> dict[str, Any]:
    """A Graph `message`. Hidden recipients go to Bcc, all of them, and the desk's own address to To: schools do not see
    one another's addresses. The body is HTML alone: a JSON message holds one, and Exchange adds the plain text.
    """
    shown = [draft.sender] if draft.hide_recipients else draft.to
    body: dict[str, Any] = {
        "subject": draft.subject,
        "body": {"contentType": "html", "content": draft.html},
        "toRecipients": _recipients(shown),
        "singleValueExtendedProperties": [{"id": KEY_PROPERTY, "value": message_key(draft.key)}],
    }
    if draft.hide_recipients:
        body["bccRecipients"] = _recipients(draft.to)
    if first := inline(draft):
        body["attachments"] = [as_attachment(a) for a in first]
    return body


def _recipients(mails: Sequence[str]) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": m}} for m in mails]
