"""The `cos` commands on the record alone: imports, meetings, an agenda, the status, held requests."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.agenda_paper import agenda_paper, unbooked_agenda
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.journal import broken_links, story_of
from casework.receive import discard_held, release_held
from casework.schedule import meeting_row, schedule_meetings
from casework.status import status as read_status
from communities.calendars import SchoolYear, london
from communities.directory import CommunityName
from communities.lifecycle import State
from communities.matching import find_community, nearest_communities
from communities.meetings import Template, propose_slots
from communities.overrides import Override
from papers.agenda import TEMPLATES, render_agenda
from papers.sheets import read_bytes
from papers.term_dates import load_school_years
from papers.word import template
from service.console import record
from service.imports import Imported, preview_directory_file, run_import
from service.record import opened, or_an_empty_one
from service.settings import Settings


def actor() -> str:
    """Who runs the command, for the journal."""
    try:
        return f"{getpass.getuser()} at the command line"
    except (OSError, KeyError):
        return "the command line"


def import_file(
    settings: Settings,
    kind: str,
    file: Path,
    *,
    effective: date | None,
    dry_run: bool,
    override: Override | None = None,
    allow_removal: bool = False,
) -> Imported:
    """One workbook into the record, or what a directory would change there, on `effective` (today)."""
    content = read_bytes(file)
    if dry_run:
        with or_an_empty_one(settings) as looked_at, opened(looked_at) as desk:
            return preview_directory_file(desk, content, file.name, actor(), effective, allow_removal)
    with opened(settings) as desk:
        return run_import(desk, kind, content, file.name, actor(), effective, override, allow_removal=allow_removal)


def schedule(settings: Settings, year: str, community: str) -> int:
    """Book the meetings of a year."""
    known = school_year(year)
    with record(settings) as work:
        names = [c.name for c in directory_of(work).communities]
        if community:
            names = [known_community(work, community)]
        slots = propose_slots([c.name for c in directory_of(work).communities], known)
        return schedule_meetings(work, [s for s in slots if s.community in names])


def school_year(year: str) -> SchoolYear:
    """The term dates of an academic year, the county's own before those that came with CoS Desk."""
    years = load_school_years(Settings().term_dates)
    if year not in years:
        raise InputRefused(
            f"No term dates are known for '{year[:20]}'; there are {', '.join(years)}. Write the county's into a file "
            "and set COS_TERM_DATES to it."
        )
    return years[year]


def known_community(work: Work, written: str) -> CommunityName:
    """The community somebody named, or `InputRefused` with those it may have been."""
    directory = directory_of(work)
    found = find_community(written, directory)
    if found is None:
        near = ", ".join(f"'{c.name}'" for c in nearest_communities(written, directory))
        raise InputRefused(f"There is no community '{written}'." + (f" Did you mean {near}?" if near else ""))
    return found.name


def agenda(settings: Settings, community: str, day: date) -> tuple[bytes, str]:
    """A meeting's agenda as it would be made now, and a warning where no meeting is booked on that day."""
    with record(settings) as work:
        name = known_community(work, community)
        meetings = tables.meetings
        rows = work.conn.execute(select(meetings).where(meetings.c.community == name).order_by(meetings.c.starts_at))
        booked = {london(m.starts_at).date(): m.id for m in rows}
        warning = ""
        if day in booked:
            paper = agenda_paper(work, booked[day])
            kind = Template(meeting_row(work, booked[day]).template)
        else:
            paper, kind = unbooked_agenda(work, name, day), Template.STANDARD
            dates = ", ".join(map(str, booked)) or "none yet"
            warning = f"{name} has no meeting booked on {day}: standard times, no requests. Booked: {dates}."
    return render_agenda(paper, template(TEMPLATES[kind])), warning


def status(settings: Settings) -> dict[str, Any]:
    """How the desk stands."""
    with record(settings) as work:
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
    with record(settings) as work:
        rows = work.conn.execute(select(requests).where(requests.c.state == State.SUBMITTED).order_by(requests.c.id))
        return [(r.id, r.school, r.note) for r in rows]


def release(settings: Settings, request_id: str) -> None:
    """Let a held request go on."""
    with record(settings) as work:
        release_held(work, request_id, CONSOLE)


def discard(settings: Settings, request_id: str) -> None:
    """Withdraw a held request."""
    with record(settings) as work:
        discard_held(work, request_id, CONSOLE)


def broken_journal(settings: Settings) -> list[str]:
    """What is missing from the journal or was altered."""
    with record(settings) as work:
        return list(broken_links(work.conn))


def story(settings: Settings, request_id: str) -> list[str]:
    """One request's story, a line an entry, London time."""
    with record(settings) as work:
        entries = story_of(work.conn, request_id)
    if not entries:
        raise InputRefused(f"There is no request '{request_id}'.")
    return [f"{london(e.at):%a %-d %b %Y %H:%M}  {e.sentence} ({e.actor})" for e in entries]
