"""The service as an aiohttp application: the bot's endpoint, health, and the loops that keep everything moving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from casework.errors import NeedsAttention, TryLater
from service.office import Office

OFFICE: web.AppKey[Office] = web.AppKey("office", Office)
log = structlog.get_logger()


async def messages(request: web.Request) -> web.Response:
    """`/api/messages`: Teams speaks to the bot."""
    office = request.app[OFFICE]
    return await office.adapter.receive(request, office.router)


async def health(request: web.Request) -> web.Response:
    """Alive."""
    return web.json_response({"status": "ok", "now": request.app[OFFICE].desk.clock.now().isoformat()})


async def _engine(app: web.Application) -> AsyncIterator[None]:
    engine = app[OFFICE].engine()
    await engine.start()
    yield
    await asyncio.to_thread(engine.stop)


async def _loops(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_moving(app[OFFICE]))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def keep_moving(office: Office) -> None:
    """Pull and sweep, again and again; trouble is logged by name and tried again, never the end of the loop."""
    while True:
        for name, act in (("pull", office.pull), ("sweep", office.sweep)):
            try:
                await act()
            except (TryLater, NeedsAttention) as error:
                log.warning("left for the next round", what=name, code=error.code)
            except Exception:
                log.exception("failed; tried again in the next round", what=name)
        await asyncio.sleep(office.settings.poll_s)


def make_app(office: Office, *, loops: bool = True) -> web.Application:
    """The application; `loops=False` leaves pulling and sweeping to the caller."""
    app = web.Application()
    app[OFFICE] = office
    app.router.add_post("/api/messages", messages)
    app.router.add_get("/healthz", health)
    app.cleanup_ctx.append(_engine)
    if loops:
        app.cleanup_ctx.append(_loops)
    return app
