"""The chat of a meeting in Teams: how CoS Desk knows, when it is asked something there, which meeting it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.effects import effect
from casework.ports import Ports
from casework.schedule import meeting_row


@effect("meeting.chat")
async def find_chat(desk: Desk, ports: Ports, subject: str) -> None:
    """Ask Teams for the chat's thread. Where it does not say, the chat is a chat like any other."""
    meeting_id = subject.partition("#")[0]
    meeting = await desk.run(SYSTEM, meeting_row, meeting_id)
    if meeting.join_url and (chat_id := await ports.meetings.chat_of(desk.mailboxes.desk, meeting.join_url)):
        await desk.run(SYSTEM, _keep, meeting_id, meeting.join_url, chat_id)


def _keep(work: Work, meeting_id: str, join_url: str, chat_id: str) -> None:
    meetings = tables.meetings
    is_still = (meetings.c.id == meeting_id) & (meetings.c.join_url == join_url)
    work.conn.execute(update(meetings).where(is_still).values(chat_id=chat_id))


def meeting_of_chat(work: Work, thread: str) -> Any:
    """The meeting whose chat has that thread, or None."""
    meetings = tables.meetings
    if not thread:
        return None
    return work.conn.execute(select(meetings).where(meetings.c.chat_id == thread).limit(1)).one_or_none()
