"""Graph: calendar events."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from local_tenant.graph_outlook import check_known, mailbox_of
from local_tenant.odata import (
    TENANT,
    GraphError,
    bad_request,
    base_url,
    check_options,
    collection,
    not_found,
    read_json,
)
from local_tenant.sending import check_recipients, send_from
from local_tenant.state import Event, Json, Tenant, stable_id

routes = web.RouteTableDef()
EVENT = frozenset(
    {
        "subject",
        "body",
        "start",
        "end",
        "location",
        "locations",
        "attendees",
        "isOnlineMeeting",
        "onlineMeetingProvider",
        "transactionId",
        "hideAttendees",
        "allowNewTimeProposals",
        "responseRequested",
        "categories",
        "singleValueExtendedProperties",
        "showAs",
        "reminderMinutesBeforeStart",
        "isReminderOn",
    }
)
TEAMS = "teamsForBusiness"
MASTER = "seriesMaster"
READS_TO_A_LATE_LINK = 4
MEETING_BLOCK = "me-email-text"
"""Marks Microsoft's part of an online meeting's body."""


def event_of(request: web.Request) -> Event:
    """The event in the path, unless it was cancelled."""
    user = mailbox_of(request)
    event = request.app[TENANT].events.get(request.match_info["event"])
    if event is None or event.mailbox != user.id or event.cancelled:
        raise not_found("event")
    return event


def show_event(event: Event, request: web.Request | None = None) -> Json:
    """An event as Graph shows one: its extended properties only where they are expanded."""
    expanded = request is not None and "singleValueExtendedProperties" in request.query.get("$expand", "")
    return {
        "@odata.etag": f'W/"{event.version}"',
        "id": event.id,
        "createdDateTime": event.created_at,
        "isOrganizer": True,
        "isCancelled": event.cancelled,
        "type": "singleInstance",
        **{k: v for k, v in event.body.items() if expanded or k != "singleValueExtendedProperties"},
    }


@routes.post("/v1.0/users/{user}/events")
async def post_event(request: web.Request) -> web.Response:
    """Create an event; the same `transactionId` again gives the first one."""
    user, tenant, body = mailbox_of(request), request.app[TENANT], await read_json(request)
    check_known(body, EVENT, "event")
    if moment_of(body, "end") <= moment_of(body, "start"):
        raise GraphError(400, "ErrorPropertyValidationFailure", "The event ends before it starts.")
    transaction = body.get("transactionId")
    if transaction and (known := tenant.transactions.get((user.id, transaction))):
        return web.json_response(show_event(tenant.events[known]), status=201)
    _tell(tenant, user.id, len(body.get("attendees", [])))
    event = Event(tenant.new_opaque_id("event"), user.id, dict(body), tenant.now())
    _set_online(request, event)
    event.body["webLink"] = f"{base_url(request)}/_page/events/{event.id[:24]}"
    tenant.events[event.id] = event
    if transaction:
        tenant.transactions[(user.id, transaction)] = event.id
    return web.json_response(show_event(event), status=201)


def _tell(tenant: Tenant, mailbox: str, attendees: int) -> None:
    """Invitations and updates are messages like others."""
    check_recipients(tenant, attendees)
    if attendees:
        send_from(tenant, mailbox, attendees)


def _set_online(request: web.Request, event: Event) -> None:
    """Begin the Teams meeting of an event that asks for one; its link may come later."""
    tenant = request.app[TENANT]
    if not event.body.get("isOnlineMeeting"):
        return
    if event.body.get("onlineMeetingProvider") != TEAMS:
        raise bad_request("The online meeting provider is not allowed for this calendar.")
    if tenant.behaves("mailbox-without-teams"):
        event.body.update(isOnlineMeeting=False, onlineMeetingProvider="unknown", onlineMeeting=None)
        return
    event.reads_to_link = 0
    if tenant.behaves("join-link-after-the-answer"):
        event.reads_to_link = READS_TO_A_LATE_LINK if tenant.behaves("join-link-minutes-later") else 1
    event.body["onlineMeeting"] = None
    _make_link(request, event)


def _make_link(request: web.Request, event: Event) -> None:
    """The link and Microsoft's block of the body, once it is time for them."""
    if not event.body.get("isOnlineMeeting") or event.body.get("onlineMeeting") or event.reads_to_link:
        return
    tenant = request.app[TENANT]
    event.chat_id = f"19:meeting_{tenant.new_id('join')}@thread.v2"
    join_url = f"{base_url(request)}/l/meetup-join/{quote(event.chat_id, safe='')}/0"
    if tenant.behaves("short-join-link"):
        number = int(stable_id(event.chat_id).replace("-", "")[:12], 16)
        join_url = f"{base_url(request)}/meet/{number}?p={stable_id(event.id)[:18].replace('-', '')}"
    event.body["onlineMeeting"] = {"joinUrl": join_url}
    written = event.body.get("body") or {"contentType": "html", "content": ""}
    block = f'<div class="{MEETING_BLOCK}"><a href="{join_url}">Join the meeting now</a></div>'
    event.body["body"] = {**written, "content": f"<html><body>{written['content']}{block}</body></html>"}


@routes.get("/v1.0/users/{user}/events/{event}")
async def get_event(request: web.Request) -> web.Response:
    """One event."""
    check_options(request)
    event = event_of(request)
    event.reads_to_link = max(event.reads_to_link - 1, 0)
    _make_link(request, event)
    return web.json_response(show_event(event, request))


@routes.delete("/v1.0/users/{user}/events/{event}")
async def delete_event(request: web.Request) -> web.Response:
    """Delete an event: who was invited is told that it is cancelled."""
    event_of(request).cancelled = True
    return web.Response(status=204)


@routes.get("/v1.0/users/{user}/calendar")
async def get_calendar(request: web.Request) -> web.Response:
    """The mailbox's calendar: which kinds of online meetings it allows."""
    check_options(request)
    user, tenant = mailbox_of(request), request.app[TENANT]
    allowed = [] if tenant.behaves("mailbox-without-teams") else [TEAMS]
    shown: Json = {
        "id": stable_id("calendar", user.id), "name": "Calendar", "allowedOnlineMeetingProviders": allowed,
        "defaultOnlineMeetingProvider": allowed[0] if allowed else "unknown",
    }  # fmt: skip
    wanted = request.query.get("$select", ",".join(shown)).split(",")
    return web.json_response({k: v for k, v in shown.items() if k in wanted})


@routes.patch("/v1.0/users/{user}/events/{event}")
async def patch_event(request: web.Request) -> web.Response:
    """Change an event; attendees would be told."""
    event, body = event_of(request), await read_json(request)
    check_known(body, EVENT - {"transactionId"}, "event")
    changed = {**event.body, **body}
    if "body" in body and MEETING_BLOCK not in str(body["body"].get("content")):
        changed["onlineMeeting"] = None  # replacing the body without the block ends the Teams meeting
        changed["isOnlineMeeting"] = False
    if moment_of(changed, "end") <= moment_of(changed, "start"):
        raise GraphError(400, "ErrorPropertyValidationFailure", "The event ends before it starts.")
    _tell(request.app[TENANT], event.mailbox, len(changed.get("attendees", [])))
    becomes_online = changed.get("isOnlineMeeting") and not event.body.get("isOnlineMeeting")
    event.body, event.version = changed, event.version + 1
    if becomes_online:
        _set_online(request, event)
    return web.json_response(show_event(event))


def moment_of(body: Json, field: str) -> datetime:
    """A `dateTimeTimeZone` of the body, aware; 400 where it is none."""
    try:
        written = body[field]
        return datetime.fromisoformat(written["dateTime"]).replace(tzinfo=ZoneInfo(written["timeZone"]))
    except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError) as error:
        raise GraphError(400, "ErrorInvalidRequest", f"'{field}' is not a time with a zone.") from error


def _shown(event: Event) -> list[Json]:
    """An event in a view: a series by its occurrences, each with an id of its own."""
    shown = show_event(event)
    if shown["type"] != MASTER:
        return [shown]
    times: list[Json] = []
    for number in range(event.body["recurrence"]["range"]["numberOfOccurrences"]):
        later = timedelta(weeks=number)
        moments = {k: {**shown[k], "dateTime": _later(shown[k]["dateTime"], later)} for k in ("start", "end")}
        own = {"id": f"{event.id}-{number}", "type": "occurrence", "seriesMasterId": event.id, "recurrence": None}
        times.append({**shown, **moments, **own})
    return times


def _later(written: str, by: timedelta) -> str:
    return (datetime.fromisoformat(written) + by).isoformat()


@routes.get("/v1.0/users/{user}/calendarView")
async def get_view(request: web.Request) -> web.Response:
    """What a mailbox's calendar shows between two moments, in order of time."""
    check_options(request, "startDateTime", "endDateTime")
    user, tenant = mailbox_of(request), request.app[TENANT]
    first, last = (datetime.fromisoformat(request.query[k]) for k in ("startDateTime", "endDateTime"))
    theirs = (e for e in tenant.events.values() if e.mailbox == user.id and not e.cancelled)
    shown = [one for e in theirs for one in _shown(e)]
    found = [e for e in shown if moment_of(e, "start") < last and moment_of(e, "end") > first]
    return collection(request, sorted(found, key=lambda e: moment_of(e, "start")))


def _recurrence(event: Event, times: int) -> Json:
    """What makes an event a series, or a single one again: it keeps its id."""
    if not times:
        return {"type": "singleInstance", "recurrence": None}
    begins = moment_of(event.body, "start")
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": [f"{begins:%A}".lower()]}
    ends = {"type": "numbered", "startDate": f"{begins:%F}", "numberOfOccurrences": times}
    return {"type": MASTER, "recurrence": {"pattern": pattern, "range": ends}}


@routes.post("/_local/events")
async def post_event_act(request: web.Request) -> web.Response:
    """A person with the mailbox's calendar open, or whoever was invited: `{"event", "start"?, "end"?, "repeats"?,
    "deleted"?, "answers"?: {address: response}}`; it repeats so many weeks, or no longer for 0.
    """
    body = await read_json(request)
    event = request.app[TENANT].events.get(body["event"])
    if event is None:
        raise not_found("event")
    event.body |= {k: {"dateTime": body[k], "timeZone": "UTC"} for k in ("start", "end") if k in body}
    if "repeats" in body:
        event.body |= _recurrence(event, body["repeats"])
    event.cancelled = body.get("deleted", event.cancelled)
    for attendee in event.body.get("attendees", []):
        if response := body.get("answers", {}).get(attendee["emailAddress"]["address"]):
            attendee["status"] = {"response": response, "time": request.app[TENANT].now()}
    event.version += 1
    return web.Response(status=204)
