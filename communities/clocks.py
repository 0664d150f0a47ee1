"""The clocks of the process: each number of the slides stands here once, with its source.

A clock says its rule, when it is due and whether it was met. Who does it, and what happens then, is casework's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from communities.calendars import WEEKDAYS, Closing, SchoolYear, WorkingDays
from communities.reporting_points import board_quarters, reporting_points

SUBMISSION_WORKING_DAYS = 10
"""Slide 'Request for Support Form': submit at least 10 working days before the scheduled CoS meeting."""

PAPERS_WORKING_DAYS = 5
"""Slide 'Request for Resource': clerk to circulate details with the agenda 5 days before meeting."""

LOOKED_THROUGH_WORKING_DAYS = 2
"""A choice: papers never go out before the second working day after submissions closed, so that the clerk has one whole
day to look them through.
"""

FORWARD_WORKING_DAYS = 3
"""Slide 'Request for Resource': financial decisions go to the High Needs Funding Officer within 3 working days."""

PROCESSING_DAYS = 30
"""Slide 'Request for Support Form (cont.)': KCC commitment to process within 30 days of receipt."""

REGISTER_WORKING_DAYS = 1
MINUTES_WORKING_DAYS = 10
"""Choices: the slides ask for a register and standard minutes and name no day."""


class Standing(StrEnum):
    """How a clock stands on a day."""

    RUNNING = "running"
    MET = "met"
    LATE = "done late"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class Clock:
    """One deadline: its rule in a sentence, the day it is due, and the day it was done (None: not yet)."""

    name: str
    rule: str
    due_on: date
    done_on: date | None = None

    def standing(self, today: date) -> Standing:
        """Whether it was met: done on the due day counts."""
        if self.done_on is not None:
            return Standing.MET if self.done_on <= self.due_on else Standing.LATE
        return Standing.RUNNING if today <= self.due_on else Standing.MISSED


def submissions_close_on(meeting_day: date, days: WorkingDays = WEEKDAYS) -> date:
    """The last day on which a request still counts for the meeting."""
    return days.before(meeting_day, SUBMISSION_WORKING_DAYS)


def submissions_close(meeting_day: date, days: WorkingDays = WEEKDAYS) -> Closing:
    """Until when a request counts for the meeting: the end of the last day."""
    return Closing(last_day=submissions_close_on(meeting_day, days))


def papers_due_on(meeting_day: date, days: WorkingDays = WEEKDAYS) -> date:
    """The day by which the clerk circulates the agenda and the requests: schools have five working days to read them
    in which they are open, as far as the clerk's day after submissions allows.
    """
    looked_through = days.after(submissions_close_on(meeting_day, days), LOOKED_THROUGH_WORKING_DAYS)
    return max(days.at_schools.before(meeting_day, PAPERS_WORKING_DAYS), looked_through)


def register_due_on(meeting_day: date, days: WorkingDays = WEEKDAYS) -> date:
    """The day by which the register of a meeting stands."""
    return days.after(meeting_day, REGISTER_WORKING_DAYS)


def minutes_due_on(meeting_day: date, days: WorkingDays = WEEKDAYS) -> date:
    """The day by which the minutes are written."""
    return days.after(meeting_day, MINUTES_WORKING_DAYS)


def forward_due_on(approved_on: date, days: WorkingDays = WEEKDAYS) -> date:
    """The last day on which an approved financial decision may go to the Area HNFO."""
    return days.after(approved_on, FORWARD_WORKING_DAYS)


def processing_due_on(received_on: date) -> date:
    """The last day of KCC's commitment to process; calendar days."""
    return received_on + timedelta(days=PROCESSING_DAYS)


def next_advance_on(day: date) -> date:
    """The next monthly schools' advance: the first working day of the next month (a choice: the slides say monthly)."""
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return WEEKDAYS.after(first - timedelta(days=1), 1)


def expected_advance_on(approved_on: date, today: date, days: WorkingDays = WEEKDAYS) -> date:
    """The advance an approved amount is to be paid with, until KCC has processed it: the next one after the day it is
    with the HNFO at the latest, and none that is past.

    Slide 'Request for Resource': payments are expected on the next monthly schools' advance.
    """
    return next_advance_on(max(forward_due_on(approved_on, days), today))


def meeting_clocks(
    *, closing: Closing, papers_on: date, closed_on: date | None = None, circulated_on: date | None = None
) -> Iterator[Clock]:
    """The clocks of a community meeting as it was booked, in the order they run out, with the days on which they were
    met.
    """
    yield Clock(
        name="submission",
        rule=f"Requests are submitted at least {SUBMISSION_WORKING_DAYS} working days before the meeting.",
        due_on=closing.last_day,
        done_on=closed_on,
    )
    yield Clock(
        name="papers",
        rule=f"The agenda and requests are circulated at least {PAPERS_WORKING_DAYS} working days before the meeting.",
        due_on=papers_on,
        done_on=circulated_on,
    )


def decision_clocks(
    approved_on: date,
    *,
    forwarded_on: date | None = None,
    processed_on: date | None = None,
    paid_on: date | None = None,
    days: WorkingDays = WEEKDAYS,
) -> Iterator[Clock]:
    """The clocks of an approved amount: forward, processing once it was received, payment once it was processed."""
    yield Clock(
        name="forward",
        rule=f"An approved amount goes to the Area HNFO within {FORWARD_WORKING_DAYS} working days of approval.",
        due_on=forward_due_on(approved_on, days),
        done_on=forwarded_on,
    )
    if forwarded_on is not None:
        yield Clock(
            name=PROCESSING,
            rule=f"KCC processes within {PROCESSING_DAYS} calendar days of receipt.",
            due_on=processing_due_on(forwarded_on),
            done_on=processed_on,
        )
    if processed_on is not None:
        yield Clock(
            name="payment",
            rule="The amount is paid with the next monthly schools' advance.",
            due_on=next_advance_on(processed_on),
            done_on=paid_on,
        )


PROCESSING = "processing"
"""The clock KCC has on a request it received."""

KIT_REPORT, BOARD_REPORT = "KiT report", "Area Board report"


def report_name(kind: str, due_on: date) -> str:
    """What a report's clock is called: `KiT report November`."""
    return f"{kind} {due_on:%B}"


def report_clocks(
    academic: str, school_years: Sequence[SchoolYear], sent_on: Mapping[str, date] = MappingProxyType({})
) -> Iterator[Clock]:
    """The year's reports of a community: four to the KiT meetings, one a quarter to the Area Board. Done when sent;
    `sent_on` is by the clock's name.
    """
    kinds = (
        (KIT_REPORT, reporting_points, "Communities report to and from the KiT meetings in November, February, April "
         "and July."),
        (BOARD_REPORT, board_quarters, "Clerk and chair prepare the report for the Area Board once a quarter."),
    )  # fmt: skip
    for kind, points, rule in kinds:
        for due in points(academic, school_years):
            name = report_name(kind, due)
            yield Clock(name=name, rule=rule, due_on=due, done_on=sent_on.get(name))
