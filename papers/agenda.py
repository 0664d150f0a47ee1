"""The agenda as a Word document. Circulated: it has no field for a pupil's name or date of birth."""

from __future__ import annotations

from dataclasses import dataclass

from communities.meetings import POST_MEETING_ACTIONS, AgendaItem, Template
from communities.principles import PRINCIPLES
from papers.word import Link, render

TEMPLATES = {Template.STANDARD: "agenda.docx", Template.FIRST: "agenda-first.docx"}
"""The Word template of each kind of agenda."""


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
    names: str = ""
    """Pupils' names and dates of birth: in the restricted papers pack only."""


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
class ActionLine:
    """An action as agendas and minutes list it; `stands` says open, overdue, or what became of it."""

    number: str
    what: str
    owner: str
    due: str
    stands: str


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
    minutes_url: str = ""
    """Of the previous meeting; a community's own template may have it."""
    minutes: Link | None = None
    """The same as words that lead there."""
    matters: tuple[str, ...] = ()
    actions: tuple[ActionLine, ...] = ()
    principles: tuple[str, ...] = PRINCIPLES
    post_meeting: tuple[str, ...] = POST_MEETING_ACTIONS


def render_agenda(paper: AgendaPaper, template_bytes: bytes) -> bytes:
    """The .docx. Raises `TemplateBroken`."""
    return render(template_bytes, paper, title=f"Agenda: {paper.community}, {paper.date}")
