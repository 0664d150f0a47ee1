"""The minutes of a meeting as a Word document, written. Circulated: no field for a pupil's name or date of birth."""

from __future__ import annotations

from dataclasses import dataclass

from papers.agenda import ActionLine
from papers.word import render

TEMPLATE = "minutes.docx"


@dataclass(frozen=True, kw_only=True)
class RegisterLine:
    """A line of the register, as printed."""

    of: str
    person: str
    mark: str


@dataclass(frozen=True, kw_only=True)
class MinutedItem:
    """An item of the agenda and what was said to it."""

    number: int
    title: str
    note: str


@dataclass(frozen=True, kw_only=True)
class MinutedDecision:
    """A decision, every value as printed."""

    number: str
    school: str
    decision: str
    made_by: str
    conditions: str


@dataclass(frozen=True, kw_only=True)
class MinutesPaper:
    """Everything the minutes say."""

    community: str
    date: str
    time: str
    venue: str
    register: tuple[RegisterLine, ...]
    items: tuple[MinutedItem, ...]
    decisions: tuple[MinutedDecision, ...]
    actions: tuple[ActionLine, ...]
    matters: tuple[str, ...]


def render_minutes(paper: MinutesPaper, template_bytes: bytes) -> bytes:
    """The .docx. Raises `TemplateBroken`."""
    return render(template_bytes, paper, title=f"Minutes: {paper.community}, {paper.date}")
