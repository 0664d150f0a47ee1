"""Graph: mail (draft, look up, send) and calendar events."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

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
from local_tenant.state import Event, Json, Message, Tenant, User

routes = web.RouteTableDef()
MAIL = frozenset(
    {
        "subject",
        "body",
        "toRecipients",
        "ccRecipients",
        "bccRecipients",
        "attachments",
        "importance",
        "replyTo",
        "singleValueExtendedProperties",
        "internetMessageHeaders",
        "categories",
    }
)
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
TYPES: dict[str, type] = {
    "subject": str, "body": dict, "start": dict, "end": dict, "location": dict, "attendees": list,
    "toRecipients": list, "ccRecipients": list, "bccRecipients": list, "attachments": list, "isOnlineMeeting": bool,
    "onlineMeetingProvider": str, "transactionId": str, "hideAttendees": bool, "singleValueExtendedProperties": list,
    "importance": str, "reminderMinutesBeforeStart": int,
}  # fmt: skip
"""The types of the properties that are sent, by Microsoft's metadata."""
MEETING_BLOCK = "me-email-text"
"""Marks Microsoft's part of an online meeting's body."""
ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
ATTACHMENT_BYTES = 3 * 1024 * 1024 * 4 // 3
"""3 MB, as base64 counts them."""


def mailbox_of(request: web.Request) -> User:
    """The mailbox in the path: guests have none here."""
    user = request.app[TENANT].user(request.match_info["user"])
    if user is None or user.is_guest:
        raise GraphError(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive or does not exist.")
    return user


def show_message(message: Message, request: web.Request) -> Json:
    """A message as Graph shows one."""
    return {
        "id": message.id,
        "isDraft": message.is_draft,
        "createdDateTime": message.created_at,
        "sentDateTime": message.sent_at,
        "internetMessageId": f"<{message.id[:40]}@{request.app[TENANT].domain}>",
        **{k: v for k, v in message.body.items() if k not in ("attachments", "singleValueExtendedProperties")},
        "hasAttachments": bool(message.body.get("attachments")),
    }


@routes.post("/v1.0/users/{user}/messages")
async def post_message(request: web.Request) -> web.Response:
    """Make a draft."""
    user, body = mailbox_of(request), await read_json(request)
    _check_known(body, MAIL, "message")
    for recipient in (*body.get("toRecipients", []), *body.get("ccRecipients", [])):
        if not ADDRESS.fullmatch((recipient.get("emailAddress") or {}).get("address", "")):
            raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    for attachment in body.get("attachments", []):
        if len(attachment.get("contentBytes", "")) > ATTACHMENT_BYTES:
            raise GraphError(413, "ErrorMessageSizeExceeded", "Attachments over 3 MB need an upload session.")
    tenant = request.app[TENANT]
    message = Message(tenant.new_opaque_id("message"), user.id, body, True, tenant.now())
    tenant.messages[message.id] = message
    return web.json_response(show_message(message, request), status=201)


@routes.get("/v1.0/users/{user}/messages")
async def get_messages(request: web.Request) -> web.Response:
    """A mailbox's messages, or those that carry an extended property with a value."""
    check_options(request)
    user = mailbox_of(request)
    found = [m for m in request.app[TENANT].messages.values() if m.mailbox == user.id]
    if condition := request.query.get("$filter"):
        match = re.fullmatch(
            r"singleValueExtendedProperties/any\(ep: ?ep/id eq '([^']+)' and ep/value eq '([^']*)'\)", condition
        )
        if not match:
            raise GraphError(400, "ErrorInvalidUrlQuery", f"The filter '{condition}' is not supported here.")
        wanted = {"id": match[1], "value": match[2]}
        found = [m for m in found if wanted in m.body.get("singleValueExtendedProperties", [])]
    return collection(request, [show_message(m, request) for m in found])


@routes.get("/v1.0/users/{user}/messages/{message}/attachments")
async def get_attachments(request: web.Request) -> web.Response:
    """A draft's attachments, without their bytes."""
    check_options(request)
    attached = draft_of(request).body.get("attachments", [])
    return collection(request, [{"id": str(n), "name": a["name"]} for n, a in enumerate(attached)])


@routes.post("/v1.0/users/{user}/messages/{message}/send")
async def send_message(request: web.Request) -> web.Response:
    """Send a draft: 202 and nothing more. A message sent before is no draft any more: 404 at this address."""
    tenant = request.app[TENANT]
    message = draft_of(request)
    if not message.body.get("toRecipients"):
        raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is needed.")
    message.is_draft, message.sent_at = False, tenant.now()
    for address in sorted(_recipients(message)):
        if address.endswith(tenant.domain) and tenant.user(address) is None:
            _return(tenant, message, address)
    return web.Response(status=202)


def _recipients(message: Message) -> set[str]:
    kinds = ("toRecipients", "ccRecipients", "bccRecipients")
    return {r["emailAddress"]["address"].casefold() for kind in kinds for r in message.body.get(kind, [])}


def _return(tenant: Tenant, message: Message, address: str) -> None:
    """A delivery report, as Exchange Online writes one into the sender's inbox."""
    body = {
        "subject": f"Undeliverable: {message.body.get('subject', '')}",
        "body": {"contentType": "html", "content": f"<html><p>Your message to <b>{address}</b> couldn't be delivered."
                 f"</p><p>{address.partition('@')[0]} wasn't found at {tenant.domain}.</p></html>"},
        "from": {"emailAddress": {"name": "Microsoft Outlook", "address": f"postmaster@{tenant.domain}"}},
        "singleValueExtendedProperties": [{"id": "String 0x001A", "value": "REPORT.IPM.Note.NDR"}],
    }  # fmt: skip
    report = Message(tenant.new_opaque_id("report"), message.mailbox, body, False, tenant.now())
    report.received_at = tenant.now()
    tenant.messages[report.id] = report


@routes.get("/v1.0/users/{user}/mailFolders")
async def get_folders(request: web.Request) -> web.Response:
    """A mailbox's folders."""
    check_options(request)
    mailbox_of(request)
    return collection(request, [{"id": name, "displayName": name} for name in ("inbox", "drafts", "sentitems")])


@routes.get("/v1.0/users/{user}/mailFolders/inbox/messages")
async def get_inbox(request: web.Request) -> web.Response:
    """What came in since a moment, of one message class."""
    check_options(request)
    user, condition = mailbox_of(request), request.query.get("$filter", "")
    match = re.fullmatch(
        r"receivedDateTime ge (\S+) and singleValueExtendedProperties/any\("
        r"ep: ep/id eq '([^']+)' and ep/value eq '([^']*)'\)",
        condition,
    )
    if not match:
        raise GraphError(400, "ErrorInvalidUrlQuery", f"The filter '{condition}' is not supported here.")
    since, wanted = match[1], {"id": match[2], "value": match[3]}
    found = [
        m
        for m in request.app[TENANT].messages.values()
        if m.mailbox == user.id
        and (m.received_at or "") >= since
        and wanted in m.body.get("singleValueExtendedProperties", [])
    ]
    return collection(request, [{**show_message(m, request), "receivedDateTime": m.received_at} for m in found])


def draft_of(request: web.Request) -> Message:
    """The draft in the path."""
    user = mailbox_of(request)
    message = request.app[TENANT].messages.get(request.match_info["message"])
    if message is None or message.mailbox != user.id or not message.is_draft:
        raise GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return message


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
    _check_known(body, EVENT, "event")
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
    _check_known(body, EVENT - {"transactionId"}, "event")
    changed = {**event.body, **body}
    if "body" in body and MEETING_BLOCK not in str(body["body"].get("content")):
        changed.pop("onlineMeeting", None)  # replacing the body without the block ends the Teams meeting
        changed["isOnlineMeeting"] = False
    if moment_of(changed, "end") <= moment_of(changed, "start"):
        raise GraphError(400, "ErrorPropertyValidationFailure", "The event ends before it starts.")
    event.body, event.version = changed, event.version + 1
    return web.json_response(show_event(event))


def _check_known(body: Json, known: frozenset[str], kind: str) -> None:
    if unknown := [k for k in body if k not in known and "@" not in k]:
        raise GraphError(400, "RequestBodyRead", f"The property '{unknown[0]}' does not exist on type '{kind}'.")
    for name, wanted in TYPES.items():
        if body.get(name) is not None and not isinstance(body[name], wanted):
            raise GraphError(400, "RequestBodyRead", f"The property '{name}' has a value of the wrong type.")
    content_type = (body.get("body") or {}).get("contentType", "html")
    if str(content_type).lower() not in ("html", "text"):
        raise GraphError(400, "RequestBodyRead", f"'{content_type}' is no member of bodyType.")


def moment_of(body: Json, field: str) -> datetime:
    """A `dateTimeTimeZone` of the body, aware; 400 where it is none."""
    try:
        written = body[field]
        return datetime.fromisoformat(written["dateTime"]).replace(tzinfo=ZoneInfo(written["timeZone"]))
    except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError) as error:
        raise GraphError(400, "ErrorInvalidRequest", f"'{field}' is not a time with a zone.") from error
