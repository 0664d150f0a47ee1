"""Every mail about surgeries. A booking's note is in none of them: it is for the adviser alone, in Teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from casework.letters import Letter, join_part, letter, spoken_moment
from communities.calendars import london

STOP = (
    "You get this email because the directory names you for your school. To stop these emails, ask CoS Desk in Teams "
    "for <i>surgeries</i> and press <i>No mails about surgeries</i>."
)
LATER = "In Microsoft Teams; the link follows."
BOOK = "To book a slot, write <i>book a surgery</i> to CoS Desk in Teams."


def session_text(starts_at: datetime, slots: int, slot_minutes: int) -> str:
    """What the session's Teams meeting says."""
    return (
        f"<p>SEN IA surgery with {slots} slots of {slot_minutes} minutes from {london(starts_at):%H:%M}. "
        "Each school comes in for its own slot; the bookings are in CoS Desk.</p>"
    )


def slot_text(adviser: str, school: str, theme: str, join_url: str) -> str:
    """What a slot's calendar entry says."""
    return (
        f"<p>SEN IA surgery: {escape(school)} with {escape(adviser)}.</p><p>It is about: {escape(theme)}.</p>"
        f'<p><a href="{escape(join_url)}">Join in Teams</a></p>'
        "<p>To move or cancel it, write to CoS Desk in Teams.</p>"
    )


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """A session as the month's and the week's emails list it."""

    when: str
    adviser: str
    is_link: bool
    """Whether it is the link adviser of the reader's community."""
    free: str
    join_url: str | None
    """None while the calendar has not made the Teams meeting."""


def monthly_letter(months: str, sessions: Sequence[SessionLine]) -> Letter:
    """Every session that can be booked in the months, in order of time, whoever holds it."""
    return letter(
        f"SEN IA surgeries: {months}",
        f"These are the SEN Inclusion Adviser (SEN IA) surgeries for schools in {months}. They are on different days "
        "and at different times, and you can book a slot with any adviser.",
        _sessions(sessions), BOOK, STOP,
    )  # fmt: skip


def weekly_letter(week: str, sessions: Sequence[SessionLine]) -> Letter:
    """Every session of the week, with how to join it."""
    return letter(
        f"This week's SEN IA surgeries: {week}",
        "These SEN Inclusion Adviser (SEN IA) surgeries are held this week in Microsoft Teams. To join, open the link "
        "when your slot begins.",
        _sessions(sessions),
        "A booked slot is for that school only. If you join without one, you may have to wait for a free slot.",
        BOOK, STOP,
    )  # fmt: skip


def _sessions(sessions: Sequence[SessionLine]) -> str:
    """A list, not a table: its columns would be too narrow on a phone."""
    return "<ul>" + "".join(f'<li style="margin-bottom:8px">{_session(s)}</li>' for s in sessions) + "</ul>"


def _session(session: SessionLine) -> str:
    adviser = escape(session.adviser) + (" (your link adviser)" if session.is_link else "")
    where = f'<a href="{escape(session.join_url)}">Join in Microsoft Teams</a>' if session.join_url else LATER
    return f"<b>{escape(session.when)}</b><br>With {adviser}. {escape(session.free)}.<br>{where}"


def reminder_letter(adviser: str, starts_at: datetime, school: str, join_url: str | None) -> Letter:
    """The working day before a slot."""
    return letter(
        f"Your surgery slot: {london(starts_at):%A %-d %B, %H:%M}",
        f"<b>{escape(school)}</b> has a slot in the surgery of {escape(adviser)} on <b>{spoken_moment(starts_at)}</b>.",
        join_part(join_url, "Join in Teams"),
        "If you cannot come, tell CoS Desk in Teams: somebody may be waiting for a slot.",
    )


def moved_up_letter(adviser: str, starts_at: datetime, school: str) -> Letter:
    """A slot came free for somebody who waited."""
    return letter(
        f"You have a slot: {london(starts_at):%A %-d %B, %H:%M}",
        f"A slot came free in the surgery of {escape(adviser)}. <b>{escape(school)}</b> was next on the waiting list "
        f"and has it now: <b>{spoken_moment(starts_at)}</b>. It is in your calendar.",
        "If it does not suit you, write <i>cancel my surgery</i> to CoS Desk in Teams.",
    )


def called_off_letter(adviser: str, starts_at: datetime, instead: str) -> Letter:
    """A session was called off."""
    return letter(
        f"Called off: the surgery on {london(starts_at):%-d %B %Y}",
        f"The surgery of {escape(adviser)} on {spoken_moment(starts_at)} was called off. Your booking is cancelled.",
        escape(instead),
        BOOK,
    )


def sum_up_letter(surgery_id: str, starts_at: datetime, schools: Sequence[str]) -> Letter:
    """To the adviser, after the session."""
    came = "; ".join(schools)
    return letter(
        f"Please sum up your surgery of {london(starts_at):%-d %B %Y}",
        f"These schools had a slot: {escape(came)}.",
        "Write <i>my surgeries</i> to CoS Desk in Teams, say who came and sum the discussion up without naming any "
        f"child. It is shared with those who came. The session's number is {surgery_id}.",
    )


def summary_letter(adviser: str, starts_at: datetime, summary: str) -> Letter:
    """The summary of the discussion, to those who came."""
    paragraphs = "".join(f"<p>{escape(p)}</p>" for p in summary.splitlines() if p.strip())
    return letter(
        f"Summary of the surgery on {london(starts_at):%-d %B %Y}",
        f"{escape(adviser)} summed up the surgery of {spoken_moment(starts_at)}:",
        f"<blockquote>{paragraphs}</blockquote>",
        "How useful was it? Write <i>feedback on the surgery</i> to CoS Desk in Teams; it takes half a minute.",
    )
