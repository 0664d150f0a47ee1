"""A request begun and not sent: one a person, sealed, kept until it is submitted or discarded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, select

from casework import tables
from casework.amend import PUPIL_FIELDS, amend_request, submission_of
from casework.desk import Work, insert_or_replace
from casework.directory_record import directory_of
from casework.entering import Arrival
from casework.errors import InputRefused, NotAllowed
from casework.permissions import check_may
from casework.receive import receive, resubmit
from casework.request_record import request_for
from communities.directory import Role
from communities.intake import Outcome, Reading
from communities.lifecycle import BY_MOVE, Move, State
from communities.requests import AMENDABLE, ATTACHMENTS_TITLE, TITLES, Submission

FORM = "chat"
"""The way a request comes that is written in Teams."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request that was sent: its number, and whether the clerk has to look first."""

    request_id: str
    is_held: bool


def save_draft(work: Work, mail: str, answers: Mapping[str, Any]) -> None:
    """Keep what somebody has written so far; nothing of it is journaled but that it was saved."""
    sealed = work.desk.sealer.seal_bytes(msgspec.json.encode(dict(answers)))
    row = {"mail": mail.casefold(), "sealed": sealed, "saved_at": work.now}
    work.conn.execute(insert_or_replace(work.conn, tables.drafts, row, ("mail",)))
    work.acting(mail).journal("save draft", f"draft of {mail.casefold()}")


def draft_of(work: Work, mail: str) -> dict[str, Any] | None:
    """What that person has written so far, or None; only they are shown it."""
    drafts = tables.drafts
    sealed = work.conn.execute(select(drafts.c.sealed).where(drafts.c.mail == mail.casefold())).scalar_one_or_none()
    if sealed is None:
        return None
    answers: dict[str, Any] = msgspec.json.decode(work.desk.sealer.open_bytes(sealed))
    return answers


def draft_saved_at(work: Work, mail: str) -> datetime | None:
    """When that person last kept one."""
    drafts = tables.drafts
    found: datetime | None = work.conn.execute(
        select(drafts.c.saved_at).where(drafts.c.mail == mail.casefold())
    ).scalar_one_or_none()
    return found


def discard_draft(work: Work, mail: str) -> None:
    """It was submitted, or its writer wants it no more."""
    work.conn.execute(delete(tables.drafts).where(tables.drafts.c.mail == mail.casefold()))


def submit_draft(work: Work, mail: str, reading: Reading) -> Sent:
    """Send what somebody wrote, as a Request for Support like any other, and let go of the draft.

    Raises `NotAllowed` where it is of a school that is none of theirs, `InputRefused` where something is to be mended.
    """
    submission = _sendable(reading)
    _check_theirs(work, mail, submission)
    arrival = Arrival(form=FORM, route=FORM, reading=reading)
    (outcome,) = receive(work.acting(mail), [arrival])
    responses = tables.responses
    found = select(responses.c.request_id).where(responses.c.source_key == arrival.source_key)
    request_id = str(work.conn.execute(found).scalar_one())
    discard_draft(work, mail)
    return Sent(request_id=request_id, is_held=outcome is Outcome.HELD)


def amend_by_draft(work: Work, mail: str, request_id: str, reading: Reading, reason: str) -> tuple[str, ...]:
    """Change a request to what its school wrote; a returned one is sent again by that. Returns what changed."""
    after, row = _sendable(reading), request_for(work, request_id, mail)
    check_may(work, row, BY_MOVE[Move.AMEND], mail)
    before = submission_of(work, request_id, "to see what its school changes")
    changed = {f: getattr(after, f) for f in (*AMENDABLE, *PUPIL_FIELDS) if getattr(after, f) != getattr(before, f)}
    if row.state == State.RETURNED:
        check_may(work, row, BY_MOVE[Move.SUBMIT], mail)
        kept = replace(before, **changed)
        resubmit(work.acting(mail), request_id, kept, reading.mended, mail)
        titles = tuple(TITLES.get(f, ATTACHMENTS_TITLE) for f in changed if f != "pupils_written")
    else:
        titles = amend_request(work, request_id, changed, reason, mail)
    discard_draft(work, mail)
    return titles


def _sendable(reading: Reading) -> Submission:
    if reading.submission is None:
        raise InputRefused(*reading.reasons)
    return reading.submission


def _check_theirs(work: Work, mail: str, submission: Submission) -> None:
    directory, school = directory_of(work), submission.school
    if not (directory.has_interest(mail, school) or directory.holds(mail, Role.CLERK, submission.community)):
        raise NotAllowed(f"Requests of {school} are sent by its SENCO, its leaders or its community's clerk.")
