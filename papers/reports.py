"""A community's reports and the area's overview: figures and charts drafted, themes left to clerk and chair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from papers.charts import PictureOrWords
from papers.minutes import MinutedDecision
from papers.word import Picture, render

REPORT_TEMPLATE, AREA_TEMPLATE = "community-report.docx", "area-overview.docx"


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A chart to be drawn when the document is made, which takes a while: never within a transaction."""

    title: str
    draw: Callable[[], PictureOrWords]


@dataclass(frozen=True, kw_only=True)
class ReportChart:
    """A chart under its heading."""

    title: str
    image: Picture | None
    """None where one figure says it all."""
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
    charts: tuple[Drawing | ReportChart, ...]
    decisions: tuple[MinutedDecision, ...]
    communities: tuple[CommunityLine, ...]
    suggestions: tuple[str, ...]
    """What schools suggest in their evaluations of services."""
    footer: str


def render_report(report: Report, template_bytes: bytes) -> bytes:
    """The .docx, its charts drawn. Raises `TemplateBroken`."""
    return render(template_bytes, with_charts(report), title=f"Report: {report.community}, {report.period}")


def with_charts(report: Report) -> Report:
    """Its charts drawn; those that are drawn already stay."""
    return replace(report, charts=tuple(_drawn(c) for c in report.charts))


def _drawn(chart: Drawing | ReportChart) -> ReportChart:
    if isinstance(chart, ReportChart):
        return chart
    drawn = chart.draw()
    if isinstance(drawn, str):
        return ReportChart(title=chart.title, image=None, alt=drawn)
    return ReportChart(title=chart.title, image=drawn, alt=drawn.alt)
