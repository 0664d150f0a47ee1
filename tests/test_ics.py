"""Calendar files: another program's parser reads back what was written, whatever the names and titles are."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from local_tenant.ics import FOLD_BYTES, ics_of
from local_tenant.state import Event, Tenant, User

ONE_LINE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=200)
TITLE = st.lists(ONE_LINE.map(str.strip).filter(bool), min_size=1, max_size=3).map("\n".join)


def written(name: str, subject: str, attendees: int = 1) -> bytes:
    tenant = Tenant(domain="kent.example")
    tenant.add_user(User("desk", name, "cos.desk@kent.example", "cos.desk@kent.example", is_guest=False))
    body = {
        "subject": subject,
        "start": {"dateTime": "2026-11-05T13:30:00", "timeZone": "Europe/London"},
        "end": {"dateTime": "2027-06-05T15:30:00", "timeZone": "Europe/London"},
        "attendees": [{"emailAddress": {"address": f"head{n}@a-school-with-a-long-name.kent.example"}}
                      for n in range(attendees)],
        "onlineMeeting": {"joinUrl": "https://teams.example/l/meetup-join/" + "19%3ameeting_" * 12},
    }  # fmt: skip
    return ics_of(tenant, Event("event-1", "desk", body, "2026-10-05T07:00:00Z"))


@given(ONE_LINE, TITLE)
@example('Vale, Morgan; "Mo": clerk ^1', "ABC; first, and \\n last\nsecond line")
@example("Seán Ó Briain 🎓 " * 9, "é" * 200)
def test_a_parser_reads_back_every_calendar_file(name: str, subject: str) -> None:
    (event,) = Calendar.from_ical(written(name, subject, attendees=3)).walk("VEVENT")
    assert str(event["SUMMARY"]) == subject
    assert event["ORGANIZER"].params["CN"] == name
    assert str(event["ORGANIZER"]) == "mailto:cos.desk@kent.example"
    assert len(event["ATTENDEE"]) == 3
    assert event["DTSTART"].dt == datetime(2026, 11, 5, 13, 30, tzinfo=UTC)
    assert event["DTEND"].dt == datetime(2027, 6, 5, 14, 30, tzinfo=UTC)
    assert str(event["URL"]).endswith("19%3ameeting_")


@given(ONE_LINE, TITLE)
def test_no_line_is_longer_than_a_calendar_program_must_read(name: str, subject: str) -> None:
    *lines, last = written(name, subject).split(b"\r\n")
    assert last == b""
    assert max(map(len, lines)) <= FOLD_BYTES
    assert all(line.decode() for line in lines)


def test_a_line_break_in_a_name_begins_no_line_of_its_own() -> None:
    assert b"\r\nATTENDEE:mailto:evil" not in written(
        "x\r\nATTENDEE:mailto:evil@x.example", "S\r\nATTENDEE:mailto:evil"
    )
