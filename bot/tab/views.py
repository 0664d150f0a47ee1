"""What each page shows, out of the record; who may not see it is refused here."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from bot.asking import Asker, asker_of, may_read_request
from casework import tables
from casework.agenda_paper import venue_of
from casework.budget_record import budget_year, position, summary_of, waiting_pence
from casework.clock_record import clocks_of_request, running_clocks
from casework.desk import Work
from casework.directory_record import directory_of
from casework.due import AHEAD, desk_of
from casework.errors import InputRefused, NotAllowed
from casework.financial_years import budget_line
from casework.journal import story_of
from casework.letters import spoken_day, spoken_moment
from casework.meeting_record import actions_of, day_of
from casework.meeting_words import closing_fact, papers_fact
from casework.request_record import request_row
from casework.schedule import next_meeting
from communities.budget import waterfall
from communities.calendars import london
from communities.clocks import Clock
from communities.dues import Due, by_when
from communities.lifecycle import OPEN, State
from communities.meetings import Action
from communities.money import pounds, whole_pounds
from papers.charts import waterfall_chart
from papers.word import Picture

STAGES = (State.RECEIVED, State.ON_AGENDA, State.DEFERRED, State.RETURNED, State.DECIDED, State.FORWARDED,
          State.MODERATED, State.PAID)  # fmt: skip
"""The pipeline's columns, in the order of a request's life."""

MOST = 50


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """The coming one."""

    when: str
    where: str
    join_url: str
    clocks: Sequence[tuple[str, str]]
    """Until when requests count and when papers go out, each with its label."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A request in the pipeline."""

    id: str
    school: str
    state: str
    asked: str
    may_open: bool


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The community's money, as a picture and as a table that says the same."""

    year: str
    balance: str
    forecast: str
    split: Sequence[tuple[str, str]]
    picture: str
    """A `data:` address."""
    narrow: str
    """The same for a phone."""
    alt: str
    steps: Sequence[tuple[str, str]]
    total: str
    """What the schools have in all (`TOTAL_FUNDING`)."""
    total_parts: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class CommunityPage:
    """My community at a glance."""

    name: str
    communities: Sequence[str]
    meeting: Meeting | None
    pipeline: Sequence[tuple[str, int]]
    requests: Sequence[Line]
    deadlines: Sequence[tuple[str, Clock]]
    budget: Budget | None
    actions: Sequence[Action]
    practitioners: Sequence[tuple[str, str, str]]
    """Role, name, mail of the community's own link practitioners."""
    dashboard: str
    """Its page of the Inclusion Dashboard; '' where the directory names none."""
    today: date


def communities_of(work: Work, asker: Asker) -> tuple[str, ...]:
    """Those a person may look at: their own, or all of them at KCC."""
    if asker.is_county:
        return tuple(str(c.name) for c in directory_of(work).communities)
    return asker.communities


def community_page(work: Work, mail: str, name: str) -> CommunityPage:
    """One community; the person's first where none is named. Raises `NotAllowed`."""
    asker = asker_of(work, mail)
    own = communities_of(work, asker)
    if not own:
        raise NotAllowed("The directory names you in no community. Ask your clerk to add you.")
    name = name or own[0]
    if name not in own:
        raise NotAllowed(f"What stands about {name[:80]} is for its own schools.")
    counts = _counts(work, name)
    return CommunityPage(
        name=name,
        communities=own,
        meeting=_meeting(work, name),
        pipeline=[(s.value, counts.get(s, 0)) for s in STAGES],
        requests=_open_requests(work, asker, name),
        deadlines=sorted(running_clocks(work, name), key=lambda c: c[1].due_on)[:12],
        budget=_budget(work, name),
        actions=actions_of(work, name),
        practitioners=[(p.role.value, p.name, p.mail) for p in directory_of(work).community_practitioners(name)],
        dashboard=known.dashboard if (known := directory_of(work).community(name)) else "",
        today=work.today,
    )


def _meeting(work: Work, name: str) -> Meeting | None:
    found = next_meeting(work, name, None)
    if found is None:
        return None
    return Meeting(
        when=spoken_moment(found.starts_at), where=venue_of(found.room), join_url=found.join_url or "",
        clocks=(closing_fact(found, work.now), papers_fact(found, work.now)),
    )  # fmt: skip


def _counts(work: Work, name: str) -> dict[str, int]:
    requests = tables.requests
    rows = select(requests.c.state, func.count()).where(requests.c.community == name).group_by(requests.c.state)
    return {state: int(n) for state, n in work.conn.execute(rows)}


def _open_requests(work: Work, asker: Asker, name: str) -> list[Line]:
    requests = tables.requests
    rows = select(requests).where(requests.c.community == name, requests.c.state.in_(OPEN))
    found = work.conn.execute(rows.order_by(requests.c.submitted_at.desc()).limit(MOST)).all()
    return [
        Line(id=r.id, school=r.school, state=r.state, asked=pounds(r.requested_pence) if r.requested_pence else "–",
             may_open=may_read_request(work, asker, r))
        for r in found
    ]  # fmt: skip


def _budget(work: Work, name: str) -> Budget | None:
    year = budget_year(work, name)
    stands, line, summary = position(work, name, year), budget_line(work, name, year), summary_of(work, name, year)
    if stands is None or line is None or summary is None:
        return None
    waiting = waiting_pence(work, name)
    steps = waterfall(stands, waiting)
    picture = waterfall_chart(steps)
    return Budget(
        year=year,
        balance=pounds(stands.balance_pence),
        forecast=pounds(stands.forecast_pence(waiting)),
        split=[(line.financial_years[0], whole_pounds(line.split.first_pence)),
               (line.financial_years[1], whole_pounds(line.split.second_pence))],
        picture=_inline(picture),
        narrow=_inline(waterfall_chart(steps, on_a_card=True)),
        alt=picture.alt,
        steps=[(step, pounds(last - first)) for step, first, last in steps],
        total=pounds(summary.total_funding_pence),
        total_parts=[(name, pounds(pence)) for name, pence in summary.total_funding_parts],
    )  # fmt: skip


def _inline(picture: Picture) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture.png).decode()}"


@dataclass(frozen=True, kw_only=True)
class DeskPage:
    """What is due over all of a person's communities."""

    groups: Sequence[tuple[str, Sequence[Due]]]
    count: int


def desk_page(work: Work, mail: str) -> DeskPage:
    """The clerk's desk: overdue, today, tomorrow, within a week, later. Raises `NotAllowed`."""
    asker = asker_of(work, mail)
    own = asker.runs
    if not own:
        raise NotAllowed("The desk is for clerks and chairs.")
    lines = desk_of(work, own, work.today + 4 * AHEAD)
    return DeskPage(groups=list(by_when(lines, work.today).items()), count=len(lines))


@dataclass(frozen=True, kw_only=True)
class RequestPage:
    """One request's timeline."""

    id: str
    school: str
    community: str
    state: str
    asked: str
    meeting: str
    story: Sequence[tuple[str, str, str]]
    """When, who, what."""
    clocks: Sequence[Clock]
    today: date


def request_page(work: Work, mail: str, request_id: str) -> RequestPage:
    """A request's story out of the journal. Raises `InputRefused` and `NotAllowed`; the journal names no pupil."""
    row, asker = request_row(work, request_id), asker_of(work, mail)
    if not may_read_request(work, asker, row):
        raise InputRefused(f"There is no request '{request_id[:40]}' of yours.")
    names = {p.mail.casefold(): p.name for p in directory_of(work).people}
    meetings = tables.meetings
    meeting = work.conn.execute(select(meetings).where(meetings.c.id == row.meeting_id)).one_or_none()
    return RequestPage(
        id=row.id,
        school=row.school,
        community=row.community,
        state=row.state,
        asked=pounds(row.requested_pence) if row.requested_pence else "no money",
        meeting=spoken_day(day_of(meeting)) if meeting else "not placed yet",
        story=[
            (f"{london(e.at):%-d %b %Y, %H:%M}", names.get(e.actor.casefold(), e.actor), e.sentence)
            for e in story_of(work.conn, row.id)
        ],
        clocks=clocks_of_request(work, row.id),
        today=work.today,
    )
