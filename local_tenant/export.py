"""What landed in the tenant, as files people can open: .eml, .ics, library files, .csv, cards as JSON and as text."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from local_tenant.card_text import card_as_text
from local_tenant.ics import ics_of
from local_tenant.mail_text import text_of
from local_tenant.state import Json, Message, SharePointList, Tenant


def export_zip(tenant: Tenant) -> bytes:
    """A zip of `mail/`, `events/`, `libraries/`, `lists/`, `channels/` and `chats/`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, message in enumerate((m for m in tenant.messages.values() if not m.is_draft), 1):
            subject = safe_name(message.body.get("subject", "mail"))
            archive.writestr(f"mail/{number:04d} {subject}.eml", eml_of(tenant, message))
        for event in tenant.events.values():
            start = event.body["start"]["dateTime"][:16].replace(":", "")
            archive.writestr(f"events/{start} {safe_name(event.body['subject'])}.ics", ics_of(tenant, event))
        for drive in tenant.drives.values():
            for item in drive.items.values():
                if item.content is not None and not item.deleted:
                    path = "/".join(safe_name(p) for p in drive.path_of(item).split("/"))
                    archive.writestr(f"libraries/{safe_name(drive.name)}/{path}", item.content)
        for site in tenant.sites.values():
            for found in site.lists.values():
                if found.drive is None:
                    archive.writestr(f"lists/{safe_name(found.display_name)}.csv", csv_of(found))
        for folder, name, posts in _conversations(tenant):
            archive.writestr(f"{folder}/{name}.json", json.dumps(posts, indent=1, ensure_ascii=False))
            archive.writestr(f"{folder}/{name}.txt", "\n\n".join(_post_text(p) for p in posts))
    return out.getvalue()


def safe_name(text: str) -> str:
    """A name every file system takes."""
    return re.sub(r"[^\w .,()&'’–-]+", "-", text).strip(" .")[:80] or "unnamed"


def safe_cell(value: object) -> object:
    """Text that a spreadsheet would run as a formula, marked as text."""
    if isinstance(value, list):
        return "; ".join(str(v) for v in value)
    if isinstance(value, str) and value.lstrip()[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def eml_of(tenant: Tenant, message: Message) -> bytes:
    """A sent message as RFC 5322. Graph keeps one body; where it is HTML, Exchange writes a plain text part when it
    sends, and so does this.
    """
    body, mail = message.body, EmailMessage()
    sender = tenant.users[message.mailbox]
    mail["From"] = f"{sender.name} <{sender.mail}>"
    mail["To"] = _addresses(body.get("toRecipients", []))
    if body.get("ccRecipients"):
        mail["Cc"] = _addresses(body["ccRecipients"])
    if body.get("bccRecipients"):
        mail["Bcc"] = _addresses(body["bccRecipients"])
    mail["Subject"] = " ".join(body.get("subject", "").split())
    mail["Date"] = format_datetime(datetime.fromisoformat(message.sent_at or message.created_at))
    content = body.get("body", {}).get("content", "")
    if body.get("body", {}).get("contentType", "text").lower() == "html":
        mail.set_content(text_of(content))
        mail.add_alternative(content, subtype="html")
    else:
        mail.set_content(content)
    for attachment in body.get("attachments", []):
        main, _, sub = attachment.get("contentType", "application/octet-stream").partition("/")
        content = base64.b64decode(attachment["contentBytes"])
        mail.add_attachment(content, maintype=main, subtype=sub, filename=attachment["name"])
    return mail.as_bytes()


def _addresses(recipients: list[Json]) -> str:
    return ", ".join(r["emailAddress"]["address"] for r in recipients)


def csv_of(found: SharePointList) -> str:
    """A list as a table; what a spreadsheet would run stays text."""
    out = io.StringIO()
    columns = list(found.columns)
    writer = csv.writer(out)
    writer.writerow(["ID", *(c["displayName"] for c in found.columns.values())])
    for item in found.items.values():
        if not item.deleted:
            writer.writerow([item.id, *(safe_cell(item.fields.get(c, "")) for c in columns)])
    return out.getvalue()


def _conversations(tenant: Tenant) -> list[tuple[str, str, list[Json]]]:
    found = []
    for conversation in tenant.conversations.values():
        posts = [{"id": p.id, "at": p.at, "updates": p.updates, **p.activity}
                 for p in conversation.posts if not p.deleted]  # fmt: skip
        if not posts:
            continue
        if conversation.team_id:
            found.append(("channels", safe_name(tenant.teams[conversation.team_id].name), posts))
        elif conversation.member_id:
            found.append(("chats", safe_name(tenant.users[conversation.member_id].name + " " + conversation.id[2:6]),
                          posts))  # fmt: skip
    return found


def _post_text(post: Json) -> str:
    parts = [f"--- {post['at']}", post.get("text") or ""]
    parts += [card_as_text(a["content"]) for a in post.get("attachments") or [] if "content" in a]
    return "\n".join(p for p in parts if p)
