"""A record restored into an empty tenant: lists, papers and calendar stand there as before, and no mail goes twice."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date, time
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from sqlalchemy import select

from casework import tables
from casework.backup import Contents, note_restore, restore, write_backup
from casework.database import open_engine
from casework.desk import CONSOLE, Work
from casework.schedule import MeetingState, schedule_meetings
from casework.stuck import retry
from casework.stuck_mail import stuck_lines
from casework.working_list import LIST
from communities.calendars import at_london
from communities.directory import CommunityName, Directory
from communities.meetings import MeetingSlot
from graph_sync.intake import WORKBOOK_NAME
from graph_sync.places import all_places, list_key
from local_tenant.odata import TENANT
from local_tenant.server import make_app as make_tenant
from service.clocks import ManualClock
from service.office import Office, open_office
from service.record import open_desk
from service.sample_tenant import AUTUMN, FLOW, FORMS_LIBRARY, SampleForm, world_of
from service.settings import Settings
from service.tenant_hand import TenantHand
from tests.conftest import KEY, START, World
from tests.digest import differences, tenant_digest
from tests.ports import free_port

MEETING = date(2026, 11, 5)
COMMUNITY = "Canterbury Downs 1"


async def lived_a_while(world: World, *, papers: bool = True) -> None:
    """Requests received, a meeting booked, another to come, papers out."""
    days = ((2, MEETING), (4, date(2027, 2, 4)))
    slots = [
        MeetingSlot(
            community=CommunityName(c), term=term, starts_at=at_london(d, time(13, 30)), ends_at=at_london(d, time(16))
        )
        for term, d in days
        for c in (COMMUNITY, "ABC")
    ]
    await world.desk.run("test", schedule_meetings, slots)
    form = SampleForm(AUTUMN)
    rows = form.due(START.replace(year=2027))
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, form.workbook_with(rows), FLOW)
    await world.office.pull()
    await world.carry_out()
    if papers:
        await papers_out(world)


async def papers_out(world: World) -> None:
    """The day the papers go out."""
    await world.set_clock(at_london(date(2026, 10, 29), time(8)))
    await world.office.sweep()
    await world.carry_out()


def saved(world: World, folder: Path) -> Contents:
    """The record as a backup in that folder."""
    folder.mkdir()
    with (folder / "backup.zip").open("wb") as target:
        return write_backup(world.desk.engine, target, world.clock.now(), lambda *_: None)


async def opened(folder: Path, contents: Contents, tenant_url: str, clock: ManualClock) -> Office:
    """The backup of that folder restored on SQLite there, with a service on that tenant."""
    settings = Settings(
        local=True, data_dir=folder, graph_url=f"{tenant_url}/v1.0", port=free_port(), pupil_keys=KEY.decode()
    )
    engine = open_engine(settings.record_url())
    await asyncio.to_thread(restore, engine, folder / "backup.zip", contents, clock.now(), lambda *_: None)
    engine.dispose()
    desk, outbox = await asyncio.to_thread(open_desk, settings, clock)
    await desk.run("test", note_restore, contents)
    outbox.close()
    desk.engine.dispose()
    return await asyncio.to_thread(open_office, settings, clock)


@asynccontextmanager
async def in_another_tenant(
    world: World, folder: Path, directory: Directory, *, another: str = "new"
) -> AsyncIterator[tuple[Office, Any, TenantHand]]:
    """The record backed up, restored on SQLite beside, and a tenant of the same people with nothing in it."""
    contents = saved(world, folder)
    app, port = make_tenant(), free_port()
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    office = await opened(folder, contents, f"http://127.0.0.1:{port}", world.clock)
    try:
        async with ClientSession() as session:
            hand = TenantHand(session, f"http://127.0.0.1:{port}")
            await hand.call("POST", "world", json=world_of(directory, world.clock.now()) | {"another": another})
            yield office, app, hand
    finally:
        await office.close()
        await runner.cleanup()


def told(rows: Counter[str]) -> Counter[str]:
    """A column that was emptied says what one says that was never filled."""
    return Counter(re.sub(r'"\w+": null, ', "", row) for row in rows.elements())


def unversioned(files: Iterable[str]) -> list[str]:
    """Papers with what they say: SharePoint writes a version of its own after each upload, sooner or later."""
    return sorted(re.sub(r" v\d+ ", " ", name) for name in files)


async def test_everything_that_stood_in_the_tenant_stands_in_the_empty_one(
    world: World, directory: Directory, tmp_path: Path
) -> None:
    await lived_a_while(world)
    async with in_another_tenant(world, tmp_path / "new", directory) as (office, app, hand):
        said = await office.provision(lambda *_: None)
        assert any("another tenant than before" in s for s in said), said
        assert await office.match_people() > 0
        restored = World(office, world.clock, hand, "", "", world.puller, app[TENANT])
        await restored.carry_out()
        before, after = tenant_digest(world.tenant), tenant_digest(app[TENANT])
        for kind in ("items", "events"):
            assert differences({kind: told(before[kind])}, {kind: told(after[kind])}) == []
        papers = [k for k in before["files"] if not k.startswith(FORMS_LIBRARY)]
        assert unversioned(after["files"]) == unversioned(papers)
        assert not after["mails"]
        assert await office.provision(lambda *_: None) == []
        assert await restored.carry_out() == 0


def circulated(work: Work) -> list[str]:
    meetings = tables.meetings
    rows = select(meetings.c.id).where(meetings.c.state == MeetingState.CIRCULATED)
    return list(work.conn.execute(rows.order_by(meetings.c.id)).scalars())


async def test_what_happened_after_the_backup_is_found_there_and_not_done_twice(world: World, tmp_path: Path) -> None:
    """The record of the evening before, in the tenant of today: the papers went out meanwhile."""
    await lived_a_while(world, papers=False)
    contents = saved(world, tmp_path / "old")
    await papers_out(world)
    counts = await world.hand.call("GET", "counts")
    office = await opened(tmp_path / "old", contents, world.tenant_url, world.clock)
    try:
        restored = World(office, world.clock, world.hand, "", "", world.puller, world.tenant)
        assert await office.provision(lambda *_: None) == []
        await office.sweep()
        await office.pull()
        assert await restored.carry_out() > 10
        again = await world.hand.call("GET", "counts")
        assert again | {"exchanges": 0} == counts | {"exchanges": 0}
        stuck = [s.id for s in await office.desk.look(stuck_lines)]
        assert stuck == [f"agenda.post:{m}" for m in await office.desk.look(circulated)]
        await office.desk.run("test", retry, stuck[0], CONSOLE)
        await restored.carry_out()
        assert (await world.hand.call("GET", "counts"))["posts"] == counts["posts"] + 1
    finally:
        await office.close()


async def test_a_list_that_was_deleted_and_made_anew_is_filled_again(world: World) -> None:
    await lived_a_while(world)
    before = await world.hand.items(LIST)
    site = next(iter(world.tenant.sites.values()))
    del site.lists[(await world.desk.look(all_places))[list_key(LIST)]]
    said = await world.office.provision(lambda *_: None)
    assert any("Made the list" in s for s in said), said
    await world.carry_out()
    assert len(await world.hand.items(LIST)) == len(before) > 0
