"""A file people deleted and uploaded anew, renamed or moved is still the one: of every kind we keep an item's id of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from casework.meeting_record import minutes_row
from communities.directory import Role
from graph_sync.intake import BOOKS
from service.sample_tenant import FLOW, FORMS_LIBRARY
from tests.conftest import World, begins
from tests.test_filed_papers import mails, person
from tests.test_minutes_in_word import MEETING_ID, below, edited, minutes_file, written
from tests.test_office_files import paper
from tests.test_sync import COMMUNITY
from tests.test_workbooks_found import answers, saved, taken
from tests.word_check import text_of

Change = Callable[[World, str, str, bytes, str], Awaitable[None]]
"""What people do with a file of a library: it says that then."""


async def anew(world: World, library: str, path: str, content: bytes, by: str = FLOW) -> None:
    """Deleted, and uploaded under the same name."""
    await world.hand.call("POST", f"files/{library}", json={"by": by, "path": path, "deleted": True})
    await world.hand.save_file(library, path, content, by)


async def renamed(world: World, library: str, path: str, content: bytes, by: str = FLOW) -> None:
    """Under another name."""
    await moved(world, library, path, content, by, to=f"{path.rpartition('.')[0]} final.{path.rpartition('.')[2]}")


async def moved(world: World, library: str, path: str, content: bytes, by: str = FLOW, to: str = "") -> None:
    """Into a folder."""
    to = to or f"Kept/{path}"
    await world.hand.save_file(library, path, content, by)
    await world.hand.call("POST", f"files/{library}", json={"by": by, "path": path, "to": to})


CHANGES = [anew, renamed, moved]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("folder", ["Agendas", "Minutes", "Reports", "Packs"])
async def test_a_paper_is_read_wherever_people_put_it(world: World, folder: str, change: Change) -> None:
    path = f"{folder}/Paper 2026-11-05 ABC.docx"
    await world.office.ports.files.put("ABC", path, paper("as filed"))
    await change(world, "ABC", path, paper("as it is now"), FLOW)
    assert "as it is now" in text_of(await world.office.ports.files.read("ABC", path) or b"")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("book", BOOKS, ids=lambda b: b.form)
async def test_a_workbook_is_read_wherever_people_put_it(world: World, book: Any, change: Change) -> None:
    first = await saved(world, book, 1)
    await change(world, FORMS_LIBRARY, book.name, answers(book, 3), FLOW)
    assert (first > 0, await taken(world), await taken(world)) == (True, 2 * first, 0)


def note(content: bytes, text: str) -> bytes:
    """The minutes with another note to the first item."""
    return edited(content, lambda document: setattr(below(document, "1. "), "text", text))


async def minutes_now(world: World) -> str:
    """What the record says once the file was looked at."""
    await world.office.pull_minutes()
    await world.carry_out()
    with world.desk.work() as work:
        return str(minutes_row(work, MEETING_ID).notes["1"])


@begins(written)
@pytest.mark.parametrize("change", CHANGES)
async def test_minutes_are_read_back_wherever_people_put_them(world: World, change: Change) -> None:
    path, clerk = f"Minutes/{minutes_file(world)}", person(world, Role.CLERK)
    content = await world.office.ports.files.read(COMMUNITY, path) or b""
    await change(world, COMMUNITY, path, note(content, "Changed"), clerk)
    assert await minutes_now(world) == "Changed"
    where = {"anew": path, "renamed": path.replace(".docx", " final.docx"), "moved": f"Kept/{path}"}[change.__name__]
    await world.hand.save_file(COMMUNITY, where, note(content, "And again"), clerk)
    assert await minutes_now(world) == "And again"


@begins(written)
@pytest.mark.parametrize(("by", "versions", "said"), [
    ("", True, "Changed"), (FLOW, True, "Everybody was welcomed"), ("", False, "Everybody was welcomed"),
])  # fmt: skip
async def test_minutes_put_there_anew_are_whose_they_are(world: World, by: str, versions: bool, said: str) -> None:
    """Where somebody else uploaded them, or the library keeps no versions, the clerk is asked."""
    await world.hand.call("POST", "behaviours", json={"library-keeps-versions": versions})
    path, clerk = f"Minutes/{minutes_file(world)}", person(world, Role.CLERK)
    content = await world.office.ports.files.read(COMMUNITY, path) or b""
    await anew(world, COMMUNITY, path, note(content, "Begun"), by or clerk)
    await world.hand.save_file(COMMUNITY, path, note(content, "Changed"), clerk)
    assert await minutes_now(world) == said
    assert bool(await mails(world, "Changes to the minutes")) == (said != "Changed")


@begins(written)
async def test_minutes_that_are_gone_are_told_once_and_read_again_once_they_are_back(world: World) -> None:
    path, clerk = f"Minutes/{minutes_file(world)}", person(world, Role.CLERK)
    content = await world.office.ports.files.read(COMMUNITY, path) or b""
    for times in (1, 2):
        await world.hand.call("POST", f"files/{COMMUNITY}", json={"by": clerk, "path": path, "deleted": True})
        for _ in range(2):
            await minutes_now(world)
        assert len(await mails(world, f"The minutes of {COMMUNITY}, 5 November 2026, are not in the library")) == times
        await world.hand.save_file(COMMUNITY, path, content, clerk)
        await minutes_now(world)
    await world.hand.save_file(COMMUNITY, path, note(content, "Changed"), clerk)
    assert await minutes_now(world) == "Changed"
