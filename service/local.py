"""`cos local`: the sample world, lived up to a moment and left running to click in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, time
from pathlib import Path

from aiohttp import ClientSession

from casework.desk import SYSTEM
from communities.calendars import LONDON, at_london
from service.clocks import ManualClock
from service.demo import TERM, Demo, Span, Tell, serving
from service.local_cast import cast_of
from service.local_page import Clients, StartPage
from service.office import Office, open_office
from service.playground import Persona, ensure_playground
from service.sample_folder import claim
from service.sample_part import SamplePart
from service.settings import NO_LIMIT, Settings, SettingsIncomplete
from service.stopping import until_stopped
from service.tenant_hand import TenantHand
from service.web import keep_moving

RECORDS = "record.db*"
Say = Callable[[str], None]


def moment_of(written: str) -> datetime:
    """The moment to start at, London time; it must lie in the sample world's ten weeks."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise SettingsIncomplete(f"'{written}' is not a moment like 2026-11-04T08:10.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=LONDON)
    if not TERM.first <= moment.date() <= TERM.last:
        raise SettingsIncomplete(f"{written} lies outside the sample world ({TERM.first} to {TERM.last}).")
    return moment


@asynccontextmanager
async def living_world(
    settings: Settings, tenant_url: str, until: datetime, tell: Tell, span: Span = TERM, part: SamplePart | None = None
) -> AsyncIterator[tuple[Office, list[Persona]]]:
    """The sample world at a moment of the span, served and moving on by itself; with the people who can act in it."""
    clock = ManualClock(at_london(span.first, time(7, 0)))
    office = open_office(settings, clock)
    try:
        async with ClientSession() as session, serving(office) as puller:
            hand = TenantHand(session, tenant_url)
            await Demo(office=office, clock=clock, hand=hand, tell=tell, span=span, part=part or SamplePart()).run(
                until
            )
            clock.set(until)
            clock.let_go()
            moving = asyncio.create_task(keep_moving(puller))
            try:
                yield office, await office.desk.run(SYSTEM, cast_of)
            finally:
                moving.cancel()
                await asyncio.gather(moving, return_exceptions=True)
    finally:
        await office.close()


async def run_local(tenant_url: str, data: Path, until: str, tell: Tell, say: Say) -> None:
    """Live up to the moment, start the clients, then run until stopped."""
    moment = moment_of(until)
    claim(data, (RECORDS,), "--data")
    for old in data.glob(RECORDS):
        old.unlink()  # the tenant begins anew too
    settings = Settings(
        local=True, data_dir=data, database_url="", graph_url=f"{tenant_url}/v1.0", queue_poll_s=0.1, poll_s=2.0,
        sharepoint_units=NO_LIMIT, pupil_keys="",
    )  # fmt: skip
    settings.public_url = f"http://{settings.host}:{settings.port}"
    async with living_world(settings, tenant_url, moment, tell) as (_, people):
        product = f"http://{settings.host}:{settings.port}"
        clients = Clients(
            cli=await ensure_playground(data.resolve().parent / "playground"), folder=data.resolve(), people=people,
            bot_url=f"{product}/api/messages",
        )  # fmt: skip
        page = StartPage(people=people, clients=clients, tab_url=f"{product}/tab", tenant_url=tenant_url)
        async with page.listening() as start_url:
            say(f"\nThe sample world runs; it is {moment:%A %-d %B %Y, %H:%M} there.")
            say(f"  Choose who to be: {start_url}/ (one of each role: chat in Teams' own client, the tab)")
            say(f"  What landed:      {tenant_url}/")
            say(f"  The tab:          {product}/tab")
            say(f"  Bot endpoint:     {product}/api/messages")
            if clients.cli is None:
                say("  Node or its package registry is not there: the chat clients cannot be started.")
            say("Press Ctrl+C to stop.")
            try:
                await until_stopped()
            finally:
                clients.stop()
