"""A deadline is shown as the last day on which it counts, at every door, and nobody reads the day after."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.submitting import receipt
from casework.clerk_moves import mail_reminder
from casework.nudging import send_nudge
from casework.schedule import book_meeting, schedule_meetings
from casework.tables import Moment, metadata
from communities.calendars import Closing, london
from communities.clocks import submissions_close
from communities.directory import Directory
from local_tenant.card_text import card_as_text
from tests.conftest import Bench
from tests.console import cos
from tests.test_chat import asked, senco
from tests.test_clerks_desk import clerk
from tests.test_record import arrive, chair, home, slot
from tests.test_tab import Site, pages_record, site

__all__ = ["pages_record", "site"]

MEETINGS = {
    "closes with the term": (date(2027, 1, 6), date(2026, 12, 18)),
    "closes in a week of term": (date(2027, 1, 28), date(2027, 1, 14)),
    "closes before the clocks go back": (date(2026, 11, 6), date(2026, 10, 23)),
    "closes after they went back": (date(2026, 11, 13), date(2026, 10, 30)),
    "closes in summer time": (date(2027, 7, 1), date(2027, 6, 17)),
}
"""When the community meets, and the last day of its submissions, counted by hand (slide: 10 working days)."""


def written(day: date) -> re.Pattern[str]:
    """That day in any way it is written to people."""
    return re.compile(rf"(?<!\d)(?:{day:%-d %B|%-d %b(?![a-z])|%Y-%m-%d|%-d/%-m/%Y|%d/%m/%Y})")


class Outbox:
    """What would go out by email and calendar."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.mail = self.calendar = self

    async def send(self, draft: Any) -> None:
        self.texts.append(f"{draft.subject} {draft.html}")

    async def create(self, draft: Any) -> Any:
        self.texts.append(f"{draft.subject} {draft.body_html}")
        return SimpleNamespace(id="event", join_url="https://join.example")


async def doors(bench: Bench, directory: Directory, meeting_id: str, folder: Path) -> Mapping[str, str]:
    """Every place that says until when to submit for a meeting; the day is the one before the last."""
    community, today = home(directory), london(bench.clock.now()).date()
    key = next(k for k, mail in directory.clerks.items() if mail == clerk(directory))
    sent, taken = Outbox(), Outbox()
    await mail_reminder(bench.desk, sent, f"{meeting_id}@{today}")  # type: ignore[arg-type]
    await book_meeting(bench.desk, taken, meeting_id)  # type: ignore[arg-type]
    nudge = Outbox()
    await send_nudge(bench.desk, nudge, f"{key}@{today}")  # type: ignore[arg-type]
    with bench.desk.work() as work:
        sent_card = receipt(work, "R-2026-0001", is_held=False)
    chat = {
        f"chat: {sentence}": str(asked(bench, sentence, mail))
        for mail in (senco(directory), chair(directory), clerk(directory))
        for sentence in (f"when do submissions close for {community}", f"when is the next meeting of {community}")
    }
    due = asked(bench, "what is due this week", clerk(directory)).cards[0]
    console = {
        "COS_DATABASE_URL": bench.desk.engine.url.render_as_string(hide_password=False),
        "COS_NOW": bench.clock.now().isoformat(), "COLUMNS": "240",
    }  # fmt: skip
    return {
        **chat, "card of what is due": card_as_text(due), "receipt": str(sent_card), "reminder": sent.texts[0],
        "invitation": taken.texts[0], "nudge": nudge.texts[0],
        "cos meeting list": cos("meeting", "list", "--community", community, folder=folder, **console).stdout,
        "cos clocks": cos("clocks", "--community", community, folder=folder, **console).stdout,
    }  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("which", MEETINGS)
async def test_every_door_shows_the_last_day_of_submissions_and_none_the_day_after(
    which: str, bench: Bench, directory: Directory, tmp_path: Path
) -> None:
    meets, last = MEETINGS[which]
    community = home(directory)
    bench.at(last - timedelta(days=1))
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(community, meets, 3)])
        meeting_id = f"{community} 2026-27 T3"
    arrive(bench)
    shown = await doors(bench, directory, meeting_id, tmp_path)
    assert [door for door, text in shown.items() if not written(last).search(text)] == []
    assert [door for door, text in shown.items() if written(last + timedelta(days=1)).search(text)] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_tab_shows_the_last_day_of_submissions(site: Site, directory: Directory) -> None:
    community = home(directory)
    with site.bench.desk.work() as work:
        schedule_meetings(work, [slot(community, date(2027, 1, 28), 4)])
    site.bench.at(date(2027, 1, 13))
    for path in ("/tab", "/tab/desk"):
        _, text, _ = await site.look(path, clerk(directory), **({"community": community} if path == "/tab" else {}))
        assert written(date(2027, 1, 14)).search(text), path
        assert not written(date(2027, 1, 15)).search(text), path


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_a_closing_is_the_last_minute_of_its_day_in_london(last: date) -> None:
    closing = Closing(last_day=last)
    minute = timedelta(minutes=1)
    assert london(closing.at - minute).date() == last
    assert f"{london(closing.at - minute):%H:%M}" == "23:59"
    assert not closing.is_over(closing.at - minute)
    assert closing.is_over(closing.at)
    assert Closing.ending(closing.at) == closing
    assert str(closing) == f"the end of {last:%A %-d %B %Y}"


def test_a_closing_cannot_be_printed_as_the_day_after() -> None:
    closing = submissions_close(date(2027, 1, 6))
    with pytest.raises(TypeError):
        f"{closing:%A %-d %B}"
    with pytest.raises(AttributeError):
        london(closing)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not the end of a day"):
        Closing.ending(datetime(2026, 12, 18, 12, tzinfo=UTC))


def test_no_column_keeps_a_deadline_as_a_bare_moment() -> None:
    ends = re.compile("close_at|closes_at|due_at|until|deadline|last_")
    assert [
        f"{table}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Moment) and ends.search(column.name)
    ] == []
