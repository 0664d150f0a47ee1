"""A community's year is closed: the balance agreed with KCC, what is open carried over, nothing spent from it after."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from sqlalchemy import func, select, update

from casework import tables
from casework.budget_record import hold_budget, position
from casework.desk import CONSOLE, SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of
from casework.effects import effect
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import Letter, bullets, letter, spoken_moment
from casework.meeting_record import actions_of
from casework.ports import MailDraft, Ports
from casework.reporting import open_reports
from casework.request_moves import defer_request
from casework.schedule import OVER, MeetingState, check_runs, next_meeting
from casework.year_record import is_closed, year_row
from communities.budget import LineKind
from communities.calendars import academic_year
from communities.directory import Role
from communities.lifecycle import BEFORE_DECISION, State
from communities.money import pounds
from communities.year_end import YearStanding, obstacles

UNPAID = (State.DECIDED, State.FORWARDED, State.MODERATED)


def year_standing(work: Work, community: str, year: str) -> YearStanding:
    """How it stands, from the record."""
    stands, known = position(work, community, year), year_row(work, community, year)
    unpaid = _unpaid(work, community, year)
    return YearStanding(
        community=community,
        academic_year=year,
        meetings_left=meetings_left(work, community, year),
        undecided=_undecided(work, community),
        unpaid=unpaid,
        unpaid_pence=stands.outstanding_pence if stands else 0,
        unsent=[r.id for r in open_reports(work, [community]) if academic_year(r.due_on) == year],
        open_actions=len(actions_of(work, community)),
        balance_pence=stands.balance_pence if stands else None,
        agreed_pence=known.balance_pence if known else None,
        is_closed=known is not None and known.closed_at is not None,
    )


def meetings_left(work: Work, community: str, year: str) -> int:
    """The year's meetings that are neither held nor cancelled."""
    meetings = tables.meetings
    left = select(func.count()).where(
        meetings.c.community == community, meetings.c.academic_year == year, meetings.c.state.not_in(OVER)
    )
    return int(work.conn.execute(left).scalar_one())


def to_close(work: Work, communities: Sequence[str], year: str) -> list[tuple[str, bool]]:
    """The communities whose meetings of a year were held, with a budget, not closed; whether KCC agreed the balance."""
    meetings, budgets, ends = tables.meetings, tables.budgets, tables.year_ends
    left = select(meetings.c.id).where(
        meetings.c.community == budgets.c.community, meetings.c.academic_year == year, meetings.c.state.not_in(OVER)
    )
    held = select(meetings.c.id).where(
        meetings.c.community == budgets.c.community,
        meetings.c.academic_year == year,
        meetings.c.state == MeetingState.HELD,
    )
    rows = (
        select(budgets.c.community, ends.c.agreed_at)
        .outerjoin(ends, (ends.c.community == budgets.c.community) & (ends.c.academic_year == year))
        .where(budgets.c.academic_year == year, budgets.c.community.in_(communities))
        .where(ends.c.closed_at.is_(None), ~left.exists(), held.exists())
        .order_by(budgets.c.community)
    )
    return [(r.community, r.agreed_at is not None) for r in work.conn.execute(rows)]


def _undecided(work: Work, community: str) -> list[str]:
    requests = tables.requests
    rows = select(requests.c.id).where(requests.c.community == community, requests.c.state.in_(BEFORE_DECISION))
    return list(work.conn.execute(rows.order_by(requests.c.id)).scalars())


def _unpaid(work: Work, community: str, year: str) -> list[str]:
    """Approved in the year, with money of it that is not paid."""
    requests, ledger = tables.requests, tables.ledger
    rows = (
        select(requests.c.id)
        .join(ledger, (ledger.c.request_id == requests.c.id) & (ledger.c.round == requests.c.round))
        .where(requests.c.community == community, requests.c.state.in_(UNPAID))
        .where(ledger.c.academic_year == year, ledger.c.kind == LineKind.COMMITMENT.value)
    )
    return list(work.conn.execute(rows.order_by(requests.c.id)).scalars())


def agree_balance(work: Work, community: str, year: str, pence: int, by: str) -> None:
    """KCC agrees the balance the record shows. One that differs is first corrected on the record, with its reason."""
    directory = directory_of(work)
    if by != CONSOLE and not any(directory.holds(by, r) for r in (Role.MODERATOR, Role.ADMINISTRATOR)):
        raise NotAllowed("The balance is agreed by a KCC moderator. Nothing was changed.")
    if is_closed(work, community, year):
        raise AlreadyDone(f"The year {year} of {community} is closed already. Nothing was changed.")
    hold_budget(work, community, year)
    stands = position(work, community, year)
    if stands is None:
        raise InputRefused(f"No budget of {community} for {year} is in the record.")
    if pence != stands.balance_pence:
        raise InputRefused(
            f"KCC has {pounds(pence)}, the record {pounds(stands.balance_pence)}: they differ by "
            f"{pounds(pence - stands.balance_pence)}. Record a correction with its reason first (`cos budget correct`)."
        )
    row = {
        "community": community, "academic_year": year, "balance_pence": pence, "agreed_by": by,
        "agreed_at": work.now, "carried": [],
    }  # fmt: skip
    work.conn.execute(insert_or_replace(work.conn, tables.year_ends, row, ("community", "academic_year")))
    work.acting(by).journal("agree balance", community, year=year, amount_pence=pence)


def close_year(work: Work, community: str, year: str, by: str, *, carry: bool = False) -> Sequence[str]:
    """Close it; returns what was carried over. Raises `InputRefused` with everything that stands against it."""
    if directory_of(work).community(community) is None:
        raise InputRefused(f"There is no community '{community[:60]}'.")
    check_runs(work, community, by)
    hold_budget(work, community, year)
    stands = year_standing(work, community, year)
    if stands.is_closed:
        raise AlreadyDone(f"The year {year} of {community} is closed already. Nothing was changed.")
    if against := list(obstacles(stands, carry=carry)):
        raise InputRefused(*against)
    _carry_over(work, community, stands, by)
    ends = tables.year_ends
    work.conn.execute(
        update(ends)
        .where(ends.c.community == community, ends.c.academic_year == year)
        .values(carried=list(stands.to_carry), closed_by=by, closed_at=work.now)
    )
    work.acting(by).journal("close year", community, year=year, carried=len(stands.to_carry))
    work.effect("mail.year-closed", f"{community}#{year}")
    return stands.to_carry


def _carry_over(work: Work, community: str, stands: YearStanding, by: str) -> None:
    """What was to be heard at a meeting that is over is heard at the next one; what is open otherwise goes on itself.

    Whoever runs the community defers; where the console closes a year, it does so in the clerk's name.
    """
    runs = by
    if by == CONSOLE:
        clerk = directory_of(work).clerk_of(community)
        runs = str(clerk.mail) if clerk else by
    requests = tables.requests
    heard = select(requests.c.id).where(requests.c.id.in_(stands.undecided), requests.c.state == State.ON_AGENDA)
    for request_id in work.conn.execute(heard.order_by(requests.c.id)).scalars().all():
        defer_request(work, request_id, f"The year {stands.academic_year} is closed; it is carried over.", runs)


@effect("mail.year-closed")
async def mail_closed(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell chair and clerk, and whoever at KCC agreed the balance, how the year ended."""
    await ports.mail.send(await desk.run(SYSTEM, _closed, subject))


def _closed(work: Work, subject: str) -> MailDraft:
    community, _, year = subject.rpartition("#")
    row, chair = year_row(work, community, year), directory_of(work).chair_of(community)
    to = [clerk_mail(work, community), *([chair.mail] if chair else [])]
    to += [row.agreed_by] if "@" in row.agreed_by else []
    stands, following = year_standing(work, community, year), next_meeting(work, community, None)
    said = closed_letter(stands, row.carried, following.starts_at if following else None)
    return from_desk(work, f"year-closed:{subject}", list(dict.fromkeys(to)), said, can_wait=True)


def closed_letter(stands: YearStanding, carried: Sequence[str], next_at: Any) -> Letter:
    """The year is closed: the balance, what goes over, when it goes on."""
    over = bullets(list(carried)) if carried else "<p>Nothing is carried over: everything was decided and paid.</p>"
    intro = ["This is carried over into the next year; nothing has to be sent again:"] if carried else []
    unpaid = pounds(stands.unpaid_pence)
    return letter(
        f"{stands.community}: the year {stands.academic_year} is closed",
        f"The year {stands.academic_year} of <b>{escape(stands.community)}</b> is closed. The balance agreed with KCC "
        f"is <b>{pounds(stands.balance_pence or 0)}</b>"
        + (f"; besides, {unpaid} is approved and not paid yet." if stands.unpaid_pence else "."),
        *intro,
        over,
        f"The next meeting is on <b>{spoken_moment(next_at)}</b>." if next_at else
        "The next meeting is not booked yet.",
    )  # fmt: skip
