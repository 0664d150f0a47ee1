"""A meeting's deadlines in words, in the tense of the moment: what is past has closed, what is to come closes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from casework.desk import Work
from casework.letters import spoken_day
from casework.meeting_record import day_of
from casework.schedule import MeetingState, meetings_of, missed_meeting
from communities.calendars import london

WERE_DUE = "Papers were due"


def closing_fact(meeting: Any, now: datetime) -> tuple[str, str]:
    """Until when requests count, or counted."""
    closing = meeting.submissions_close_at
    return "Submissions closed" if closing.is_over(now) else "Submissions close", str(closing)


def papers_fact(meeting: Any, now: datetime) -> tuple[str, str]:
    """When the papers go out; when they went out, or that they are on their way; when they were due, where they are
    late.
    """
    if meeting.circulated_at is not None:
        return "Papers went out", spoken_day(london(meeting.circulated_at).date())
    if meeting.state == MeetingState.SENDING:
        return "Papers are being sent, due", spoken_day(meeting.papers_due_on)
    is_late = meeting.papers_due_on < london(now).date()
    return WERE_DUE if is_late else "Papers go out", spoken_day(meeting.papers_due_on)


def late_sentence(work: Work, row: Any) -> str:
    """Why a request is late and for which meeting; '' where it was in time, or that meeting has begun."""
    missed = missed_meeting(meetings_of(work, row.community), row.submitted_at, row.meeting_id, work.now)
    if missed is None:
        return ""
    is_over = missed.submissions_close_at.is_over(row.submitted_at)
    why = f"submissions closed at {missed.submissions_close_at}" if is_over else "its papers were made already"
    return f"It is late for the meeting on {spoken_day(day_of(missed))}: {why}. The chair may still let it in."
