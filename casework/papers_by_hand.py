"""Papers that could not be sent from here, and chair or clerk sent by hand: recorded with the day they went."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.circulate import circulated
from casework.desk import Work
from casework.effects import EffectState
from casework.errors import AlreadyDone, InputRefused
from casework.schedule import MeetingState, check_runs, meeting_row
from communities.calendars import at_london, london
from communities.given_days import sent_problems

AGENDA = ("agenda.upload", "agenda.mail")
"""What has to succeed for the papers to be out."""


def may_be_by_hand(work: Work, meeting: Any) -> bool:
    """Whether the agenda failed, or was given up, so that somebody may have sent the papers by hand."""
    if meeting.circulated_at is not None or meeting.state not in (MeetingState.SENDING, MeetingState.HELD):
        return False
    states = _agenda_states(work, meeting.id)
    return bool(states & {EffectState.STUCK, EffectState.DROPPED}) and EffectState.WAITING not in states


def papers_sent_by_hand(work: Work, meeting_id: str, on: date, by: str) -> None:
    """Record that the papers went by hand on a day, from the close of submissions to today: state and clock follow.

    Raises `AlreadyDone`, `InputRefused`, `NotAllowed`.
    """
    meeting = meeting_row(work, meeting_id)
    check_runs(work, meeting.community, by)
    if meeting.circulated_at is not None:
        raise AlreadyDone(f"The papers of {meeting.community} went out already. Nothing was changed.")
    if not may_be_by_hand(work, meeting):
        raise InputRefused(
            f"The agenda of {meeting.community} has not failed: CoS Desk sends it. Your tasks say if it can't."
        )
    closed_on = london(meeting.closed_at).date() if meeting.closed_at else meeting.submissions_close_at.last_day
    if problems := list(sent_problems(on, closed_on=closed_on, today=work.today)):
        raise InputRefused(*problems)
    at = work.now if on == work.today else max(at_london(on, time(12)), meeting.closed_at or work.now)
    circulated(work, meeting, at)
    work.acting(by).journal("send papers by hand", meeting_id, on=on.isoformat())


def _agenda_states(work: Work, meeting_id: str) -> set[str]:
    effects = tables.effects
    ids = [f"{kind}:{meeting_id}" for kind in AGENDA]
    return set(work.conn.execute(select(effects.c.state).where(effects.c.id.in_(ids))).scalars())
