"""A response comes in: taken as a Request for Support, refused with every reason, or held for the clerk.

Each response enters once, however often and by however many ways it arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from casework import tables
from casework.desk import Work, insert_or_replace
from casework.request_record import move, request_row
from casework.schedule import MeetingState, meeting_for
from casework.sealing import PupilData
from communities.calendars import london
from communities.duplicates import WINDOW, fingerprint
from communities.intake import Outcome, Reading
from communities.lifecycle import Move, State
from communities.requests import RequestId, Submission


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


def receive(work: Work, arrival: Arrival) -> Outcome | None:
    """Record one response. None where this way in has said the same before, or another way said it first."""
    known = _known(work, arrival)
    if known is not None and not known.changed:
        return None
    if known is not None and known.outcome == Outcome.ACCEPTED:
        work.journal("answer changed after acceptance", arrival.source_key, request=known.request_id)
        work.effect("mail.changed", f"{arrival.source_key}#{arrival.reading.content_hash[:12]}")
        return None
    if known is not None and known.request_id is not None:
        return None  # held: the clerk has it
    outcome, request_id, twin = _record(work, arrival)
    reading = arrival.reading
    held_why = [f"Probably the same as {twin}: the same person, school and text."] if twin else []
    row = {
        "source_key": arrival.source_key,
        "outcome": outcome.value,
        "problems": [*reading.reasons, *held_why],
        "mended": list(reading.mended),
        "community": reading.submission.community if reading.submission else reading.community_written[:255],
        "sender": reading.sender,
        "request_id": request_id,
        "received_at": work.now,
    }
    work.conn.execute(insert_or_replace(work.conn, tables.responses, row, ("source_key",)))
    _remember_route(work, arrival)
    if outcome is Outcome.REFUSED or (outcome is Outcome.HELD and request_id is None):
        letter = "mail.refusal" if outcome is Outcome.REFUSED else "mail.question"
        work.journal(f"{outcome.value} response", arrival.source_key, problems=len(reading.problems))
        work.effect(letter, f"{arrival.source_key}#{reading.content_hash[:12]}")
    return outcome


@dataclass(frozen=True, kw_only=True)
class _Known:
    outcome: str
    request_id: str | None
    changed: bool


def _known(work: Work, arrival: Arrival) -> _Known | None:
    responses, routes = tables.responses, tables.response_routes
    row = work.conn.execute(select(responses).where(responses.c.source_key == arrival.source_key)).one_or_none()
    if row is None:
        return None
    said = work.conn.execute(
        select(routes.c.content_hash).where(routes.c.source_key == arrival.source_key, routes.c.route == arrival.route)
    ).scalar_one_or_none()
    if said != arrival.reading.content_hash:
        _remember_route(work, arrival)
    changed = said is not None and said != arrival.reading.content_hash
    return _Known(outcome=row.outcome, request_id=row.request_id, changed=changed)


def _remember_route(work: Work, arrival: Arrival) -> None:
    row = {"route": arrival.route, "source_key": arrival.source_key, "content_hash": arrival.reading.content_hash}
    work.conn.execute(insert_or_replace(work.conn, tables.response_routes, row, ("route", "source_key")))


def _record(work: Work, arrival: Arrival) -> tuple[Outcome, RequestId | None, str | None]:
    submission = arrival.reading.submission
    if arrival.reading.outcome is not Outcome.ACCEPTED or submission is None:
        return arrival.reading.outcome, None, None
    twin = _twin(work, submission)
    state = State.SUBMITTED if twin else State.ACCEPTED
    note = " ".join(arrival.reading.mended)
    if twin:
        note = f"Probably the same as {twin}: the same person, school and text. {note}".strip()
    request_id = _new_request(work, arrival.source_key, submission, state, note)
    if twin:
        work.journal("hold request", request_id, twin=twin)
        work.effect("mail.held", request_id)
        return Outcome.HELD, request_id, twin
    work.journal("accept request", request_id, source=arrival.source_key, mended=len(arrival.reading.mended))
    _accepted(work, request_id)
    return Outcome.ACCEPTED, request_id, None


def _twin(work: Work, submission: Submission) -> str | None:
    requests = tables.requests
    rows = work.conn.execute(
        select(requests.c.id, requests.c.submitted_at)
        .where(requests.c.fingerprint == fingerprint(submission), requests.c.state != State.WITHDRAWN)
        .order_by(requests.c.submitted_at)
    )
    return next((r.id for r in rows if abs(r.submitted_at - submission.submitted_at) <= WINDOW), None)


def _new_request(work: Work, source_key: str, submission: Submission, state: State, note: str) -> RequestId:
    year = london(submission.submitted_at).year
    request_id = RequestId(f"R-{year}-{work.next_number(f'request {year}'):04d}")
    kept = msgspec.to_builtins(submission)
    del kept["pupils"], kept["pupils_written"]
    work.conn.execute(
        insert(tables.requests).values(
            id=request_id,
            source_key=source_key,
            community=submission.community,
            school=submission.school,
            state=state.value,
            submission=kept,
            sender=submission.sender,
            is_verified=submission.is_verified,
            requested_pence=submission.requested_pence,
            submitted_at=submission.submitted_at,
            received_at=work.now,
            fingerprint=fingerprint(submission),
            note=note,
        )
    )
    data = PupilData(pupils=list(submission.pupils), written=submission.pupils_written)
    work.conn.execute(insert(tables.pupils).values(request_id=request_id, sealed=work.desk.sealer.seal(data)))
    return request_id


def _accepted(work: Work, request_id: RequestId) -> None:
    row = request_row(work, request_id)
    place_on_meeting(work, row)
    work.effect("list.write", f"{request_id}#1")
    work.effect("mail.receipt", request_id)
    if row.note:
        work.effect("mail.to-check", request_id)


def place_on_meeting(work: Work, row: Any) -> None:
    """Put an accepted request on the first meeting that still takes it."""
    meeting, is_late = meeting_for(work, row.community, row.submitted_at)
    if meeting is None:
        return
    requests = tables.requests
    work.conn.execute(update(requests).where(requests.c.id == row.id).values(meeting_id=meeting.id))
    if is_late:
        work.journal("too late for the earlier meeting", row.id, goes_to=meeting.id)
    if meeting.state == MeetingState.CLOSED:
        move(work, row.id, Move.PUT_ON_AGENDA)


def release_held(work: Work, request_id: str) -> None:
    """The clerk says that a held request is none sent twice: it goes on like any other."""
    move(work, request_id, Move.ACCEPT)
    work.conn.execute(
        update(tables.responses)
        .where(tables.responses.c.request_id == request_id)
        .values(outcome=Outcome.ACCEPTED.value)
    )
    work.journal("release held request", request_id)
    _accepted(work, RequestId(request_id))


def discard_held(work: Work, request_id: str) -> None:
    """The clerk says that a held request was sent twice: it is withdrawn, not deleted."""
    move(work, request_id, Move.WITHDRAW)
    work.journal("withdraw held request", request_id)
