"""When a county's communities meet, and what their agendas say.

Source of the items: slides 'Agenda template' and '1st Community Meetings'.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest

from communities.calendars import SchoolYear, Term, at_london, is_working_day, london
from communities.directory import CommunityName
from communities.meetings import (
    ITEMS,
    MEETING_MINUTES,
    Action,
    AgendaItem,
    Template,
    agenda_items,
    propose_slots,
    template_of,
    times_problems,
    with_case_studies,
    with_dashboard,
)
from tests.rules.kent import KENT_2025, KENT_2026

STANDARD = (
    "Welcome, introductions and register of attendance",
    "Minutes and review of decisions and actions from previous meeting",
    "Outcomes data (access to dashboard)",
    "Report to and from KiT meetings (evaluation)",
    "Group solution discussions / case studies",
    "Finance updates, with review of the balance sheet",
)
FIRST = (
    "Terms of reference",
    "Operating guidance",
    "Reminder of the agreed principles of April 2023",
    "Inclusion dashboard: what is it telling you, and what updates are needed?",
    "Planning for the future: what do we have and how do we make best use of it? Whole school provision review, link "
    "practitioners",
    "Preparation to use a solution-focused approach to requests",
    "SEN notional budgets: is the guidance understood?",
    "Community budget information",
)
BEGINS = at_london(date(2026, 11, 5), time(13, 30))


def times(*args: object, **kwargs: object) -> list[str]:
    """When each item of an agenda begins."""
    return [i.time for i in agenda_items(BEGINS, *args, **kwargs)]  # type: ignore[arg-type]


def test_the_agenda_is_the_slides_with_the_time_each_item_begins() -> None:
    items = agenda_items(BEGINS)
    assert tuple(i.title for i in items) == STANDARD
    assert [i.number for i in items] == [1, 2, 3, 4, 5, 6]
    assert times() == ["13:30", "13:40", "13:55", "14:05", "14:15", "15:15"]
    first = agenda_items(BEGINS, Template.FIRST)
    assert tuple(i.title for i in first) == FIRST
    assert [i.number for i in first] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert times(Template.FIRST) == ["13:30", "13:40", "13:50", "14:00", "14:15", "14:40", "14:55", "15:10"]


def test_the_usual_minutes_of_the_items_fill_the_two_hours() -> None:
    minutes = {template: [m for _, m in items] for template, items in ITEMS.items()}
    assert minutes == {
        Template.STANDARD: [10, 15, 10, 10, 60, 15], Template.FIRST: [10, 10, 10, 15, 25, 15, 15, 20],
    }  # fmt: skip
    assert {sum(m) for m in minutes.values()} == {MEETING_MINUTES} == {120}


def test_the_chair_decides_how_long_each_item_takes() -> None:
    assert times(Template.STANDARD, [5, 0, 10, 15, 30, 20]) == ["13:30", "13:35", "13:35", "13:45", "14:00", "14:30"]


def test_the_kit_item_says_when_it_is_not_due_and_takes_no_time() -> None:
    items = agenda_items(BEGINS, reports_to_kit=False)
    said = [f"{t}: not due at this meeting" if n == 4 else t for n, t in enumerate(STANDARD, 1)]
    assert [i.title for i in items] == said
    assert [i.time for i in items] == ["13:30", "13:40", "13:55", "14:05", "14:05", "15:05"]
    given = [10, 15, 10, 7, 60, 15]
    assert times(minutes=given, reports_to_kit=False) == ["13:30", "13:40", "13:55", "14:05", "14:12", "15:12"]
    assert [i.title for i in agenda_items(BEGINS, Template.FIRST, reports_to_kit=False)] == list(FIRST)
    assert times(Template.FIRST, reports_to_kit=False) == times(Template.FIRST)


def test_the_times_are_londons() -> None:
    assert agenda_items(datetime(2026, 7, 1, 12, 30, tzinfo=UTC))[0].time == "13:30"


@pytest.mark.parametrize(
    ("month", "has_met", "template"),
    [(5, False, Template.STANDARD), (6, False, Template.FIRST), (7, False, Template.FIRST),
     (8, False, Template.STANDARD), (6, True, Template.STANDARD), (7, True, Template.STANDARD)],
)  # fmt: skip
def test_a_first_meeting_in_june_or_july_has_its_own_agenda(month: int, has_met: bool, template: Template) -> None:
    assert template_of(date(2026, month, 10), has_met=has_met) is template


def test_the_dashboard_stands_with_item_3_and_case_studies_with_item_5() -> None:
    items = [AgendaItem(number=n, title=f"T{n}", time="13:30") for n in range(1, 7)]
    dashboard = with_dashboard(items, "https://d.example")
    assert [i.title for i in dashboard] == ["T1", "T2", "T3: https://d.example", "T4", "T5", "T6"]
    assert with_dashboard(items, "") == tuple(items)
    studies = with_case_studies(items, ["A", "B"])
    assert [i.title for i in studies] == ["T1", "T2", "T3", "T4", "T5: A; B", "T6"]
    assert with_case_studies(items, []) == tuple(items)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ([20] * 6, []),
        ([10, 15, 10, 10, 60, 14], []),
        ([0, 0, 0, 0, 60, 60], []),
        ([1] * 5, ["The agenda has 6 items and 5 times were given. Give one number of minutes an item."]),
        ([1] * 7, ["The agenda has 6 items and 7 times were given. Give one number of minutes an item."]),
        ([-1, 10, -20, 0, 0, 0], ["-1 minutes is less than none."]),
        ([10, 10, 10, 10, 60, 21], ["The items take 121 minutes and the meeting 120. Take 1 minutes off."]),
        ([50] * 6, ["The items take 300 minutes and the meeting 120. Take 180 minutes off."]),
    ],
)
def test_a_chairs_times_fit_the_agenda_and_the_meeting(minutes: list[int], said: list[str]) -> None:
    assert list(times_problems(minutes, Template.STANDARD, timedelta(minutes=120))) == said


def test_a_meeting_of_odd_seconds_is_counted_in_whole_minutes() -> None:
    said = list(times_problems([15] * 8, Template.FIRST, timedelta(minutes=119, seconds=59)))
    assert said == ["The items take 120 minutes and the meeting 119. Take 1 minutes off."]
    assert not list(times_problems([15] * 8, Template.FIRST, timedelta(minutes=120)))


@pytest.mark.parametrize(
    ("closed", "today", "overdue"),
    [(None, date(2026, 11, 4), False), (None, date(2026, 11, 5), False), (None, date(2026, 11, 6), True),
     (date(2026, 12, 1), date(2026, 12, 2), False)],
)  # fmt: skip
def test_an_action_is_overdue_past_its_day_while_it_is_open(closed: date | None, today: date, overdue: bool) -> None:
    action = Action(id="A1", what="Ask", owner="Ann", due_on=date(2026, 11, 5), closed_on=closed)
    assert action.is_overdue(today) is overdue


NAMES = [CommunityName(f"Community {n}") for n in range(100)]


@pytest.mark.parametrize("year", [KENT_2025, KENT_2026])
def test_a_county_meets_in_each_term_for_two_hours_on_working_days(year: SchoolYear) -> None:
    slots = list(propose_slots(NAMES, year))
    assert [(s.community, s.term) for s in slots] == [(n, t.number) for n in NAMES for t in year.terms]
    for slot in slots:
        day, term = london(slot.starts_at).date(), year.terms[slot.term - 1]
        assert is_working_day(day)
        assert term.first_day <= day <= term.last_day
        assert london(slot.starts_at).time() in (time(13, 30), time(15, 45))
        assert slot.ends_at - slot.starts_at == timedelta(minutes=120)
    for clerk in range(0, 100, 6):  # neighbours in the list share a clerk
        own = [s.starts_at for s in slots if s.community in NAMES[clerk : clerk + 6]]
        assert max(Counter(own).values()) == 1


@pytest.mark.parametrize(
    ("index", "term", "starts"),
    [
        # two weeks after the year begins; a weekday for each of five neighbours, then a week on, over four weeks
        (0, 1, "2026-09-14 13:30"), (1, 1, "2026-09-15 13:30"), (4, 1, "2026-09-18 13:30"), (5, 1, "2026-09-21 13:30"),
        (19, 1, "2026-10-09 13:30"), (20, 1, "2026-09-14 15:45"), (39, 1, "2026-10-09 15:45"),
        (40, 1, "2026-09-14 13:30"),
        (0, 2, "2026-11-02 13:30"), (7, 2, "2026-11-11 13:30"), (15, 2, "2026-11-23 13:30"),
        (21, 2, "2026-11-03 15:45"),
        (19, 4, "2027-03-19 13:30"), (0, 5, "2027-04-12 13:30"), (3, 5, "2027-04-15 13:30"),
        (15, 5, "2027-05-04 15:45"),  # 3 May is a bank holiday: the day after, at the other time
        (35, 5, "2027-05-04 13:30"),
    ],
)  # fmt: skip
def test_meetings_are_spread_over_weeks_and_weekdays(index: int, term: int, starts: str) -> None:
    slot = next(s for s in propose_slots(NAMES, KENT_2026) if (s.community, s.term) == (NAMES[index], term))
    assert f"{london(slot.starts_at):%Y-%m-%d %H:%M}" == starts


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        # a term of one week from Wednesday: Monday and Tuesday move to its first day
        (date(2026, 11, 4), date(2026, 11, 6), ["04 15", "04 15", "04 13", "05 13", "06 13"]),
        # one that ends on Wednesday: Thursday and Friday move back to it
        (date(2026, 11, 2), date(2026, 11, 4), ["02 13", "03 13", "04 13", "04 15", "04 15"]),
        # Christmas Day and the weekend after it at its end
        (date(2026, 12, 21), date(2026, 12, 27), ["21 13", "22 13", "23 13", "24 13", "24 15"]),
        # Good Friday at its beginning, on to the Tuesday after Easter
        (date(2027, 3, 26), date(2027, 4, 2), ["30 15", "30 15", "30 15", "30 15", "30 15"]),
    ],
)
def test_a_meeting_keeps_within_its_term(first: date, last: date, days: list[str]) -> None:
    year = SchoolYear(academic_year="2026-27", terms=(Term(number=2, first_day=first, last_day=last),))
    assert [f"{london(s.starts_at):%d %H}" for s in propose_slots(NAMES[:5], year)] == days


def test_a_short_first_term_keeps_to_its_last_week() -> None:
    term = Term(number=1, first_day=date(2026, 11, 2), last_day=date(2026, 11, 13))
    year = SchoolYear(academic_year="2026-27", terms=(term,))
    assert {f"{london(s.starts_at):%d %H}" for s in propose_slots(NAMES[:20], year)} == {
        "09 13", "10 13", "11 13", "12 13", "13 13",
    }  # fmt: skip
