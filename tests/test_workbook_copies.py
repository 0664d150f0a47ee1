"""Several workbooks or sheets with one form's answers: every response is read once, and people are told at once."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from casework import tables
from forms_ingest.columns import load_mapping
from forms_ingest.request_for_support import FORM as REQUESTS
from forms_ingest.workbook import open_settled
from graph_sync.doctor import Kind
from graph_sync.intake import WORKBOOK_NAME
from local_tenant.state import Drive, DriveItem
from service.sample_tenant import AUTUMN, FLOW, FORMS_LIBRARY, SampleForm
from tests.conftest import START, World
from tests.test_doctor import examined

FORM = SampleForm(AUTUMN)
ROWS = FORM.due(START.replace(year=2027))
CLERK = "amira.yorke@kent.example"
OLD = "Old/" + WORKBOOK_NAME


async def save(world: World, path: str, count: int, *, first: int = 0) -> None:
    await world.hand.save_file(FORMS_LIBRARY, path, FORM.workbook_with(ROWS[first:count]), FLOW)


async def change(world: World, path: str, **what: Any) -> None:
    await world.hand.call("POST", f"files/{FORMS_LIBRARY}", json={"by": CLERK, "path": path, **what})


async def taken(world: World) -> int:
    return sum((await world.office.pull()).values())


def in_record(world: World) -> int:
    with world.desk.work() as work:
        return int(work.conn.execute(select(func.count()).select_from(tables.responses)).scalar_one())


async def told(world: World, said: str) -> list[dict[str, Any]]:
    await world.carry_out()
    return [m for m in await world.hand.call("GET", "mails") if said in m["body"]["content"]]


def documents(world: World) -> tuple[Drive, dict[str, DriveItem]]:
    lists = (one for site in world.tenant.sites.values() for one in site.lists.values())
    drive = next(one.drive for one in lists if one.display_name == FORMS_LIBRARY and one.drive is not None)
    return drive, {drive.path_of(item): item for item in drive.items.values()}


def restore(world: World, path: str) -> None:
    """From the recycle bin: with the id it had."""
    drive, items = documents(world)
    items[path].deleted = False
    world.tenant.touch(items[path], world.tenant.user(CLERK).identity(), drive.list_id)


async def _a_copy_that_was_there_first(world: World) -> None:
    await save(world, OLD, 3)
    await save(world, WORKBOOK_NAME, 9)
    assert await taken(world) == 9


async def _a_copy_made_later(world: World) -> None:
    await save(world, WORKBOOK_NAME, 9)
    assert await taken(world) == 9
    await save(world, OLD, 9)
    assert await taken(world) == 0


async def _a_copy_somebody_saved_last(world: World) -> None:
    await save(world, WORKBOOK_NAME, 9)
    await save(world, OLD, 3)
    assert await taken(world) == 9
    await save(world, OLD, 2)
    assert await taken(world) == 0


async def _answers_moved_into_another_workbook(world: World) -> None:
    await save(world, OLD, 4)
    await save(world, WORKBOOK_NAME, 9, first=4)
    assert await taken(world) == 9


async def _another_that_cannot_be_read(world: World) -> None:
    await world.hand.save_file(FORMS_LIBRARY, OLD, b"no workbook", FLOW)
    await save(world, WORKBOOK_NAME, 9)
    assert await taken(world) == 9


Situation = Callable[[World], Awaitable[None]]
SEVERAL: tuple[Situation, ...] = (
    _a_copy_that_was_there_first, _a_copy_made_later, _a_copy_somebody_saved_last, _answers_moved_into_another_workbook,
)  # fmt: skip


@pytest.mark.parametrize("situation", [*SEVERAL, _another_that_cannot_be_read], ids=lambda s: s.__name__.strip("_"))
async def test_of_several_workbooks_every_response_is_read_once(world: World, situation: Situation) -> None:
    await situation(world)
    await save(world, WORKBOOK_NAME, 12)
    assert await taken(world) == 3
    assert (in_record(world), await taken(world)) == (12, 0)


@pytest.mark.parametrize("situation", SEVERAL, ids=lambda s: s.__name__.strip("_"))
async def test_several_workbooks_are_told_of_at_once_and_once(world: World, situation: Situation) -> None:
    await situation(world)
    (mail,) = await told(world, "more than one place")
    said, to = mail["body"]["content"], str(mail["toRecipients"])
    assert f"of &#x27;{WORKBOOK_NAME}&#x27; in &#x27;{FORMS_LIBRARY}&#x27; counts" in said
    assert f"in &#x27;{FORMS_LIBRARY}/Old&#x27;" in said
    assert "Open in Excel" in said
    assert "robin.adeyemi@kent.example" in to
    assert CLERK in to
    found = (await examined(world))["workbooks"]
    assert (found.kind, "Open in Excel" in found.remedy) == (Kind.MISSING, True)
    await save(world, WORKBOOK_NAME, 12)
    await taken(world)
    assert len(await told(world, "more than one place")) == 1
    await change(world, OLD, to="Old/Copy of September.xlsx")
    await taken(world)
    assert (await examined(world))["workbooks"].kind is Kind.WELL


@pytest.mark.parametrize("count", [3, 5])
async def test_a_workbook_that_is_restored_is_taken_back_from_its_backup(world: World, count: int) -> None:
    await save(world, WORKBOOK_NAME, 5)
    await save(world, "Backup of September/" + WORKBOOK_NAME, count)
    assert await taken(world) == 5
    await change(world, WORKBOOK_NAME, deleted=True)
    assert await taken(world) == 0
    (mail,) = await told(world, "is not there any more")
    assert f"&#x27;{FORMS_LIBRARY}/Backup of September&#x27;" in mail["body"]["content"]
    assert "recycle bin" in mail["body"]["content"]
    assert CLERK in str(mail["toRecipients"])
    restore(world, WORKBOOK_NAME)
    assert await taken(world) == 0
    await save(world, WORKBOOK_NAME, 9)
    assert (await taken(world), in_record(world)) == (4, 9)


async def test_a_workbook_that_was_renamed_deleted_and_restored_is_taken_back(world: World) -> None:
    await save(world, WORKBOOK_NAME, 5)
    assert await taken(world) == 5
    await change(world, WORKBOOK_NAME, to="Renamed.xlsx")
    await change(world, "Renamed.xlsx", deleted=True)
    await taken(world)
    assert len(await told(world, "is not there any more")) == 1
    await save(world, WORKBOOK_NAME, 6)
    assert await taken(world) == 1
    restore(world, "Renamed.xlsx")
    await taken(world)
    await save(world, "Renamed.xlsx", 8)
    assert (await taken(world), in_record(world)) == (2, 8)


async def test_a_lost_workbook_without_another_is_told_of_at_once_and_once(world: World) -> None:
    await save(world, WORKBOOK_NAME, 5)
    await taken(world)
    await change(world, WORKBOOK_NAME, deleted=True)
    for _ in range(3):
        assert await taken(world) == 0
    assert len(await told(world, "is not there any more")) == 1
    assert (await examined(world))["workbooks"].kind is Kind.MISSING


async def test_a_workbook_of_an_earlier_form_is_told_of_and_not_read(world: World) -> None:
    def earlier(book: Workbook) -> None:
        for row in book.worksheets[0].iter_rows(min_row=2):
            for cell in row[1:3]:
                cell.value = "2025-10-03T10:00:00"

    await world.hand.save_file(FORMS_LIBRARY, OLD, changed(FORM.workbook_with(ROWS[:20]), earlier), FLOW)
    await save(world, WORKBOOK_NAME, 9)
    assert (await taken(world), in_record(world)) == (9, 9)
    (mail,) = await told(world, "more than one place")
    assert "We do not read the sheet" in mail["body"]["content"]


def changed(content: bytes, *changes: Callable[[Workbook], None]) -> bytes:
    book, out = load_workbook(io.BytesIO(content)), io.BytesIO()
    for one in changes:
        one(book)
    book.save(out)
    return out.getvalue()


def copied(title: str, rows: int, offset: int) -> Callable[[Workbook], None]:
    def change_it(book: Workbook) -> None:
        copy = book.copy_worksheet(book.worksheets[0])
        copy.title = title
        copy.delete_rows(rows + 2, 100)
        book.move_sheet(copy, offset)

    return change_it


SHEETS = pytest.mark.parametrize(
    "change_it",
    [copied("My working copy", 2, -1), copied("My working copy", 2, 0), copied("Sheet (2)", 6, -1)],
    ids=["an older copy first", "an older copy last", "a whole copy first"],
)


@SHEETS
async def test_a_copied_sheet_keeps_no_answer_from_being_read(world: World, change_it: Any) -> None:
    for count, brought in ((6, 6), (8, 2)):
        content = changed(FORM.workbook_with(ROWS[:count]), change_it)
        await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, content, FLOW)
        assert await taken(world) == brought
    (mail,) = await told(world, "more than one place")
    assert "Where they differ, the sheet &#x27;Sheet&#x27;" in mail["body"]["content"]


@SHEETS
def test_an_exported_workbook_is_read_by_the_same_rule(change_it: Any) -> None:
    content = changed(FORM.workbook_with(ROWS[:6]), change_it)
    found = open_settled(content, "form.xlsx", load_mapping(REQUESTS))
    assert found.sheets[0].name == "Sheet"
    assert len(list(found.rows)) == 6


async def test_an_answer_corrected_in_a_copy_changes_nothing(world: World) -> None:
    await save(world, WORKBOOK_NAME, 5)
    await save(world, OLD, 5)
    await taken(world)

    def correct(book: Workbook) -> None:
        for row in book.worksheets[0].iter_rows(min_row=2):
            row[10].value = "something else"

    await world.hand.save_file(FORMS_LIBRARY, OLD, changed(FORM.workbook_with(ROWS[:5]), correct), FLOW)
    await taken(world)
    with world.desk.work() as work:
        entries = select(tables.journal.c.command).where(tables.journal.c.command.in_(AMENDED))
        assert work.conn.execute(entries).all() == []


AMENDED = ("amend request", "answer changed after acceptance")
