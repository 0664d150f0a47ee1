"""An amendment of the school's section: at any point, with the reason, what it replaced kept sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

import msgspec
from sqlalchemy import func, insert, select, update

from casework import tables
from casework.desk import Work
from casework.errors import InputRefused
from casework.permissions import check_may
from casework.pupils import as_written, read_pupils
from casework.request_record import perform, request_for, request_row
from casework.sealing import pupil_data
from communities.lifecycle import BY_MOVE, DECIDED, Move
from communities.redaction import without_pupils
from communities.requests import (
    AMENDABLE,
    ATTACHMENTS,
    ATTACHMENTS_TITLE,
    DECIDED_ON,
    FREE_TEXTS,
    TITLES,
    Submission,
    request_problems,
)

PUPIL_FIELDS = ("pupils", "pupils_written", ATTACHMENTS)
PUPILS_NAMED = "pupils_named"
KEPT = tuple(f.name for f in fields(Submission) if f.name not in PUPIL_FIELDS)


def amend_request(work: Work, request_id: str, changes: Mapping[str, Any], reason: str, by: str) -> tuple[str, ...]:
    """Change answers of a request; `changes` are fields of `Submission`. Returns the titles of what changed.

    The whole request must hold to the form's rules afterwards: `InputRefused` names every problem.
    """
    if foreign := [f for f in changes if f not in (*AMENDABLE, *PUPIL_FIELDS)]:
        raise InputRefused(
            f"'{TITLES.get(foreign[0], foreign[0])}' cannot be amended: that would be another request. "
            "Withdraw this one and submit a new one."
        )
    check_may(work, request_for(work, request_id, by), BY_MOVE[Move.AMEND], by)
    before = submission_of(work, request_id, "to amend it")
    after = _changed(before, changes)
    fields = [f for f in TITLES if getattr(before, f) != getattr(after, f)]
    if before.pupils_written != after.pupils_written and "pupils" not in fields:
        fields.append("pupils")
    if before.attachments != after.attachments:
        fields.append(ATTACHMENTS)
    if not fields:
        raise InputRefused(f"{request_id} says that already. Nothing was changed.")
    check_undecided(work, request_row(work, request_id), fields)
    if problems := [p.sentence for p in request_problems(after)]:
        raise InputRefused(*problems)
    titles = tuple(TITLES.get(f, ATTACHMENTS_TITLE) for f in fields)
    perform(work, request_id, Move.AMEND, by, reason=reason, fields=list(titles))
    keep_amended(work, request_id, before, after, fields, by)
    return titles


def check_undecided(work: Work, row: Any, fields: Collection[str]) -> None:
    """Raises `InputRefused` where one of the fields is what a decision was made on: a form that was forwarded would say
    something else than what was approved.
    """
    if row.state not in DECIDED or not (kept := [TITLES[f] for f in fields if f in DECIDED_ON]):
        return
    what = ", ".join(f"'{title}'" for title in kept)
    raise InputRefused(
        f"{row.id} is decided, so what it asked for stays as it was decided on: {what} cannot be changed and the money "
        f"stays as it is. Nothing was changed. {_instead(row)} "
        "The contact and the pupils' names may still be corrected."
    )


def _instead(row: Any) -> str:
    if row.state not in BY_MOVE[Move.REOPEN].starts:
        return "Send a new request."
    return f"Ask the chair of {row.community} to open the request again, or send a new one."


def keep_amended(
    work: Work, request_id: str, before: Submission, after: Submission, fields: list[str], by: str
) -> None:
    """Write the new answers, and seal what they replaced."""
    amendments, requests = tables.amendments, tables.requests
    count = select(func.count()).select_from(amendments).where(amendments.c.request_id == request_id)
    work.conn.execute(
        insert(amendments).values(
            request_id=request_id,
            number=work.conn.execute(count).scalar_one() + 1,
            at=work.now,
            amended_by=by,
            fields=fields,
            sealed=work.desk.sealer.seal_bytes(msgspec.json.encode(before)),
        )
    )
    kept = kept_answers(after)
    work.conn.execute(
        update(requests)
        .where(requests.c.id == request_id)
        .values(submission=kept, requested_pence=after.requested_pence)
    )
    sealed = work.desk.sealer.seal(pupil_data(after, kept))
    work.conn.execute(update(tables.pupils).where(tables.pupils.c.request_id == request_id).values(sealed=sealed))


def kept_answers(submission: Submission) -> dict[str, Any]:
    """What is stored unencrypted: everything but the pupils, of whom only how many were named, with their names and
    dates of birth masked in its texts.
    """
    open_texts = {
        field: without_pupils(getattr(submission, field), submission.pupils, [submission.sender_name])
        for field in FREE_TEXTS
    }
    answers = {field: getattr(submission, field) for field in KEPT}
    return answers | open_texts | {PUPILS_NAMED: len(submission.pupils)}


def submission_of(work: Work, request_id: str, why: str) -> Submission:
    """The request's answers with its pupils, opened for a stated reason."""
    row, data = request_row(work, request_id), read_pupils(work, request_id, why)
    sealed = {"pupils": msgspec.to_builtins(data.pupils), "pupils_written": data.written}
    raw = {**as_written(row, data), **sealed, ATTACHMENTS: data.attachments}
    return msgspec.convert(raw, Submission)


def _changed(before: Submission, changes: Mapping[str, Any]) -> Submission:
    return msgspec.convert({**msgspec.to_builtins(before), **msgspec.to_builtins(dict(changes))}, Submission)
