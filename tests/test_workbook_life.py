"""The Forms workbook while it is being written: half rows, new questions, deleted rows, a file that falls behind."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from casework import tables
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of
from casework.errors import InputRefused, NotAllowed
from casework.form_headings import confirm_heading, form_states
from communities.calendars import at_london
from communities.directory import Directory, Role
from forms_ingest.request_for_support import FORM
from graph_sync.intake import RESPONSES_LIST, WORKBOOK_NAME
from service.sample_tenant import AUTUMN, FLOW, FORMS_LIBRARY, SampleForm
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
    told = [m for m in await world_mails(world) if m["subject"].startswith("Please check the headings")]
    assert len(told) == 1
    assert "'Which exam board?'" in told[0]["body"]["content"].replace("&#x27;", "'")
    assert "Last modified" not in told[0]["body"]["content"]


def called(titles: Mapping[str, str]) -> Callable[[Any], None]:
    """Headings of the workbook in other words."""

    def rename(book: Any) -> None:
        for cell in book.worksheets[0][1]:
            cell.value = titles.get(cell.value, cell.value)

    return rename


OUTCOMES, PUPILS = "Expected outcomes (200 words max)", "Names of pupils supported & Date of Birth"


async def test_a_heading_in_other_words_is_read_and_clerks_and_administrators_are_told(world: World) -> None:
    form = SampleForm(AUTUMN)
    other = {OUTCOMES: "Outcomes (max. 250 words)", PUPILS: "7. Names of pupils supported &amp; Date of Birth"}
    content = changed(form.workbook_with(form.due(ALL)[:3]), called(other))
    assert await save(world, content) == 3
    told = [m for m in await world_mails(world) if m["subject"].startswith("Please check the headings")]
    assert len(told) == 1
    said = html.unescape(told[0]["body"]["content"])
    assert f"We read the heading 'Outcomes (max. 250 words)' as '{OUTCOMES}'." in said
    assert "Names of pupils" not in said
    people = directory_of_world(world)
    to = {r["emailAddress"]["address"] for key in RECIPIENTS for r in told[0].get(key, ())}
    assert {p.mail for p in people.people if p.role in (Role.ADMINISTRATOR, Role.CLERK)} <= to


async def test_rows_whose_headings_are_not_clear_are_read_once_somebody_says_which_is_which(world: World) -> None:
    form = SampleForm(AUTUMN)
    content = changed(form.workbook_with(form.due(ALL)[:4]), called({OUTCOMES: "Your thoughts"}))
    assert await save(world, content) == 0
    mails = await world_mails(world)
    held = [html.unescape(m["body"]["content"]) for m in mails if m["subject"].startswith("We cannot read")]
    assert len(held) == 1
    assert f"There is no column for '{OUTCOMES}'." in held[0]
    assert "'Your thoughts'" in held[0]
    assert len(mails) == 1, "no school is asked to correct what we could not read"
    with world.desk.work() as work, pytest.raises(NotAllowed):
        confirm_heading(work, FORM, "Your thoughts", OUTCOMES, "somebody@x.example")
    with world.desk.work() as work, pytest.raises(InputRefused, match="no question 'Outcome of it'"):
        confirm_heading(work, FORM, "Your thoughts", "Outcome of it", CONSOLE)
    with world.desk.work() as work:
        confirm_heading(work, FORM, "Your thoughts", OUTCOMES, CONSOLE)
    assert sum((await world.office.pull()).values()) == 4
    assert sum((await world.office.pull()).values()) == 0
    with world.desk.work() as work:
        assert [s.said for s in form_states(work)] == [()]


async def test_a_guess_that_was_wrong_is_taken_back_and_every_row_is_read_again(world: World) -> None:
    form = SampleForm(AUTUMN)
    other = {OUTCOMES: "Outcomes", "Solution required (250 words max)": "Solution needed"}
    content = changed(form.workbook_with(form.due(ALL)[:2]), called(other))
    assert await save(world, content) == 2
    with world.desk.work() as work:
        confirm_heading(work, FORM, "Outcomes", "", CONSOLE)
    assert sum((await world.office.pull()).values()) == 0
    with world.desk.work() as work:
        (state,) = form_states(work)
    assert not state.is_settled
    assert f"There is no column for '{OUTCOMES}'." in state.said


async def test_a_row_answered_under_a_reworded_question_beside_the_old_one_waits(world: World) -> None:
    form = SampleForm(AUTUMN)

    def reword(book: Any) -> None:
        sheet = book.worksheets[0]
        old = next(c.column for c in sheet[1] if c.value == OUTCOMES)
        sheet.cell(1, sheet.max_column + 1).value = "Outcomes, in your words"
        sheet.cell(3, sheet.max_column).value = sheet.cell(3, old).value
        sheet.cell(3, old).value = None

    content = changed(form.workbook_with(form.due(ALL)[:3]), reword)
    assert await save(world, content) == 2
    with world.desk.work() as work:
        confirm_heading(work, FORM, "Outcomes, in your words", OUTCOMES, CONSOLE)
    assert sum((await world.office.pull()).values()) == 1


LINES = {"allowMultipleLines": True, "linesForEditing": 6, "textType": "plain"}


async def list_with(world: World, displayed: str) -> list[dict[str, Any]]:
    """The list of responses after somebody deleted a column and made it again under a heading of their own; the items
    the flow adds now. One was there before.
    """
    form = SampleForm(AUTUMN)
    first, *later = form.items(form.due(ALL)[:4])
    await world.hand.add_items(RESPONSES_LIST, FLOW, [first])
    await world.office.pull()
    here = f"lists/{quote(RESPONSES_LIST)}/columns"
    await world.hand.call("DELETE", f"{here}/ExpectedOutcomes")
    await world.hand.call("POST", here, json={"name": "Expected_x0020_", "displayName": displayed, "text": LINES})
    items = [{("Expected_x0020_" if k == "ExpectedOutcomes" else k): v for k, v in item.items()} for item in later]
    await world.hand.add_items(RESPONSES_LIST, FLOW, items)
    return items


@pytest.mark.parametrize(("displayed", "said"), [("EXPECTED outcomes", 0), ("Outcomes", 1)])
async def test_a_column_of_the_list_that_was_made_again_is_read_by_its_heading(
    displayed: str, said: int, world: World
) -> None:
    items = await list_with(world, displayed)
    assert sum((await world.office.pull()).values()) == len(items)
    mails = await world_mails(world)
    assert len([m for m in mails if m["subject"].startswith("Please check the headings")]) == said
    assert [m for m in mails if "needs" in m["subject"] or "changed" in m["subject"]] == []


async def test_items_of_a_list_whose_columns_are_not_clear_are_read_once_somebody_says_which_is_which(
    world: World,
) -> None:
    items = await list_with(world, "Your thoughts")
    assert sum((await world.office.pull()).values()) == 0
    assert sum((await world.office.pull()).values()) == 0
    mails = await world_mails(world)
    assert len([m for m in mails if m["subject"].startswith("We cannot read the responses")]) == 1
    with world.desk.work() as work:
        confirm_heading(work, FORM, "Your thoughts", OUTCOMES, CONSOLE)
    assert sum((await world.office.pull()).values()) == len(items)
    assert sum((await world.office.pull()).values()) == 0


def directory_of_world(world: World) -> Directory:
    with world.desk.work() as work:
        return directory_of(work)


RECIPIENTS = ("toRecipients", "ccRecipients", "bccRecipients")


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
