"""A community's reports and the area's overview: figures and charts drafted, themes left to clerk and chair."""

from __future__ import annotations

from dataclasses import dataclass

from papers.minutes import MinutedDecision
from papers.word import Picture, render

REPORT_TEMPLATE, AREA_TEMPLATE = "community-report.docx", "area-overview.docx"


@dataclass(frozen=True, kw_only=True)
class ReportChart:
    """A chart under its heading."""

    title: str
    image: Picture
    alt: str
    """What the chart says, in words: printed under it as well."""


@dataclass(frozen=True, kw_only=True)
class CommunityLine:
    """A community in the Area Board's table, every value as printed."""

    name: str
    requests: str
    decided: str
    approved: str
    balance: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything a report says. `community` is the area's name in the area's overview."""

    heading: str
    community: str
    period: str
    prepared_by: str
    figures: tuple[tuple[str, str], ...]
    charts: tuple[ReportChart, ...]
    decisions: tuple[MinutedDecision, ...]
    communities: tuple[CommunityLine, ...]
    suggestions: tuple[str, ...]
    """What schools suggest in their evaluations of services."""
    footer: str


def render_report(report: Report, template_bytes: bytes) -> bytes:
    """The .docx. Raises `TemplateBroken`."""
    return render(template_bytes, report, title=f"Report: {report.community}, {report.period}")
