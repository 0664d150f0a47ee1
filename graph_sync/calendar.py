"""The port `Calendar` on the desk's mailbox: a key makes an event once, and Microsoft's block of the body stays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kiota_abstractions.method import Method

from casework.desk import Desk
from casework.errors import Conflict, NeedsAttention, TryLater
from casework.mail_rate import PER_MESSAGE
from casework.ports import EventDraft, EventMade, EventSeen
from communities.calendars import london
from graph_sync.calendar_reading import SEEN, SLOT, busy_times, event_seen
from graph_sync.graph import Graph
from graph_sync.outlook import message_key, of_mailbox
from graph_sync.sending import turn_of

SCHEDULES = 20
"""Mailboxes in one getSchedule."""

TIME_ZONE = "Europe/London"
TEAMS = "teamsForBusiness"
ONLINE = {"isOnlineMeeting": True, "onlineMeetingProvider": TEAMS}
LINK_AGAIN_S = 10.0
INVITED = "String {6f1d5a44-2c0e-4f57-9d2a-9b6f3a1c7e10} Name CosInvited"
"""An extended property with the addresses CoS Desk invited: who is invited beside them was invited by a person."""


class OutlookCalendar:
    """The calendar of an organiser's mailbox."""

    def __init__(self, desk: Desk, graph: Graph) -> None:
        self._desk, self._graph = desk, graph

    async def create(self, draft: EventDraft) -> EventMade:
        """Create the event; the same `transactionId` again does not make a second one.

        People are invited to an online meeting once it has its link: an invitation without a way in helps nobody.
        Raises `NeedsAttention` where the mailbox has no Teams, and `TryLater` while the link is not there yet.
        """
        url = self._graph.url("users", draft.organiser, "events")
        asked = self._graph.write(Method.POST, url, event_body(draft), is_harmless=True)
        event: Mapping[str, Any] = (await of_mailbox(draft.organiser, asked)).json()
        if not draft.is_online:
            return EventMade(id=event["id"], join_url="")
        event = await self._online(draft, event)
        if changed := people_changed(draft, event):
            await self._tell(draft, event["id"], changed, len(changed["attendees"]))
        return EventMade(id=event["id"], join_url=_link_of(event))

    async def _online(self, draft: EventDraft, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """The event with its link, read again where the first answer has none."""
        event_id = event["id"]
        if not _link_of(event):
            event = await self._event(draft.organiser, event_id)
        if not _link_of(event) and not event.get("isOnlineMeeting"):
            await self.check_teams(draft.organiser)
            await self._change(draft, event_id, ONLINE)
            event = await self._event(draft.organiser, event_id)
        if not _link_of(event):
            raise TryLater(f"Teams has not made the link of '{draft.subject}' yet.", LINK_AGAIN_S)
        return event

    async def check_teams(self, organiser: str) -> None:
        """Nothing; raises `NeedsAttention` where the mailbox's calendar allows no Teams meetings."""
        query = {"$select": "allowedOnlineMeetingProviders,defaultOnlineMeetingProvider"}
        answer = await self._graph.get(self._graph.url("users", organiser, "calendar", query=query))
        assert answer is not None
        if TEAMS not in (answer.json().get("allowedOnlineMeetingProviders") or ()):
            raise NeedsAttention(no_teams(organiser))

    async def _tell(self, draft: EventDraft, event_id: str, changed: Mapping[str, Any], recipients: int) -> None:
        """Change the event when it is the mailbox's turn to tell so many people of it."""
        if recipients > PER_MESSAGE:
            raise NeedsAttention(
                f"'{draft.subject}' is for {recipients} people; Outlook invites at most {PER_MESSAGE}. Take people out "
                "of the community in the directory, or split it, then try again."
            )
        key = message_key(f"event:{event_id}:{sorted(changed.items(), key=str)}")
        await turn_of(self._desk, key, [draft.organiser], recipients, can_wait=draft.can_wait)
        await self._change(draft, event_id, changed)

    async def _change(self, draft: EventDraft, event_id: str, changed: Mapping[str, Any]) -> None:
        url = self._graph.url("users", draft.organiser, "events", event_id)
        await self._graph.write(Method.PATCH, url, changed, is_harmless=True)

    async def move(self, event_id: str, draft: EventDraft) -> bool:
        """Give the event new times, people and text; the same again changes nothing. False where a person deleted it.

        Only our own part of the text is replaced: without Microsoft's block of the body the Teams meeting would end.
        """
        before = await self._find(draft.organiser, event_id)
        if before is None or before.get("isCancelled"):
            return False
        changed = event_changes(draft, before)
        told = changed.get("attendees", before.get("attendees") or ())
        await self._tell(draft, event_id, changed, len(told))
        return True

    async def coming(self, organiser: str, begins_at: datetime, ends_at: datetime) -> Sequence[EventSeen]:
        """What the calendar shows between two moments, without what was cancelled.

        A series is shown by its occurrences, each with an id of its own, never by the id of the event that was made.
        """
        query = {
            "startDateTime": f"{begins_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "endDateTime": f"{ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "$select": SEEN,
            "$top": "100",
        }
        url = self._graph.url("users", organiser, "calendarView", query=query)
        shown = [e async for page in self._graph.pages(url) for e in page["value"]]
        return [event_seen(e) for e in shown if not e.get("isCancelled")]

    async def cancel(self, organiser: str, event_id: str, comment: str) -> None:
        """Cancel the event: whoever was invited is told, with the comment. One that is gone already is cancelled."""
        found = await self._graph.get(self._graph.url("users", organiser, "events", event_id), may_miss=True)
        if found is not None:
            told = len(found.json().get("attendees") or ())
            await turn_of(self._desk, message_key(f"cancel:{event_id}"), [organiser], told, can_wait=False)
            url = self._graph.url("users", organiser, "events", event_id, "cancel")
            await self._graph.write(Method.POST, url, {"Comment": comment})

    async def read(self, organiser: str, event_id: str) -> EventSeen | None:
        """The event of that id, on whatever day, a series by its first; None where it was deleted or cancelled."""
        url = self._graph.url("users", organiser, "events", event_id, query={"$select": SEEN})
        answer = await self._graph.get(url, may_miss=True)
        return None if answer is None or answer.json().get("isCancelled") else event_seen(answer.json())

    async def busy(
        self, organiser: str, mails: Sequence[str], begins_at: datetime, ends_at: datetime
    ) -> dict[str, tuple[tuple[datetime, datetime], ...]]:
        """When each person is busy, by mail; people outside the tenant are left out: nothing is known of them."""
        found: dict[str, tuple[tuple[datetime, datetime], ...]] = {}
        url = self._graph.url("users", organiser, "calendar", "getSchedule")
        for start in range(0, len(mails), SCHEDULES):
            body = {
                "Schedules": list(mails[start : start + SCHEDULES]),
                "StartTime": _in_utc(begins_at),
                "EndTime": _in_utc(ends_at),
                "AvailabilityViewInterval": int(SLOT.total_seconds() // 60),
            }
            answer = await self._graph.write(Method.POST, url, body, is_harmless=True)
            for one in answer.json()["value"]:
                if "error" not in one:
                    found[one["scheduleId"]] = busy_times(one, begins_at)
        return found

    async def _event(self, organiser: str, event_id: str) -> dict[str, Any]:
        found = await self._find(organiser, event_id)
        if found is None:
            raise Conflict("The meeting was deleted in Outlook while it was being made.")
        return found

    async def _find(self, organiser: str, event_id: str) -> dict[str, Any] | None:
        query = {"$expand": f"singleValueExtendedProperties($filter=id eq '{INVITED}')"}
        url = self._graph.url("users", organiser, "events", event_id, query=query)
        answer = await self._graph.get(url, may_miss=True)
        return answer.json() if answer else None


def no_teams(organiser: str) -> str:
    """What an administrator does where a mailbox cannot hold Teams meetings."""
    return (
        f"The mailbox {organiser} cannot hold Teams meetings: a new meeting gets no link, and invites nobody. In the "
        "Microsoft 365 admin center, give it a licence with Microsoft Teams (for example Microsoft Teams Enterprise "
        "beside Office 365 E3). Once `cos doctor` says that meetings work, up to 24 hours later, run `cos stuck retry`."
    )


def event_body(draft: EventDraft) -> dict[str, Any]:
    """A Graph `event` in London's time, attendees hidden from one another; an online one invites nobody yet."""
    return {
        "subject": draft.subject,
        "body": {"contentType": "html", "content": _our_part(draft)},
        **_times(draft),
        **(ONLINE if draft.is_online else _people(draft)),
        "hideAttendees": True,
        "transactionId": message_key(draft.key),
    }


def event_changes(draft: EventDraft, before: Mapping[str, Any]) -> dict[str, Any]:
    """What a move changes of an event; that it is online, and its key, stay, and so does the body around our part."""
    changed = {"subject": draft.subject, **_times(draft), **people_changed(draft, before)}
    body = str((before.get("body") or {}).get("content") or "")
    if _OURS.search(body):
        changed["body"] = {"contentType": "html", "content": _OURS.sub(lambda _: _our_part(draft), body, count=1)}
    return changed


def people_changed(draft: EventDraft, event: Mapping[str, Any]) -> dict[str, Any]:
    """Attendees and room where they differ from those invited last; who stays keeps the answer they gave, and whom a
    person invited in Outlook stays invited.

    `attendees` is replaced as a whole, so everybody is sent as Graph showed them.
    """
    there = {a["emailAddress"]["address"].casefold(): a for a in event.get("attendees") or ()}
    wanted = _people(draft)
    ours = {a["emailAddress"]["address"].casefold(): a for a in wanted["attendees"]}
    before = _invited_before(event)
    if ours.keys() <= there.keys() and ours.keys() == before:
        return {}
    theirs = {mail: a for mail, a in there.items() if mail not in before}
    kept = {mail: {**a, **{k: v for k, v in there.get(mail, {}).items() if k == "status"}} for mail, a in ours.items()}
    invited = {"id": INVITED, "value": " ".join(sorted(ours))}
    return {**wanted, "attendees": list({**theirs, **kept}.values()), "singleValueExtendedProperties": [invited]}


def _invited_before(event: Mapping[str, Any]) -> set[str]:
    """Whom CoS Desk invited last, by the event's own property."""
    properties = event.get("singleValueExtendedProperties") or ()
    return {mail for p in properties if p["id"] == INVITED for mail in p["value"].split()}


def _people(draft: EventDraft) -> dict[str, Any]:
    """Whom it invites; a room is invited as the place."""
    mails = dict.fromkeys(draft.attendees)
    attendees: list[dict[str, Any]] = [{"emailAddress": {"address": m}, "type": "required"} for m in mails]
    if not draft.room:
        return {"attendees": attendees, "location": {"displayName": ""}}
    room = {"emailAddress": {"address": draft.room}, "type": "resource"}
    return {
        "attendees": [*attendees, room], "location": {"displayName": draft.room, "locationEmailAddress": draft.room},
    }  # fmt: skip


def _times(draft: EventDraft) -> dict[str, Any]:
    return {"start": _zoned(draft.starts_at), "end": _zoned(draft.ends_at)}


def _link_of(event: Mapping[str, Any]) -> str:
    return str((event.get("onlineMeeting") or {}).get("joinUrl") or "")


_MARK = "cos-desk-text"
_OURS = re.compile(rf'<div id="(?:x_)*{_MARK}">.*?</div>', re.DOTALL)
"""Outlook prefixes ids with `x_`."""


def _our_part(draft: EventDraft) -> str:
    text = draft.body_html.replace("<div", "<section").replace("</div>", "</section>")  # one div, ours
    return f'<div id="{_MARK}">{text}</div>'


def _zoned(moment: datetime) -> dict[str, str]:
    return {"dateTime": f"{london(moment):%Y-%m-%dT%H:%M:%S}", "timeZone": TIME_ZONE}


def _in_utc(moment: datetime) -> dict[str, str]:
    """Without a doubtful hour on the day the clocks change: the view's half hours are counted from it."""
    return {"dateTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
