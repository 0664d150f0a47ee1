"""What a new response leads to: a request on its meeting, a refusal, a question to the clerk. Written in bulk.

A workbook can bring thousands at once: rows are made first and written table by table, in one transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from casework import tables
from casework.amend import kept_answers
from casework.bulk import insert_many
from casework.desk import SYSTEM, Effect, Entry, Work, replace_rows
from casework.request_record import perform, request_row
from casework.schedule import MeetingState, first_that_takes, meetings_of
from casework.sealing import pupil_data
from communities.calendars import london
from communities.duplicates import duplicate_of, duplicate_sentence, fingerprint
from communities.intake import Outcome, Reading
from communities.lifecycle import BY_MOVE, Move, State, When, after
from communities.requests import RequestId, Submission

KEYS_AT_ONCE = 5_000
"""Fingerprints asked for in one statement; SQLite takes some 32,000 parameters."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A reading and the way it came: `form` and response id make its key, `route` names the way."""

    form: str
    route: str
    reading: Reading

    @property
    def source_key(self) -> str:
        """The response's own key, whichever way it came."""
        return f"{self.form}/{self.reading.response_id}"


def enter(work: Work, arrivals: Sequence[Arrival]) -> list[Outcome]:
    """Record responses that were never recorded, or only as refused; each key once."""
    if not arrivals:
        return []
    batch = _Batch(work=work)
    batch.prepare(arrivals)
    outcomes = [batch.take(arrival) for arrival in arrivals]
    batch.write()
    return outcomes


@dataclass(kw_only=True)
class _Batch:
    """Rows on their way into the record."""

    work: Work
    requests: list[dict[str, Any]] = field(default_factory=list)
    pupils: list[dict[str, Any]] = field(default_factory=list, repr=False)
    responses: list[dict[str, Any]] = field(default_factory=list)
    routes: list[dict[str, Any]] = field(default_factory=list)
    journal: list[Entry] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    prints: dict[int, str] = field(default_factory=dict)
    """Response id to the fingerprint of its request."""
    alike: dict[str, list[tuple[str, datetime]]] = field(default_factory=dict)
    """Fingerprint to the requests of it, oldest first, with when they were submitted."""
    numbers: dict[int, int] = field(default_factory=dict)
    """Year to the last request number given in it."""
    meetings: dict[str, Sequence[Row[Any]]] = field(default_factory=dict)

    def prepare(self, arrivals: Sequence[Arrival]) -> None:
        """Look up at once what all of them need: requests alike, request numbers."""
        years: Counter[int] = Counter()
        for arrival in arrivals:
            if (submission := arrival.reading.submission) is not None:
                self.prints[arrival.reading.response_id] = fingerprint(submission)
                years[london(submission.submitted_at).year] += 1
        for year, count in years.items():
            self.numbers[year] = self.work.next_number(f"request {year}", count) - count
        requests, wanted = tables.requests, sorted(set(self.prints.values()))
        for start in range(0, len(wanted), KEYS_AT_ONCE):
            rows = self.work.conn.execute(
                select(requests.c.id, requests.c.submitted_at, requests.c.fingerprint)
                .where(
                    requests.c.fingerprint.in_(wanted[start : start + KEYS_AT_ONCE]),
                    requests.c.state != State.WITHDRAWN,
                )
                .order_by(requests.c.submitted_at)
            )
            for row in rows:
                self.alike.setdefault(row.fingerprint, []).append((row.id, row.submitted_at))

    def take(self, arrival: Arrival) -> Outcome:
        """Make the rows of one response."""
        reading, request_id, on_hold, outcome = arrival.reading, None, "", arrival.reading.outcome
        if outcome is Outcome.ACCEPTED and reading.submission is not None:
            request_id, on_hold = self._request(arrival, reading.submission)
            outcome = Outcome.HELD if on_hold else outcome
        else:
            self._not_taken(arrival)
        self.responses.append(
            {
                "source_key": arrival.source_key,
                "outcome": outcome.value,
                "problems": [*reading.reasons, *([on_hold] if on_hold else [])],
                "mended": reading.mended,
                "community": reading.submission.community if reading.submission else reading.community_written[:255],
                "sender": reading.sender,
                "request_id": request_id,
                "received_at": self.work.now,
            }
        )
        self.routes.append(
            {"route": arrival.route, "source_key": arrival.source_key, "content_hash": reading.content_hash}
        )
        return outcome

    def _not_taken(self, arrival: Arrival) -> None:
        reading = arrival.reading
        letter = "mail.refusal" if reading.outcome is Outcome.REFUSED else "mail.question"
        self.journal.append(
            Entry(f"{reading.outcome.value} response", arrival.source_key, {"problems": len(reading.problems)})
        )
        self.effects.append(Effect(letter, f"{arrival.source_key}#{reading.content_hash[:12]}"))

    def _request(self, arrival: Arrival, submission: Submission) -> tuple[RequestId, str]:
        """Its number, and why it is on hold ('': it is not)."""
        mark = self.prints[arrival.reading.response_id]
        found = duplicate_of(submission.submitted_at, self.alike.get(mark, ()))
        on_hold = duplicate_sentence(*found) if found else ""
        year = london(submission.submitted_at).year
        self.numbers[year] += 1
        request_id = RequestId(f"R-{year}-{self.numbers[year]:04d}")
        note = " ".join((*([on_hold] if on_hold else []), *arrival.reading.mended))
        kept = kept_answers(submission)
        row: dict[str, Any] = {
            "id": request_id,
            "source_key": arrival.source_key,
            "community": submission.community,
            "school": submission.school,
            "state": State.SUBMITTED,
            "round": 1,
            "meeting_id": None,
            "submission": kept,
            "sender": submission.sender,
            "is_verified": submission.is_verified,
            "requested_pence": submission.requested_pence,
            "submitted_at": submission.submitted_at,
            "received_at": self.work.now,
            "fingerprint": mark,
            "note": note,
            "version": 1,
        }
        self.requests.append(row)
        sealed = self.work.desk.sealer.seal(pupil_data(submission, kept))
        self.pupils.append({"request_id": request_id, "sealed": sealed})
        self.alike.setdefault(mark, []).append((request_id, submission.submitted_at))
        if found:
            self.journal.append(Entry("hold request", request_id, {"twin": found[0]}))
            self.effects.append(Effect("mail.held", request_id))
        else:
            self._move(row, Move.RECEIVE, source=arrival.source_key, mended=len(arrival.reading.mended))
            self._place(row)
        return request_id, on_hold

    def _move(self, row: dict[str, Any], move: Move, **details: Any) -> None:
        """What `perform` does, on a row that is not written yet."""
        rule = BY_MOVE[move]
        row["state"] = after(row["state"], move)
        row["version"] += 1
        self.journal.append(Entry(rule.command, row["id"], {"version": row["version"], **details}))
        for kind, when in rule.effects:
            if when is When.ALWAYS or (when is When.NOTE and row["note"]):
                self.effects.append(Effect(kind, f"{row['id']}#{row['version']}"))

    def _place(self, row: dict[str, Any]) -> None:
        """What `place_on_meeting` does, on a row that is not written yet."""
        community = row["community"]
        if community not in self.meetings:
            self.meetings[community] = meetings_of(self.work, community)
        meeting, is_late = first_that_takes(self.meetings[community], row["submitted_at"])
        if meeting is None:
            return
        row["meeting_id"] = meeting.id
        if is_late:
            self.journal.append(Entry("too late for the earlier meeting", row["id"], {"goes_to": meeting.id}))
        if meeting.state == MeetingState.CLOSED:
            self._move(row, Move.PUT_ON_AGENDA)

    def write(self) -> None:
        """Table by table, in the order their keys ask for."""
        conn = self.work.conn
        insert_many(conn, tables.requests, self.requests)
        insert_many(conn, tables.pupils, self.pupils)
        insert_many(conn, tables.responses, self.responses, replace_rows(conn, tables.responses, ("source_key",)))
        routes = tables.response_routes
        insert_many(conn, routes, self.routes, replace_rows(conn, routes, ("route", "source_key")))
        self.work.journal_all(self.journal)
        self.work.effects_all(self.effects)


def accept(work: Work, request_id: str, by: str) -> None:
    """Accept a request that is in the record already: mended by the school, or released by the clerk."""
    row = request_row(work, request_id)
    perform(work, request_id, Move.RECEIVE, by, when=(When.NOTE,) if row.note else ())
    place_on_meeting(work, request_row(work, request_id))


def place_on_meeting(work: Work, row: Any) -> None:
    """Put an accepted request on the first meeting that still takes it."""
    meeting, is_late = first_that_takes(meetings_of(work, row.community), row.submitted_at)
    if meeting is None:
        return
    requests = tables.requests
    work.conn.execute(update(requests).where(requests.c.id == row.id).values(meeting_id=meeting.id))
    if is_late:
        work.journal("too late for the earlier meeting", row.id, goes_to=meeting.id)
    if meeting.state == MeetingState.CLOSED:
        perform(work, row.id, Move.PUT_ON_AGENDA, SYSTEM)
