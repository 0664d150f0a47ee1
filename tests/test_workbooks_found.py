"""The forms' workbooks: each later answer is read, whatever a delta says or leaves out, wherever Forms put the file."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import delete, update

from casework import tables
from casework.desk import Work
from forms_ingest.columns import load_mapping
from graph_sync.intake import BOOKS, WORKBOOK_NAME, FormBook
from graph_sync.places import all_places
from local_tenant.state import DriveItem
from service.sample_tenant import AUTUMN, FLOW, FORMS_LIBRARY, SampleForm
from tests.conftest import START, World

ALL = START.replace(year=2027)
FORM = SampleForm(AUTUMN)
ROWS = FORM.due(ALL)


def answers(book: FormBook, count: int) -> bytes:
    """A workbook of that form: each row says something in every column."""
    titles = {field: said[0] for field, said in load_mapping(book.form).questions.titles.items()}
    made, when = Workbook(), datetime(2026, 10, 5, 9, 0, tzinfo=UTC).replace(tzinfo=None)
    sheet: Any = made.active
    own = ["Id", "Start time", "Completion time", "Email", "Name"]
    sheet.append([*own, *(t for t in titles.values() if t not in own)])
    for number in range(1, count + 1):
        sheet.append([number, when, when, "sam@school.example", "Sam", *["words"] * (len(titles))][: sheet.max_column])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


async def taken(world: World) -> int:
    return sum((await world.office.pull()).values())


@pytest.mark.parametrize("leaves_out", [True, False])
@pytest.mark.parametrize("book", BOOKS, ids=lambda b: b.form)
async def test_each_later_answer_is_read_with_a_tag_in_the_delta_and_without(
    world: World, book: FormBook, *, leaves_out: bool
) -> None:
    await world.hand.call("POST", "behaviours", json={"drive-delta-no-ctag": leaves_out})
    first = await saved(world, book, 1)
    assert first > 0
    assert await saved(world, book, 3) == 2 * first
    assert await saved(world, book, 4) == first
    assert await taken(world) == 0


async def saved(world: World, book: FormBook, count: int) -> int:
    await world.hand.save_file(FORMS_LIBRARY, book.name, answers(book, count), FLOW)
    return await taken(world)


def workbook_of(world: World) -> DriveItem:
    drives = world.tenant.drives.values()
    return next(i for d in drives for i in d.items.values() if i.name == WORKBOOK_NAME and not i.deleted)


async def test_an_answer_nothing_told_of_is_read_the_next_day_and_told_to_administrators(world: World) -> None:
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, FORM.workbook_with(ROWS[:3]), FLOW)
    assert await taken(world) == 3
    workbook_of(world).content = FORM.workbook_with(ROWS[:5])  # neither delta nor tag says so
    await world.set_clock(START + timedelta(hours=23))
    assert await taken(world) == 0
    await world.set_clock(START + timedelta(hours=25))
    assert await taken(world) == 2
    assert await taken(world) == 0
    await world.carry_out()
    (mail,) = [m for m in await world.hand.call("GET", "mails") if "did not tell us" in m["body"]["content"]]
    assert "found 2 answers in it" in mail["body"]["content"]
    assert "robin.adeyemi@kent.example" in str(mail["toRecipients"])


async def test_a_daily_look_that_finds_nothing_new_tells_nobody(world: World) -> None:
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, FORM.workbook_with(ROWS[:3]), FLOW)
    await taken(world)
    for day in (2, 3):
        await world.set_clock(START + timedelta(days=day))
        await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, FORM.workbook_with(ROWS[: day + 2]), FLOW)
        assert await taken(world) == 1
    await world.set_clock(START + timedelta(days=4))
    assert await taken(world) == 0
    await world.carry_out()
    mails = await world.hand.call("GET", "mails")
    assert [m for m in mails if "did not tell us" in m["body"]["content"]] == []


async def test_a_workbook_that_was_deleted_and_made_again_is_found_again(world: World) -> None:
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, FORM.workbook_with(ROWS[:3]), FLOW)
    assert await taken(world) == 3
    old = workbook_of(world).id
    gone = {"by": FLOW, "path": WORKBOOK_NAME, "deleted": True}
    await world.hand.call("POST", f"files/{FORMS_LIBRARY}", json=gone)
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, FORM.workbook_with(ROWS[:4]), FLOW)
    assert workbook_of(world).id != old
    assert await taken(world) == 1


async def test_a_record_from_before_the_drive_was_kept_goes_on_with_the_same_workbook(world: World) -> None:
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, FORM.workbook_with(ROWS[:3]), FLOW)
    assert await taken(world) == 3
    renamed = {"by": FLOW, "path": WORKBOOK_NAME, "to": "Renamed.xlsx"}
    await world.hand.call("POST", f"files/{FORMS_LIBRARY}", json=renamed)
    await world.desk.run("test", _as_it_was)
    await world.hand.save_file(FORMS_LIBRARY, "Renamed.xlsx", FORM.workbook_with(ROWS[:5]), FLOW)
    assert await taken(world) == 2


def _as_it_was(work: Work) -> None:
    places, links = tables.places, tables.sync_links
    assert "workbook-drive:request-for-support" in all_places(work)
    work.conn.execute(delete(places).where(places.c.key.like("workbook-drive:%")))
    work.conn.execute(delete(links).where(links.c.source.like("drive:%")))
    work.conn.execute(
        update(links)
        .where(links.c.source.like("workbook:%"))
        .values(link="https://graph.example/v1.0/drives/x/root/delta?token=1")
    )


async def test_the_workbook_is_found_in_whichever_library_forms_put_it_but_not_in_a_communitys(world: World) -> None:
    site = next(iter(world.tenant.sites.values()))
    await world.hand.save_file("ABC", WORKBOOK_NAME, FORM.workbook_with(ROWS[:7]), FLOW)
    assert await taken(world) == 0  # everybody in the community may write there
    world.tenant.add_list(site, "Forms of the county", "", "documentLibrary")
    await world.hand.save_file("Forms of the county", "Apps/" + WORKBOOK_NAME, FORM.workbook_with(ROWS[:3]), FLOW)
    assert await taken(world) == 3
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, FORM.workbook_with(ROWS[:9]), FLOW)
    assert await taken(world) == 6, "both are read"
    await world.hand.save_file("Forms of the county", "Apps/" + WORKBOOK_NAME, FORM.workbook_with(ROWS[:10]), FLOW)
    assert await taken(world) == 1
