"""The agenda as a Word document. Circulated: it has no field for a pupil's name or date of birth."""

from __future__ import annotations

from dataclasses import dataclass

from communities.meetings import POST_MEETING_ACTIONS, AgendaItem
from papers.word import render, template


@dataclass(frozen=True, kw_only=True)
class AgendaRequest:
    """A request to be heard, every value as printed."""

    number: str
    school: str
    support: str
    requested: str
    pupils: str
    key_stages: str
    solution: str
    outcomes: str
    funding_use: str
    already_supported: str


@dataclass(frozen=True, kw_only=True)
class PreviousDecision:
    """A decision of the meeting before, every value as printed."""

    number: str
    school: str
    decision: str
    since: str
    """What has become of it."""
    review: str


@dataclass(frozen=True, kw_only=True)
class BalanceLine:
    """A line of the balance sheet in whole pounds: academic year, first and second financial year."""

    label: str
    year: str
    first: str
    second: str


@dataclass(frozen=True, kw_only=True)
class AgendaPaper:
    """Everything the agenda says."""

    community: str
    date: str
    time: str
    venue: str
    items: tuple[AgendaItem, ...]
    requests: tuple[AgendaRequest, ...]
    previous: tuple[PreviousDecision, ...]
    academic_year: str
    financial_years: tuple[str, str]
    balance: tuple[BalanceLine, ...]
    post_meeting: tuple[str, ...] = POST_MEETING_ACTIONS


def render_agenda(paper: AgendaPaper, template_bytes: bytes | None = None) -> bytes:
    """The .docx, from `manifests/templates/agenda.docx` unless another template is given."""
    return render(template_bytes or template("agenda.docx"), paper, title=f"Agenda: {paper.community}, {paper.date}")
