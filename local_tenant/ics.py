"""A calendar event as an `.ics` file (RFC 5545): which characters are escaped, quoted and where a line is folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from local_tenant.state import Event, Tenant

FOLD_BYTES = 75
"""RFC 5545, 3.1: lines longer than 75 octets, without the line break, should be folded."""

NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


def ics_of(tenant: Tenant, event: Event) -> bytes:
    """An event as its organiser would save it; the people invited are in it, as Outlook has them."""
    return b"".join(_folded(line) for line in _lines(tenant, event))


def _lines(tenant: Tenant, event: Event) -> Iterator[str]:
    body, organiser = event.body, tenant.users[event.mailbox]
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//CoS Desk//local tenant//EN", "BEGIN:VEVENT")
    yield _line("UID", event.id[:40])
    yield _line("DTSTAMP", event.created_at.replace("-", "").replace(":", ""))
    yield _line("DTSTART", _utc(body["start"]))
    yield _line("DTEND", _utc(body["end"]))
    yield _line("SUMMARY", _text(body["subject"]))
    yield _line("ORGANIZER", f"mailto:{organiser.mail}", {"CN": organiser.name})
    for attendee in body.get("attendees", []):
        yield _line("ATTENDEE", f"mailto:{attendee['emailAddress']['address']}")
    if join := (body.get("onlineMeeting") or {}).get("joinUrl"):
        yield _line("LOCATION", "Microsoft Teams")
        yield _line("URL", join)
    yield from ("END:VEVENT", "END:VCALENDAR")


def _utc(written: Mapping[str, str]) -> str:
    local = datetime.fromisoformat(written["dateTime"]).replace(tzinfo=ZoneInfo(written["timeZone"]))
    return local.astimezone(ZoneInfo("UTC")).strftime("%Y%m%dT%H%M%SZ")


def _line(name: str, value: str, parameters: Mapping[str, str] = NO_PARAMETERS) -> str:
    return "".join([name, *(f';{k}="{_parameter(v)}"' for k, v in parameters.items()), ":", _plain(value)])


def _text(value: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11)."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.replace("\r\n", "\n").split("\n"))


def _parameter(value: str) -> str:
    """A quoted parameter: nothing is escaped with a backslash, a quotation mark by RFC 6868."""
    return _plain(value.replace("^", "^^").replace("\n", "^n").replace('"', "^'"))


def _plain(value: str) -> str:
    """No control character may stand in a file, a line break least of all: it would begin a line of its own."""
    return "".join(c for c in value if c == "\t" or (c >= " " and c != "\x7f"))


def _folded(line: str) -> bytes:
    """A line in pieces of at most 75 octets, no character cut in two."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > FOLD_BYTES:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
