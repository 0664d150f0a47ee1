"""A response comes in: taken as a Request for Support, refused with every reason, or held for the clerk.

Each response enters once, however often and by however many ways it arrives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert, select, update

from casework import tables
from casework.amend import keep_amended, kept_answers, submission_of
from casework.desk import SYSTEM, Work, insert_or_replace
from casework.errors import AlreadyDone
from casework.request_record import perform, request_row
from casework.schedule import MeetingState, meeting_for
from casework.sealing import PupilData
from communities.calendars import london
from communities.duplicates import WINDOW, fingerprint
from communities.intake import Outcome, Reading
from communities.lifecycle import Move, State, When
from communities.requests import TITLES, RequestId, Submission


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
    if known is not None and _resubmits(work, known, arrival.reading):
        return Outcome.ACCEPTED
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


def _resubmits(work: Work, known: _Known, reading: Reading) -> bool:
    """Take the corrected answers of a request that was returned; they count from now on."""
    if known.request_id is None or reading.submission is None or reading.outcome is not Outcome.ACCEPTED:
        return False
    row = request_row(work, known.request_id)
    if row.state != State.RETURNED or reading.submission.school != row.school:
        return False
    submission = replace(reading.submission, submitted_at=work.now)
    before = submission_of(work, row.id, "to keep what a correction replaces")
    fields = [f for f in TITLES if getattr(before, f) != getattr(submission, f)]
    keep_amended(work, row.id, before, submission, fields, submission.sender)
    requests = tables.requests
    work.conn.execute(
        update(requests)
        .where(requests.c.id == row.id)
        .values(submitted_at=work.now, fingerprint=fingerprint(submission), note=" ".join(reading.mended))
    )
    perform(work, row.id, Move.SUBMIT, SYSTEM)
    _accept(work, row.id)
    return True


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
    note = " ".join(arrival.reading.mended)
    if twin:
        note = f"Probably the same as {twin}: the same person, school and text. {note}".strip()
    request_id = _new_request(work, arrival.source_key, submission, note)
    if twin:
        work.journal("hold request", request_id, twin=twin)
        work.effect("mail.held", request_id)
        return Outcome.HELD, request_id, twin
    _accept(work, request_id, source=arrival.source_key, mended=len(arrival.reading.mended))
    return Outcome.ACCEPTED, request_id, None


def _twin(work: Work, submission: Submission) -> str | None:
    requests = tables.requests
    rows = work.conn.execute(
        select(requests.c.id, requests.c.submitted_at)
        .where(requests.c.fingerprint == fingerprint(submission), requests.c.state != State.WITHDRAWN)
        .order_by(requests.c.submitted_at)
    )
    return next((r.id for r in rows if abs(r.submitted_at - submission.submitted_at) <= WINDOW), None)


def _new_request(work: Work, source_key: str, submission: Submission, note: str) -> RequestId:
    year = london(submission.submitted_at).year
    request_id = RequestId(f"R-{year}-{work.next_number(f'request {year}'):04d}")
    work.conn.execute(
        insert(tables.requests).values(
            id=request_id,
            source_key=source_key,
            community=submission.community,
            school=submission.school,
            state=State.SUBMITTED.value,
            submission=kept_answers(submission),
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


def _accept(work: Work, request_id: str, by: str = SYSTEM, **details: Any) -> None:
    row = request_row(work, request_id)
    perform(work, request_id, Move.ACCEPT, by, when=(When.NOTE,) if row.note else (), **details)
    place_on_meeting(work, request_row(work, request_id))


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
        perform(work, row.id, Move.PUT_ON_AGENDA, SYSTEM)


def release_held(work: Work, request_id: str, by: str) -> None:
    """The clerk says that a held request is none sent twice: it goes on like any other."""
    work.conn.execute(
        update(tables.responses)
        .where(tables.responses.c.request_id == request_id)
        .values(outcome=Outcome.ACCEPTED.value)
    )
    _accept(work, request_id, by)


def discard_held(work: Work, request_id: str, by: str) -> None:
    """The clerk says that a held request was sent twice: it is withdrawn, not deleted."""
    if request_row(work, request_id).state != State.SUBMITTED:
        raise AlreadyDone(f"{request_id} is not held: it cannot be discarded. Nothing was changed.")
    perform(work, request_id, Move.WITHDRAW, by, reason="It had been sent twice.")
