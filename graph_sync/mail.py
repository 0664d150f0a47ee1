"""The port `Mail` on the desk's mailbox: drafted with a key and looked up before it is sent, its papers compared."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kiota_abstractions.method import Method

from casework.attaching import of_a_size
from casework.desk import Desk
from casework.effects import IS_FIRST_TRY
from casework.errors import NeedsAttention, TryLater
from casework.mail_rate import PER_MESSAGE
from casework.ports import MailDraft
from graph_sync.attachments import as_attachment, attach, inline
from graph_sync.graph import Graph
from graph_sync.outlook import message_key, of_mailbox
from graph_sync.sending import turn_of

KEY_PROPERTY = "String {6f1d5a44-2c0e-4f57-9d2a-9b6f3a1c7e10} Name CosKey"
"""An extended property that carries the effect's key, so that a draft is found again after a crash."""


OVER_QUOTA = "ErrorSubmissionQuotaExceeded"
HOUR_S = 3600.0


class OutlookMail:
    """Mail from the desk's mailbox, or from others beside it where there are more to send from."""

    def __init__(self, desk: Desk, graph: Graph) -> None:
        self._desk, self._graph = desk, graph

    async def send(self, draft: MailDraft) -> None:
        """Look for a message of that key; make the draft where there is none; send it if it is still a draft.

        At an effect's first try nothing of it can be there, and nobody looks: a third of all requests less. To more
        people than one message may have, it goes as several; files too large for it are linked (`of_a_size`). Raises
        `TryLater` until it is the mailbox's turn.
        """
        for part in parts_of(of_a_size(draft)):
            await self._send(part)

    async def _send(self, draft: MailDraft) -> None:
        found = None if IS_FIRST_TRY.get() else await self._find(draft)
        mailbox = await self._turn(draft, [found[0]] if found else self._mailboxes(draft), is_sent=_is_sent(found))
        if found is None:
            asked = self._graph.write(Method.POST, self._messages(mailbox), message_body(draft, mailbox))
            found = mailbox, (await of_mailbox(mailbox, asked)).json()
        if not _is_sent(found):
            url = self._messages(mailbox, found[1]["id"], "attachments")
            await _of_a_size(draft, attach(self._graph, url, draft))
            await self._hand_over(mailbox, found[1]["id"])

    async def _turn(self, draft: MailDraft, mailboxes: Sequence[str], *, is_sent: bool) -> str:
        if is_sent:
            return mailboxes[0]
        count = len(draft.to) + draft.hide_recipients
        return await turn_of(self._desk, message_key(draft.key), mailboxes, count, can_wait=draft.can_wait)

    async def _hand_over(self, mailbox: str, message_id: str) -> None:
        url = self._messages(mailbox, message_id, "send")
        try:
            await self._graph.write(Method.POST, url, b"", content_type="text/plain")
        except NeedsAttention as error:
            if OVER_QUOTA not in str(error):
                raise
            raise TryLater(
                f"Exchange takes no more from {mailbox} today: others send from it too. The email stays a draft.",
                HOUR_S,
            ) from error

    def _mailboxes(self, draft: MailDraft) -> list[str]:
        """Those it may be sent from, the best first: what can wait leaves the desk's own to what cannot."""
        others = self._desk.mailboxes.others if draft.sender == self._desk.mailboxes.desk else ()
        return [*others, draft.sender] if draft.can_wait else [draft.sender, *others]

    async def _find(self, draft: MailDraft) -> tuple[str, dict[str, Any]] | None:
        """Where the message of that key is, and what it is; None where there is none."""
        query = {
            "$filter": f"singleValueExtendedProperties/any(ep: ep/id eq '{KEY_PROPERTY}' "
            f"and ep/value eq '{message_key(draft.key)}')",
            "$select": "id,isDraft,hasAttachments",
        }
        for mailbox in self._mailboxes(draft):
            answer = await of_mailbox(mailbox, self._graph.get(self._messages(mailbox, query=query)))
            assert answer is not None
            if found := answer.json()["value"]:
                return mailbox, found[0]
        return None

    def _messages(self, mailbox: str, *segments: str, query: Mapping[str, str] | None = None) -> str:
        return self._graph.url("users", mailbox, "messages", *segments, query=query)


def _is_sent(found: tuple[str, Mapping[str, Any]] | None) -> bool:
    return found is not None and not found[1]["isDraft"]


def parts_of(draft: MailDraft) -> list[MailDraft]:
    """The mail, or as many as it takes for all its recipients; hidden ones leave a place for the desk's own address."""
    most = PER_MESSAGE - draft.hide_recipients
    if len(draft.to) <= most:
        return [draft]
    starts = range(0, len(draft.to), most)
    return [
        replace(draft, key=f"{draft.key}/{n}" if n else draft.key, to=draft.to[start : start + most])
        for n, start in enumerate(starts)
    ]


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


def message_body(draft: MailDraft, mailbox: str = "") -> dict[str, Any]:
    """A Graph `message`. Hidden recipients go to Bcc, all of them, and the desk's own address to To: schools do not see
    one another's addresses. The body is HTML alone: a JSON message holds one, and Exchange adds the plain text. From
    another mailbox than the desk's own, answers go to the desk's.
    """
    shown = [draft.sender] if draft.hide_recipients else draft.to
    body: dict[str, Any] = {
        "subject": draft.subject,
        "body": {"contentType": "html", "content": draft.html},
        "toRecipients": _recipients(shown),
        "singleValueExtendedProperties": [{"id": KEY_PROPERTY, "value": message_key(draft.key)}],
    }
    if mailbox not in ("", draft.sender):
        body["replyTo"] = _recipients([draft.sender])
    if draft.hide_recipients:
        body["bccRecipients"] = _recipients(draft.to)
    if first := inline(draft):
        body["attachments"] = [as_attachment(a) for a in first]
    return body


def _recipients(mails: Sequence[str]) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": m}} for m in mails]
