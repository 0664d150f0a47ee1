"""What each `cos` command does; `cli` reads the words and prints the answer."""

from __future__ import annotations

import getpass
import json
import socket
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec
from aiohttp import web
from sqlalchemy import select

from casework import tables
from casework.circulate import agenda_paper
from casework.desk import Desk, Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.receive import discard_held, release_held
from casework.schedule import schedule_meetings
from casework.status import status as read_status
from communities.calendars import london
from communities.intake import Outcome, Reading
from communities.lifecycle import State
from communities.matching import find_community, nearest_communities
from communities.meetings import propose_slots
from forms_ingest.columns import load_mapping
from forms_ingest.request_for_support import FORM, hold_duplicates, read_response
from forms_ingest.workbook import read_file
from graph_sync.people import match_people
from graph_sync.provision import provision as provision_site
from local_tenant.server import make_app as make_tenant
from papers.agenda import render_agenda
from papers.directory_workbook import read_directory
from papers.term_dates import load_school_years
from service.demo import Tell, run_demo
from service.imports import Imported, read_bytes, run_import
from service.local import run_local
from service.office import open_desk, open_office
from service.settings import Settings
from service.stopping import until_stopped
from service.web import make_app

Say = Callable[[str], None]
LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port nobody uses just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


async def start_tenant(port: int) -> tuple[web.AppRunner, str]:
    """The local tenant on loopback; its runner and address."""
    runner = web.AppRunner(make_tenant())
    await runner.setup()
    port = port or free_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    return runner, f"http://{LOOPBACK}:{port}"


async def tenant(port: int, say: Say) -> None:
    """The local tenant, until it is stopped."""
    runner, url = await start_tenant(port)
    say(f"The local tenant runs at {url} (Graph at {url}/v1.0). Press Ctrl+C to stop.")
    try:
        await until_stopped()
    finally:
        await runner.cleanup()


async def demo(out_dir: Path, tenant_url: str, tell: Tell) -> dict[str, Any]:
    """The demo against a tenant that runs, or one of its own."""
    runner = None
    if not tenant_url:
        runner, tenant_url = await start_tenant(0)
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(
                local=True,
                data_dir=Path(folder),
                database_url="",
                graph_url=f"{tenant_url.rstrip('/')}/v1.0",
                port=free_port(),
                queue_poll_s=0.02,
                executor_id="demo",
                pupil_keys="",
            )
            return await run_demo(settings, tenant_url, out_dir, tell)
    finally:
        if runner:
            await runner.cleanup()


def spoken_summary(summary: dict[str, Any], out_dir: Path) -> str:
    """The figures in sentences."""
    held = summary["duplicates_held"]
    return (
        f"{summary['received']} responses: {summary['accepted']} accepted, {summary['refused']} refused, {held} held.\n"
        f"{summary['meetings']} meetings booked, {summary['agendas']} agendas, {summary['decisions']} decisions "
        f"({summary['moderated']} moderated by KCC).\n"
        f"{summary['mails']} mails, {summary['posts']} posts, {summary['list_writes']} list writes, "
        f"{summary['exchanges']:,} exchanges.\n"
        f"Lost: {summary['lost']}. Doubled: {summary['doubled']}. Took {summary['seconds']} s.\n"
        f"Look in {out_dir}: timeline.md, summary.json, traffic.har, tenant/."
    )


async def local(port: int, data: Path, until: str, tell: Tell, say: Say) -> None:
    """The sample world, left running."""
    runner, url = await start_tenant(port)
    try:
        await run_local(url, data, until, tell, say)
    finally:
        await runner.cleanup()


async def serve(settings: Settings, say: Say) -> None:
    """The service, until it is stopped."""
    office = open_office(settings)
    runner = web.AppRunner(make_app(office))
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        say(f"CoS Desk serves at http://{settings.host}:{settings.port} (bot endpoint /api/messages).")
        await until_stopped()
    finally:
        await runner.cleanup()
        await office.close()


async def provision(settings: Settings, tell: Callable[[int, int], None]) -> list[str]:
    """Lists and libraries, and who is who."""
    office = open_office(settings)
    try:
        said = await provision_site(office.desk, office.graph, settings.site, tell)
        if known := await match_people(office.desk, office.graph):
            said.append(f"Found {known} of the directory's people in Entra ID.")
        return said
    finally:
        await office.close()


def _with_desk(settings: Settings) -> Desk:
    return open_desk(settings)[0]


def actor() -> str:
    """Who runs the command, for the journal."""
    try:
        return f"{getpass.getuser()} at the command line"
    except (OSError, KeyError):
        return "the command line"


def import_file(settings: Settings, kind: str, file: Path) -> Imported:
    """One workbook into the record."""
    content = read_bytes(file)
    return run_import(_with_desk(settings), kind, content, file.name, actor())


def schedule(settings: Settings, year: str, community: str) -> int:
    """Book the meetings of a year."""
    years = load_school_years()
    if year not in years:
        raise InputRefused(f"No term dates are known for '{year}'; there are {', '.join(years)}.")
    with _with_desk(settings).work(actor()) as work:
        names = [c.name for c in directory_of(work).communities]
        if community:
            names = [_community(work, community)]
        slots = propose_slots([c.name for c in directory_of(work).communities], years[year])
        return schedule_meetings(work, [s for s in slots if s.community in names])


def _community(work: Work, written: str) -> Any:
    directory = directory_of(work)
    found = find_community(written, directory)
    if found is None:
        near = ", ".join(f"'{c.name}'" for c in nearest_communities(written, directory))
        raise InputRefused(f"There is no community '{written}'." + (f" Did you mean {near}?" if near else ""))
    return found.name


def ingest(file: Path, directory_bytes: bytes, directory_name: str, tell: Callable[[int], None]) -> dict[str, Any]:
    """Every response of an exported workbook, with its fate. Needs no record and no tenant."""
    directory, _ = read_directory(directory_bytes, directory_name)
    now = datetime.now(UTC)

    def readings() -> Iterator[Reading]:
        for number, (_, answers) in enumerate(read_file(file, load_mapping(FORM))):
            if number % 500 == 0:
                tell(number)
            if reading := read_response(answers, directory, arrived_at=now):
                yield reading

    responses = [_shown(r) for r in hold_duplicates(readings())]
    counts = Counter(r["outcome"] for r in responses)
    return {
        "responses": responses,
        "totals": {"received": len(responses), **{o.value: counts[o.value] for o in Outcome}},
    }


def _shown(reading: Reading) -> dict[str, Any]:
    request = None
    if reading.submission is not None:
        request = msgspec.to_builtins(reading.submission)
        pupils = request.pop("pupils")
        del request["pupils_written"]
        request["pupils_named"] = len(pupils)
        request["verified"] = reading.submission.is_verified
        pence = request.pop("requested_pence")
        request["requested"] = None if pence is None else f"{pence // 100}.{pence % 100:02d}"
    return {
        "id": reading.response_id,
        "outcome": reading.outcome.value,
        "reasons": list(reading.reasons),
        "mended": list(reading.mended),
        "request": request,
    }


def print_json(report: dict[str, Any], stream: TextIO) -> None:
    """The report as JSON, written as it is made."""
    for chunk in json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(report):
        stream.write(chunk)
    stream.write("\n")


def spoken_report(report: dict[str, Any]) -> Iterator[str]:
    """The report in sentences."""
    for response in report["responses"]:
        request = response["request"]
        where = f": {request['school']}, {request['community']}" if request else ""
        yield f"Response {response['id']}: {response['outcome']}{where}"
        yield from (f"    mend: {reason}" for reason in response["reasons"])
        yield from (f"    mended: {mended}" for mended in response["mended"])
    totals = report["totals"]
    yield (
        f"{totals['received']} responses: {totals['accepted']} accepted, {totals['refused']} refused, "
        f"{totals['held']} held for the clerk."
    )


def agenda(settings: Settings, community: str, day: date) -> bytes:
    """A meeting's agenda as it would be made now."""
    with _with_desk(settings).work(actor()) as work:
        name = _community(work, community)
        meetings = tables.meetings
        rows = work.conn.execute(
            select(meetings).where(meetings.c.community == name).order_by(meetings.c.starts_at)
        ).all()
        found = [m for m in rows if london(m.starts_at).date() == day]
        if not found:
            dates = ", ".join(f"{london(m.starts_at):%Y-%m-%d}" for m in rows) or "none yet"
            raise InputRefused(f"{name} has no meeting on {day}. Its meetings: {dates}.")
        paper = agenda_paper(work, found[0].id)
    return render_agenda(paper)


def status(settings: Settings) -> dict[str, Any]:
    """How the desk stands."""
    with _with_desk(settings).work(actor()) as work:
        return read_status(work)


def spoken_status(stands: dict[str, Any]) -> Iterator[str]:
    """How the desk stands, in sentences."""
    for name in ("responses", "requests", "meetings", "effects"):
        counts = ", ".join(f"{n} {state}" for state, n in sorted(stands[name].items())) or "none"
        yield f"{name.capitalize()}: {counts}."
    yield "Stuck: nothing." if not stands["stuck"] else "Stuck:"
    yield from (f"    {s['effect']}: {s['problem']}" for s in stands["stuck"])


def held(settings: Settings) -> list[tuple[str, str, str]]:
    """The requests that are held."""
    requests = tables.requests
    with _with_desk(settings).work(actor()) as work:
        rows = work.conn.execute(select(requests).where(requests.c.state == State.SUBMITTED).order_by(requests.c.id))
        return [(r.id, r.school, r.note) for r in rows]


def release(settings: Settings, request_id: str) -> None:
    """Let a held request go on."""
    with _with_desk(settings).work(actor()) as work:
        release_held(work, request_id)


def discard(settings: Settings, request_id: str) -> None:
    """Withdraw a held request."""
    with _with_desk(settings).work(actor()) as work:
        discard_held(work, request_id)
