"""Every clock of a request, a meeting or a community, from the record: its rule, when it is due, whether it was met."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.decide import decision_row
from casework.desk import Work
from casework.meeting_record import day_of
from casework.moderate import moderation_row
from casework.reporting import open_reports, sent_reports
from casework.request_moves import payment_row
from casework.request_record import request_row
from casework.schedule import OVER, MeetingState
from communities.calendars import academic_year, london
from communities.clocks import Clock, decision_clocks, meeting_clocks, report_clocks, report_name
from communities.lifecycle import DECIDED, OPEN, State


def clocks_of_request(work: Work, request_id: str) -> list[Clock]:
    """The meeting's clocks for a request that waits for one, the payment's for one that was approved."""
    row = request_row(work, request_id)
    found: list[Clock] = []
    if row.meeting_id:
        meetings = tables.meetings
        meeting = work.conn.execute(select(meetings).where(meetings.c.id == row.meeting_id)).one()
        found += clocks_of_meeting(work, meeting)
    if row.state in DECIDED and (known := decision_row(work, request_id)).amount_pence:
        final, paid = moderation_row(work, request_id), payment_row(work, request_id)
        found += decision_clocks(
            london(known.decided_at).date(),
            forwarded_on=_forwarded_on(work, request_id),
            processed_on=final.processed_on if final else None,
            paid_on=paid.paid_on if paid else None,
            days=work.desk.days,
        )
    return found


def clocks_of_meeting(work: Work, meeting: Any) -> list[Clock]:
    """Submission and papers. Submissions that close by the clock are closed on time, whenever the sweep noted it."""
    closing = meeting.submissions_close_at
    closed = meeting.closed_at is not None or meeting.state != MeetingState.SCHEDULED
    return list(
        meeting_clocks(
            closing=closing,
            papers_on=meeting.papers_due_on,
            closed_on=min(_day(meeting.closed_at) or closing.last_day, closing.last_day) if closed else None,
            circulated_on=_day(meeting.circulated_at),
        )
    )


def _day(moment: datetime | None) -> date | None:
    return london(moment).date() if moment else None


def _forwarded_on(work: Work, request_id: str) -> date | None:
    journal = tables.journal
    found = select(journal.c.at).where(journal.c.subject == request_id, journal.c.command == "forward to HNFO")
    return _day(work.conn.execute(found.order_by(journal.c.number.desc()).limit(1)).scalar_one_or_none())


def running_clocks(work: Work, community: str) -> Iterator[tuple[str, Clock]]:
    """Every clock of a community that is not done: of its coming meetings, open requests, and this year's reports."""
    meetings, requests = tables.meetings, tables.requests
    coming = select(meetings).where(meetings.c.community == community, meetings.c.state.not_in(OVER))
    for meeting in work.conn.execute(coming.order_by(meetings.c.starts_at)).all():
        yield from ((f"meeting on {day_of(meeting):%-d %B %Y}", c) for c in clocks_of_meeting(work, meeting)
                    if c.done_on is None)  # fmt: skip
    open_ones = select(requests.c.id).where(
        requests.c.community == community,
        requests.c.state.in_([s for s in OPEN if s in (State.DECIDED, State.FORWARDED, State.MODERATED)]),
    )
    for request_id in work.conn.execute(open_ones.order_by(requests.c.id)).scalars().all():
        yield from ((request_id, c) for c in clocks_of_request(work, request_id) if c.done_on is None)
    yield from ((community, c) for c in clocks_of_reports(work, community) if c.done_on is None)


def clocks_of_reports(work: Work, community: str) -> Iterator[Clock]:
    """The reports of this academic year, and those of earlier ones that were drafted and never sent. A report that was
    due before the community was on the record is nobody's.
    """
    year, today = academic_year(work.today), work.today
    drafted = {(r.kind, r.due_on) for r in open_reports(work, [community])}
    late = {academic_year(due_on) for _, due_on in drafted} - {year}
    for one in sorted(late | {year}):
        for clock in report_clocks(one, work.desk.school_years, sent_reports(work, community, one)):
            is_drafted = any(report_name(kind, due_on) == clock.name and academic_year(due_on) == one
                             for kind, due_on in drafted)  # fmt: skip
            if clock.done_on is not None or is_drafted or (one == year and clock.due_on >= today):
                yield clock
