"""What Outlook's calendar answers, read: events as they are now, and when people are busy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from casework.ports import EventSeen

SEEN = "id,start,end,type,isCancelled,attendees"
"""What is asked of an event to compare it with the record."""

SINGLE = "singleInstance"

SLOT = timedelta(minutes=30)
"""What a character of `availabilityView` stands for."""

FREE = frozenset({"free", "workingElsewhere"})
FREE_SLOTS = "04"
"""Working elsewhere is free: a view writes it as 0 (learn.microsoft.com, scheduleInformation), or as 4."""

WINDOWS_ZONES = {"GMT Standard Time": "Europe/London", "UTC": "UTC", "tzone://Microsoft/Utc": "UTC"}
"""Outlook's own names of zones."""


def event_seen(event: Mapping[str, Any]) -> EventSeen:
    """An event that was asked for with `SEEN`."""
    return EventSeen(
        id=event["id"],
        starts_at=_moment(event["start"]),
        ends_at=_moment(event["end"]),
        is_series=event.get("type") not in (None, SINGLE),
        declined=_declined(event),
    )


def _declined(event: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        a["emailAddress"]["address"]
        for a in event.get("attendees") or ()
        if (a.get("status") or {}).get("response") == "declined"
    )


def busy_times(schedule: Mapping[str, Any], begins_at: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """When somebody is busy: by the items, or by the view of half hours from `begins_at` on where no item is shown."""
    if items := schedule.get("scheduleItems"):
        return tuple((_moment(i["start"]), _moment(i["end"])) for i in items if i.get("status") not in FREE)
    found: list[tuple[datetime, datetime]] = []
    for number, kind in enumerate(schedule.get("availabilityView") or ""):
        if kind in FREE_SLOTS:
            continue
        first = begins_at + number * SLOT
        if found and found[-1][1] == first:
            first = found.pop()[0]
        found.append((first, begins_at + (number + 1) * SLOT))
    return tuple(found)


def _moment(written: Mapping[str, str]) -> datetime:
    """A `dateTimeTimeZone` as UTC; Graph writes seven digits of a second, and Windows' names of zones."""
    zone = written["timeZone"]
    return (
        datetime.fromisoformat(written["dateTime"][:19])
        .replace(tzinfo=ZoneInfo(WINDOWS_ZONES.get(zone, zone)))
        .astimezone(UTC)
    )
