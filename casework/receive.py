"""Responses come in: taken as Requests for Support, refused with every reason, or held for the clerk.

Each response enters once, however often and by however many ways it arrives. What a new one leads to is `entering`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import Row, select, update

from casework import tables
from casework.amend import PUPIL_FIELDS, amend_request, keep_amended, submission_of
from casework.bulk import uncollected
from casework.desk import SYSTEM, Work, insert_or_replace
from casework.entering import Arrival, accept, enter
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.request_record import perform, request_for, request_row
from communities.duplicates import fingerprint
from communities.intake import Outcome, Reading
from communities.lifecycle import Move, State
from communities.requests import AMENDABLE, TITLES, Submission

PORTION = 2_000
"""Responses taken at a time: bounds memory, whatever the size of a workbook."""


def receive(work: Work, arrivals: Iterable[Arrival]) -> Iterator[Outcome | None]:
    """Record responses in the order they come. None where one says nothing new: this way in has said the same
    before, or another way said it first, or the clerk has it. Nothing happens until the answers are asked for.
    """
    remaining = iter(arrivals)
    while outcomes := _next_portion(work, remaining):
        yield from outcomes


def hold_responses(work: Work) -> None:
    """Until this transaction ends nobody else takes responses: by workbook and by list the same ones come at the same
    time, and whoever is second sees what the first recorded. To be held before anything is journaled.
    """
    work.next_number("responses", 0)


def _next_portion(work: Work, remaining: Iterator[Arrival]) -> list[Outcome | None]:
    with uncollected():
        return _receive_portion(work, list(islice(remaining, PORTION)))


def _receive_portion(work: Work, portion: Sequence[Arrival]) -> list[Outcome | None]:
    hold_responses(work)
    outcomes: list[Outcome | None] = [None] * len(portion)
    known = _known(work, portion)
    new: dict[str, int] = {}
    for place, arrival in enumerate(portion):
        if arrival.source_key in new:  # twice in one portion: what came first is recorded first
            known |= _enter(work, portion, new, outcomes)
        if (response := known.get(arrival.source_key)) is None:
            new[arrival.source_key] = place
            continue
        if not _says_something_new(work, arrival, response.route_hash):
            continue
        if (said := _changed(work, arrival, response)) is not None:
            outcomes[place] = said
        elif response.request_id is None:
            new[arrival.source_key] = place
            known |= _enter(work, portion, new, outcomes)
    _enter(work, portion, new, outcomes)
    return outcomes


def _enter(
    work: Work, portion: Sequence[Arrival], new: dict[str, int], outcomes: list[Outcome | None]
) -> dict[str, _Response]:
    """Record what is new; how it stands then, for those of the portion that say the same once more."""
    places = list(new.values())
    for place, outcome in zip(places, enter(work, [portion[p] for p in places]), strict=True):
        outcomes[place] = outcome
    new.clear()
    return _known(work, [portion[p] for p in places])


@dataclass(frozen=True, kw_only=True)
class _Response:
    outcome: str
    request_id: str | None
    route_hash: dict[str, str]
    """What each way in last said."""


def _known(work: Work, portion: Sequence[Arrival]) -> dict[str, _Response]:
    responses, routes = tables.responses, tables.response_routes
    keys = {a.source_key for a in portion}
    said: dict[str, dict[str, str]] = {}
    for row in work.conn.execute(select(routes).where(routes.c.source_key.in_(keys))):
        said.setdefault(row.source_key, {})[row.route] = row.content_hash
    rows: Iterable[Row[tuple[str, str, str | None]]] = work.conn.execute(
        select(responses.c.source_key, responses.c.outcome, responses.c.request_id).where(
            responses.c.source_key.in_(keys)
        )
    )
    return {
        r.source_key: _Response(outcome=r.outcome, request_id=r.request_id, route_hash=said.get(r.source_key, {}))
        for r in rows
    }


def _says_something_new(work: Work, arrival: Arrival, said: dict[str, str]) -> bool:
    before, now = said.get(arrival.route), arrival.reading.content_hash
    if before != now:
        row = {"route": arrival.route, "source_key": arrival.source_key, "content_hash": now}
        work.conn.execute(insert_or_replace(work.conn, tables.response_routes, row, ("route", "source_key")))
    return before is not None and before != now


def _changed(work: Work, arrival: Arrival, response: _Response) -> Outcome | None:
    """Changed answers of a request: mended ones of a returned request count, those of one that is not on an agenda
    yet amend it, others are the clerk's to look at.
    """
    if _resubmits(work, response, arrival.reading):
        return Outcome.ACCEPTED
    if response.outcome == Outcome.ACCEPTED and not _amends(work, response, arrival.reading):
        work.journal("answer changed after acceptance", arrival.source_key, request=response.request_id)
        work.effect("mail.changed", f"{arrival.source_key}#{arrival.reading.content_hash[:12]}")
    return None


def _amends(work: Work, response: _Response, reading: Reading) -> bool:
    """Take changed answers as the school's amendment, while the request waits for its meeting's papers."""
    after = reading.submission
    if response.request_id is None or after is None:
        return False
    row = request_row(work, response.request_id)
    is_theirs = row.is_verified and after.is_verified and row.sender.casefold() == after.sender.casefold()
    if row.state != State.RECEIVED or after.school != row.school or not is_theirs:
        return False
    before = submission_of(work, row.id, "to see what was changed in the form")
    changes = {f: getattr(after, f) for f in (*AMENDABLE, *PUPIL_FIELDS) if getattr(after, f) != getattr(before, f)}
    if not changes:
        return True
    try:
        with work.conn.begin_nested():
            amend_request(work, row.id, changes, "The answers in the form were changed.", row.sender)
    except (InputRefused, NotAllowed, AlreadyDone):  # the clerk is told that the answers were changed
        return False
    return True


def _resubmits(work: Work, response: _Response, reading: Reading) -> bool:
    """Take the corrected answers of a request that was returned; they count from now on."""
    if response.request_id is None or reading.submission is None or reading.outcome is not Outcome.ACCEPTED:
        return False
    row = request_row(work, response.request_id)
    if row.state != State.RETURNED or reading.submission.school != row.school:
        return False
    resubmit(work, row.id, reading.submission, reading.mended, SYSTEM)
    return True


def resubmit(work: Work, request_id: str, corrected: Submission, mended: Sequence[str], by: str) -> None:
    """Take the corrected answers of a returned request: they count as sent now."""
    row, submission = request_row(work, request_id), replace(corrected, submitted_at=work.now)
    before = submission_of(work, row.id, "to keep what a correction replaces")
    fields = [f for f in TITLES if getattr(before, f) != getattr(submission, f)]
    keep_amended(work, row.id, before, submission, fields, submission.sender)
    requests = tables.requests
    work.conn.execute(
        update(requests)
        .where(requests.c.id == row.id)
        .values(submitted_at=work.now, fingerprint=fingerprint(submission), note=" ".join(mended))
    )
    perform(work, row.id, Move.SUBMIT, by)
    accept(work, row.id, SYSTEM)


def release_held(work: Work, request_id: str, by: str) -> None:
    """The clerk says that a held request is none sent twice: it goes on like any other."""
    request_for(work, request_id, by)
    work.conn.execute(
        update(tables.responses)
        .where(tables.responses.c.request_id == request_id)
        .values(outcome=Outcome.ACCEPTED.value)
    )
    accept(work, request_id, by)


def discard_held(work: Work, request_id: str, by: str) -> None:
    """The clerk says that a held request was sent twice: it is withdrawn, not deleted."""
    if request_for(work, request_id, by).state != State.SUBMITTED:
        raise AlreadyDone(f"{request_id} is not held: it cannot be discarded. Nothing was changed.")
    perform(work, request_id, Move.WITHDRAW, by, reason="It had been sent twice.")
