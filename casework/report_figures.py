"""What a report counts: requests, decisions, money, times and attendance of a period, from the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import func, select

from casework import tables
from casework.budget_record import budget_year, position
from casework.desk import Work
from casework.evaluating import evaluations_of
from casework.meeting_record import day_of
from communities.budget import Position
from communities.calendars import london
from communities.lifecycle import State
from communities.meetings import Mark
from communities.reports import Period
from communities.surgeries import HAD_A_SLOT


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """A held meeting: how many of the community's schools came."""

    community: str
    day: date
    present: int
    schools: int


@dataclass(frozen=True, kw_only=True)
class CommunityFigures:
    """One community's figures of a period; money in pence, times in days."""

    community: str
    asked: Counter[str]
    """Requests that came in, by the support they ask for; one may ask for several."""
    requests: int
    responses: Counter[str]
    """Decisions by request response; one may have several."""
    decided: int
    approved_pence: int
    withdrawn: int
    days_to_decision: tuple[int, ...]
    """Calendar days from request to decision."""
    days_to_payment: tuple[int, ...]
    """Calendar days from request to payment."""
    attendance: tuple[Attendance, ...]
    position: Position | None
    academic_year: str
    themes: Counter[str]
    """What surgeries' slots of its schools were about, and its case studies."""
    ratings: Mapping[str, Sequence[int]]
    """How effective schools find a service, 1 to 5, by service."""
    suggestions: tuple[str, ...]
    """What they suggest, with the service."""


def figures_of(work: Work, community: str, period: Period) -> CommunityFigures:
    """Count the period for one community; a decision that was reopened counts as it stands."""
    came, decided = _came_in(work, community, period), _decided(work, community, period)
    rated = evaluations_of(work, community, *period.moments)
    year = budget_year(work, community)
    return CommunityFigures(
        community=community,
        asked=Counter(kind for r in came for kind in r.submission["support"]),
        requests=len(came),
        responses=Counter(kind for r in decided for kind in r.responses),
        decided=len(decided),
        approved_pence=sum(r.amount_pence for r in decided),
        withdrawn=sum(r.state == State.WITHDRAWN for r in came),
        days_to_decision=tuple((r.decided_at - r.submitted_at).days for r in decided),
        days_to_payment=tuple(_days_to_payment(work, community, period)),
        attendance=tuple(_attendance(work, community, period)),
        position=position(work, community, year),
        academic_year=year,
        themes=_themes(work, community, period),
        ratings={s: [e.effective for e in rated if e.service == s] for s in dict.fromkeys(e.service for e in rated)},
        suggestions=tuple(f"{e.service}: {e.improve}" for e in rated if e.improve),
    )


def middle(days: Sequence[int]) -> str:
    """`12 days`, the median, as a report prints it; a dash where there is nothing to take it of."""
    if not days:
        return "–"
    found = median(days)
    return f"{found:g} day" + ("s" if found != 1 else "")


def _came_in(work: Work, community: str, period: Period) -> Sequence[Any]:
    requests, (begins_at, ends_at) = tables.requests, period.moments
    return work.conn.execute(
        select(requests.c.submission, requests.c.state).where(
            requests.c.community == community,
            requests.c.submitted_at >= begins_at,
            requests.c.submitted_at < ends_at,
        )
    ).all()


def _decided(work: Work, community: str, period: Period) -> Sequence[Any]:
    requests, decisions, (begins_at, ends_at) = tables.requests, tables.decisions, period.moments
    return work.conn.execute(
        select(decisions.c.responses, decisions.c.amount_pence, decisions.c.decided_at, requests.c.submitted_at)
        .join(requests, (decisions.c.request_id == requests.c.id) & (decisions.c.round == requests.c.round))
        .where(
            requests.c.community == community,
            decisions.c.decided_at >= begins_at,
            decisions.c.decided_at < ends_at,
        )
    ).all()


def _themes(work: Work, community: str, period: Period) -> Counter[str]:
    surgeries, bookings, studies, schools = tables.surgeries, tables.bookings, tables.case_studies, tables.schools
    begins_at, ends_at = period.moments
    names = select(schools.c.name).where(schools.c.community == community)
    booked = (
        select(bookings.c.theme)
        .join(surgeries, surgeries.c.id == bookings.c.surgery_id)
        .where(surgeries.c.starts_at >= begins_at, surgeries.c.starts_at < ends_at)
        .where(bookings.c.state.in_(HAD_A_SLOT), bookings.c.school.in_(names))
    )
    shared = select(studies.c.focus).where(
        studies.c.community == community, studies.c.shared_at >= begins_at, studies.c.shared_at < ends_at
    )
    return Counter([*work.conn.execute(booked).scalars(), *work.conn.execute(shared).scalars()])


def _days_to_payment(work: Work, community: str, period: Period) -> Iterator[int]:
    requests, payments = tables.requests, tables.payments
    rows = work.conn.execute(
        select(payments.c.paid_on, requests.c.submitted_at)
        .join(requests, (payments.c.request_id == requests.c.id) & (payments.c.round == requests.c.round))
        .where(
            requests.c.community == community,
            payments.c.paid_on >= period.first_day,
            payments.c.paid_on <= period.due_on,
        )
    )
    yield from ((r.paid_on - london(r.submitted_at).date()).days for r in rows)


def _attendance(work: Work, community: str, period: Period) -> Iterator[Attendance]:
    """The meetings whose register was taken; chair, clerk and adviser are no schools."""
    meetings, attendance, schools = tables.meetings, tables.attendance, tables.schools
    begins_at, ends_at = period.moments
    names = select(schools.c.name).where(schools.c.community == community)
    rows = work.conn.execute(
        select(
            meetings.c.starts_at,
            func.count().filter(attendance.c.mark == Mark.PRESENT.value).label("present"),
            func.count().label("schools"),
        )
        .join(attendance, attendance.c.meeting_id == meetings.c.id)
        .where(
            meetings.c.community == community,
            meetings.c.starts_at >= begins_at,
            meetings.c.starts_at < ends_at,
            attendance.c.of.in_(names),
        )
        .group_by(meetings.c.id, meetings.c.starts_at)
        .order_by(meetings.c.starts_at)
    )
    for r in rows:
        yield Attendance(community=community, day=day_of(r), present=r.present, schools=r.schools)
