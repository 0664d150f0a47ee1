"""When a response was completed decides for which meeting it is in time: read for certain, or the clerk is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from casework.entering import Arrival
from casework.receive import receive
from communities.directory import Directory
from communities.intake import Outcome, Reading
from forms_ingest.request_for_support import read_response
from forms_ingest.values import read_moment
from tests.conftest import Bench, submitted

ARRIVED = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
SENT = datetime(2026, 10, 5, 7, 38, tzinfo=UTC)
SERIAL = 46_300 + (8 * 60 + 38) / 1440

READ = [
    datetime(2026, 10, 5, 8, 38),  # noqa: DTZ001  as Excel gives it
    "05/10/2026 08:38", " 05/10/2026  08:38 ", "05/10/2026 08:38:00", "2026-10-05 08:38", "2026-10-05T08:38:00",
    "2026-10-05T07:38:00Z", "2026-10-05T08:38:00+01:00", SERIAL,
]  # fmt: skip
UNREAD = [
    "10/5/2026 8:38:00 AM", "5/10/2026 08:38", "05/10/2026 8:38", "10/25/2026 08:38", "31/02/2026 08:38", "Monday",
    "8:38", "05/10/26 08:38", "05.10.2026 08:38", "0", 7, 1e9, float("nan"), True, "٠٥/١٠/٢٠٢٦ ٠٨:٣٨",
]  # fmt: skip


def reading_of(directory: Directory, completed: Any, **changed: Any) -> Reading:
    found = read_response(submitted(directory, completed=completed, **changed), directory, arrived_at=ARRIVED)
    assert found is not None
    return found


@pytest.mark.parametrize("written", READ)
def test_a_time_is_read_as_londons_however_the_cell_holds_it(directory: Directory, written: Any) -> None:
    assert read_moment(written) == SENT
    found = reading_of(directory, written)
    assert found.outcome is Outcome.ACCEPTED
    assert found.submission is not None
    assert found.submission.submitted_at == SENT


@pytest.mark.parametrize("written", UNREAD)
def test_a_time_that_cannot_be_read_is_held_and_named(directory: Directory, written: Any) -> None:
    assert read_moment(written) is None
    found = reading_of(directory, written)
    assert (found.outcome, found.submission) == (Outcome.HELD, None)
    (reason,) = found.reasons
    assert reason.startswith("The completion time '")
    assert "Correct it in the workbook, like 05/10/2026 08:38" in reason


def test_the_sender_is_not_asked_to_correct_what_forms_wrote(directory: Directory) -> None:
    found = reading_of(directory, "Monday", solution="")
    assert found.outcome is Outcome.REFUSED
    assert [p.field for p in found.problems] == ["solution"]


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_response_without_a_time_counts_from_when_it_came(directory: Directory, blank: Any) -> None:
    submission = reading_of(directory, blank).submission
    assert submission is not None
    assert submission.submitted_at == ARRIVED


def test_a_corrected_time_is_taken_from_the_same_workbook(bench: Bench, directory: Directory) -> None:
    def arrive(completed: Any) -> list[Outcome | None]:
        with bench.desk.work("test") as work:
            reading = reading_of(directory, completed)
            return list(receive(work, [Arrival(form="request-for-support", route="workbook", reading=reading)]))

    assert arrive("10/5/2026 8:38:00 AM") == [Outcome.HELD]
    assert arrive("10/5/2026 8:38:00 AM") == [None]
    assert arrive("05/10/2026 08:38") == [Outcome.ACCEPTED]
    assert arrive("05/10/2026 08:38") == [None]
