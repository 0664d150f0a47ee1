"""What mail and calendar have in common: the mailbox in the path, and the properties Graph knows."""

from __future__ import annotations

from aiohttp import web

from local_tenant.odata import TENANT, GraphError
from local_tenant.state import Json, User

TYPES: dict[str, type] = {
    "subject": str, "body": dict, "start": dict, "end": dict, "location": dict, "attendees": list,
    "toRecipients": list, "ccRecipients": list, "bccRecipients": list, "attachments": list, "isOnlineMeeting": bool,
    "onlineMeetingProvider": str, "transactionId": str, "hideAttendees": bool, "singleValueExtendedProperties": list,
    "importance": str, "reminderMinutesBeforeStart": int,
}  # fmt: skip
"""The types of the properties that are sent, by Microsoft's metadata."""


def mailbox_of(request: web.Request) -> User:
    """The mailbox in the path: guests have none here."""
    user = request.app[TENANT].user(request.match_info["user"])
    if user is None or user.is_guest:
        raise GraphError(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive or does not exist.")
    return user


def check_known(body: Json, known: frozenset[str], kind: str) -> None:
    """Raise 400 for a property the type has not, or a value of the wrong type."""
    if unknown := [k for k in body if k not in known and "@" not in k]:
        raise GraphError(400, "RequestBodyRead", f"The property '{unknown[0]}' does not exist on type '{kind}'.")
    for name, wanted in TYPES.items():
        if body.get(name) is not None and not isinstance(body[name], wanted):
            raise GraphError(400, "RequestBodyRead", f"The property '{name}' has a value of the wrong type.")
    content_type = (body.get("body") or {}).get("contentType", "html")
    if str(content_type).lower() not in ("html", "text"):
        raise GraphError(400, "RequestBodyRead", f"'{content_type}' is no member of bodyType.")
