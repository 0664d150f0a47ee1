"""The list of a meeting's requests in the channel: what is to be decided, and what became of each."""

from __future__ import annotations

from typing import Any

from casework.agenda_paper import requests_of, spoken_decision
from casework.decide import decide, decision_row, review_day
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect
from casework.errors import InputRefused
from casework.letters import spoken_day
from casework.ports import DecisionPost, Ports, ToDecideLine, ToDecidePost
from casework.posting import replace_post, say_in_channel
from casework.request_record import request_for, request_of, request_row
from casework.schedule import meeting_row
from communities.calendars import london
from communities.decisions import DecidedBy, Decision, Response
from communities.directory import COMMUNITY_ROLES
from communities.lifecycle import DECIDED, State
from communities.money import pounds
from communities.requests import Support

SMALL_PENCE = 100_000
"""A choice: up to £1,000, a request may be approved from the list as it was asked for."""


def to_decide_post(work: Work, meeting_id: str) -> ToDecidePost:
    """The meeting's requests as they stand now."""
    meeting, directory = meeting_row(work, meeting_id), directory_of(work)
    deciders = [p.mail for role in COMMUNITY_ROLES for p in directory.people_with(role, meeting.community)]
    return ToDecidePost(
        meeting_id=meeting_id,
        community=meeting.community,
        meeting_on=spoken_day(london(meeting.starts_at).date()),
        lines=[_line(work, row) for row in requests_of(work, meeting_id)],
        deciders=deciders,
    )


def _line(work: Work, row: Any) -> ToDecideLine:
    asked = pounds(row.requested_pence) if row.requested_pence else ", ".join(row.submission["support"])
    is_open = row.state == State.ON_AGENDA
    if is_open:
        standing = "to be decided"
    elif row.state in DECIDED:
        known = decision_row(work, row.id)
        standing = f"{spoken_decision(known)}, by {str(known.made_by).lower()}"
    else:
        standing = str(row.state).lower()
    return ToDecideLine(
        request_id=row.id, school=row.school, asked=asked, standing=standing, is_open=is_open,
        is_small=is_open and is_small(row),
    )  # fmt: skip


def is_small(row: Any) -> bool:
    """Whether it may be approved as asked: no money, or an amount up to the limit."""
    wants_money = Support.FINANCIAL.value in row.submission["support"]
    pence = row.requested_pence or 0
    return 0 < pence <= SMALL_PENCE if wants_money else pence == 0


def approve_as_asked(work: Work, request_id: str, by: str) -> DecisionPost:
    """Approve a small request as it was asked for, by consensus. Raises what `decide` raises."""
    row = request_for(work, request_id, by)
    if not is_small(row):
        raise InputRefused(f"{request_id} is above {pounds(SMALL_PENCE)}: decide it on its own card.")
    decision = Decision(
        responses=tuple(Response(s) for s in row.submission["support"]),
        details="As requested.",
        amount_pence=row.requested_pence or 0,
        review_on=review_day(work.today),
        made_by=DecidedBy.CONSENSUS,
    )
    return decide(work, request_id, decision, by)


@effect("post.to-decide")
async def post_to_decide(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Post the list in the community's channel on the morning of the meeting."""
    post = await desk.run(SYSTEM, to_decide_post, meeting_id)
    await say_in_channel(desk, ports, f"post.to-decide:{meeting_id}", f"to-decide:{meeting_id}", post.community, post)


@effect("post.standing")
async def post_standing(desk: Desk, ports: Ports, subject: str) -> None:
    """Bring the list up to date once a request on it was decided or taken up again."""
    meeting_id = await desk.run(SYSTEM, _meeting_of, request_of(subject))
    if meeting_id is not None:
        post = await desk.run(SYSTEM, to_decide_post, meeting_id)
        await replace_post(desk, ports, f"to-decide:{meeting_id}", post)


def _meeting_of(work: Work, request_id: str) -> str | None:
    found: str | None = request_row(work, request_id).meeting_id
    return found
