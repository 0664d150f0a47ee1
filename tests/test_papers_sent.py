"""Agenda and minutes go out as chair or clerk left them in the library; else as we filed them, and the clerk knows."""

from __future__ import annotations

import base64
import io
from collections.abc import Awaitable, Callable
from datetime import date, time
from typing import Any

import pytest
from docx import Document
from sqlalchemy import select

from casework import tables
from casework.desk import Work
from casework.effects import EffectState, attempt
from casework.schedule import schedule_meetings
from communities.calendars import at_london
from communities.directory import Role
from communities.meetings import MeetingSlot
from service.sample_tenant import FLOW
from tests.conftest import World, begins
from tests.test_filed_papers import mails, person
from tests.test_minutes_in_word import minutes_file, written
from tests.test_refused_files import labelled
from tests.test_sync import COMMUNITY
from tests.word_check import text_of

AGENDA = f"Agenda 2026-12-10 {COMMUNITY}.docx"
ADDED = "Added in Word"


async def filed(world: World) -> None:
    """The last minutes and the next agenda lie in the library; nothing is mailed yet."""
    await written(world)
    day = date(2026, 12, 10)
    slot = MeetingSlot(
        community=COMMUNITY, term=3, starts_at=at_london(day, time(13, 30)), ends_at=at_london(day, time(15))
    )
    await world.desk.run("test", schedule_meetings, [slot])
    await world.carry_out()
    for at in (date(2026, 11, 27), date(2026, 12, 3)):
        await world.set_clock(at_london(at, time(9)))
        await world.office.sweep()
    for effect in await world.desk.run("test", _uploads):
        await attempt(world.desk, world.office.ports, effect)


def _uploads(work: Work) -> list[str]:
    effects = tables.effects
    asked = select(effects.c.id).where(effects.c.state == EffectState.WAITING, effects.c.kind == "agenda.upload")
    return list(work.conn.execute(asked).scalars())


def edited(content: bytes) -> bytes:
    document: Any = Document(io.BytesIO(content))
    document.add_paragraph(ADDED)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


async def saved(world: World, path: str, by: str) -> None:
    content = await world.office.ports.files.read(COMMUNITY, path) or b""
    await world.hand.save_file(COMMUNITY, path, edited(content), by)


async def untouched(world: World, path: str) -> None:
    """Nobody did anything."""


async def by_clerk(world: World, path: str) -> None:
    await saved(world, path, person(world, Role.CLERK))


async def by_chair(world: World, path: str) -> None:
    await saved(world, path, person(world, Role.CHAIR))


async def by_another(world: World, path: str) -> None:
    await saved(world, path, FLOW)


async def by_another_after_the_clerk(world: World, path: str) -> None:
    await by_clerk(world, path)
    await saved(world, path, FLOW)


async def by_the_clerk_after_another(world: World, path: str) -> None:
    await by_another(world, path)
    await saved(world, path, person(world, Role.CLERK))


async def encrypted(world: World, path: str) -> None:
    await by_clerk(world, path)
    await labelled(world, path)


async def deleted(world: World, path: str) -> None:
    await world.hand.call("POST", f"files/{COMMUNITY}", json={"by": FLOW, "path": path, "deleted": True})


async def uploaded_anew_by_the_clerk(world: World, path: str) -> None:
    content = await world.office.ports.files.read(COMMUNITY, path) or b""
    await deleted(world, path)
    await world.hand.save_file(COMMUNITY, path, edited(content), person(world, Role.CLERK))


THEIRS = [by_clerk, by_chair, by_the_clerk_after_another, uploaded_anew_by_the_clerk]
OURS = [untouched, by_another, by_another_after_the_clerk, encrypted, deleted]


@pytest.mark.parametrize("act", [*THEIRS, *OURS])
@pytest.mark.parametrize("kind", ["agenda", "minutes"])
@begins(filed)
async def test_what_goes_out_is_what_chair_or_clerk_left_or_else_ours(
    world: World, kind: str, act: Callable[[World, str], Awaitable[None]]
) -> None:
    name, folder = (AGENDA, "Agendas") if kind == "agenda" else (minutes_file(world), "Minutes")
    await act(world, f"{folder}/{name}")
    await world.carry_out()
    (mail,) = await mails(world, f"Agenda: {COMMUNITY}, 10 December")
    attached = {a["name"]: base64.b64decode(a["contentBytes"]) for a in mail["attachments"]}  # type: ignore[attr-defined]
    assert list(attached) == [AGENDA, minutes_file(world)]
    assert [n for n, content in attached.items() if ADDED in text_of(content)] == ([name] if act in THEIRS else [])
    told = await mails(world, f"{name} went out as CoS Desk filed it")
    assert len(told) == (act in OURS and act is not untouched)
    assert all(person(world, Role.CLERK) in str(m["toRecipients"]) for m in told)
