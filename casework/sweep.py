"""The sweep of the clocks: finds what has fallen due and does it. Run often; a second run does nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import time
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.attendance import ask_attendance, attendance_due
from casework.calendar_watch import ask_look, looks_due
from casework.circulate import close_submissions, make_papers
from casework.database import is_record_away
from casework.decide import asks
from casework.desk import SYSTEM, Desk, Work, hand_over
from casework.effects import not_asked_for
from casework.entering import place_on_meeting
from casework.evaluating import ask_evaluation, evaluations_due
from casework.forgetting import forget, forget_due
from casework.mail_limits import limits_near, warn_of_limit
from casework.meeting_record import close_meeting
from casework.not_done import tell_owner, untold
from casework.nudging import ask_digest, ask_nudge, digests_due, nudges_due
from casework.reporting import draft_report, reports_due
from casework.schedule import PAPERS_MADE, TAKES_REQUESTS, MeetingState
from casework.sharing import offer, unoffered
from casework.stuck import rooms_due, try_for_room
from casework.stuck_mail import stuck_news, tell_of_stuck
from casework.surgery_mail import ask_monthly, ask_reminder, ask_weekly, monthly_due, reminders_due, weekly_due
from casework.surgery_record import close_surgery, over_surgeries
from casework.there_by_now import go_on, there_by_now
from casework.tracing import span
from casework.workbook_trouble import tell_of_workbook, watch_workbook
from communities.calendars import at_london, london
from communities.lifecycle import OPEN, State

PAPERS_AT = time(7, 0)
"""A choice: the agenda goes out at seven in the morning of the day it is due."""

HANDED_AT_ONCE = 500
ROUNDS = 5
"""What was done may make something else due, which is done in the same sweep."""

DONE_AT_ONCE = 10
"""Few, so that a sweep never holds the record for long."""

ASK_AT = time(8, 0)
"""A choice: the chair has the decision cards from eight in the morning of the meeting."""


def sweep(desk: Desk) -> int:
    """Everything due now. Looking for it locks nothing; what is found is done a portion a transaction, after a second
    look. Returns how many things were done. What fails stops nothing else, and is raised at the end.
    """
    done, failed = 0, list[Exception]()
    for _ in range(ROUNDS):
        with desk.reading(SYSTEM) as work:
            due = [(find, act, found) for find, act in DUE if (found := find(work))]
        acted = 0
        for find, act, found in due:
            with span(f"due: {act.__name__.strip('_')}"):
                acted += _do(desk, find, act, found, failed)
        done += acted
        if not acted:
            break
    hand_over_all(desk)
    if failed:
        raise failed[0]
    return done


def _do(
    desk: Desk,
    find: Callable[[Work], list[str]],
    act: Callable[[Work, str], object],
    found: Sequence[str],
    failed: list[Exception],
) -> int:
    """Those of the found that are still due; returns how many."""
    done = 0
    for first in range(0, len(found), DONE_AT_ONCE):
        done += _act(desk, find, act, found[first : first + DONE_AT_ONCE], failed)
    return done


def _act(
    desk: Desk,
    find: Callable[[Work], list[str]],
    act: Callable[[Work, str], object],
    subjects: Sequence[str],
    failed: list[Exception],
) -> int:
    """Some of them in one transaction; where one fails, each in its own, so that it stops none of the others."""
    try:
        with desk.work(SYSTEM) as work:
            still = set(find(work))
            wanted = [s for s in subjects if s in still]
            for subject in wanted:
                act(work, subject)
        return len(wanted)
    except Exception as error:
        if is_record_away(error):
            raise
        if len(subjects) == 1:
            failed.append(error)
            return 0
    return sum(_act(desk, find, act, [subject], failed) for subject in subjects)


def hand_over_all(desk: Desk) -> None:
    """Give the engine the effects a bulk of responses asked for, a portion a transaction."""
    handed = HANDED_AT_ONCE
    while handed == HANDED_AT_ONCE:
        with desk.work(SYSTEM) as work:
            handed = hand_over(work, HANDED_AT_ONCE)


def _unplaced(work: Work) -> list[str]:
    requests, meetings = tables.requests, tables.meetings
    rows = work.conn.execute(
        select(requests.c.id)
        .join(meetings, meetings.c.community == requests.c.community)
        .where(
            requests.c.meeting_id.is_(None),
            requests.c.state.in_((State.RECEIVED, State.DEFERRED)),
            meetings.c.submissions_close_at > requests.c.submitted_at,
            meetings.c.state.in_(TAKES_REQUESTS),
        )
        .distinct()
    )
    return list(rows.scalars())


def _place(work: Work, request_id: str) -> None:
    row: Any = work.conn.execute(select(tables.requests).where(tables.requests.c.id == request_id)).one()
    place_on_meeting(work, row)
    work.effect("list.write", f"{request_id}#placed")


def _closing(work: Work) -> list[str]:
    meetings = tables.meetings
    return list(
        work.conn.execute(
            select(meetings.c.id)
            .where(meetings.c.state == MeetingState.SCHEDULED, meetings.c.submissions_close_at <= work.now)
            .order_by(meetings.c.submissions_close_at)
        ).scalars()
    )


def _papers_due(work: Work) -> list[str]:
    meetings = tables.meetings
    rows = work.conn.execute(
        select(meetings.c.id, meetings.c.papers_due_on)
        .where(meetings.c.state == MeetingState.CLOSED, meetings.c.papers_due_on <= work.today)
        .order_by(meetings.c.papers_due_on)
    )
    return [r.id for r in rows if at_london(r.papers_due_on, PAPERS_AT) <= work.now]


def _to_ask(work: Work) -> list[str]:
    requests, meetings = tables.requests, tables.meetings
    rows = work.conn.execute(
        select(requests.c.id, requests.c.round, requests.c.meeting_id, meetings.c.starts_at)
        .join(meetings, meetings.c.id == requests.c.meeting_id)
        .where(requests.c.state == State.ON_AGENDA)
        .order_by(requests.c.id)
    )
    due = [asks(r) for r in rows if at_london(london(r.starts_at).date(), ASK_AT) <= work.now]
    return not_asked_for(work, "card.ask", due)


def _ask(work: Work, subject: str) -> None:
    work.effect("card.ask", subject)


def _to_list(work: Work) -> list[str]:
    requests, meetings = tables.requests, tables.meetings
    rows = work.conn.execute(
        select(meetings.c.id, meetings.c.starts_at)
        .join(requests, requests.c.meeting_id == meetings.c.id)
        .where(requests.c.state == State.ON_AGENDA, meetings.c.state.in_(PAPERS_MADE))
        .distinct()
        .order_by(meetings.c.id)
    )
    due = [r.id for r in rows if at_london(london(r.starts_at).date(), ASK_AT) <= work.now]
    return not_asked_for(work, "post.to-decide", due)


def _list(work: Work, meeting_id: str) -> None:
    work.effect("post.to-decide", meeting_id)


def _to_review(work: Work) -> list[str]:
    decisions, requests = tables.decisions, tables.requests
    rows = work.conn.execute(
        select(decisions.c.request_id, decisions.c.round)
        .join(requests, (requests.c.id == decisions.c.request_id) & (requests.c.round == decisions.c.round))
        .where(decisions.c.review_on <= work.today, requests.c.state.in_(OPEN))
        .order_by(decisions.c.request_id)
    )
    return not_asked_for(work, "mail.review", [f"{r.request_id}#{r.round}" for r in rows])


def _review(work: Work, subject: str) -> None:
    work.effect("mail.review", subject)


def _over(work: Work) -> list[str]:
    meetings = tables.meetings
    rows = select(meetings.c.id).where(meetings.c.state.in_(PAPERS_MADE), meetings.c.ends_at <= work.now)
    return list(work.conn.execute(rows.order_by(meetings.c.ends_at)).scalars())


DUE: tuple[tuple[Callable[[Work], list[str]], Callable[[Work, str], object]], ...] = (
    (_unplaced, _place),
    (_closing, close_submissions),
    (_papers_due, make_papers),
    (_to_ask, _ask),
    (_to_list, _list),
    (_over, close_meeting),
    (attendance_due, ask_attendance),
    (looks_due, ask_look),
    (_to_review, _review),
    (watch_workbook, tell_of_workbook),
    (digests_due, ask_digest),
    (nudges_due, ask_nudge),
    (over_surgeries, close_surgery),
    (unoffered, offer),
    (monthly_due, ask_monthly),
    (weekly_due, ask_weekly),
    (reminders_due, ask_reminder),
    (evaluations_due, ask_evaluation),
    (reports_due, draft_report),
    (rooms_due, try_for_room),
    (there_by_now, go_on),
    (stuck_news, tell_of_stuck),
    (untold, tell_owner),
    (limits_near, warn_of_limit),
    (forget_due, forget),
)
"""What the sweep looks for, and what it does with each find."""
