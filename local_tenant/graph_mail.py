"""Graph: mail (draft, look up, attach, send)."""

from __future__ import annotations

import re
from base64 import b64decode

from aiohttp import web

from local_tenant.graph_outlook import check_known, mailbox_of
from local_tenant.odata import TENANT, GraphError, bad_request, check_options, collection, not_found, read_json
from local_tenant.sending import check_recipients, send_from
from local_tenant.state import Json, Message, Tenant

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
ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
REQUEST_BYTES = 4 * 1024 * 1024
"""What a whole request to a mailbox may have."""
MESSAGE_BYTES = 35 * 1024 * 1024
"""What a message may have with its attachments, unless an administrator set it otherwise."""
OVERHEAD = 237
"""What Outlook counts for an attachment beside its bytes."""


def show_message(message: Message, request: web.Request) -> Json:
    """A message as Graph shows one."""
    return {
        "id": message.id,
        "isDraft": message.is_draft,
        "createdDateTime": message.created_at,
        "sentDateTime": message.sent_at,
        "internetMessageId": _internet_id(request.app[TENANT], message),
        **{k: v for k, v in message.body.items() if k not in ("attachments", "singleValueExtendedProperties")},
        "hasAttachments": bool(message.body.get("attachments")),
    }


@routes.post("/v1.0/users/{user}/messages")
async def post_message(request: web.Request) -> web.Response:
    """Make a draft."""
    user = mailbox_of(request)
    _check_request(request)
    body = await read_json(request)
    check_known(body, MAIL, "message")
    for recipient in (*body.get("toRecipients", []), *body.get("ccRecipients", [])):
        if not ADDRESS.fullmatch((recipient.get("emailAddress") or {}).get("address", "")):
            raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    tenant = request.app[TENANT]
    written = body.pop("attachments", [])
    message = Message(tenant.new_opaque_id("message"), user.id, body, True, tenant.now())
    for attachment in written:
        add_attachment(tenant, message, attachment)
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


def _check_request(request: web.Request) -> None:
    if request.app[TENANT].behaves("mailbox-request-of-4-mb") and (request.content_length or 0) > REQUEST_BYTES:
        raise GraphError(413, "RequestEntityTooLarge", "The request is larger than a mailbox takes.")


def add_attachment(tenant: Tenant, message: Message, written: Json) -> Json:
    """Keep an attachment with a draft. Raises 413 where the message grows too large."""
    check_message_size(tenant, message, len(written["contentBytes"]) * 3 // 4)
    attached: Json = {**written, "id": tenant.new_opaque_id("attachment")}
    message.body.setdefault("attachments", []).append(attached)
    return attached


def check_message_size(tenant: Tenant, message: Message, more: int) -> None:
    """Raise 413 where a message with so many bytes more is larger than Exchange takes."""
    there = sum(len(a["contentBytes"]) * 3 // 4 for a in message.body.get("attachments", []))
    if tenant.behaves("message-of-35-mb") and there + more > MESSAGE_BYTES:
        raise GraphError(413, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.")


@routes.get("/v1.0/users/{user}/messages/{message}/attachments")
async def get_attachments(request: web.Request) -> web.Response:
    """A draft's attachments; without `$select` with their bytes."""
    check_options(request)
    wanted = request.query.get("$select", "id,name,size,contentType,contentBytes").split(",")
    attached = [_shown(request.app[TENANT], a) for a in draft_of(request).body.get("attachments", [])]
    return collection(request, [{k: v for k, v in a.items() if k in wanted} for a in attached])


@routes.post("/v1.0/users/{user}/messages/{message}/attachments")
async def post_attachment(request: web.Request) -> web.Response:
    """Attach a file by one request."""
    message, tenant = draft_of(request), request.app[TENANT]
    _check_request(request)
    body = await read_json(request)
    if body.get("@odata.type") != "#microsoft.graph.fileAttachment" or not body.get("name"):
        raise bad_request("A file attachment needs @odata.type, name and contentBytes.")
    return web.json_response(_shown(tenant, add_attachment(tenant, message, body)), status=201)


@routes.delete("/v1.0/users/{user}/messages/{message}/attachments/{attachment}")
async def delete_attachment(request: web.Request) -> web.Response:
    """Take an attachment off a draft."""
    attached = draft_of(request).body.get("attachments", [])
    found = next((a for a in attached if a["id"] == request.match_info["attachment"]), None)
    if found is None:
        raise not_found("attachment")
    attached.remove(found)
    return web.Response(status=204)


def _shown(tenant: Tenant, attached: Json) -> Json:
    overhead = OVERHEAD if tenant.behaves("attachment-size-counts-more") else 0
    return {**attached, "size": len(b64decode(attached["contentBytes"])) + overhead}


@routes.post("/v1.0/users/{user}/messages/{message}/send")
async def send_message(request: web.Request) -> web.Response:
    """Send a draft: 202 and nothing more. A message sent before is no draft any more: 404 at this address."""
    tenant = request.app[TENANT]
    message = draft_of(request)
    if not message.body.get("toRecipients"):
        raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is needed.")
    addresses = _recipients(message)
    check_recipients(tenant, len(addresses))
    leaves_at = send_from(tenant, message.mailbox, len(addresses))
    message.is_draft, message.sent_at = False, leaves_at or tenant.now()
    for address in sorted(set(addresses)):
        if leaves_at is None:
            _return(tenant, message, address, "your mailbox has reached its daily limit of recipients")
        elif address.endswith(tenant.domain) and tenant.user(address) is None:
            _return(tenant, message, address, f"{address.partition('@')[0]} wasn't found at {tenant.domain}")
    return web.Response(status=202)


def _recipients(message: Message) -> list[str]:
    kinds = ("toRecipients", "ccRecipients", "bccRecipients")
    return [r["emailAddress"]["address"].casefold() for kind in kinds for r in message.body.get(kind, [])]


def _internet_id(tenant: Tenant, message: Message) -> str:
    return f"<{message.id[:40]}@{tenant.domain}>"


def _return(tenant: Tenant, message: Message, address: str, why: str) -> None:
    """A delivery report, as Exchange Online writes one into the sender's inbox."""
    body = {
        "subject": f"Undeliverable: {message.body.get('subject', '')}",
        "body": {"contentType": "html", "content": f"<html><p>Your message to <b>{address}</b> couldn't be delivered."
                 f"</p><p>{why}.</p></html>"},
        "from": {"emailAddress": {"name": "Microsoft Outlook", "address": f"postmaster@{tenant.domain}"}},
        "singleValueExtendedProperties": [
            {"id": "String 0x001A", "value": "REPORT.IPM.Note.NDR"},
            {"id": "String 0x1042", "value": _internet_id(tenant, message)},
        ],
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
    is_expanded = "singleValueExtendedProperties" in request.query.get("$expand", "")
    more = [{"singleValueExtendedProperties": m.body["singleValueExtendedProperties"]} if is_expanded else {}
            for m in found]  # fmt: skip
    return collection(
        request,
        [{**show_message(m, request), "receivedDateTime": m.received_at, **own}
         for m, own in zip(found, more, strict=True)],
    )  # fmt: skip


@routes.get("/v1.0/users/{user}/mailFolders/sentitems/messages")
async def get_sent(request: web.Request) -> web.Response:
    """What was sent, by its internet message id."""
    check_options(request)
    user, condition = mailbox_of(request), request.query.get("$filter", "")
    match = re.fullmatch(r"internetMessageId eq '([^']*)'", condition)
    if not match:
        raise GraphError(400, "ErrorInvalidUrlQuery", f"The filter '{condition}' is not supported here.")
    tenant = request.app[TENANT]
    sent = [m for m in tenant.messages.values() if m.mailbox == user.id and m.sent_at is not None]
    return collection(request, [show_message(m, request) for m in sent if _internet_id(tenant, m) == match[1]])


@routes.get("/v1.0/users/{user}/messages/{message}")
async def get_message(request: web.Request) -> web.Response:
    """A message of a mailbox."""
    check_options(request)
    user = mailbox_of(request)
    message = request.app[TENANT].messages.get(request.match_info["message"])
    if message is None or message.mailbox != user.id:
        raise GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return web.json_response({**show_message(message, request), "receivedDateTime": message.received_at})


def draft_of(request: web.Request) -> Message:
    """The draft in the path."""
    user = mailbox_of(request)
    message = request.app[TENANT].messages.get(request.match_info["message"])
    if message is None or message.mailbox != user.id or not message.is_draft:
        raise GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return message
