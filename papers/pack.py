"""The papers pack: each request on a page. The public copy names no pupil; the restricted is for chair and clerk."""

from __future__ import annotations

from dataclasses import dataclass

from papers.agenda import AgendaRequest
from papers.word import render

TEMPLATE = "papers-pack.docx"


@dataclass(frozen=True, kw_only=True)
class PapersPack:
    """Everything the pack says."""

    community: str
    date: str
    time: str
    is_restricted: bool
    requests: tuple[AgendaRequest, ...]


def render_pack(pack: PapersPack, template_bytes: bytes) -> bytes:
    """The .docx. Raises `TemplateBroken`."""
    kind = "Restricted papers" if pack.is_restricted else "Papers"
    return render(template_bytes, pack, title=f"{kind}: {pack.community}, {pack.date}")
