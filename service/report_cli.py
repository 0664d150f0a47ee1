"""`cos report kit|board|county`: drafts of the reports, for clerk and chair to complete in Word; the county's table."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.console import Community, out, read_day, record

if TYPE_CHECKING:
    from casework.desk import Work
    from papers.reports import Report

report_app = typer.Typer(
    no_args_is_help=True, help="Draft the KiT or Area Board report as a Word file; the county's figures as a table."
)

Day = Annotated[str, typer.Option("--date", help="A day of the period to report on, YYYY-MM-DD; today.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="The Word file to write.")]


@report_app.command("kit")
def kit(community: Community, output: Output, day: Day = "") -> None:
    """A community's report for the reporting point: November, February, April or July."""
    from casework.report_paper import kit_report
    from papers.reports import KIT_TEMPLATE
    from service.record_commands import known_community

    _write(output, KIT_TEMPLATE, day, lambda work, of: kit_report(work, known_community(work, community), of))


@report_app.command("board")
def board(
    area: Annotated[str, typer.Option(help="North, East, South or West.")], output: Output, day: Day = ""
) -> None:
    """An area's report for the quarter, over all its communities."""
    from casework.report_paper import board_report
    from papers.reports import BOARD_TEMPLATE

    _write(output, BOARD_TEMPLATE, day, lambda work, of: board_report(work, area.strip().capitalize(), of))


@report_app.command("county")
def county(
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write: .xlsx or .csv.")],
    year: Annotated[str, typer.Option(help="School year, for example 2026-27; the one that runs.")] = "",
) -> None:
    """Every community's figures of a school year in one table, for KCC."""
    from casework.county_rollup import county_lines
    from communities.calendars import academic_year
    from papers.county_table import county_csv, county_workbook

    if output.suffix not in (".xlsx", ".csv"):
        raise typer.BadParameter(f"'{output.name}' is neither .xlsx nor .csv.")
    if year and not re.fullmatch(r"20\d\d-\d\d", year):
        raise typer.BadParameter(f"'{year}' is not a school year like 2026-27.")
    with record() as work:
        wanted = year or academic_year(work.today)
        lines = list(county_lines(work, wanted))
    if output.suffix == ".csv":
        output.write_text(county_csv(lines), "utf-8")
    else:
        output.write_bytes(county_workbook(lines, wanted))
    out.print(f"Wrote {output}: {len(lines)} communities, {wanted}.", markup=False)


def _write(output: Path, name: str, day: str, draft: Callable[[Work, date], Report]) -> None:
    from papers.reports import render_report
    from papers.word import template

    with record() as work:
        paper = draft(work, read_day(day) if day else work.today)
    output.write_bytes(render_report(paper, template(name)))
    out.print(f"Wrote {output}: {paper.community}, {paper.period}.", markup=False)
