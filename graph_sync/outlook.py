"""The ports `Mail` and `Calendar` on the desk's mailbox: drafted with a key and looked up before it is sent."""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kiota_abstractions.method import Method

from casework.ports import EventDraft, EventMade, MailDraft
from communities.calendars import london
from graph_sync.graph import Graph

KEY_PROPERTY = "String {6f1d5a44-2c0e-4f57-9d2a-9b6f3a1c7e10} Name CosKey"
"""An extended property that carries the effect's key, so that a draft is found again after a crash."""

EVENT_NAMESPACE = uuid.UUID("0d8f2f0e-7a53-4f52-8a3e-5d7b8a0c41d6")
AT_ONCE = 3
"""Outlook allows four requests at once for an app and mailbox (throttling limits); one is left for people."""

TIME_ZONE = "Europe/London"


class Outlook:
    """Mail and calendar of one mailbox."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def send(self, draft: MailDraft) -> None:
        """Look for a message of that key; make the draft where there is none; send it if it is still a draft."""
        async with self._slots:
            query = {
                "$filter": f"singleValueExtendedProperties/any(ep: ep/id eq '{KEY_PROPERTY}' "
                f"and ep/value eq '{message_key(draft.key)}')",
                "$select": "id,isDraft",
            }
            answer = await self._graph.get(self._graph.url("users", draft.sender, "messages", query=query))
            assert answer is not None
            found = answer.json()["value"]
            if not found:
                url = self._graph.url("users", draft.sender, "messages")
                found = [(await self._graph.write(Method.POST, url, message_body(draft))).json()]
            if found[0]["isDraft"]:
                url = self._graph.url("users", draft.sender, "messages", found[0]["id"], "send")
                await self._graph.write(Method.POST, url, b"", content_type="text/plain")

    async def create(self, draft: EventDraft) -> EventMade:
        """Create the event; the same `transactionId` again does not make a second one."""
        async with self._slots:
            url = self._graph.url("users", draft.organiser, "events")
            made = (await self._graph.write(Method.POST, url, event_body(draft))).json()
            if not (join_url := (made.get("onlineMeeting") or {}).get("joinUrl")):
                again = await self._graph.get(self._graph.url("users", draft.organiser, "events", made["id"]))
                assert again is not None
                join_url = (again.json().get("onlineMeeting") or {}).get("joinUrl") or ""
            return EventMade(id=made["id"], join_url=join_url)

    async def move(self, event_id: str, draft: EventDraft) -> None:
        """Give the event new times, people and text; the same again changes nothing."""
        async with self._slots:
            url = self._graph.url("users", draft.organiser, "events", event_id)
            await self._graph.write(Method.PATCH, url, event_changes(draft))


def message_key(key: str) -> str:
    """The key as the property holds it: a name-based GUID, so that no quote or length can hurt the filter."""
    return str(uuid.uuid5(EVENT_NAMESPACE, key))


def message_body(draft: MailDraft) -> dict[str, Any]:
    """A Graph `message`. Hidden recipients go to Bcc: schools do not see one another's addresses."""
    shown = draft.to[:1] if draft.hide_recipients else draft.to
    body: dict[str, Any] = {
        "subject": draft.subject,
        "body": {"contentType": "html", "content": draft.html},
        "toRecipients": _recipients(shown),
        "singleValueExtendedProperties": [{"id": KEY_PROPERTY, "value": message_key(draft.key)}],
    }
    if draft.hide_recipients:
        body["bccRecipients"] = _recipients(draft.to[1:])
    if draft.attachments:
        body["attachments"] = [
            {
                "@odata.type": "#microsoft.graph.fileAttachment",
                "name": a.name,
                "contentType": a.content_type,
                "contentBytes": base64.b64encode(a.content).decode(),
            }
            for a in draft.attachments
        ]
    return body


def _recipients(mails: Sequence[str]) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": m}} for m in mails]


def event_body(draft: EventDraft) -> dict[str, Any]:
    """A Graph `event` in London's time, with a Teams link, attendees hidden from one another."""
    return {
        "subject": draft.subject,
        "body": {"contentType": "html", "content": draft.body_html},
        "start": _zoned(draft.starts_at),
        "end": _zoned(draft.ends_at),
        "attendees": [{"emailAddress": {"address": m}, "type": "required"} for m in draft.attendees],
        "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
        "hideAttendees": True,
        "transactionId": message_key(draft.key),
    }


def event_changes(draft: EventDraft) -> dict[str, Any]:
    """What a move changes of an event; that it is online, and its key, stay."""
    kept = ("isOnlineMeeting", "onlineMeetingProvider", "hideAttendees", "transactionId")
    return {k: v for k, v in event_body(draft).items() if k not in kept}


def _zoned(moment: datetime) -> dict[str, str]:
    return {"dateTime": f"{london(moment):%Y-%m-%dT%H:%M:%S}", "timeZone": TIME_ZONE}
