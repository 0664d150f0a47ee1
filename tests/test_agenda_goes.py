"""The agenda goes whoever has the last minutes open, and however large they are; what is too large is linked."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import date, time
from typing import Any

import pytest

import casework.attaching as attaching
from casework.attaching import of_a_size
from casework.ports import Attachment, MailDraft
from casework.schedule import schedule_meetings
from communities.calendars import at_london
from communities.directory import Role
from communities.meetings import MeetingSlot
from papers.word import DOCX
from service.sample_tenant import DESK
from tests.conftest import World, begins
from tests.test_filed_papers import mails, person
from tests.test_minutes_in_word import minutes_file, written
from tests.test_sync import COMMUNITY

LIMIT = 2_000_000
"""Small enough for a test, and larger than an agenda."""


async def next_agenda(world: World) -> Any:
    """The email with the agenda of the next meeting."""
    day = date(2026, 12, 10)
    slot = MeetingSlot(
        community=COMMUNITY, term=3, starts_at=at_london(day, time(13, 30)), ends_at=at_london(day, time(15))
    )
    await world.desk.run("test", schedule_meetings, [slot])
    for at in (date(2026, 11, 27), date(2026, 12, 3), date(2026, 12, 4)):
        await world.set_clock(at_london(at, time(9)))
        await world.office.sweep()
        await world.carry_out()
    (mail,) = await mails(world, f"Agenda: {COMMUNITY}, 10 December")
    return mail


@begins(written)
@pytest.mark.usefixtures("impatient")
async def test_the_agenda_goes_with_the_filed_minutes_where_somebody_has_them_open(world: World) -> None:
    name, clerk = minutes_file(world), person(world, Role.CLERK)
    said = {"by": clerk, "path": f"Minutes/{name}", "locked": True}
    await world.hand.call("POST", f"files/{COMMUNITY}", json=said)
    mail = await next_agenda(world)
    assert name in [a["name"] for a in mail["attachments"]]
    assert "Somebody had this file open" in mail["body"]["content"]


@begins(written)
async def test_minutes_too_large_for_an_email_are_linked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "MAIL_BYTES", LIMIT)
    await large(world, LIMIT)
    mail = await next_agenda(world)
    assert [a["name"] for a in mail["attachments"]] == [f"Agenda 2026-12-10 {COMMUNITY}.docx"]
    assert "too large for an email" in mail["body"]["content"]


@begins(written)
async def test_minutes_too_large_to_be_read_are_linked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read = world.office.ports.files.read
    await large(world, LIMIT)

    async def at_most(library: str, path: str, most_bytes: int = LIMIT) -> bytes | None:
        return await read(library, path, most_bytes)

    monkeypatch.setattr(world.office.ports.files, "read", at_most)
    mail = await next_agenda(world)
    assert [a["name"] for a in mail["attachments"]] == [f"Agenda 2026-12-10 {COMMUNITY}.docx"]
    assert "too large for an email" in mail["body"]["content"]


async def large(world: World, count: int) -> None:
    """The minutes with a picture of so many bytes."""
    path = f"Minutes/{minutes_file(world)}"
    out = io.BytesIO(await world.office.ports.files.read(COMMUNITY, path) or b"")
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("word/media/photo.bin", os.urandom(count))
    drives, name = world.tenant.drives.values(), minutes_file(world)
    next(i for d in drives for i in d.items.values() if i.name == name).content = out.getvalue()


@pytest.mark.parametrize(
    ("files", "attached"),
    [
        ([("a", 24, "u"), ("b", 1, "u")], ["a", "b"]),
        ([("a", 24, "u"), ("b", 2, "u")], ["b"]),
        ([("a", 24, ""), ("b", 2, "u")], ["a"]),
        ([("a", 26, "u"), ("b", 26, "u")], []),
        ([("a", 30, "")], ["a"]),
        ([("a", 9, "u"), ("a", 9, "u"), ("b", 9, "")], ["a", "b"]),
    ],
)
def test_whatever_an_email_carries_the_largest_that_can_be_linked_is(
    files: list[tuple[str, int, str]], attached: list[str]
) -> None:
    attachments = [
        Attachment(name=name, content_type=DOCX, content=bytes(size * 1_000_000), web_url=url)
        for name, size, url in files
    ]
    draft = MailDraft(key="k", sender=DESK, to=[], subject="s", html="<p>h</p>", attachments=attachments)
    sent = of_a_size(draft)
    assert [a.name for a in sent.attachments] == attached
    assert sent.html.count("too large") == len(files) - len(attached)
