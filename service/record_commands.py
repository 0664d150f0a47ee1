"""The `cos` commands on the record alone: imports, meetings, an agenda, the status, held requests."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from casework import tables
from casework.agenda_paper import agenda_paper, unbooked_agenda
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.journal import broken_links, story_of
from casework.letters import spoken_day
from casework.meeting_record import day_of
from casework.receive import discard_held, release_held
from casework.schedule import MeetingState, meetings_of, schedule_meetings
from casework.status import status as read_status
from communities.calendars import SchoolYear, london, spoken_time
from communities.directory import CommunityName
from communities.lifecycle import State
from communities.matching import find_community, nearest_communities
from communities.meetings import Template, propose_slots
from communities.overrides import Override
from papers.agenda import TEMPLATES, render_agenda
from papers.sheets import read_bytes
from papers.term_dates import load_school_years
from papers.word import template
from service.console import read_day, record
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


def meeting_on(work: Work, community: str, written: str) -> Row[Any]:
    """The community's meeting on a day, or of that name; `InputRefused` names the days there are."""
    found = _meeting_on(work, community, written)
    if found is None:
        raise InputRefused(f"{community} has no meeting on {written}; booked: {_booked_days(work, community)}.")
    return found


def _meeting_on(work: Work, community: str, written: str) -> Row[Any] | None:
    """None where it has none then. A cancelled one is meant only where there is no other on that day."""
    meetings, day = meetings_of(work, community), _day(written)
    if day is None:
        return next((m for m in meetings if m.id == written), None)
    on_it = [m for m in meetings if day_of(m) == day]
    if len(meant := [m for m in on_it if m.state != MeetingState.CANCELLED] or on_it) > 1:
        both = " and ".join(f"'{m.id}' at {spoken_time(m.starts_at)}" for m in meant)
        raise InputRefused(
            f"{community} has {len(meant)} meetings on {spoken_day(day)}: {both}. Give the name of the one you mean "
            f"in place of the date: --date '{meant[0].id}'."
        )
    return meant[0] if meant else None


def _day(written: str) -> date | None:
    """The day that is written; None for a meeting's name, which ends with its term."""
    return None if re.search(r" T\d$", written) else read_day(written)


def _booked_days(work: Work, community: str) -> str:
    return ", ".join(str(day_of(m)) for m in meetings_of(work, community)) or "none yet"


def agenda(settings: Settings, community: str, written: str) -> tuple[bytes, str]:
    """A meeting's agenda as it would be made now, and a warning where no meeting is booked on that day."""
    day = _day(written)
    with record(settings) as work:
        name = known_community(work, community)
        meeting, warning = meeting_on(work, name, written) if day is None else _meeting_on(work, name, written), ""
        if meeting is not None:
            paper, kind = agenda_paper(work, meeting.id), Template(meeting.template)
        else:
            assert day is not None, "a name without a meeting was refused above"
            paper, kind = unbooked_agenda(work, name, day), Template.STANDARD
            warning = (
                f"{name} has no meeting booked on {written}: standard times, no requests. Booked: "
                f"{_booked_days(work, name)}."
            )
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
