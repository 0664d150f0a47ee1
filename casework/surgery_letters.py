"""Every mail about surgeries. A booking's note is in none of them: it is for the adviser alone, in Teams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from casework.letters import Letter, letter, spoken_moment, table
from communities.calendars import london

STOP = (
    "You get this mail because you are a SENCO in the directory. To stop these mails, ask CoS Desk in Teams for "
    "<i>surgeries</i> and press <i>No mails about surgeries</i>."
)
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


def monthly_letter(month: str, own: Sequence[tuple[str, str, str]], others: int) -> Letter:
    """The coming sessions of the reader's own advisers (when, who, free slots), and how many there are of others."""
    own_ones = [
        "These are the coming surgeries of your link SEN Inclusion Adviser:",
        table(("When", "With", "Free slots"), own),
    ]
    none = "Your link SEN Inclusion Adviser has published no surgery for the coming weeks yet."
    more = (
        f"Other advisers offer {_sessions(others)}, on different days and times; all can be booked." if others else ""
    )
    return letter(f"SEN IA surgeries: {month}", *(own_ones if own else [none]), *([more] if more else []), BOOK, STOP)


def weekly_letter(week: str, sessions: Sequence[tuple[str, str, str, str]]) -> Letter:
    """This week's sessions with how to join: (day and time, adviser, free slots, link)."""
    lines = "".join(
        f"<li>{escape(when)} with {escape(adviser)} ({escape(free)} slots free): "
        f'<a href="{escape(link)}">join in Teams</a></li>'
        for when, adviser, free, link in sessions
    )
    return letter(
        f"This week's SEN IA surgeries: {week}", "These sessions are held this week:", f"<ul>{lines}</ul>",
        "A slot that is booked is for that school alone; whoever joins without one may have to wait for a free one.",
        BOOK, STOP,
    )  # fmt: skip


def reminder_letter(adviser: str, starts_at: datetime, school: str, join_url: str) -> Letter:
    """The working day before a slot."""
    return letter(
        f"Your surgery slot: {london(starts_at):%A %-d %B, %H:%M}",
        f"<b>{escape(school)}</b> has a slot in the surgery of {escape(adviser)} on <b>{spoken_moment(starts_at)}</b>.",
        f'<p><a href="{escape(join_url)}">Join in Teams</a></p>',
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


def _sessions(count: int) -> str:
    return "one session" if count == 1 else f"{count} sessions"
