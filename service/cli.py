"""The `cos` command. Exit status: 0 done, 1 problems found, 2 used wrongly.

What a command needs is imported when it runs: `cos ingest` loads neither the Graph SDK nor the bot.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from casework.errors import AlreadyDone, InputRefused, NeedsAttention, NotAllowed, TryLater
from local_tenant.faults import FaultsUnreadable
from papers.sheets import WorkbookUnreadable, read_bytes
from papers.term_dates import TermDatesUnreadable
from service.ask_cli import ask
from service.backup_cli import backup, restore
from service.budget_cli import budget_app
from service.case_cli import action_app, clocks, request_app
from service.console import OverrideBy, OverrideReason, read_day, read_override, read_year
from service.doctor_cli import doctor
from service.flow_cli import flow
from service.headings_cli import headings_app
from service.logs import start_logs
from service.meeting_cli import meeting_app
from service.package_cli import package
from service.privacy_cli import privacy_app
from service.progress import progress
from service.report_cli import report_app
from service.settings import Settings, SettingsIncomplete
from service.stuck_cli import stuck_app
from service.surgery_cli import surgery_app
from service.teams_cli import teams_app
from service.tenant_hand import TenantUnreachable
from service.year_cli import year_app

if TYPE_CHECKING:
    from service.imports import Imported

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _say_version(asked: bool) -> None:
    if asked:
        out.print(f"cos-desk {version('cos-desk')}", markup=False)
        raise typer.Exit


@app.callback()
def whole(
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """CoS Desk runs Communities of Schools inside Microsoft 365: requests, agendas, meetings, decisions, budgets."""


held_app = typer.Typer(no_args_is_help=True, help="Requests that wait for the clerk: probably sent twice.")
app.add_typer(held_app, name="held")
app.add_typer(budget_app, name="budget")
journal_app = typer.Typer(no_args_is_help=True, help="What was done, by whom and when.")
app.add_typer(journal_app, name="journal")
explain_app = typer.Typer(no_args_is_help=True, help="How CoS Desk works, from its own tables.")
app.add_typer(explain_app, name="explain")
app.add_typer(request_app, name="request")
app.add_typer(action_app, name="action")
app.add_typer(meeting_app, name="meeting")
app.add_typer(report_app, name="report")
app.add_typer(surgery_app, name="surgery")
app.add_typer(stuck_app, name="stuck")
app.add_typer(teams_app, name="teams")
app.add_typer(headings_app, name="headings")
app.add_typer(year_app, name="year")
app.add_typer(privacy_app, name="privacy")
app.command()(clocks)
app.command()(ask)
app.command()(doctor)
app.command()(flow)
app.command()(package)
app.command()(backup)
app.command()(restore)
err = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)

PROBLEMS, WRONGLY = 1, 2
KINDS = ("directory", "people", "budget", "school-funding")
DEMO_OUT = Path("demo-out")
EXPECTED = (
    WorkbookUnreadable, InputRefused, NotAllowed, AlreadyDone, NeedsAttention, TryLater, SettingsIncomplete,
    TenantUnreachable, FaultsUnreadable, TermDatesUnreadable,
)  # fmt: skip


ASKED_WRONGLY = (SettingsIncomplete, FaultsUnreadable)
"""What whoever typed it or set it up corrects."""


def main() -> None:
    """Run the command; whatever is expected to go wrong is said in a sentence."""
    start_logs()
    try:
        app()
    except EXPECTED as error:
        err.print(f"cos: {error}", markup=False)
        sys.exit(WRONGLY if isinstance(error, ASKED_WRONGLY) else PROBLEMS)
    except OSError as error:
        err.print(f"cos: {error.strerror or error}" + (f": {error.filename}" if error.filename else ""), markup=False)
        sys.exit(PROBLEMS)
    except Exception as error:
        from casework.database import why_unusable

        if (why := why_unusable(error)) is None:
            raise
        err.print(
            f"cos: The record's database does not do its work: {why}. What was not finished is not done. "
            "Look at COS_DATABASE_URL, the server and its disk, then do it again.",
            markup=False,
        )
        sys.exit(PROBLEMS)


@app.command()
def demo(
    out_dir: Annotated[
        Path, typer.Option("--out", help="Folder for the report; what a run leaves is replaced.")
    ] = Path("demo-out"),
    tenant: Annotated[
        str, typer.Option(help="Address of a local tenant that is running; it is emptied. Without it one is started.")
    ] = "",
    faults: Annotated[
        str, typer.Option(help="What goes wrong in the tenant: 429=0.1,reset=0.02,late=5s,dup=0.2,gone=0.01,seed=7.")
    ] = "",
    a_term: Annotated[
        bool, typer.Option("--term", help="One meeting cycle, autumn, instead of the whole school year.")
    ] = False,
    communities: Annotated[
        int, typer.Option(min=1, max=53, help="Only so many of the communities, those with most to tell.")
    ] = 53,
) -> None:
    """Live through the school year of a sample county (53 communities, 600 schools) against the local tenant."""
    from service.run_commands import demo as run
    from service.run_commands import spoken_summary

    with progress() as bar:
        task = bar.add_task("Starting", total=1.0)

        def tell(what: str, part: float) -> None:
            bar.update(task, description=what, completed=part)

        summary = asyncio.run(run(out_dir, tenant, faults, tell, a_term=a_term, communities=communities))
    out.print((out_dir / "timeline.md").read_text("utf-8"), markup=False)
    out.print(spoken_summary(summary, out_dir), markup=False)
    if summary["lost"] or summary["doubled"] or summary["stuck"]:
        raise typer.Exit(PROBLEMS)


@app.command()
def tenant(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 8100,
    faults: Annotated[
        str, typer.Option(help="What goes wrong in the tenant: 429=0.1,reset=0.02,late=5s,dup=0.2,gone=0.01,seed=7.")
    ] = "",
    traffic: Annotated[bool, typer.Option(help="Keep every exchange for the HAR; in memory.")] = True,
    is_sample: Annotated[
        bool, typer.Option("--sample", help="With the people, teams and site of the sample county; else it is empty.")
    ] = False,
) -> None:
    """Run the local tenant alone: Graph, Bot Connector and a page of what landed. Loopback only."""
    from service.run_commands import tenant as run

    asyncio.run(
        run(port, faults, lambda said: out.print(said, markup=False), keeps_traffic=traffic, is_sample=is_sample)
    )


@app.command()
def local(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The tenant's port on 127.0.0.1.")] = 8100,
    data: Annotated[Path, typer.Option(help="Folder for the record.")] = Path(".cos/local"),
    until: Annotated[
        str, typer.Option(help="The moment of the sample world to start at, ISO 8601, London time.")
    ] = "2026-11-05T08:10",
    faults: Annotated[
        str, typer.Option(help="What goes wrong in the tenant: 429=0.1,reset=0.02,late=5s,dup=0.2,gone=0.01,seed=7.")
    ] = "",
) -> None:
    """Run the sample world and leave it running: tenant, service and, with Node, a Teams client for each persona."""
    from service.run_commands import local as run

    with progress() as bar:
        task = bar.add_task("Starting", total=1.0)

        def tell(what: str, part: float) -> None:
            bar.update(task, description=what, completed=part)

        asyncio.run(run(port, data, until, faults, tell, lambda said: out.print(said, markup=False)))


@app.command()
def serve(
    works: Annotated[
        bool | None,
        typer.Option("--with-worker/--web-only", help="PostgreSQL: do a worker's work as well. SQLite: always."),
    ] = None,
) -> None:
    """Answer Teams, Graph and the tab; on SQLite, or with --with-worker, carry out effects too. Settings: `COS_…`."""
    from service.run_commands import serve as run

    asyncio.run(run(Settings(), lambda said: err.print(said, markup=False), works=works))


@app.command()
def worker() -> None:
    """Carry out effects, pull what changed, watch the clocks: any number of these beside `cos serve`, on PostgreSQL."""
    from service.run_commands import worker as run

    asyncio.run(run(Settings(), lambda said: err.print(said, markup=False)))


@app.command()
def provision() -> None:
    """Make the lists, columns and libraries of `manifests/` where they are missing. Run again: nothing changes."""
    from service.run_commands import provision as run

    with progress() as bar:
        task = bar.add_task("Lists and libraries", total=1.0)
        asyncio.run(
            run(
                Settings(),
                lambda done, of: bar.update(task, completed=done / of),
                lambda said: out.print(said, markup=False),
            )
        )


@app.command(name="import")
def import_(
    kind: Annotated[str, typer.Argument(help="directory, people, budget or school-funding")],
    file: Annotated[Path, typer.Argument(help="The workbook (.xlsx).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Directory only: show what would change.")] = False,
    effective: Annotated[
        str, typer.Option("--from", help="Directory and people: the day the changes count from, YYYY-MM-DD; today.")
    ] = "",
    allow_removal: Annotated[
        bool,
        typer.Option("--allow-removal", help="Directory and people: let more than a tenth, or all administrators, go."),
    ] = False,
    override_by: OverrideBy = "",
    override_reason: OverrideReason = "",
) -> None:
    """Import a workbook: `directory` (communities and schools), `people` (roles), `budget` (KCC's summary) or
    `school-funding` (school level templates, factors of school budgets).
    """
    from service.record_commands import import_file

    if kind not in KINDS:
        err.print(f"cos import: '{kind}' is not one of {', '.join(KINDS)}.", markup=False)
        raise typer.Exit(WRONGLY)
    if dry_run and kind != "directory":
        err.print("cos import: --dry-run is for the directory.", markup=False)
        raise typer.Exit(WRONGLY)
    if effective and kind not in ("directory", "people"):
        err.print("cos import: --from is for the directory and for people.", markup=False)
        raise typer.Exit(WRONGLY)
    if allow_removal and kind not in ("directory", "people"):
        err.print("cos import: --allow-removal is for the directory and for people.", markup=False)
        raise typer.Exit(WRONGLY)
    day = read_day(effective) if effective else None
    override = read_override(override_by, override_reason)
    done = import_file(
        Settings(), kind, file, effective=day, dry_run=dry_run, override=override, allow_removal=allow_removal
    )
    _say_import(done, "Would change" if dry_run else "Imported")


def _say_import(done: Imported, verb: str) -> None:
    for sentence in done.said:
        out.print(f"{verb} {sentence}.", markup=False)
    for row in done.refused:
        err.print(f"Refused {row}", markup=False)
    if done.refused:
        raise typer.Exit(PROBLEMS)


@app.command()
def schedule(
    year: Annotated[str, typer.Option(help="Academic year, for example 2026-27.", callback=read_year)],
    community: Annotated[str, typer.Option(help="One community only.")] = "",
) -> None:
    """Book the year's meetings: one a community and term, those whose submissions are still open."""
    from service.record_commands import schedule as run

    count = run(Settings(), year, community)
    out.print(f"{count} meetings booked; `cos serve` puts them into the calendar.", markup=False)


@app.command()
def ingest(
    file: Annotated[Path, typer.Argument(help="An exported Forms workbook (.xlsx).")],
    directory: Annotated[Path, typer.Option(help="The directory workbook (.xlsx).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")] = False,
    heading: Annotated[
        list[str] | None,
        typer.Option(help="'HEADING=QUESTION' where a heading is not clear; 'HEADING=' is none of the form's."),
    ] = None,
) -> None:
    """Read an exported Forms workbook and report every response: accepted, refused or held, and why. No tenant."""
    from service.ingest import read_responses, write_json, write_sentences

    directory_bytes = read_bytes(directory)
    write = write_json if as_json else write_sentences
    with progress() as bar:
        task = bar.add_task("Reading responses", total=None)
        found = read_responses(
            file, directory_bytes, directory.name, lambda n: bar.update(task, description=f"Reading responses: {n:,}"),
            heading or (),
        )  # fmt: skip
        for sentence in found.headings:
            err.print(sentence, markup=False)
        totals = write(found.readings, sys.stdout)
    if totals["refused"] or totals["held"]:
        raise typer.Exit(PROBLEMS)


@app.command()
def agenda(
    community: Annotated[str, typer.Option(help="The community's name.")],
    day: Annotated[
        str, typer.Option("--date", help="The meeting's date, YYYY-MM-DD; its name where two are on one day.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The Word file to write.")],
) -> None:
    """Make a meeting's agenda from the record as it stands, as a Word file."""
    from service.record_commands import agenda as run

    content, warning = run(Settings(), community, day)
    output.write_bytes(content)
    if warning:
        err.print(f"cos agenda: {warning}", markup=False)
    out.print(f"Wrote {output}.", markup=False)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")] = False,
) -> None:
    """Say how the desk stands: responses, requests, meetings, effects, and what is stuck and why."""
    from service.record_commands import spoken_status
    from service.record_commands import status as run

    stands: dict[str, Any] = run(Settings())
    if as_json:
        json.dump(stands, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        for sentence in spoken_status(stands):
            out.print(sentence, markup=False)
    if stands["stuck"]:
        raise typer.Exit(PROBLEMS)


@held_app.command("list")
def held_list() -> None:
    """The requests that are held, each with its school and the reason why it waits for the clerk."""
    from service.record_commands import held

    for request_id, school, note in held(Settings()):
        out.print(f"{request_id}  {school}: {note}", markup=False)


@held_app.command("release")
def held_release(request_id: Annotated[str, typer.Argument(help="The request's number.")]) -> None:
    """It is a request of its own: let it go on."""
    from service.record_commands import release

    release(Settings(), request_id)
    out.print(f"{request_id} goes on.", markup=False)


@held_app.command("discard")
def held_discard(request_id: Annotated[str, typer.Argument(help="The request's number.")]) -> None:
    """It was sent twice: withdraw it (it stays in the record)."""
    from service.record_commands import discard

    discard(Settings(), request_id)
    out.print(f"{request_id} is withdrawn.", markup=False)


@journal_app.command("verify")
def journal_verify() -> None:
    """Check the chain of the journal: name every entry that is missing or was altered."""
    from service.record_commands import broken_journal

    broken = broken_journal(Settings())
    for sentence in broken:
        err.print(sentence, markup=False)
    if broken:
        raise typer.Exit(PROBLEMS)
    out.print("The journal is whole.", markup=False)


@journal_app.command("show")
def journal_show(request_id: Annotated[str, typer.Argument(help="The request's number.")]) -> None:
    """Tell the story of one request in plain English."""
    from service.record_commands import story

    for line in story(Settings(), request_id):
        out.print(line, markup=False)


@explain_app.command("lifecycle")
def explain_lifecycle() -> None:
    """Print the states of a Request for Support and what may happen in each."""
    from communities.lifecycle import as_lines

    for line in as_lines():
        out.print(line, markup=False)


@explain_app.command("permissions")
def explain_permissions() -> None:
    """Print what CoS Desk may do in Microsoft 365: each permission, what for, how it is narrowed, its calls."""
    from graph_sync.permissions import as_markdown

    out.print(as_markdown(), markup=False, end="")


@explain_app.command("notional")
def explain_notional() -> None:
    """Print the share of each budget factor in a school's notional SEN budget."""
    from communities.notional import NOTIONAL_PERCENT

    for factor, percent in NOTIONAL_PERCENT.items():
        out.print(f"{percent:>3}%  {factor}", markup=False)
