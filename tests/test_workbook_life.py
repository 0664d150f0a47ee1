"""The Forms workbook while it is being written: half rows, new questions, deleted rows, a file that falls behind."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from casework import tables
from casework.desk import Work
from communities.calendars import at_london
from graph_sync.intake import RESPONSES_LIST, WORKBOOK_NAME
from graph_sync.places import FORMS_LIBRARY
from service.sample_tenant import AUTUMN, FLOW, SampleForm
from tests.conftest import START, World

ALL = START.replace(year=2027)


def changed(content: bytes, change: Callable[[Any], None]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def save(world: World, content: bytes) -> int:
    """The workbook is saved and pulled; how many responses it brought."""
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, content, FLOW)
    return sum((await world.office.pull()).values())


async def test_a_row_forms_has_only_begun_to_write_waits_until_it_is_whole(world: World) -> None:
    form = SampleForm(AUTUMN)
    whole = form.workbook_with(form.due(ALL)[:3])

    def begin(book: Any) -> None:
        sheet = book.worksheets[0]
        for column in range(3, sheet.max_column + 1):
            sheet.cell(4, column).value = None

    assert await save(world, changed(whole, begin)) == 2
    assert await save(world, whole) == 1


async def test_a_row_without_the_time_it_was_completed_waits(world: World) -> None:
    form = SampleForm(AUTUMN)
    whole = form.workbook_with(form.due(ALL)[:2])

    def unfinished(book: Any) -> None:
        book.worksheets[0].cell(3, 3).value = None

    assert await save(world, changed(whole, unfinished)) == 1
    assert await save(world, whole) == 1


async def test_a_new_question_is_told_once_and_the_answers_are_read(world: World) -> None:
    form = SampleForm(AUTUMN)

    def ask_more(book: Any) -> None:
        sheet = book.worksheets[0]
        sheet.cell(1, sheet.max_column + 1).value = "Which exam board?"
        sheet.cell(1, sheet.max_column + 1).value = "Last modified time"

    content = changed(form.workbook_with(form.due(ALL)[:2]), ask_more)
    assert await save(world, content) == 2
    assert await save(world, changed(form.workbook_with(form.due(ALL)[:3]), ask_more)) == 1
    told = [m for m in await world_mails(world) if m["subject"] == "The Request for Support form needs a look"]
    assert len(told) == 1
    assert "'Which exam board?'" in told[0]["body"]["content"].replace("&#x27;", "'")
    assert "Last modified" not in told[0]["body"]["content"]


async def world_mails(world: World) -> list[dict[str, Any]]:
    await world.carry_out()
    found: list[dict[str, Any]] = await world.hand.call("GET", "mails")
    return found


async def test_a_second_sheet_a_renamed_table_and_a_deleted_row_change_nothing(world: World) -> None:
    form = SampleForm(AUTUMN)
    rows = form.due(ALL)[:4]
    assert await save(world, form.workbook_with(rows)) == 4

    def disturb(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.title = "Answers (do not touch)"
        for table in list(sheet.tables):
            sheet.tables[table].displayName = "Renamed"
        sheet.delete_rows(3)
        notes = book.create_sheet("Notes", 0)
        notes.append(("Id", "Email", "What I think"))

    assert await save(world, changed(form.workbook_with(rows), disturb)) == 0
    with world.desk.work() as work:
        assert len(work.conn.execute(select(tables.requests.c.id)).all() + refused(work)) == 4


def refused(work: Work) -> list[Any]:
    responses = tables.responses
    return list(work.conn.execute(select(responses.c.source_key).where(responses.c.request_id.is_(None))))


async def test_a_workbook_that_lags_behind_the_flow_is_told_of_once(world: World) -> None:
    form = SampleForm(AUTUMN)
    rows = form.due(ALL)
    await save(world, form.workbook_with(rows[:1]))
    await world.hand.add_items(RESPONSES_LIST, FLOW, form.items(rows[:2]))
    await world.office.pull()
    for day, told in ((date(2026, 10, 5), 0), (date(2026, 10, 7), 1), (date(2026, 10, 8), 1)):
        await world.set_clock(at_london(day, START.time().replace(hour=12)))
        await world.office.sweep()
        mails = await world_mails(world)
        behind = [m for m in mails if "lags behind" in m["body"]["content"]]
        assert len(behind) == told, day


async def test_a_workbook_that_is_the_only_way_in_and_falls_silent_is_told_of(world: World) -> None:
    form = SampleForm(AUTUMN)
    await save(world, form.workbook_with(form.due(ALL)[:1]))
    for day, told in ((date(2026, 10, 9), 0), (date(2026, 10, 13), 1), (date(2026, 10, 14), 1)):
        await world.set_clock(at_london(day, START.time().replace(hour=12)))
        await world.office.sweep()
        mails = await world_mails(world)
        assert len([m for m in mails if "Nothing new has come" in m["body"]["content"]]) == told, day
