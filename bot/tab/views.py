"""What each page shows, out of the record; who may not see it is refused here."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from bot.asking import Asker, asker_of, focus_of
from bot.memory import last_memory
from casework import tables
from casework.agenda_paper import venue_of
from casework.budget_record import budget_year, position, summary_of, waiting_pence
from casework.clock_record import running_clocks
from casework.desk import Work
from casework.directory_record import directory_of
from casework.due import AHEAD, desk_of
from casework.errors import NotAllowed
from casework.financial_years import budget_line
from casework.letters import spoken_moment
from casework.meeting_record import actions_of
from casework.meeting_words import closing_fact, papers_fact
from casework.reading import Thing, check_may_read, may_read_request
from casework.request_money import money_of
from casework.request_record import is_current
from casework.schedule import OVER, next_meeting
from communities.budget import rounded_note, waterfall
from communities.clocks import Clock
from communities.dues import Due, by_when
from communities.lifecycle import BEFORE_DECISION, DECIDED, State
from communities.meetings import Action
from communities.money import pounds, whole_pounds
from papers.charts import waterfall_chart
from papers.word import Picture

GROUPS = (("Not decided yet", BEFORE_DECISION), ("Decided", DECIDED), ("Withdrawn", (State.WITHDRAWN,)))
"""Every request that was sent stands in one of them, and in one state of it."""

STAGES: Mapping[State, str] = MappingProxyType(
    {**{s: s.value for s in State}, State.SUBMITTED: "On hold", State.DECIDED: "Not forwarded"}
)
"""What a count is called under its group: 'Decided' is the group's own name."""

WITHOUT_MONEY = "No money, nothing to forward"

MOST = 50
"""Requests in the list; the counts are of all."""

NOT_YET, NO_MONEY = "–", "no money"


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
    approved: str
    final: str
    paid: str
    may_open: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    """Requests that were decided, or were not: how many, and in which states."""

    name: str
    count: int
    stages: Sequence[tuple[str, int]]


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The community's money, as a picture and as a table that says the same."""

    year: str
    balance: str
    forecast: str
    split: Sequence[tuple[str, str]]
    note: str
    """Where the two are rounded; '' where nothing was."""
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
    groups: Sequence[Group]
    requests: Sequence[Line]
    unlisted: int
    """Requests that are counted and not listed."""
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
    """One community; where none is named, the one they are busy with. Raises `NotAllowed`."""
    asker = asker_of(work, mail)
    own = communities_of(work, asker)
    if not own:
        raise NotAllowed("The directory names you in no community. Ask your clerk to add you.")
    name = name or busy_with(work, mail, own)
    check_may_read(work, Thing.PAGE, mail, name)
    rows = _current(work, name)
    money = money_of(work, [r.id for r in rows])
    counts = Counter(_stage(r, money[r.id].approved_pence) for r in rows)
    return CommunityPage(
        name=name,
        communities=own,
        meeting=_meeting(work, name),
        groups=[
            Group(name=group, count=sum(n for _, n in stages), stages=stages)
            for group, states in GROUPS
            for stages in [[(stage, counts[stage]) for s in states for stage in _stages_of(s)]]
        ],
        requests=_lines(work, asker, rows[:MOST]),
        unlisted=max(len(rows) - MOST, 0),
        deadlines=sorted(running_clocks(work, name), key=lambda c: c[1].due_on)[:12],
        budget=_budget(work, name),
        actions=actions_of(work, name),
        practitioners=[(p.role.value, p.name, p.mail) for p in directory_of(work).community_practitioners(name)],
        dashboard=known.dashboard if (known := directory_of(work).community(name)) else "",
        today=work.today,
    )


def _stage(row: Any, approved_pence: int | None) -> str:
    """What a request is counted as; one that was decided without money is not one that was not forwarded."""
    is_done = row.state == State.DECIDED and not approved_pence
    return WITHOUT_MONEY if is_done else STAGES[State(row.state)]


def _stages_of(state: State) -> tuple[str, ...]:
    return (STAGES[state], WITHOUT_MONEY) if state is State.DECIDED else (STAGES[state],)


def _meeting(work: Work, name: str) -> Meeting | None:
    found = next_meeting(work, name, None)
    if found is None:
        return None
    return Meeting(
        when=spoken_moment(found.starts_at), where=venue_of(found.room), join_url=found.join_url or "",
        clocks=(closing_fact(found, work.now), papers_fact(found, work.now)),
    )  # fmt: skip


def busy_with(work: Work, mail: str, own: Sequence[str]) -> str:
    """Which of several communities somebody most likely means: the one they just spoke of with the bot, or the one
    that meets next, or the first.
    """
    memory = last_memory(work, mail)
    if memory and (spoken_of := focus_of(work, mail, memory.entities)) in own:
        return spoken_of
    meetings = tables.meetings
    coming = select(meetings.c.community).where(
        meetings.c.community.in_(own), meetings.c.state.not_in(OVER), meetings.c.ends_at > work.now
    )
    found = work.conn.execute(coming.order_by(meetings.c.starts_at).limit(1)).scalar_one_or_none()
    return str(found or own[0])


def _current(work: Work, name: str) -> list[Any]:
    """The requests of this school year, and older ones that are open; the newest first."""
    requests = tables.requests
    rows = select(requests).where(requests.c.community == name).order_by(requests.c.submitted_at.desc())
    return [r for r in work.conn.execute(rows) if is_current(r, work.today)]


def _lines(work: Work, asker: Asker, rows: Sequence[Any]) -> list[Line]:
    money = money_of(work, [r.id for r in rows])
    return [
        Line(
            id=r.id, school=r.school, state=r.state, asked=spoken_amount(money[r.id].asked_pence, NO_MONEY),
            approved=spoken_amount(money[r.id].approved_pence), final=spoken_amount(money[r.id].final_pence),
            paid=spoken_amount(money[r.id].paid_pence), may_open=may_read_request(work, Thing.REQUEST, r, asker.mail),
        )
        for r in rows
    ]  # fmt: skip


def spoken_amount(pence: int | None, none: str = NOT_YET) -> str:
    """Pounds, or the words for none."""
    return none if pence is None else pounds(pence) if pence else NO_MONEY


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
        note=rounded_note(line.split),
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
    check_may_read(work, Thing.TASKS, mail)
    lines = desk_of(work, asker_of(work, mail).runs, work.today + 4 * AHEAD)
    return DeskPage(groups=list(by_when(lines, work.today).items()), count=len(lines))
