"""What is due, and under which heading of a week it stands."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from communities.dues import Due, Task, by_when

TODAY = date(2026, 11, 5)


def due(days: int, task: Task = Task.NONE) -> Due:
    """A line that is due so many days from today."""
    return Due(due_on=TODAY + timedelta(days=days), community="A", what="x", task=task, subject="R-1")


@pytest.mark.parametrize(
    ("days", "heading"),
    [(-30, "Overdue"), (-1, "Overdue"), (0, "Today"), (1, "Tomorrow"), (2, "Within a week"), (7, "Within a week"),
     (8, "Later"), (400, "Later")],
)  # fmt: skip
def test_lines_stand_under_their_heading(days: int, heading: str) -> None:
    assert by_when([due(days)], TODAY) == {heading: [due(days)]}


def test_lines_keep_their_order() -> None:
    lines = [due(9), due(-1), due(8), due(-5)]
    found = by_when(lines, TODAY)
    assert list(found.items()) == [("Later", [lines[0], lines[2]]), ("Overdue", [lines[1], lines[3]])]
    assert by_when([], TODAY) == {}


def test_lines_are_sorted_by_their_day() -> None:
    assert sorted([due(2), due(-1), due(0)]) == [due(-1), due(0), due(2)]


@pytest.mark.parametrize("task", Task)
def test_a_meeting_is_on_its_day_and_all_else_by_it(task: Task) -> None:
    assert due(0, task).by("5 November") == ("on 5 November" if task == "meet" else "by 5 November")
