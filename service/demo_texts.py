"""What the demo's invented people say and write: the sample world's texts, each given to whom it fits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import Work
from communities.calendars import next_working_day
from communities.decisions import Response
from communities.lifecycle import DECIDED
from sample_world.texts import DecisionText, RequestText, Text, pick, requests, texts

KEY = re.compile(r"/(\d+)$")
"""The response's number in a request's source."""

REQUESTS = {r.id: r for r in requests()}
DECIDED_ONES = tuple(r for r in requests() if r.decision)


def text_of(work: Work, request_id: str) -> RequestText:
    """What the school wrote; of a request that is not the sample's, one that might be."""
    table = tables.requests
    row = work.conn.execute(select(table.c.source_key, table.c.school).where(table.c.id == request_id)).one()
    match = KEY.search(row.source_key)
    found = REQUESTS.get(int(match[1])) if match else None
    if found and found.decision and row.school in (found.school, found.meant):
        return found
    return pick(DECIDED_ONES, int(request_id[-4:]))


def decision_of(work: Work, request_id: str, requested_pence: int) -> DecisionText:
    """What the community agrees; never more than was asked for."""
    found = text_of(work, request_id).decision
    assert found is not None
    if found.amount * 100 <= requested_pence:
        return found
    return DecisionText(
        responses=found.responses if requested_pence else (Response.ADVICE.value,),
        details=found.details,
        conditions=found.conditions,
        discussion=found.discussion,
        review_weeks=found.review_weeks,
        amount=requested_pence / 100,
    )


def _fit(name: str, kind: str, **about: Any) -> list[Text]:
    return [t for t in texts(name, kind) if all(t.about.get(k) == v for k, v in about.items())]


def notes_of(work: Work, meeting_id: str, number: int) -> dict[int, str]:
    """A meeting's notes by item: what was said of its requests, and what fits the term. `number` chooses."""
    term = term_of(meeting_id)
    fitting = {item: _fit("minutes", "note", item=item, term=term) for item in range(1, 7)}
    notes = {item: pick(found, number).text for item, found in fitting.items() if found}
    heard = _discussions(work, meeting_id)
    return {**notes, 5: "\n".join(heard)} if heard else notes


def _discussions(work: Work, meeting_id: str) -> Sequence[str]:
    table = tables.requests
    ids = work.conn.execute(
        select(table.c.id).where(table.c.meeting_id == meeting_id, table.c.state.in_(DECIDED)).order_by(table.c.id)
    ).scalars()
    said = [(i, text_of(work, i).decision) for i in ids.all()]
    return [f"{i}: {d.discussion}" for i, d in said if d and d.discussion]


def term_of(meeting_id: str) -> int:
    """`ABC 2026-27 T2` is in term 2."""
    return int(meeting_id[-1])


def matter_of(meeting_id: str, number: int) -> str:
    """What arose."""
    return pick(_fit("minutes", "matter", term=term_of(meeting_id)), number).text


def action_of(meeting_id: str, number: int) -> Text:
    """An action with its `owner`."""
    return pick(_fit("minutes", "action", term=term_of(meeting_id)), number)


def outcome_of(action: str) -> str:
    """What became of an action, by its wording."""
    found = next((t for t in texts("minutes", "action") if t.text == action), None)
    return str(found.about["outcome"]) if found else "Done; the schools were told."


POINTS = {11: "November", 2: "February", 4: "April", 7: "July"}


def improvements_of(due_on: date) -> list[str]:
    """What KCC reports back at a reporting point."""
    return [t.text for t in _fit("improvements", "improvement", point=POINTS[due_on.month])]


def review_day(decided_on: date, weeks: int) -> date:
    """When the community looks again."""
    return next_working_day(decided_on + timedelta(weeks=weeks))
