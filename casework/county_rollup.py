"""The county at a glance: every community's figures of a school year in one table, for KCC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from statistics import median

from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.meeting_record import actions_of
from casework.report_figures import CommunityFigures, figures_of
from communities.reports import Period
from papers.county_table import CountyLine


def county_lines(work: Work, academic_year: str) -> Iterator[CountyLine]:
    """One line a community, in the order of the directory, up to today. Raises `InputRefused` for a year to come."""
    first = date(int(academic_year[:4]), 9, 1)
    if first > work.today:
        raise InputRefused(f"The school year {academic_year} has not begun. Choose an earlier one.")
    period = Period(first_day=first, due_on=min(date(first.year + 1, 8, 31), work.today))
    for community in directory_of(work).communities:
        figures, actions = figures_of(work, str(community.name), period), actions_of(work, str(community.name))
        yield CountyLine(
            community=str(community.name),
            area=community.community_area.value,
            requests=figures.requests,
            withdrawn=figures.withdrawn,
            decided=figures.decided,
            approved_pence=figures.approved_pence,
            balance_pence=figures.position.balance_pence if figures.position else None,
            days_to_decision=_middle(figures.days_to_decision),
            days_to_payment=_middle(figures.days_to_payment),
            meetings=len(figures.attendance),
            attendance_percent=_attendance(figures),
            open_actions=len(actions),
            overdue_actions=sum(a.is_overdue(work.today) for a in actions),
        )


def _middle(days: tuple[int, ...]) -> float | None:
    return float(median(days)) if days else None


def _attendance(figures: CommunityFigures) -> int | None:
    schools = sum(a.schools for a in figures.attendance)
    return round(sum(a.present for a in figures.attendance) * 100 / schools) if schools else None
