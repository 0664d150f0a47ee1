"""The journal: every command's entry, chained by hash, and how it reads in plain English.

Pupils' names and dates of birth never stand in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from casework import tables
from communities.money import pounds

_ENCODER = msgspec.json.Encoder(order="deterministic")
CHAIN_START = "0" * 64

READING = "read pupils' data"
"""The command of an entry that says who opened pupils' names, and why."""

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "accept request": "The request was received.",
        "hold request": "It was held for the clerk: probably the same as {twin}.",
        "save draft": "A request was begun and saved.",
        "submit request": "It was mended and submitted again.",
        "return request": "It was returned to the school for correction. {reason}",
        "put on agenda": "It was put on the agenda.",
        "let in late": "The chair let it in late. {reason}",
        "defer request": "It was put off to the next meeting. {reason}",
        "reopen request": "The decision was taken back. {reason}",
        "release commitment": "{amount_pence} went back to the community's balance.",
        "pay request": "{amount_pence} was paid.{override}",
        "close request": "It was closed: nothing more is to be done.",
        "withdraw request": "It was withdrawn. {reason}",
        "amend request": "It was amended ({fields}). {reason}",
        "voice": "{school} {voice}.",
        "declare interest": "An interest was declared.",
        "import school funding": "KCC's figures of the school for {year} were imported.",
        "move meeting": "The meeting was moved from {was} to {now}. {anyway}",
        "items hidden": "The list {said} Administrators were told.",
        "calendar differs": "{said} The clerk is told by email.",
        "lose a workbook": "The form's workbook was deleted. It is looked for by its name.",
        "set agenda times": "The times of the agenda's items were set.",
        "hold meeting": "The meeting was held.",
        "mark attendance": "The register was taken: {present} present, {apologies} sent apologies, {absent} absent.",
        "write minutes": "The minutes were written (version {version}).",
        "file minutes": "The minutes were filed.",
        "read minutes back": "The minutes were edited in Word and read back: {notes} notes, {marks} register lines "
        "changed, {actions} actions were added.",
        "propose minutes": "{count} changes to the minutes in Word wait for the clerk: somebody else made them, or we "
        "cannot tell who did.",
        "settle minutes": "A change to the minutes that somebody else made in Word was {outcome}. {where}.",
        "minutes gone": "The minutes' Word file was not in the library any more.",
        "minutes not read": "The minutes edited in Word were not taken in full. {reason}",
        "send a paper as filed": "The {kind} went out as CoS Desk had filed it, not as it lay in the library: {why}.",
        "draft report": "The report was due and was drafted.",
        "file report": "The report was filed, to be completed and signed.",
        "sign report": "It was signed by the {role}.",
        "void signature": "It was changed in Word after it was signed: the {role} is asked to sign again.",
        "send report": "It was sent, as both signed it.",
        "evaluate service": "A school rated {service}: {effective} of 5.",
        "report improvement": "What was improved was reported back.",
        "agree balance": "KCC agreed the balance of {year}: {amount_pence}.",
        "close year": "The year {year} was closed; {carried} things were carried over.",
        "open year": "The year was opened: {meetings} meetings were booked.",
        "file pack": "The papers pack was filed.",
        "keep an edited paper": "The {kind} had been edited by hand: it stays, and the new version stands beside it.",
        "add action": "{owner} took on an action, due {due_on}.",
        "close action": "The action was closed.",
        "record return": "{amount_pence} came back. {reason}",
        "record transfer": "{amount_pence} went from {source} to {target}. {reason}{override}",
        "record correction": "The balance was corrected by {amount_pence}. {reason}{override}",
        "template broken": "The template {name} in the library does not work. {said}",
        "answer changed after acceptance": "The answers in the form were changed; the request stands as it was.",
        "too late for the earlier meeting": "It came too late for the coming meeting; it goes to {goes_to}.",
        "close submissions": "Submissions closed with {requests} to be heard.",
        "make agenda": "The agenda was due and is being made.",
        "file agenda": "The agenda was made and filed, to be mailed and posted.",
        "circulate papers": "The agenda was mailed: the papers are out.",
        "send papers by hand": "The papers were sent by hand on {on}.",
        "decide request": "It was decided by {made_by}: {responses}, {amount_pence}.{override}",
        "forward to HNFO": "The completed form went to the Area HNFO.",
        "moderate request": "KCC recorded the final amount of {final_pence}.",
        "put back a list edit": "An edit in the list was put back. {note}",
        READING: "Pupils' data was read {why}.",
        "schedule meeting": "The meeting was scheduled.",
        "book meeting": "The meeting stands in the calendar, with Teams.",
        "settle in another place": "{places} places of the tenant are others than before: {items} list items and "
        "{papers} papers are put there again.",
        "reseal": "{resealed} of {rows} sealed rows were sealed with the newest key.",
        "forget pupils' data": "Its pupils were forgotten ({pupils}); names in its texts are masked for good.",
        "forget draft": "A draft that was not sent was deleted.",
        "forget note": "What was written about a surgery's slot was deleted.",
        "prove what was forgotten": "What should be forgotten was opened: {left} of {opened} still hold something.",
        "search pupils' data": "Everything that is sealed was searched for one child: {found} of {looked_at} requests.",
        "export personal data": "What the record holds about one adult was exported: {rows} rows.",
        "refuse at the door": "{times} refused at the door '{door}': {reason}.",
        "restore backup": "The record was restored from a backup of {made_at}.",
        "link team": "The team '{team}' of Teams was linked to the community: posts go there.",
        "team not linked": "CoS Desk was added to the team '{team}' of Teams; nobody who may has linked it yet.",
        "close team": "Nothing can be posted in the team '{team}' of Teams any more ({state}).",
        "import directory": "The directory was imported: {said}.",
        "import people": "The people were imported: {roles} roles.",
        "import budget": "The budget of {year} was imported, opening with {opening_pence}.{override}",
        "note headings": "Headings of the form were not as it prints them: {taken} read as a question, {unclear} "
        "not clear, {unknown} not known.",
        "confirm heading": "The heading '{heading}' was said to be: {question}.",
        "workbook unreadable": "The Forms workbook could not be read. {said}",
        "cancel meeting": "The meeting on {was} was cancelled. {reason}",
        "set room": "The meeting's room: {room}.",
        "read attendance": "Read from Teams: {present} of the register present; people not on it: {others}.",
        "no attendance report": "Teams has no attendance report: the clerk is asked to take the register.",
        "mail came back": "Mail to {address} could not be delivered; the clerk of {community} is told. {said}",
        "form needs a look": "The form needs a look. {said}",
        "remind schools": "A reminder until when requests count goes to the community's schools.",
        "forward again": "The completed form goes to the Area HNFO once more.",
        "ask HNFO": "A question how it stands goes to the Area HNFO.",
        "send apologies": "{school} sent apologies.",
        "publish surgery": "A surgery was published with {slots} slots of {minutes} minutes.",
        "call surgery off": "The surgery was called off; {bookings} bookings were cancelled.",
        "hold surgery": "The surgery was held.",
        "book surgery": "Slot {slot} was booked.",
        "wait for surgery": "A school waits for a slot.",
        "move booking": "A booking moved here, to slot {slot}.",
        "cancel booking": "A booking was given back.",
        "move up": "Slot {slot} went to the school that waited longest.",
        "sum surgery up": "The adviser summed it up for those who came.",
        "give feedback": "Feedback was given.",
        "stop mails": "Somebody wants no mails about {what} any more.",
        "resume mails": "Somebody wants the mails about {what} again.",
        "retry effect": "It was begun again.",
        "drop effect": "It was dropped. {reason}",
        "ask question": "A question about {part} was put to KCC.",
        "answer question": "KCC answered it.",
        "tell answer": "The answer goes to who asked.",
        "share case study": "A case study about {focus} was shared.",
        "change practitioner": "The link {role} changes.",
        "answer a list edit": "An item of the list {list} was answered. {note}",
        "put back a list item": "An item deleted from the list {list} was put back.",
        "not taken: answer edited in the list of responses": "Somebody changed this answer in the list of responses. "
        "It was not taken; the clerk is told.",
        "refused response": "The response was refused for {problems} reasons; the sender is told.",
        "held response": "The response was held: the clerk is asked.",
    }
)
"""Each command of the record as a sentence; its details fill the gaps."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of somebody's story."""

    at: datetime
    actor: str
    subject: str
    sentence: str
    is_reading: bool = False
    """Pupils' names were opened; nothing happened to the request."""


def chained_hash(previous: str, number: int, row: Mapping[str, Any]) -> str:
    """SHA-256 over the hash before and everything the entry says."""
    said = {k: row[k] for k in ("actor", "command", "subject", "details")} | {"at": row["at"].isoformat()}
    return hashlib.sha256(_ENCODER.encode([previous, number, said])).hexdigest()


def last_hash(conn: Connection, number: int) -> str:
    """The hash of the entry before `number`."""
    journal = tables.journal
    found = conn.execute(select(journal.c.hash).where(journal.c.number == number - 1)).scalar_one_or_none()
    return str(found) if found else CHAIN_START


def broken_links(conn: Connection) -> Iterator[str]:
    """A sentence for each entry that is missing or was altered; nothing where the journal is whole."""
    journal, counters = tables.journal, tables.counters
    previous, expected = CHAIN_START, 1
    for row in conn.execute(select(journal).order_by(journal.c.number)):
        if row.number != expected:
            missing = f"{expected}" if row.number == expected + 1 else f"{expected} to {row.number - 1}"
            yield f"Entry {missing} is missing."
        elif row.hash != chained_hash(previous, row.number, dict(row._mapping)):
            yield f"Entry {row.number} ('{row.command}' on {row.subject}, {row.at:%Y-%m-%d %H:%M} UTC) was altered."
        previous, expected = row.hash, row.number + 1
    written = conn.execute(select(counters.c.value).where(counters.c.name == "journal")).scalar() or 0
    if expected <= written:
        yield f"Entry {expected} to {written} is missing at the end."


def story_of(conn: Connection, request_id: str) -> list[Entry]:
    """What happened to a request, its meeting's part included, oldest first."""
    requests, journal = tables.requests, tables.journal
    row = conn.execute(select(requests).where(requests.c.id == request_id)).one_or_none()
    if row is None:
        return []
    subjects = [request_id, row.source_key, *([row.meeting_id] if row.meeting_id else [])]
    rows = conn.execute(select(journal).where(journal.c.subject.in_(subjects)).order_by(journal.c.number))
    return [entry_of(r) for r in rows]


def entry_of(row: Any) -> Entry:
    """A journal row as a sentence."""
    details = {k: _spoken(k, v) for k, v in row.details.items()}
    sentence = SENTENCES[row.command].format_map(_Said(details)).strip()
    actor = f"{row.actor}, by {details['typed_by']}" if "typed_by" in details else row.actor
    return Entry(
        at=row.at, actor=actor, subject=row.subject, sentence=sentence, is_reading=row.command == READING
    )  # fmt: skip


class _Said(dict[str, str]):
    """A detail an entry does not have is not spoken of."""

    def __missing__(self, key: str) -> str:
        return ""


def _spoken(name: str, value: Any) -> str:
    if name.endswith("_pence"):
        return pounds(int(value)) if value else "no money"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
