"""One thing that is open, refused or broken stops none of those pulled beside it, and is pulled later."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from urllib.parse import quote

import pytest

import casework.sweep
import graph_sync.batch as batch_module
import graph_sync.list_edits as list_edits
import graph_sync.undelivered as undelivered
from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import NeedsAttention, TryLater
from casework.meeting_record import minutes_row, write_minutes
from casework.ports import MailDraft
from casework.schedule import schedule_meetings
from casework.surgery_list import LIST as SURGERIES
from casework.sweep import sweep
from communities.calendars import at_london
from communities.directory import Directory, Role
from communities.meetings import MeetingSlot
from forms_ingest.small_forms import CASE_STUDY
from graph_sync.delta import start_of
from graph_sync.graph import Answer, Graph
from graph_sync.intake import BOOKS, book_source
from graph_sync.patience import Locked
from graph_sync.undelivered import pull_undelivered
from service.sample_tenant import DESK, FLOW, FORMS_LIBRARY
from tests.conftest import Bench, World, begins
from tests.test_minutes_in_word import below, edited
from tests.test_sync import MEETING
from tests.test_undelivered import gone, told
from tests.test_workbooks_found import answers

BROKEN = b"PK\x03\x04 nothing"


async def three(world: World) -> None:
    """Three communities' minutes, filed."""
    names = communities(world)
    slots = [
        MeetingSlot(
            community=name, term=2, starts_at=at_london(MEETING, time(13, 30)), ends_at=at_london(MEETING, time(15))
        )
        for name in names
    ]
    await world.desk.run("test", schedule_meetings, slots)
    for day in (date(2026, 10, 23), date(2026, 10, 29), MEETING):
        await world.set_clock(at_london(day, time(9)))
        await world.office.sweep()
        await world.carry_out()
    await world.set_clock(at_london(MEETING, time(17)))
    sweep(world.desk)
    for name in names:
        with world.desk.work() as work:
            write_minutes(work, f"{name} 2026-27 T2", {1: "Welcome"}, [], clerk_of(work, name))
    await world.carry_out()


def communities(world: World) -> list[str]:
    with world.desk.work() as work:
        return [str(c.name) for c in directory_of(work).communities[:3]]


def clerk_of(work: Work, community: str) -> str:
    return str(directory_of(work).people_with(Role.CLERK, community)[0].mail)


def path_of(work: Work, community: str) -> str:
    papers = tables.papers
    here = (papers.c.kind == "minutes") & (papers.c.meeting_id == f"{community} 2026-27 T2")
    return f"Minutes/{work.conn.execute(papers.select().where(here)).one().name}"


async def change(world: World, community: str, content: bytes = b"") -> str:
    """The clerk edits the minutes; returns where they are."""
    with world.desk.work() as work:
        path, clerk = path_of(work, community), clerk_of(work, community)

    def note(document: Any) -> None:
        below(document, "1. ").text = "Changed"

    there = await world.office.ports.files.read(community, path)
    await world.hand.save_file(community, path, content or edited(there or b"", note), clerk)
    return path


def notes(world: World) -> list[str]:
    names = communities(world)
    with world.desk.work() as work:
        return [minutes_row(work, f"{name} 2026-27 T2").notes["1"] for name in names]


@begins(three)
@pytest.mark.usefixtures("impatient")
async def test_minutes_that_are_open_stop_nobody_elses_and_are_read_later(world: World) -> None:
    first = communities(world)[0]
    paths = [await change(world, c) for c in communities(world)]
    await lock(world, first, paths[0], is_locked=True)
    with pytest.raises(Locked):
        await world.office.pull_minutes()
    assert notes(world) == ["Welcome", "Changed", "Changed"]
    await lock(world, first, paths[0], is_locked=False)
    assert await world.office.pull_minutes() == 1
    assert notes(world) == ["Changed"] * 3


async def lock(world: World, library: str, path: str, *, is_locked: bool) -> None:
    await world.hand.call("POST", f"files/{library}", json={"by": FLOW, "path": path, "locked": is_locked})


@begins(three)
async def test_minutes_that_are_broken_stop_nobody_elses(world: World) -> None:
    first, *others = communities(world)
    await change(world, first, BROKEN)
    for community in others:
        await change(world, community)
    await world.office.pull_minutes()
    assert notes(world) == ["Welcome", "Changed", "Changed"]


@pytest.mark.parametrize("status", [403, 423, 500])
@begins(three)
async def test_minutes_that_are_refused_stop_nobody_elses(
    world: World, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    for community in communities(world):
        await change(world, community)
    first = communities(world)[0]
    with world.desk.work() as work:
        files = tables.graph_files
        here = (files.c.library == first) & files.c.path.startswith("Minutes/")
        path = quote(work.conn.execute(files.select().where(here)).one().path)
    monkeypatch.setattr("graph_sync.batch.TRIES", 2)
    real = batch_module._exchanged

    async def exchanged(graph: Graph, together: list[dict[str, Any]]) -> dict[str, Answer]:
        refused = Answer(status=status, headers={"retry-after": "0"}, content=b"{}")
        found = await real(graph, together)
        return {n: refused if path in together[int(n) - 1]["url"] else answer for n, answer in found.items()}

    monkeypatch.setattr(batch_module, "_exchanged", exchanged)
    with pytest.raises((NeedsAttention, TryLater)):
        await world.office.pull_minutes()
    assert notes(world) == ["Welcome", "Changed", "Changed"]


@pytest.mark.usefixtures("impatient")
async def test_a_workbook_that_is_open_stops_no_other_and_is_read_once_it_is_closed(world: World) -> None:
    first, other = BOOKS[0], next(b for b in BOOKS if b.form == CASE_STUDY)
    for book in (first, other):
        await world.hand.save_file(FORMS_LIBRARY, book.name, answers(book, 1), FLOW)
    await world.office.pull()
    for book in (first, other):
        await world.hand.save_file(FORMS_LIBRARY, book.name, answers(book, 2), FLOW)
    await lock(world, FORMS_LIBRARY, first.name, is_locked=True)
    before = tags(world)
    with pytest.raises(Locked):
        await world.office.pull()
    assert {form for form, tag in tags(world).items() if tag != before[form]} == {other.form}
    await lock(world, FORMS_LIBRARY, first.name, is_locked=False)
    assert sum((await world.office.pull()).values()) == 1


def tags(world: World) -> dict[str, str | None]:
    """Of each form's workbook the tag it was read with last."""
    with world.desk.work() as work:
        return {b.form: start_of(work, book_source(b.form)).content_tag for b in BOOKS}


async def test_an_item_that_cannot_be_read_stops_no_other_and_is_read_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.office.pull()
    clerk = "amira.yorke@kent.example"
    await world.hand.add_items(SURGERIES, clerk, [{"Title": "One"}, {"Title": "Two"}])
    real, read = list_edits.read_history, list[str]()

    async def history(desk: Any, graph: Any, people: Any, url: str, seen: Any) -> Any:
        read.append(url)
        if len(read) == 1:
            raise TryLater("An item of a list is being changed just now; it is read again later.", 1.0)
        return await real(desk, graph, people, url, seen)

    monkeypatch.setattr(list_edits, "read_history", history)
    with pytest.raises(TryLater):
        await world.office.pull()
    assert len(seen_items(world)) == 1
    await world.office.pull()
    assert len(seen_items(world)) == 2
    assert len(read) == 3, "what was taken is not read again"


def seen_items(world: World) -> list[Any]:
    with world.desk.work() as work:
        items = tables.side_items
        return list(work.conn.execute(items.select().where(items.c.list == SURGERIES)).all())


async def test_a_report_that_cannot_be_read_stops_no_other_and_is_read_the_next_time(
    world: World, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    sencos = [directory.people_with(Role.SENCO, s.name)[0].mail for s in directory.schools[:2]]
    await pull_undelivered(world.desk, world.office.graph)
    for senco in sencos:
        await gone(world, senco)
        draft = MailDraft(key=senco, sender=DESK, to=[senco], subject="Agenda", html="h")
        await world.office.ports.mail.send(draft)
    real, read = undelivered._Mailbox._read, list[str]()

    async def once(mailbox: Any, id_: str) -> Any:
        read.append(id_)
        if len(read) == 1:
            raise TryLater("Microsoft Graph is busy.", 1.0)
        return await real(mailbox, id_)

    monkeypatch.setattr(undelivered._Mailbox, "_read", once)
    with pytest.raises(TryLater):
        await world.office.pull_undelivered()
    await world.carry_out()
    assert len(await told(world)) == 1
    await world.office.pull_undelivered()
    await world.carry_out()
    assert len(await told(world)) == 2


def test_what_fails_in_a_sweep_stops_neither_the_others_nor_other_deadlines(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of twenty-five things that are due one is broken: the others are done, each once, and the fault is raised."""
    left, later = [f"s{n}" for n in range(25)], ["x"]

    def act(_: Work, subject: str) -> None:
        if subject == "s7":
            raise ValueError("broken")
        left.remove(subject)

    due = ((lambda _: list(left), act), (lambda _: list(later), lambda _, subject: later.remove(subject)))
    monkeypatch.setattr(casework.sweep, "DUE", due)
    with pytest.raises(ValueError, match="broken"):
        sweep(bench.desk)
    assert (left, later) == (["s7"], [])
