"""Cancelling a meeting: its event, and its requests, which go on to the meeting after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.effects import EffectState, effect
from casework.errors import AlreadyDone, InputRefused, TryLater
from casework.letters import cancelled_comment, spoken_moment
from casework.masking import masked_in
from casework.ports import Ports
from casework.request_moves import defer_request, place_on_next
from casework.schedule import MeetingState, check_runs, meeting_row
from communities.lifecycle import State

REASON_CHARACTERS = 500


def cancel_meeting(work: Work, meeting_id: str, reason: str, by: str) -> int:
    """Call a meeting off that was not held: whoever was invited is told why by Outlook. Returns how many
    requests go on.

    What stands on its agenda is deferred, what waits for it waits for the meeting after. A meeting that takes place on
    another day is moved, not cancelled.
    """
    meeting = meeting_row(work, meeting_id)
    check_runs(work, meeting.community, by)
    if meeting.state in (MeetingState.HELD, MeetingState.CANCELLED):
        raise AlreadyDone(f"The meeting of {meeting.community} was {str(meeting.state).lower()} already.")
    if not reason.strip():
        raise InputRefused("Say why the meeting is cancelled: everybody who was invited reads it.")
    if len(reason) > REASON_CHARACTERS:
        raise InputRefused(f"The reason has {len(reason)} characters; the limit is {REASON_CHARACTERS}.")
    meetings, requests = tables.meetings, tables.requests
    reason = masked_in(work, [meeting.community], reason.strip())
    work.conn.execute(update(meetings).where(meetings.c.id == meeting_id).values(state=MeetingState.CANCELLED.value))
    entry = work.acting(by).journal("cancel meeting", meeting_id, was=spoken_moment(meeting.starts_at), reason=reason)
    work.effect("meeting.cancel", meeting_id)
    rows = work.conn.execute(
        select(requests.c.id, requests.c.state).where(requests.c.meeting_id == meeting_id).order_by(requests.c.id)
    ).all()
    said = f"The meeting on {spoken_moment(meeting.starts_at)} was cancelled: {reason}"
    waiting = [r.id for r in rows if r.state in (State.RECEIVED, State.DEFERRED)]
    on_agenda = [r.id for r in rows if r.state == State.ON_AGENDA]
    for request_id in waiting:
        place_on_next(work, request_id)
        work.effect("list.write", f"{request_id}#cancelled{entry}")
    for request_id in on_agenda:
        defer_request(work, request_id, said, by)
    return len(waiting) + len(on_agenda)


@effect("meeting.cancel")
async def cancel_event(desk: Desk, ports: Ports, meeting_id: str) -> None:
    """Cancel the event in the calendar; one that was never made needs nothing."""
    meeting, is_booking, comment = await desk.run(SYSTEM, _to_cancel, meeting_id)
    if meeting.event_id is not None:
        await ports.calendar.cancel(desk.mailboxes.desk, meeting.event_id, comment)
    elif is_booking:
        raise TryLater("The meeting is just being put into the calendar.", 5.0)


def _to_cancel(work: Work, meeting_id: str) -> tuple[Row[Any], bool, str]:
    meeting, effects, journal = meeting_row(work, meeting_id), tables.effects, tables.journal
    booking = work.conn.execute(select(effects.c.state).where(effects.c.id == f"meeting.book:{meeting_id}")).scalar()
    details = work.conn.execute(
        select(journal.c.details)
        .where(journal.c.subject == meeting_id, journal.c.command == "cancel meeting")
        .order_by(journal.c.number.desc())
        .limit(1)
    ).scalar_one()
    is_booking = booking in (EffectState.WAITING, EffectState.BEGUN)
    return meeting, is_booking, cancelled_comment(meeting.community, str(details["reason"]))
