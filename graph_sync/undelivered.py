"""Mails that came back: delivery reports in the desk's inbox about messages the desk sent, and nothing else.

Anybody can write what looks like a report. So one counts only for a message in Sent Items, for that message's own
recipients, a few at once; the subject told on is the message's own.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from casework.desk import SYSTEM, Desk, Work
from casework.each import Pulled, each
from casework.errors import NeedsAttention
from casework.undelivered import Returned, take_returned
from graph_sync.delta import save_link, start_of
from graph_sync.graph import Graph

SOURCE = "undelivered"
MESSAGE_CLASS = "String 0x001A"
REPORT = "REPORT.IPM.Note.NDR"
"""Outlook's message class of a report that a mail was not delivered (MS-OXOMSG: PidTagMessageClass)."""

ABOUT = ("String 0x1042", "String 0x1039", "String 0x1046")
"""Where a report names the message it is about (MS-OXPROPS: PidTagInReplyToId, PidTagInternetReferences,
PidTagOriginalMessageId).
"""

OVERLAP = timedelta(minutes=10)
"""Mail may arrive out of order: each look goes back a little. What was told before is not told again."""

REPORT_CHARACTERS = 64 * 1024
ADDRESSES = 10
"""Of one report: Exchange writes one an address."""

MESSAGES = 100
"""Messages asked for in one look; a mailbox that gets more reports at once is being flooded."""

RECIPIENTS = ("toRecipients", "ccRecipients", "bccRecipients")

_ID = re.compile(r"<[\w.!#$%&*+/=?^`{|}~@:-]{3,250}>", re.ASCII)
_NOT_OF_ADDRESSES = re.compile(r"[^\w.%+'@-]+")

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A message of ours."""

    subject: str
    recipients: frozenset[str]
    """Without case."""


async def pull_undelivered(desk: Desk, graph: Graph) -> int:
    """Tell who is concerned of mails that could not be delivered since the last look; returns how many came back."""
    mailboxes = (desk.mailboxes.desk, *desk.mailboxes.others)
    told = await each(mailboxes, partial(_pull, desk, graph))
    told.complain()
    return sum(told.brought.values())


async def _pull(desk: Desk, graph: Graph, mailbox: str) -> int:
    source = SOURCE if mailbox == desk.mailboxes.desk else f"{SOURCE}:{mailbox}"
    start, now = await desk.run(SYSTEM, start_of, source), desk.clock.now()
    since = min(datetime.fromisoformat(start.link), now) if start.link else now  # a clock may have been ahead
    about, read = await _Mailbox(graph, mailbox).reports(since - OVERLAP)
    if not about and start.is_fresh(now):
        return 0
    if not read.failed:  # whatever a report holds, it is read once and not at every start again
        await desk.run(SYSTEM, _save, source, now, bool(about))
    found = [(message, about[id_]) for id_, message in read.brought.items()]
    returned = await asyncio.to_thread(lambda: [read_report(message, sent) for message, sent in found])
    news = await desk.run(SYSTEM, take_returned, returned)
    read.complain()
    return news


def _save(work: Work, source: str, now: datetime, has_news: bool) -> None:
    save_link(work, source, now.isoformat(), has_news=has_news)


class _Mailbox:
    """One look into a mailbox."""

    def __init__(self, graph: Graph, mailbox: str) -> None:
        self._graph, self._mailbox = graph, mailbox
        self._asked: dict[str, Sent | None] = {}

    async def reports(self, since: datetime) -> tuple[dict[str, Sent], Pulled[str, dict[str, Any]]]:
        """The messages of ours that reports since then are about, by the report's id, and the reports themselves. The
        others' text is never fetched.
        """
        condition = (
            f"receivedDateTime ge {since:%Y-%m-%dT%H:%M:%SZ} and singleValueExtendedProperties/any("
            f"ep: ep/id eq '{MESSAGE_CLASS}' and ep/value eq '{REPORT}')"
        )
        wanted = " or ".join(f"id eq '{name}'" for name in ABOUT)
        query = {
            "$filter": condition,
            "$select": "id,receivedDateTime",
            "$expand": f"singleValueExtendedProperties($filter={wanted})",
        }
        url = self._url("mailFolders", "inbox", "messages", query=query)
        listed = [message async for page in self._graph.pages(url) for message in page["value"]]
        about = {message["id"]: sent for message in listed if (sent := await self._sent(ids_of(message)))}
        if listed and not about:
            log.warning("delivery reports about nothing we sent were left", count=len(listed))
        return about, await each(about, self._read)

    async def _sent(self, ids: Sequence[str]) -> Sent | None:
        for id_ in ids:
            if id_ not in self._asked and len(self._asked) < MESSAGES:
                self._asked[id_] = await self._find(id_)
            if sent := self._asked.get(id_):
                return sent
        return None

    async def _find(self, id_: str) -> Sent | None:
        query = {
            "$filter": f"internetMessageId eq '{id_}'",
            "$select": ",".join(("subject", *RECIPIENTS)),
        }
        try:
            answer = await self._graph.get(self._url("mailFolders", "sentitems", "messages", query=query))
        except NeedsAttention:
            return None  # an id nobody made is refused as such
        found = answer.json()["value"] if answer else []
        return sent_of(found[0]) if found else None

    async def _read(self, id_: str) -> dict[str, Any]:
        answer = await self._graph.get(self._url("messages", id_, query={"$select": "receivedDateTime,body"}))
        assert answer is not None
        return answer.json()

    def _url(self, *segments: str, query: dict[str, str]) -> str:
        return self._graph.url("users", self._mailbox, *segments, query=query)


def ids_of(message: dict[str, Any]) -> list[str]:
    """The ids of the messages a report says it is about, the likeliest first; a few at most."""
    more = {p.get("id"): str(p.get("value") or "") for p in message.get("singleValueExtendedProperties") or ()}
    named = [id_ for name in ABOUT for id_ in _ID.findall(more.get(name, "")[-1_000:])]
    return list(dict.fromkeys(named))[:3]


def sent_of(message: dict[str, Any]) -> Sent:
    """A message of ours as Sent Items has it."""
    recipients = [r["emailAddress"]["address"] for kind in RECIPIENTS for r in message.get(kind) or ()]
    return Sent(subject=str(message.get("subject") or ""), recipients=frozenset(map(str.casefold, recipients)))


def read_report(message: dict[str, Any], sent: Sent) -> Returned:
    """Which of the message's recipients a report names, in its order."""
    text = str((message.get("body") or {}).get("content") or "")[:REPORT_CHARACTERS]
    words = (word.strip(".'-").casefold() for word in _NOT_OF_ADDRESSES.split(_unescaped(text)))
    named = dict.fromkeys(word for word in words if word in sent.recipients)
    at = datetime.fromisoformat(str(message["receivedDateTime"]).replace("Z", "+00:00"))
    return Returned(at=at, subject=sent.subject, addresses=tuple(named)[:ADDRESSES])


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a character's number of thousands of digits
        return text
