"""The port `Calendar` on the desk's mailbox: a key makes an event once, and Microsoft's block of the body stays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kiota_abstractions.method import Method

from casework.ports import EventDraft, EventMade
from communities.calendars import london
from graph_sync.graph import Graph
from graph_sync.outlook import message_key

SCHEDULES = 20
"""Mailboxes in one getSchedule."""

TIME_ZONE = "Europe/London"


class OutlookCalendar:
    """The calendar of an organiser's mailbox."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

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
