"""The clocks of the process: each number of the slides stands here once, with its source.

A clock answers when something is due. Who does it, and what happens then, is casework's.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from communities.calendars import at_london, working_days_after, working_days_before

SUBMISSION_WORKING_DAYS = 10
"""Slide 'Request for Support Form': submit at least 10 working days before the scheduled CoS meeting."""

PAPERS_WORKING_DAYS = 5
"""Slide 'Request for Resource': clerk to circulate details with the agenda 5 days before meeting."""

FORWARD_WORKING_DAYS = 3
"""Slide 'Request for Resource': financial decisions go to the High Needs Funding Officer within 3 working days."""

PROCESSING_DAYS = 30
"""Slide 'Request for Support Form (cont.)': KCC commitment to process within 30 days of receipt."""


def submissions_close_on(meeting_day: date) -> date:
    """The last day on which a request still counts for the meeting."""
    return working_days_before(meeting_day, SUBMISSION_WORKING_DAYS)


def submissions_close_at(meeting_day: date) -> datetime:
    """The moment submissions close, UTC: the end of the last day, by London's clock (a choice)."""
    return at_london(submissions_close_on(meeting_day) + timedelta(days=1), time(0))


def papers_due_on(meeting_day: date) -> date:
    """The day by which the clerk circulates the agenda and the requests."""
    return working_days_before(meeting_day, PAPERS_WORKING_DAYS)


def forward_due_on(approved_on: date) -> date:
    """The last day on which an approved financial decision may go to the Area HNFO."""
    return working_days_after(approved_on, FORWARD_WORKING_DAYS)


def processing_due_on(received_on: date) -> date:
    """The last day of KCC's commitment to process; calendar days."""
    return received_on + timedelta(days=PROCESSING_DAYS)


def next_advance_on(day: date) -> date:
    """The next monthly schools' advance: the first working day of the next month (a choice: the slides say monthly)."""
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return working_days_after(first - timedelta(days=1), 1)
