"""Mails that came back: delivery reports in the desk's inbox, read for the addresses they name and nothing else."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import Any

from casework.desk import SYSTEM, Desk, Work
from casework.undelivered import Returned, take_returned
from graph_sync.delta import save_link, start_of
from graph_sync.graph import Graph

SOURCE = "undelivered"
MESSAGE_CLASS = "String 0x001A"
REPORT = "REPORT.IPM.Note.NDR"
"""Outlook's message class of a report that a mail was not delivered (MS-OXOMSG: PidTagMessageClass)."""

OVERLAP = timedelta(minutes=10)
"""Mail may arrive out of order: each look goes back a little. What was told before is not told again."""

_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_TAG = re.compile(r"<[^>]*>")


async def pull_undelivered(desk: Desk, graph: Graph) -> int:
    """Tell who is concerned of mails that could not be delivered since the last look; returns how many came back."""
    mailboxes = (desk.mailboxes.desk, *desk.mailboxes.others)
    return sum([await _pull(desk, graph, mailbox) for mailbox in mailboxes])


async def _pull(desk: Desk, graph: Graph, mailbox: str) -> int:
    source = SOURCE if mailbox == desk.mailboxes.desk else f"{SOURCE}:{mailbox}"
    start, now = await desk.run(SYSTEM, start_of, source), desk.clock.now()
    since = datetime.fromisoformat(start.link) if start.link else now
    condition = (
        f"receivedDateTime ge {since - OVERLAP:%Y-%m-%dT%H:%M:%SZ} and singleValueExtendedProperties/any("
        f"ep: ep/id eq '{MESSAGE_CLASS}' and ep/value eq '{REPORT}')"
    )
    query = {"$filter": condition, "$select": "id,subject,receivedDateTime,body"}
    url = graph.url("users", mailbox, "mailFolders", "inbox", "messages", query=query)
    returned = [read_report(message) async for page in graph.pages(url) for message in page["value"]]
    if not returned and start.is_fresh(now):
        return 0
    return await desk.run(SYSTEM, _take, source, returned, now)


def _take(work: Work, source: str, returned: list[Returned], now: datetime) -> int:
    save_link(work, source, now.isoformat(), has_news=bool(returned))
    return take_returned(work, returned)


def read_report(message: dict[str, Any]) -> Returned:
    """The addresses a delivery report names, and what it is about."""
    text = html.unescape(_TAG.sub(" ", str((message.get("body") or {}).get("content") or "")))
    addresses = tuple(dict.fromkeys(a.casefold() for a in _ADDRESS.findall(text)))
    at = datetime.fromisoformat(str(message["receivedDateTime"]).replace("Z", "+00:00"))
    return Returned(at=at, subject=str(message.get("subject") or ""), addresses=addresses)
