"""What the product sends out while the oracle's year is lived: kept as it is, to be read. Nothing answers differently.

The local tenant over HTTP carries the same in other tests (`test_demo`); here a year has to pass in minutes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A mail, a file or a card that left the product."""

    at: datetime
    door: str
    key: str
    """What finds it: the mail's key, the file's path, the card's subject."""
    to: tuple[str, ...] = ()
    said: str = ""
    content: bytes = b""
    files: tuple[tuple[str, bytes], ...] = ()
    """Name and content of what is attached."""

    @property
    def text(self) -> str:
        """What people read."""
        return self.said or document_text(self.content)


@dataclass(kw_only=True)
class Outside:
    """Mailbox, libraries, calendar, lists and Teams, as ports of the product."""

    now: Any
    card_of: Any
    """Makes the card of a post."""
    sent: list[Sent] = field(default_factory=list)
    library: dict[str, bytes] = field(default_factory=dict)

    async def send(self, draft: Any) -> None:
        """`Mail`."""
        files = tuple((a.name, a.content) for a in draft.attachments)
        self.sent.append(
            Sent(at=self.now(), door="email", key=draft.key, to=tuple(m.lower() for m in draft.to),
                 said=f"{draft.subject}\n{page_text(draft.html)}", files=files)
        )  # fmt: skip

    async def read(self, library: str, path: str, most_bytes: int = 0) -> Any:
        """`Files` and `Lists`."""
        return self.library.get(f"{library}/{path}")

    async def put(self, library: str, path: str, content: bytes) -> tuple[str, str]:
        """`Files`."""
        name = f"{library}/{path}"
        self.library[name] = content
        self.sent.append(Sent(at=self.now(), door="document", key=name, content=content))
        return name, f"https://kent.example/{name.replace(' ', '%20')}"

    async def post(self, community: str, post: Any) -> Mapping[str, str]:
        """`Channels`."""
        return self._card(f"{type(post).__name__} {community}", post)

    async def replace(self, message: Mapping[str, str], post: Any) -> bool:
        """`Channels`."""
        self._card(f"{type(post).__name__} replaced", post)
        return True

    async def ask(self, mail: str, ask: Any) -> Mapping[str, str]:
        """`Channels`."""
        return self._card(f"DecisionAsk {ask.request_id} {mail}", ask)

    async def tell(self, mail: str, post: Any) -> Mapping[str, str]:
        """`Channels`."""
        return self._card(f"DeskPost {mail}", post)

    def _card(self, key: str, post: Any) -> Mapping[str, str]:
        self.sent.append(Sent(at=self.now(), door="card", key=key, said=self.card_of(post)))
        return {"activity": str(len(self.sent)), "key": key}


def page_text(html: str) -> str:
    """A page or mail as lines: a line a block, a row of a table in one."""
    body = re.sub(r"(?s)<(style|script|head|select|svg)\b.*?</\1>|<img\b[^>]*>", " ", html)
    body = re.sub(r"\s+", " ", body)
    body = re.sub(r"<t[dh]\b.*?</t[dh]>", lambda cell: re.sub(r"<(br|/p|/div|/li)\b[^>]*>", " ", cell[0]), body)
    body = re.sub(r"</t[dh]>\s*", " | ", body)
    body = re.sub(r"</dt>\s*<dd[^>]*>", ": ", body)
    body = re.sub(r"(?i)<br ?/?>|</(p|div|tr|li|h\d|dd|title|option|summary|section|label)>", "\n", body)
    lines = (re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", line))).strip() for line in body.splitlines())
    return "\n".join(line for line in lines if line)


def document_text(content: bytes) -> str:
    """A Word file as lines, a row of a table in one; '' of anything else."""
    if not content.startswith(b"PK"):
        return ""
    lines = []
    for part in Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(part, Paragraph):
            lines.append(part.text)
        elif isinstance(part, Table):
            lines += [" | ".join(_once([c.text for c in row.cells])) for row in part.rows]
    return "\n".join(line for line in lines if line.strip())


def _once(cells: Sequence[str]) -> list[str]:
    """Merged cells come as often as they are wide."""
    return [cell.replace("\n", " ") for n, cell in enumerate(cells) if n == 0 or cells[n - 1] != cell]


def card_text(card: Any) -> str:
    """An Adaptive Card as people read it, a row of a table or a fact in a line; buttons and inputs left out."""
    return "\n".join(_lines(card))


def _lines(node: Any) -> list[str]:
    if isinstance(node, list):
        return [line for part in node for line in _lines(part)]
    if not isinstance(node, dict):
        return []
    match node.get("type"):
        case "TextBlock":
            return [str(node.get("text", ""))]
        case "RichTextBlock":
            return ["".join(str(r.get("text", "")) if isinstance(r, dict) else str(r) for r in node.get("inlines", []))]
        case "FactSet":
            return [f"{fact.get('title')}: {fact.get('value')}" for fact in node.get("facts", [])]
        case "Table":
            return [" | ".join(" ".join(_lines(c)) for c in row.get("cells", [])) for row in node.get("rows", [])]
        case str() as kind if kind.startswith(("Input.", "Action.")):
            return []
        case _:
            return [line for key in ("body", "items", "columns", "cells", "card") for line in _lines(node.get(key))]
