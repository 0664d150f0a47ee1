"""`cos report`: drafts, who has signed, the area's overview, what came of evaluations, the county's table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casework.desk import CONSOLE
from service.console import As, Community, out, read_day, read_year, record

if TYPE_CHECKING:
    from casework.desk import Work
    from communities.reports import ReportKind
    from papers.reports import Report

report_app = typer.Typer(
    no_args_is_help=True,
    help="Reports to KiT and Area Board, their signatures, and what comes of them; the county's table.",
)

Day = Annotated[str, typer.Option("--date", help="A day of the period to report on, YYYY-MM-DD; today.")]
OneCommunity = Annotated[str, typer.Option("--community", help="Of one community.")]
SignedBy = Annotated[str, typer.Option("--as", help="Mail of the chair or clerk who signs.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="The Word file to write.")]


@report_app.command("kit")
def kit(community: Community, output: Output, day: Day = "") -> None:
    """A community's report for the reporting point: November, February, April or July."""
    from communities.reports import ReportKind

    _draft(ReportKind.KIT, community, output, day)


@report_app.command("board")
def board(community: Community, output: Output, day: Day = "") -> None:
    """A community's report to the Area Board for the quarter."""
    from communities.reports import ReportKind

    _draft(ReportKind.BOARD, community, output, day)


@report_app.command("area")
def area(
    name: Annotated[str, typer.Option("--area", help="North, East, South or West.")], output: Output, day: Day = ""
) -> None:
    """An area's overview for the Area Board's quarter, over all its communities."""
    from casework.report_paper import area_overview
    from papers.reports import AREA_TEMPLATE

    _write(output, AREA_TEMPLATE, day, lambda work, of: area_overview(work, name.strip().capitalize(), of))


@report_app.command("list")
def listed(community: OneCommunity = "") -> None:
    """The reports that are drafted and not sent, and who has still to sign; of one community or all."""
    from casework.directory_record import directory_of
    from casework.reporting import missing_signatures, open_reports
    from service.record_commands import known_community

    with record() as work:
        names = [known_community(work, community)] if community else [c.name for c in directory_of(work).communities]
        found = open_reports(work, names)
        for row in found:
            waits = " and ".join(role.lower() for role in missing_signatures(row)) or "nobody: it is on its way"
            out.print(f"{row.id}: due {row.due_on:%-d %B %Y}, waits for {waits}", markup=False)
    if not found:
        out.print("No report waits for a signature.")


@report_app.command("sign")
def sign(report: Annotated[str, typer.Argument(help="As `cos report list` names it.")], by: SignedBy) -> None:
    """Sign a report as its community's chair or clerk; with both signatures it is sent."""
    from casework.reporting import sign_report

    with record() as work:
        missing = sign_report(work, report, by)
    waits = f"It waits for the {missing[0].lower()}." if missing else "Both have signed: it is being sent."
    out.print(f"{report} is signed. {waits}", markup=False)


@report_app.command("improvement")
def improvement(
    text: Annotated[str, typer.Argument(help="What was improved, in a sentence.")],
    area: Annotated[str, typer.Option(help="For one area.")] = "",
    community: OneCommunity = "",
    by: As = CONSOLE,
) -> None:
    """Report back what came of an evaluation: it stands on the next agenda of whom it concerns, else of everybody."""
    from casework.improving import report_improvement
    from service.record_commands import known_community

    area = area.strip().capitalize()
    with record() as work:
        known = known_community(work, community) if community else ""
        number = report_improvement(work, text, by, area=area, community=known)
    out.print(f"{number} stands on the next agenda of {known or (area and f'the {area} area') or 'every community'}.",
              markup=False)  # fmt: skip


@report_app.command("county")
def county(
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write: .xlsx or .csv.")],
    year: Annotated[
        str, typer.Option(help="School year, for example 2026-27; the one that runs.", callback=read_year)
    ] = "",
) -> None:
    """Every community's figures of a school year in one table, for KCC."""
    from casework.county_rollup import county_lines
    from communities.calendars import academic_year
    from papers.county_table import county_csv, county_workbook

    if output.suffix not in (".xlsx", ".csv"):
        raise typer.BadParameter(f"'{output.name}' is neither .xlsx nor .csv.")
    with record() as work:
        wanted = year or academic_year(work.today)
        lines = list(county_lines(work, wanted))
    if output.suffix == ".csv":
        output.write_text(county_csv(lines), "utf-8")
    else:
        output.write_bytes(county_workbook(lines, wanted))
    out.print(f"Wrote {output}: {len(lines)} communities, {wanted}.", markup=False)


def _draft(kind: ReportKind, community: str, output: Path, day: str) -> None:
    from casework.report_paper import community_report
    from papers.reports import REPORT_TEMPLATE
    from service.record_commands import known_community

    def draft(work: Work, of: date) -> Report:
        return community_report(work, kind, known_community(work, community), of)

    _write(output, REPORT_TEMPLATE, day, draft)


def _write(output: Path, name: str, day: str, draft: Callable[[Work, date], Report]) -> None:
    from papers.reports import render_report
    from papers.word import template

    with record() as work:
        paper = draft(work, read_day(day) if day else work.today)
    output.write_bytes(render_report(paper, template(name)))
    out.print(f"Wrote {output}: {paper.community}, {paper.period}.", markup=False)
