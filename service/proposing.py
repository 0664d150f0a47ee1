"""Moments for a meeting, out of the calendars of those who come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from casework.desk import SYSTEM, Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from communities.attendance import REGISTER_ROLES
from communities.calendars import at_london
from communities.meetings import MEETING_MINUTES
from communities.proposals import Proposal, propose_moments
from service.office import Office, open_office
from service.record import require_database
from service.record_commands import known_community
from service.settings import Settings

DAYS = 60
"""Outlook answers for about two months at once (getSchedule)."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The best moments, and the mails of whom no calendar says anything."""

    moments: list[Proposal]
    unknown: tuple[str, ...]


async def proposals(community: str, first: date, last: date) -> Found:
    """Ask the calendars, as the settings say."""
    settings = Settings()
    require_database(settings)
    office = open_office(settings)
    try:
        return await propose(office, community, first, last)
    finally:
        await office.close()


async def propose(office: Office, community: str, first: date, last: date) -> Found:
    """Raises `InputRefused` for days that make no span or too long a one."""
    if not first <= last <= first + timedelta(days=DAYS):
        raise InputRefused(f"{first} to {last} is no span of at most {DAYS} days.")
    everyone, needed = await office.desk.run(SYSTEM, _people, community)
    begins, ends = at_london(first, time(0)), at_london(last + timedelta(days=1), time(0))
    busy = await office.ports.calendar.busy(office.desk.mailboxes.desk, everyone, begins, ends)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    moments = propose_moments(days, timedelta(minutes=MEETING_MINUTES), busy, needed)
    return Found(moments=moments, unknown=tuple(m for m in everyone if m not in busy))


def _people(work: Work, written: str) -> tuple[list[str], list[str]]:
    community, directory = known_community(work, written), directory_of(work)
    needed = [str(p.mail) for role in REGISTER_ROLES for p in directory.people_with(role, community)]
    return [str(p.mail) for p in directory.attendees_of(community)], needed
