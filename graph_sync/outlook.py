"""The ports `Mail` and `Calendar` on the desk's mailbox: drafted with a key and looked up before it is sent."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kiota_abstractions.method import Method

from casework.effects import IS_FIRST_TRY
from casework.errors import NeedsAttention
from casework.ports import EventDraft, EventMade, MailDraft
from communities.calendars import london
from graph_sync.graph import Answer, Graph
from graph_sync.uploads import upload

KEY_PROPERTY = "String {6f1d5a44-2c0e-4f57-9d2a-9b6f3a1c7e10} Name CosKey"
"""An extended property that carries the effect's key, so that a draft is found again after a crash."""

EVENT_NAMESPACE = uuid.UUID("0d8f2f0e-7a53-4f52-8a3e-5d7b8a0c41d6")
INLINE_BYTES = 700_000
"""Larger attachments go by upload session. Microsoft asks for it over 3 MB (message-post-attachments)."""

SCHEDULES = 20
"""Mailboxes in one getSchedule."""

TIME_ZONE = "Europe/London"


class Outlook:
    """Mail and calendar of one mailbox."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def send(self, draft: MailDraft) -> None:
        """Look for a message of that key; make the draft where there is none; send it if it is still a draft.

        At an effect's first try nothing of it can be there, and nobody looks: a third of all requests less.
        """
        found = [] if IS_FIRST_TRY.get() else await self._known(draft)
        if not found:
            made = await self._of_mailbox(
                draft.sender, self._graph.write(Method.POST, self._messages(draft.sender), message_body(draft))
            )
            assert made is not None
            found = [made.json()]
        if found[0]["isDraft"]:
            await self._attach_large(draft, found[0])
            url = self._messages(draft.sender, found[0]["id"], "send")
            await self._graph.write(Method.POST, url, b"", content_type="text/plain")

    async def _known(self, draft: MailDraft) -> list[dict[str, Any]]:
        query = {
            "$filter": f"singleValueExtendedProperties/any(ep: ep/id eq '{KEY_PROPERTY}' "
            f"and ep/value eq '{message_key(draft.key)}')",
            "$select": "id,isDraft,hasAttachments",
        }
        answer = await self._of_mailbox(draft.sender, self._graph.get(self._messages(draft.sender, query=query)))
        assert answer is not None
        known: list[dict[str, Any]] = answer.json()["value"]
        return known

    async def _attach_large(self, draft: MailDraft, message: Mapping[str, Any]) -> None:
        """What is too large for the draft itself, unless an earlier try attached it."""
        large = [a for a in draft.attachments if len(a.content) > INLINE_BYTES]
        if not large:
            return
        there = await self._graph.get(self._messages(draft.sender, message["id"], "attachments"))
        names = {a["name"] for a in there.json()["value"]} if there else set()
        for attachment in large:
            if attachment.name in names:
                continue
            item = {"attachmentType": "file", "name": attachment.name, "size": len(attachment.content)}
            url = self._messages(draft.sender, message["id"], "attachments", "createUploadSession")
            session = await self._graph.write(Method.POST, url, {"AttachmentItem": item}, is_harmless=True)
            await upload(self._graph, session.json(), attachment.content)

    def _messages(self, mailbox: str, *segments: str, query: Mapping[str, str] | None = None) -> str:
        return self._graph.url("users", mailbox, "messages", *segments, query=query)

    async def _of_mailbox(self, mailbox: str, asked: Awaitable[Answer | None]) -> Answer | None:
        try:
            return await asked
        except NeedsAttention as error:
            if "MailboxNotEnabledForRESTAPI" in str(error) or "ErrorInvalidUser" in str(error):
                raise NeedsAttention(
                    f"The mailbox {mailbox} does not exist or has no licence: make it in Exchange, or mend COS_MAILBOX."
                ) from error
            raise

    async def create(self, draft: EventDraft) -> EventMade:
        """Create the event; the same `transactionId` again does not make a second one."""
        url = self._graph.url("users", draft.organiser, "events")
        made = (await self._graph.write(Method.POST, url, event_body(draft), is_harmless=True)).json()
        if not draft.is_online:
            return EventMade(id=made["id"], join_url="")
        if not (join_url := (made.get("onlineMeeting") or {}).get("joinUrl")):
            again = await self._event(draft.organiser, made["id"])
            join_url = (again.get("onlineMeeting") or {}).get("joinUrl") or ""
        return EventMade(id=made["id"], join_url=join_url)

    async def move(self, event_id: str, draft: EventDraft) -> None:
        """Give the event new times, people and text; the same again changes nothing.

        Only our own part of the text is replaced: without Microsoft's block of the body the Teams meeting would end.
        """
        before = await self._event(draft.organiser, event_id)
        body = str((before.get("body") or {}).get("content") or "")
        url = self._graph.url("users", draft.organiser, "events", event_id)
        await self._graph.write(Method.PATCH, url, event_changes(draft, body), is_harmless=True)

    async def cancel(self, organiser: str, event_id: str, comment: str) -> None:
        """Cancel the event: whoever was invited is told, with the comment. One that is gone already is cancelled."""
        if await self._graph.get(self._graph.url("users", organiser, "events", event_id), may_miss=True) is not None:
            url = self._graph.url("users", organiser, "events", event_id, "cancel")
            await self._graph.write(Method.POST, url, {"Comment": comment})

    async def is_there(self, organiser: str, event_id: str) -> bool:
        """Whether the mailbox has that event."""
        return await self._graph.get(self._graph.url("users", organiser, "events", event_id), may_miss=True) is not None

    async def busy(
        self, organiser: str, mails: Sequence[str], begins_at: datetime, ends_at: datetime
    ) -> dict[str, tuple[tuple[datetime, datetime], ...]]:
        """When each person is busy, by mail; people outside the tenant are left out: nothing is known of them."""
        found: dict[str, tuple[tuple[datetime, datetime], ...]] = {}
        url = self._graph.url("users", organiser, "calendar", "getSchedule")
        for start in range(0, len(mails), SCHEDULES):
            body = {
                "Schedules": list(mails[start : start + SCHEDULES]),
                "StartTime": _zoned(begins_at),
                "EndTime": _zoned(ends_at),
                "AvailabilityViewInterval": 30,
            }
            answer = await self._graph.write(Method.POST, url, body, is_harmless=True)
            for one in answer.json()["value"]:
                if "error" not in one:
                    found[one["scheduleId"]] = tuple(
                        (_moment(i["start"]), _moment(i["end"]))
                        for i in one.get("scheduleItems") or ()
                        if i.get("status") != "free"
                    )
        return found

    async def _event(self, organiser: str, event_id: str) -> dict[str, Any]:
        answer = await self._graph.get(self._graph.url("users", organiser, "events", event_id))
        assert answer is not None
        return answer.json()


def message_key(key: str) -> str:
    """The key as the property holds it: a name-based GUID, so that no quote or length can hurt the filter."""
    return str(uuid.uuid5(EVENT_NAMESPACE, key))


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
    if draft.attachments:
        body["attachments"] = [
            {
                "@odata.type": "#microsoft.graph.fileAttachment",
                "name": a.name,
                "contentType": a.content_type,
                "contentBytes": base64.b64encode(a.content).decode(),
            }
            for a in draft.attachments
            if len(a.content) <= INLINE_BYTES
        ]
    return body


def _recipients(mails: Sequence[str]) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": m}} for m in mails]


def event_body(draft: EventDraft) -> dict[str, Any]:
    """A Graph `event` in London's time, with a Teams link, attendees hidden from one another."""
    return {
        "subject": draft.subject,
        "body": {"contentType": "html", "content": _our_part(draft)},
        "start": _zoned(draft.starts_at),
        "end": _zoned(draft.ends_at),
        "attendees": [
            *({"emailAddress": {"address": m}, "type": "required"} for m in draft.attendees),
            *([{"emailAddress": {"address": draft.room}, "type": "resource"}] if draft.room else []),
        ],
        **({"location": {"displayName": draft.room, "locationEmailAddress": draft.room}} if draft.room else {}),
        **({"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"} if draft.is_online else {}),
        "hideAttendees": True,
        "transactionId": message_key(draft.key),
    }


def event_changes(draft: EventDraft, body: str) -> dict[str, Any]:
    """What a move changes of an event; that it is online, and its key, stay, and so does the body around our part."""
    kept = ("isOnlineMeeting", "onlineMeetingProvider", "hideAttendees", "transactionId", "body")
    changed = {k: v for k, v in event_body(draft).items() if k not in kept}
    if _OURS.search(body):
        changed["body"] = {"contentType": "html", "content": _OURS.sub(lambda _: _our_part(draft), body, count=1)}
    return changed


_MARK = "cos-desk-text"
_OURS = re.compile(rf'<div id="(?:x_)*{_MARK}">.*?</div>', re.DOTALL)
"""Outlook prefixes ids with `x_`."""


def _our_part(draft: EventDraft) -> str:
    text = draft.body_html.replace("<div", "<section").replace("</div>", "</section>")  # one div, ours
    return f'<div id="{_MARK}">{text}</div>'


def _zoned(moment: datetime) -> dict[str, str]:
    return {"dateTime": f"{london(moment):%Y-%m-%dT%H:%M:%S}", "timeZone": TIME_ZONE}


def _moment(written: Mapping[str, str]) -> datetime:
    """A `dateTimeTimeZone` as UTC; Graph writes seven digits of a second."""
    return (
        datetime.fromisoformat(written["dateTime"][:19]).replace(tzinfo=ZoneInfo(written["timeZone"])).astimezone(UTC)
    )
