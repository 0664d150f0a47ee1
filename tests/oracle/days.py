"""Working days, terms and deadlines. Numbers are literals on purpose: nothing here follows the product."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

BANK_HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for day in (
        "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28",
        "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30", "2027-12-27", "2027-12-28",
    )
)  # fmt: skip
"""England and Wales (gov.uk/bank-holidays)."""

TERMS = tuple(
    (date.fromisoformat(first), date.fromisoformat(last))
    for first, last in (
        ("2026-09-01", "2026-10-16"), ("2026-11-02", "2026-12-18"), ("2027-01-04", "2027-02-12"),
        ("2027-02-22", "2027-03-25"), ("2027-04-12", "2027-05-28"), ("2027-06-07", "2027-07-22"),
    )
)  # fmt: skip
"""Kent's six terms of 2026-27 (DOMAIN.md, 'The clocks')."""


def is_working(day: date) -> bool:
    """Monday to Friday without bank holidays (DOMAIN.md, 'The clocks')."""
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def working_days(first: date, last: date) -> list[date]:
    """Those between two days, both included."""
    return [d for d in (first + timedelta(days=n) for n in range((last - first).days + 1)) if is_working(d)]


def before(day: date, count: int) -> date:
    """So many working days earlier."""
    for _ in range(count):
        day -= timedelta(days=1)
        while not is_working(day):
            day -= timedelta(days=1)
    return day


def after(day: date, count: int) -> date:
    """So many working days later."""
    for _ in range(count):
        day += timedelta(days=1)
        while not is_working(day):
            day += timedelta(days=1)
    return day


def last_to_submit(meeting: date) -> date:
    """Slide 'Request for Support Form': at least 10 working days before the meeting."""
    return before(meeting, 10)


def papers_on(meeting: date) -> date:
    """Slide 'Request for Resource': the clerk circulates 5 working days before the meeting; days on which schools are
    open, but not before the second working day after submissions closed (choices: decision 0026).
    """
    day = meeting
    for _ in range(5):
        day = before(day, 1)
        while not in_term(day):
            day = before(day, 1)
    return max(day, after(last_to_submit(meeting), 2))


def minutes_by(meeting: date) -> date:
    """Ten working days (a choice: the slides ask for standard minutes and name no day)."""
    return after(meeting, 10)


def forward_by(decided: date) -> date:
    """Slide 'Request for Resource': to the HNFO within 3 working days of approval."""
    return after(decided, 3)


def process_by(received: date) -> date:
    """Slide 'Request for Support Form (cont.)': KCC processes within 30 days of receipt, calendar days."""
    return received + timedelta(days=30)


def next_advance(processed: date) -> date:
    """With the next monthly schools' advance: the first working day of the next month (a choice)."""
    first = date(processed.year + 1, 1, 1) if processed.month == 12 else date(processed.year, processed.month + 1, 1)
    return first if is_working(first) else after(first, 1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """London's clock on that day, as UTC."""
    return datetime.combine(day, time(hour, minute), LONDON).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day in London."""
    return moment.astimezone(LONDON).date()


def in_term(day: date) -> bool:
    """Whether schools are open that day."""
    return any(first <= day <= last for first, last in TERMS)
