"""SEN IA surgeries: sessions an adviser publishes, slots schools book, the waiting list.

Source: slide 'SEN Inclusion Adviser Surgeries': a monthly mail with the forthcoming surgeries, a weekly one with the
details to join, different days and times, a summary of the discussion shared, with opportunity for feedback.
Who books what, and who is told, is casework's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from communities.calendars import WEEKDAYS, SchoolYear, WorkingDays, at_london, london, spoken_time
from communities.meeting_times import overlaps, start_problems

SLOT_MINUTES, LEAST_MINUTES, MOST_MINUTES = 20, 10, 120
"""A slot's length, and what an adviser may choose (choices: the slides name none)."""

MOST_SLOTS = 16
NOTE_CHARACTERS, SUMMARY_CHARACTERS, COMMENT_CHARACTERS = 500, 4_000, 1_000

MOVES_UP_BEFORE = timedelta(hours=2)
"""A freed slot goes to the waiting list by itself while it is at least this far off; later nobody would see it."""

MONTHLY_AT, WEEKLY_AT, REMINDER_AT = time(8, 0), time(8, 0), time(9, 0)
"""Choices: the mails go out in the morning."""

RATINGS: tuple[str, ...] = ("1", "2", "3", "4", "5")
"""How useful it was, from not at all to very."""


class SurgeryState(StrEnum):
    """Where a session stands."""

    PUBLISHED = "Published"
    CANCELLED = "Cancelled"
    HELD = "Held"


class BookingState(StrEnum):
    """Where a booking stands. `WAITING` has no slot yet."""

    BOOKED = "Booked"
    WAITING = "Waiting"
    CANCELLED = "Cancelled"
    CAME = "Came"
    MISSED = "Did not come"
    LAPSED = "No slot came free"


OPEN_BOOKINGS = (BookingState.BOOKED, BookingState.WAITING)
HAD_A_SLOT = (BookingState.BOOKED, BookingState.CAME, BookingState.MISSED)


@dataclass(frozen=True, kw_only=True)
class Surgery:
    """A session as an adviser offers it: `slots` slots of `slot_minutes` each, one school a slot."""

    starts_at: datetime
    """UTC."""
    slots: int
    slot_minutes: int = SLOT_MINUTES

    @property
    def ends_at(self) -> datetime:
        """The end of the last slot, UTC."""
        return self.starts_at + timedelta(minutes=self.slots * self.slot_minutes)

    def slot_at(self, slot: int) -> datetime:
        """When a slot begins, UTC; slots count from 1."""
        return self.starts_at + timedelta(minutes=(slot - 1) * self.slot_minutes)

    def free(self, taken: Collection[int], now: datetime) -> tuple[int, ...]:
        """The slots nobody has, of those that have not begun."""
        return tuple(n for n in range(1, self.slots + 1) if n not in taken and self.slot_at(n) > now)


def surgery_problems(
    surgery: Surgery, now: datetime, others: Sequence[Surgery] = (), years: Sequence[SchoolYear] = ()
) -> Iterator[str]:
    """What stands against publishing a session, each in a sentence; `others` are the adviser's own, `years` the
    county's term dates.
    """
    if not 1 <= surgery.slots <= MOST_SLOTS:
        yield f"{surgery.slots} slots were asked for. Choose 1 to {MOST_SLOTS}."
        return
    if not LEAST_MINUTES <= surgery.slot_minutes <= MOST_MINUTES:
        yield f"A slot of {surgery.slot_minutes} minutes cannot be. Choose {LEAST_MINUTES} to {MOST_MINUTES} minutes."
        return
    yield from start_problems("The session", surgery.starts_at, surgery.ends_at, now, years)
    for other in others:
        if overlaps(surgery, other):
            at = london(other.starts_at)
            yield f"It overlaps your session on {at:%-d %B at %H:%M}. Move one of them."


def monthly_mail_at(day: date, days: WorkingDays = WEEKDAYS) -> datetime:
    """When the month's mail goes out: the morning of its first working day, UTC."""
    return at_london(days.after(day.replace(day=1) - timedelta(days=1), 1), MONTHLY_AT)


def month_ahead(day: date) -> tuple[date, date]:
    """The days the month's mail tells of: to the end of the month after, so that no session is told of too late."""
    later = (day.replace(day=1) + timedelta(days=62)).replace(day=1)
    return day, later - timedelta(days=1)


def weekly_mail_at(day: date, days: WorkingDays = WEEKDAYS) -> datetime:
    """When the week's mail goes out: the morning of its first working day, UTC."""
    monday = day - timedelta(days=day.weekday())
    return at_london(days.after(monday - timedelta(days=1), 1), WEEKLY_AT)


def week_of(day: date) -> tuple[date, date]:
    """Monday to Sunday of the week the day lies in."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def spoken_week(first: date, last: date) -> str:
    """`9 to 15 November`, `30 November to 6 December`."""
    return f"{first:%-d %B} to {last:%-d %B}" if first.month != last.month else f"{first:%-d} to {last:%-d %B}"


def spoken_months(first: date, last: date) -> str:
    """`November and December 2026`, `December 2026 and January 2027`."""
    return f"{first:%B}" + ("" if first.year == last.year else f" {first.year}") + f" and {last:%B %Y}"


def spoken_session(surgery: Surgery) -> str:
    """`Thursday 12 November, 2pm to 3pm`."""
    day = london(surgery.starts_at)
    return f"{day:%A %-d %B}, {spoken_time(surgery.starts_at)} to {spoken_time(surgery.ends_at)}"


def reminder_at(starts_at: datetime, days: WorkingDays = WEEKDAYS) -> datetime:
    """When the reminder of a slot goes out: the morning of the working day before, UTC."""
    return at_london(days.before(london(starts_at).date(), 1), REMINDER_AT)


def moves_up(slot_at: datetime, now: datetime) -> bool:
    """Whether a slot that came free goes to whoever waited longest."""
    return slot_at - now >= MOVES_UP_BEFORE
