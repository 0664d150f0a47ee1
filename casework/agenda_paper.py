"""What an agenda says, from the record: items and times, what came before, requests to be heard, the balance.

No pupil's name or date of birth is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from casework import tables
from casework.budget_record import budget_year, summary_of
from casework.desk import Work
from casework.directory_record import directory_of
from casework.documents import kept_paper
from casework.financial_years import positions
from casework.improving import improvements_for
from casework.letters import spoken_day
from casework.meeting_record import actions_of, day_of, meeting_before, meeting_days, minutes_row
from casework.moderate import moderation_row
from casework.request_view import circulated_view
from casework.schedule import meeting_row
from casework.sharing import offered_at
from communities.budget import TOTAL_FUNDING, BudgetSummary, FinancialYearSplit, rounded_note, split_by_financial_year
from communities.calendars import academic_year, at_london, financial_years, london
from communities.directory import Community
from communities.financial_years import PositionByYear
from communities.lifecycle import HEARD, State
from communities.meetings import (
    MEETING_MINUTES,
    STARTS,
    Action,
    AgendaItem,
    Template,
    agenda_items,
    with_case_studies,
    with_dashboard,
)
from communities.money import pounds, whole_pounds
from communities.reporting_points import meetings_with_report, reporting_points
from papers.agenda import ActionLine, AgendaPaper, AgendaRequest, BalanceLine, PreviousDecision
from papers.word import Link

VENUE = "Microsoft Teams"


def venue_of(room: str) -> str:
    """Where people meet: in Teams, and in a room where one is booked."""
    return f"{room} and {VENUE}" if room else VENUE


def requests_of(work: Work, meeting_id: str) -> list[Any]:
    """The requests to be heard, in the order of their numbers."""
    requests = tables.requests
    return list(
        work.conn.execute(
            select(requests)
            .where(requests.c.meeting_id == meeting_id, requests.c.state.in_(HEARD))
            .order_by(requests.c.id)
        )
    )


def agenda_paper(work: Work, meeting_id: str) -> AgendaPaper:
    """A booked meeting's agenda."""
    meeting = meeting_row(work, meeting_id)
    return _paper(
        work,
        meeting.community,
        meeting.starts_at,
        meeting.ends_at,
        requests_of(work, meeting_id),
        Template(meeting.template),
        meeting.item_minutes,
        venue_of(meeting.room),
        [f"{s.focus} ({s.school})" for s in offered_at(work, meeting_id)],
    )


def unbooked_agenda(work: Work, community: str, day: date) -> AgendaPaper:
    """The agenda of a meeting that is not booked: standard times, no requests, the balance as it stands."""
    starts_at = at_london(day, STARTS[0])
    return _paper(work, community, starts_at, starts_at + timedelta(minutes=MEETING_MINUTES), [])


def _paper(
    work: Work,
    community: str,
    starts_at: datetime,
    ends_at: datetime,
    requests: Sequence[Any],
    template: Template = Template.STANDARD,
    minutes: Sequence[int] | None = None,
    venue: str = VENUE,
    case_studies: Sequence[str] = (),
) -> AgendaPaper:
    year, before = budget_year(work, community), meeting_before(work, community, starts_at)
    day, previous_day = london(starts_at).date(), day_of(before) if before else None
    filed = kept_paper(work, before.id, "minutes") if before else None
    minutes_url = (filed.web_url or "") if filed else ""
    written = minutes_row(work, before.id) if before else None
    return AgendaPaper(
        community=community,
        date=spoken_day(day),
        time=spoken_times(starts_at, ends_at),
        venue=venue,
        items=_items(
            agenda_items(starts_at, template, minutes, reports_to_kit=_reports_to_kit(work, community, day)),
            template,
            case_studies,
            directory_of(work).community(community),
        ),
        requests=tuple(agenda_request(work, row) for row in requests),
        previous=tuple(_previous_decisions(work, before.id) if before else ()),
        academic_year=year,
        financial_years=financial_years(year),
        balance=balance_sheet(summary_of(work, community, year), positions(work, community, year)),
        minutes_url=minutes_url,
        minutes=Link(url=minutes_url, words=spoken_day(previous_day)) if minutes_url and previous_day else None,
        matters=(
            *(written.matters if written else ()),
            *(_undecided(work, before.id) if before else ()),
            *(f"Reported back by KCC: {i.text}" for i in improvements_for(work, community, _last_told(work, before))),
        ),
        actions=action_lines(actions_of(work, community, closed_since=previous_day), work.today),
    )


def _reports_to_kit(work: Work, community: str, day: date) -> bool:
    """Whether the KiT report stands on the agenda of that day's meeting."""
    year = academic_year(day)
    points = reporting_points(year, work.desk.school_years)
    return day in meetings_with_report(points, [*meeting_days(work, community, year), day])


def _items(
    items: tuple[AgendaItem, ...], template: Template, case_studies: Sequence[str], community: Community | None
) -> tuple[AgendaItem, ...]:
    """What the standard agenda's items name beside their titles: the dashboard's address, the case studies."""
    if template is not Template.STANDARD:
        return items
    return with_case_studies(with_dashboard(items, community.dashboard if community else ""), case_studies)


def _last_told(work: Work, before: Any) -> datetime | None:
    """Since when improvements are news: the last agenda was made then."""
    if before is None:
        return None
    journal = tables.journal
    made = select(func.min(journal.c.at)).where(journal.c.subject == before.id, journal.c.command == "make agenda")
    found: datetime | None = work.conn.execute(made).scalar()
    return found or before.starts_at


def spoken_times(starts_at: datetime, ends_at: datetime) -> str:
    """`13:30 to 15:30`, London time."""
    return f"{london(starts_at):%H:%M} to {london(ends_at):%H:%M}"


def agenda_request(work: Work, row: Any) -> AgendaRequest:
    """A request as circulated papers show it, pupils' names masked."""
    view = circulated_view(row)
    return AgendaRequest(
        number=view.id,
        school=view.school,
        support=", ".join(view.support),
        requested=pounds(view.requested_pence) if view.requested_pence else "–",
        pupils=f"{view.sen_support} on SEN Support, {view.ehcp} with an EHCP, {view.looked_after} looked after",
        key_stages=", ".join(view.key_stages),
        solution=view.solution,
        outcomes=view.outcomes,
        funding_use=view.funding_use or "–",
        already_supported=view.already_supported,
    )


def _previous_decisions(work: Work, meeting_id: str) -> list[PreviousDecision]:
    requests, decisions = tables.requests, tables.decisions
    rows = work.conn.execute(
        select(requests.c.id, requests.c.school, requests.c.state, decisions)
        .join(decisions, (decisions.c.request_id == requests.c.id) & (decisions.c.round == requests.c.round))
        .where(requests.c.meeting_id == meeting_id)
        .order_by(requests.c.id)
    )
    return [
        PreviousDecision(
            number=r.id,
            school=r.school,
            decision=spoken_decision(r),
            since=_since(work, r.id, r.state),
            review=f"{r.review_on:%-d %B %Y}" if r.review_on else "–",
        )
        for r in rows
    ]


def spoken_decision(row: Any) -> str:
    """`Financial contribution: £2,000`."""
    return ", ".join(row.responses) + (f": {pounds(row.amount_pence)}" if row.amount_pence else "")


def _undecided(work: Work, meeting_id: str) -> list[str]:
    requests = tables.requests
    rows = work.conn.execute(
        select(requests.c.id, requests.c.school)
        .where(requests.c.meeting_id == meeting_id, requests.c.state == State.ON_AGENDA)
        .order_by(requests.c.id)
    )
    return [f"{r.id} of {r.school} was not decided at the previous meeting." for r in rows]


def _since(work: Work, request_id: str, state: str) -> str:
    if state == State.PAID:
        return "Paid"
    if final := moderation_row(work, request_id):
        return f"KCC processed {pounds(final.final_pence)}; paid {final.pays_on:%B %Y}"
    return "Forwarded to the HNFO" if state == State.FORWARDED else "–"


def action_lines(actions: Sequence[Action], today: date) -> tuple[ActionLine, ...]:
    """Actions as papers list them."""
    return tuple(
        ActionLine(
            number=a.id,
            what=a.what,
            owner=a.owner,
            due=f"{a.due_on:%-d %B %Y}",
            stands=f"Closed: {a.outcome}" if a.closed_on else "Overdue" if a.is_overdue(today) else "Open",
        )
        for a in actions
    )


def balance_sheet(summary: BudgetSummary | None, stands: PositionByYear | None) -> tuple[BalanceLine, ...]:
    """The slide's lines with both financial years, then what happened since; lines that never happened are left out."""
    if summary is None or stands is None:
        return ()
    protected = -summary.protected_payments_pence
    since = (
        ("Difference between payments and final amounts", stands.split(lambda p: -p.payment_difference_pence)),
        ("Returned by schools or released", stands.split(lambda p: p.returned_pence)),
        ("Transfers", stands.split(lambda p: p.transferred_pence)),
        ("Corrections", stands.split(lambda p: p.corrected_pence)),
    )
    split = (
        ("Community budget after STLS and chair and clerking", split_by_financial_year(summary.after_top_slices_pence)),
        ("Estimated protected payments (75% of eligible existing payments)", split_by_financial_year(protected)),
        ("Community budget after protected payments", stands.split(lambda p: p.opening_pence)),
        ("Payments agreed by the community", stands.split(lambda p: -p.committed_pence)),
        ("Difference after KCC moderation", stands.split(lambda p: -p.moderated_pence)),
        *((label, parts) for label, parts in since if parts.first_pence or parts.second_pence),
        ("Balance", stands.balance),
    )
    note = rounded_note(*(parts for _, parts in split))
    return (
        _balance_line("Community budget before STLS / chair and clerking", summary.before_top_slices_pence),
        _balance_line("STLS top-slice", summary.stls_top_slice_pence),
        _balance_line("Chair and clerking", summary.chair_and_clerking_pence),
        *(_balance_line(label, parts.pence, parts) for label, parts in split),
        _balance_line(TOTAL_FUNDING, summary.total_funding_pence),
        *((BalanceLine(label=note, year="", first="", second=""),) if note else ()),
    )


def _balance_line(label: str, pence: int, split: FinancialYearSplit | None = None) -> BalanceLine:
    return BalanceLine(
        label=label,
        year=pounds(pence),
        first=whole_pounds(split.first_pence) if split else "",
        second=whole_pounds(split.second_pence) if split else "",
    )
