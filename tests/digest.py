"""A digest of the record and of the tenant: equal where two runs came to the same, however they got there."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from typing import Any

from docx import Document
from openpyxl import load_workbook
from sqlalchemy import Engine, select

from casework import tables
from local_tenant.state import DriveItem, Tenant

LEFT_OUT = {
    "journal": ("number", "hash"),
    "effects": ("attempts", "runs", "problem", "is_queued", "done_at", "told_at", "trace"),
    "requests": (),
    "pupils": ("sealed",),
    "amendments": ("sealed",),
    "meetings": ("event_id", "join_url"),
    "ledger": ("id", "entry"),
    "papers": ("content", "web_url"),
}
"""What differs between two runs that came to the same: ids given by others, the order of what ran side by side."""

TABLES = (
    "requests", "pupils", "responses", "response_routes", "decisions", "moderations", "payments", "ledger", "meetings",
    "papers", "effects", "journal", "attendance", "actions",
)  # fmt: skip
IN_REPLY_TO = "String 0x1042"
"""A report names the message that came back by the id Outlook gave it."""

READINGS = "read pupils' data"
"""An effect that was tried twice read twice; that is journaled, and no difference."""

_ADDRESS = re.compile(r"https?://[^\s\"'<>)]+")
_LATER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}")


def record_digest(engine: Engine) -> dict[str, Counter[str]]:
    """Each table's rows as a multiset."""
    found = {}
    with engine.connect() as conn:
        for name in TABLES:
            table, out = tables.metadata.tables[name], LEFT_OUT.get(name, ())
            rows = (dict(r._mapping) for r in conn.execute(select(table)))
            kept = ({k: v for k, v in row.items() if k not in out} for row in rows)
            found[name] = Counter(_plain(row) for row in kept if row.get("command") != READINGS)
    return found


def tenant_digest(tenant: Tenant) -> dict[str, Counter[str]]:
    """What landed, as multisets: mails, events, files with their text, list items, posts."""
    people = {u.id: u.mail for u in tenant.users.values()}
    return {
        "mails": Counter(_mail(m.body) for m in tenant.messages.values() if not m.is_draft),
        "drafts": Counter(_mail(m.body) for m in tenant.messages.values() if m.is_draft),
        "events": Counter(_plain({k: e.body.get(k) for k in ("subject", "start", "end", "attendees")})
                          for e in tenant.events.values()),
        "files": Counter(f"{d.name}/{d.path_of(i)} v{len(i.versions)} {_text(i)}"
                         for d in tenant.drives.values() for i in d.items.values()
                         if i.content is not None and not i.deleted),
        "items": Counter(_plain({"list": x.display_name, **i.fields}) for s in tenant.sites.values()
                         for x in s.lists.values() for i in x.items.values() if not i.deleted),
        "posts": Counter(_plain({"to": people.get(c.member_id or "", c.team_id), "says": p.activity.get("attachments")})
                         for c in tenant.conversations.values() for p in c.posts if not p.deleted),
    }  # fmt: skip


def differences(one: dict[str, Counter[str]], other: dict[str, Counter[str]]) -> list[str]:
    """What stands in one and not in the other, short enough to read: the beginning, and of two that are alike where
    they part.
    """
    said = []
    for name in one:
        less, more = (one[name] - other[name]), (other[name] - one[name])
        for mark, rows, others in (("-", less, more), ("+", more, less)):
            for row in rows.elements():
                like = max(others.elements(), key=lambda o: _alike(o, row), default="")
                parts = _alike(like, row)
                said.append(f"{mark} {name}: {row[:200]} … {row[max(200, parts - 60) : parts + 200]}")
    return said


def _alike(one: str, other: str) -> int:
    """How many letters they begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _mail(body: dict[str, Any]) -> str:
    """Its subject and text first, as that is what one wants to see of a difference."""
    shown = {k: body.get(k) for k in ("toRecipients", "bccRecipients")}
    shown["attached"] = [a["name"] for a in body.get("attachments", [])]
    shown["properties"] = [p for p in body.get("singleValueExtendedProperties") or () if p["id"] != IN_REPLY_TO]
    return f"{body.get('subject')}: {_plain(body.get('body'))} {_plain(shown)}"


def _text(item: DriveItem) -> str:
    content = item.content or b""
    if item.name.endswith(".xlsx"):  # SharePoint writes into it as it likes
        sheets = load_workbook(io.BytesIO(content)).worksheets
        return hashlib.sha256(repr([list(s.values) for s in sheets]).encode()).hexdigest()[:12]
    if not item.name.endswith(".docx"):
        return hashlib.sha256(content).hexdigest()[:12]
    document = Document(io.BytesIO(content))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    said = _ADDRESS.sub("…", "\n".join([*(p.text for p in document.paragraphs), *cells]))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _plain(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    return _LATER.sub("…", _ADDRESS.sub("…", text))
