"""Graph: calendar events."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from local_tenant.graph_outlook import check_known, mailbox_of
from local_tenant.odata import TENANT, GraphError, bad_request, base_url, check_options, not_found, read_json
from local_tenant.state import Event, Json

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
MEETING_BLOCK = "me-email-text"
"""Marks Microsoft's part of an online meeting's body."""


def event_of(request: web.Request) -> Event:
    """The event in the path, unless it was cancelled."""
    user = mailbox_of(request)
    event = request.app[TENANT].events.get(request.match_info["event"])
    if event is None or event.mailbox != user.id or event.cancelled:
        raise not_found("event")
    return event


def show_event(event: Event) -> Json:
    """An event as Graph shows one."""
    return {
        "@odata.etag": f'W/"{event.version}"',
        "id": event.id,
        "createdDateTime": event.created_at,
        "isOrganizer": True,
        "isCancelled": event.cancelled,
        **event.body,
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
    event = Event(tenant.new_opaque_id("event"), user.id, dict(body), tenant.now())
    if body.get("isOnlineMeeting"):
        if body.get("onlineMeetingProvider") != "teamsForBusiness":
            raise bad_request("The online meeting provider is not allowed for this calendar.")
        join_url = f"{base_url(request)}/l/meetup-join/19%3ameeting_{tenant.new_id('join')}%40thread.v2/0"
        event.body["onlineMeeting"] = {"joinUrl": join_url}
        written = event.body.get("body") or {"contentType": "html", "content": ""}
        block = f'<div class="{MEETING_BLOCK}"><a href="{join_url}">Join the meeting now</a></div>'
        event.body["body"] = {**written, "content": f"<html><body>{written['content']}{block}</body></html>"}
    event.body["webLink"] = f"{base_url(request)}/_page/events/{event.id[:24]}"
    tenant.events[event.id] = event
    if transaction:
        tenant.transactions[(user.id, transaction)] = event.id
    return web.json_response(show_event(event), status=201)


@routes.get("/v1.0/users/{user}/events/{event}")
async def get_event(request: web.Request) -> web.Response:
    """One event."""
    check_options(request)
    return web.json_response(show_event(event_of(request)))


@routes.patch("/v1.0/users/{user}/events/{event}")
async def patch_event(request: web.Request) -> web.Response:
    """Change an event; attendees would be told."""
    event, body = event_of(request), await read_json(request)
    check_known(body, EVENT - {"transactionId"}, "event")
    changed = {**event.body, **body}
    if "body" in body and MEETING_BLOCK not in str(body["body"].get("content")):
        changed.pop("onlineMeeting", None)  # replacing the body without the block ends the Teams meeting
        changed["isOnlineMeeting"] = False
    if moment_of(changed, "end") <= moment_of(changed, "start"):
        raise GraphError(400, "ErrorPropertyValidationFailure", "The event ends before it starts.")
    event.body, event.version = changed, event.version + 1
    return web.json_response(show_event(event))


def moment_of(body: Json, field: str) -> datetime:
    """A `dateTimeTimeZone` of the body, aware; 400 where it is none."""
    try:
        written = body[field]
        return datetime.fromisoformat(written["dateTime"]).replace(tzinfo=ZoneInfo(written["timeZone"]))
    except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError) as error:
        raise GraphError(400, "ErrorInvalidRequest", f"'{field}' is not a time with a zone.") from error
